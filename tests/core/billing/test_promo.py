"""Promo codes: what a code gives, to whom, how often, and that a crash or a race changes nothing of it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import pytest
from ledger_tools import ALICE, BOB, Fault, FaultyDatabase, assert_sound, claw, give

from core.billing.ledger import Balance, Ledger
from core.billing.letters import Letters
from core.billing.promo import PromoCode, PromoCodes, PromoState, Redeemed
from core.errors import UserFacingError
from core.storage.database import Database
from sandbox.clock import ManualClock

OPERATOR = 1


class Post:
    """Letters as they are written: once for each `about`."""

    def __init__(self) -> None:
        self.letters: dict[str, tuple[int, str, Mapping[str, object]]] = {}

    async def write(self, user_id: int, key: str, *, about: str, **variables: object) -> None:
        self.letters.setdefault(about, (user_id, key, variables))


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def promo(database: Database, ledger: Ledger, post: Post, clock: ManualClock) -> PromoCodes:
    return codes_on(database, ledger, post, clock)


def codes_on(database: Any, ledger: Ledger, post: Post, clock: ManualClock) -> PromoCodes:
    return PromoCodes(
        database=cast(Database, database),
        ledger=ledger,
        letters=cast(Letters, post),
        clock=clock,
        chance=random.Random(1),
    )


async def create(promo: PromoCodes, name: str = "SPRING", stars: int = 100, uses: int = 2) -> PromoCode:
    return await promo.create(stars, uses, by=OPERATOR, request=f"make {name}", name=name)


async def refused(promo: PromoCodes, user_id: int, code: str, request: str = "") -> str:
    """What somebody is told instead of getting Stars."""
    with pytest.raises(UserFacingError) as refusal:
        await promo.redeem(user_id, code, request=request)
    return refusal.value.key


async def left(promo: PromoCodes, name: str) -> int:
    code = await promo.get(name)
    assert code is not None
    return code.left


async def available(ledger: Ledger, *people: int) -> list[int]:
    return [(await ledger.balance(user_id)).available for user_id in people]


async def test_a_code_gives_its_stars_once_a_person(promo: PromoCodes, ledger: Ledger) -> None:
    await create(promo)
    assert await promo.redeem(ALICE, "SPRING", request="one") == Redeemed(100, repaid=0)
    assert await refused(promo, ALICE, "SPRING", request="two") == "promo-yours"
    assert await promo.redeem(BOB, "SPRING", request="three") == Redeemed(100, repaid=0)
    assert await refused(promo, 3, "SPRING") == "promo-used-up"
    assert await refused(promo, ALICE, "SPRING") == "promo-yours"
    assert await available(ledger, ALICE, BOB, 3) == [100, 100, 0]
    (code,) = await promo.codes()
    assert (code.used, code.left, promo.state(code)) == (2, 0, PromoState.USED_UP)
    entry = (await ledger.statement(ALICE))[0]
    assert (entry.key, entry.debit, entry.reason) == (f"promo:SPRING:{ALICE}", "promo", "promo code")
    await assert_sound(ledger)


async def test_the_same_request_is_answered_alike(promo: PromoCodes, ledger: Ledger) -> None:
    """An update that is handled again after a crash tells the person what the first time would have told."""
    await create(promo)
    answers = [await promo.redeem(ALICE, "SPRING", request="update") for _ in range(3)]
    assert answers == [Redeemed(100, repaid=0)] * 3
    assert await available(ledger, ALICE) == [100]


@pytest.mark.parametrize("written", ["spring-24", " Spring-24\n", "SPRING-24", "ｓｐｒｉｎｇ-24"])
async def test_case_and_spaces_do_not_matter(promo: PromoCodes, written: str) -> None:
    await create(promo, "Spring-24")
    assert (await promo.redeem(ALICE, written)).stars == 100


async def test_a_code_in_cyrillic(promo: PromoCodes) -> None:
    assert (await create(promo, "Весна")).code == "ВЕСНА"
    assert (await promo.redeem(ALICE, "весна")).stars == 100


@pytest.mark.parametrize(
    "code", ["", " ", "XX", "NOBODYS", "A" * 5000, "$where", "a.b", "SPRING:5000000001", "\0"]
)
async def test_what_is_no_code(promo: PromoCodes, ledger: Ledger, code: str) -> None:
    await create(promo)
    assert await refused(promo, ALICE, code) == "promo-unknown"
    assert await available(ledger, ALICE) == [0]


async def test_a_code_is_over_at_its_moment(promo: PromoCodes, clock: ManualClock) -> None:
    until = clock.now() + timedelta(days=30)
    code = await promo.create(5, 10, by=OPERATOR, request="make", name="MONTH", until=until)
    await clock.advance(30 * 86400 - 1)
    assert promo.state(code) is PromoState.ACTIVE
    await promo.redeem(ALICE, "MONTH")
    await clock.advance(1)
    assert promo.state(code) is PromoState.OVER
    assert await refused(promo, BOB, "MONTH") == "promo-over"


async def test_ended_early_by_the_first_of_two(promo: PromoCodes, ledger: Ledger) -> None:
    await create(promo)
    await promo.redeem(ALICE, "SPRING")
    ended, first = await promo.end("spring", by=7)
    assert (first, ended.ended_by, promo.state(ended)) == (True, 7, PromoState.ENDED)
    again, first = await promo.end("SPRING", by=8)
    assert (first, again.ended_by) == (False, 7)
    assert await refused(promo, BOB, "SPRING") == "promo-ended"
    assert await refused(promo, ALICE, "SPRING") == "promo-yours"
    assert await available(ledger, ALICE, BOB) == [100, 0]
    with pytest.raises(UserFacingError, match="promo-unknown"):
        await promo.end("NOBODYS", by=7)


async def test_a_generated_code_is_unambiguous_and_made_once_a_request(promo: PromoCodes) -> None:
    made = [await promo.create(1, 1, by=OPERATOR, request=f"update {number}") for number in range(50)]
    again = [await promo.create(1, 1, by=OPERATOR, request=f"update {number}") for number in range(50)]
    assert made == again
    assert len({code.code for code in made}) == 50
    assert all(len(code.code) == 10 and not set(code.code) & set("01OIL") for code in made)


async def test_a_name_is_taken_for_good(promo: PromoCodes) -> None:
    await create(promo)
    await promo.end("SPRING", by=OPERATOR)
    with pytest.raises(UserFacingError, match="promo-name-taken"):
        await promo.create(1, 1, by=OPERATOR, request="another", name="spring")


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ((0, 1, "", 1), "promo-bad-stars"),
        ((-1, 1, "", 1), "promo-bad-stars"),
        ((100_001, 1, "", 1), "promo-bad-stars"),
        ((1, 0, "", 1), "promo-bad-uses"),
        ((1, 100_001, "", 1), "promo-bad-uses"),
        ((1, 1, "XX", 1), "promo-bad-name"),
        ((1, 1, "A" * 17, 1), "promo-bad-name"),
        ((1, 1, "A B", 1), "promo-bad-name"),
        ((1, 1, "<b>", 1), "promo-bad-name"),
        ((1, 1, "A:1", 1), "promo-bad-name"),
        ((1, 1, "", 0), "promo-bad-until"),
    ],
)
async def test_codes_that_cannot_be(
    promo: PromoCodes, clock: ManualClock, wanted: tuple[int, int, str, int], refusal: str
) -> None:
    stars, uses, name, days = wanted
    with pytest.raises(UserFacingError) as error:
        await promo.create(
            stars, uses, by=1, request="make", name=name, until=clock.now() + timedelta(days=days)
        )
    assert error.value.key == refusal
    assert await promo.codes() == []


async def test_largest_and_smallest(promo: PromoCodes) -> None:
    assert (await create(promo, "BIG", stars=100_000, uses=100_000)).left == 100_000
    assert (await create(promo, "ONE", stars=1, uses=1)).left == 1


async def test_a_debt_is_repaid_first(promo: PromoCodes, ledger: Ledger) -> None:
    await give(ledger, ALICE, 10, "charge")
    await claw(ledger, ALICE, 40, "refund")
    await create(promo)
    assert await promo.redeem(ALICE, "SPRING") == Redeemed(100, repaid=30)
    assert await ledger.balance(ALICE) == Balance(70, 0, 0)


async def test_fifty_people_and_two_instances_for_ten_uses(
    database: Database, ledger: Ledger, other_ledger: Ledger, post: Post, clock: ManualClock
) -> None:
    ours, theirs = (codes_on(database, each, post, clock) for each in (ledger, other_ledger))
    await create(ours, stars=7, uses=10)
    people = range(100, 150)
    outcomes = await asyncio.gather(
        *(
            instance.redeem(user_id, "spring", request=f"{user_id} {tap}")
            for user_id in people
            for tap, instance in enumerate((ours, theirs))
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Redeemed) for outcome in outcomes) == 10
    assert {outcome.key for outcome in outcomes if isinstance(outcome, UserFacingError)} == {
        "promo-yours",
        "promo-used-up",
    }
    assert Counter(await available(ledger, *people)) == {7: 10, 0: 40}
    assert (await ours.codes())[0].used == 10
    assert await ours.sweep() == 0
    await assert_sound(ledger)


async def test_ten_taps_of_one_person_on_ten_codes_with_one_use_each(
    promo: PromoCodes, ledger: Ledger
) -> None:
    for number in range(10):
        await create(promo, f"CODE{number}", stars=1, uses=1)
    outcomes = await asyncio.gather(
        *(
            promo.redeem(ALICE, f"code{number}", request=f"{number} {tap}")
            for number in range(10)
            for tap in range(10)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Redeemed) for outcome in outcomes) == 10
    assert await available(ledger, ALICE) == [10]


async def crashes_of_a_redemption(
    database: Database, sound: PromoCodes, post: Post, clock: ManualClock
) -> list[Fault]:
    fault = Fault(outside=lambda: len(post.letters))
    faulty = FaultyDatabase(database, fault)
    ledger = Ledger(cast(Database, faulty), clock, chance=random.Random(1))
    await create(sound, "TRIAL")
    await codes_on(faulty, ledger, post, clock).redeem(99, "TRIAL")
    return fault.crashes()


@pytest.mark.parametrize("repair", ["again", "again-with-another-update", "sweep", "sweep-then-again"])
async def test_a_crash_at_each_change(
    database: Database, ledger: Ledger, clock: ManualClock, repair: str
) -> None:
    """Either nothing had happened, or the person is given the Stars: by trying again, or by the sweep."""
    post = Post()
    sound = codes_on(database, ledger, post, clock)
    crashes = await crashes_of_a_redemption(database, sound, post, clock)
    assert len(crashes) > 4
    for number, crash in enumerate(crashes):
        post.letters.clear()
        user_id, name = 1000 + number, f"CODE{number}"
        await create(sound, name, uses=1)
        faulty = FaultyDatabase(database, crash)
        crashing = codes_on(faulty, Ledger(cast(Database, faulty), clock), post, clock)
        with pytest.raises(RuntimeError):
            await crashing.redeem(user_id, name, request="update")
        taken = name in {use.code for use in await sound._store.pending()}
        credited = (await available(ledger, user_id)) == [100]
        if repair.startswith("sweep"):
            assert await sound.sweep() == 0, "a use so young may be somebody's who is still at it"
            await clock.advance(60)
            assert await sound.sweep() == int(taken)
            told = [letter for letter in post.letters.values() if letter[0] == user_id]
            assert [key for _, key, _ in told] == ["promo-late"] * taken
            assert await sound.sweep() == 0
        if repair != "sweep":
            update = "another" if "another" in repair else "update"
            if update == "another" and credited:
                assert await refused(sound, user_id, name, update) == "promo-yours"
            else:
                assert (await sound.redeem(user_id, name, request=update)).stars == 100
            taken = True
        assert await available(ledger, user_id) == [100 if taken or credited else 0]
        assert (await left(sound, name)) == (0 if taken or credited else 1)
        if taken or credited:
            assert await refused(sound, BOB, name) == "promo-used-up"
    await assert_sound(ledger)


async def test_the_sweep_gives_the_next_one_though_one_cannot_be_told(
    database: Database, ledger: Ledger, clock: ManualClock
) -> None:
    class Unwell(Post):
        async def write(self, user_id: int, key: str, *, about: str, **variables: object) -> None:
            if user_id == ALICE:
                raise UserFacingError("no")
            await super().write(user_id, key, about=about, **variables)

    post = Unwell()
    promo = codes_on(database, ledger, post, clock)
    await create(promo)
    for user_id in (ALICE, BOB):
        await promo._take((await promo.codes())[0], user_id, "update")
    await clock.advance(60)
    await promo.sweep()
    assert await available(ledger, ALICE, BOB) == [100, 100]
    assert [letter[0] for letter in post.letters.values()] == [BOB]
    assert [use.user_id for use in await promo._store.pending()] == [ALICE]


async def test_the_sweep_comes_every_minute(promo: PromoCodes, ledger: Ledger, clock: ManualClock) -> None:
    await create(promo)
    sweeping = asyncio.create_task(promo.run())
    await clock.until_asleep()
    await promo._take((await promo.codes())[0], ALICE, "update")
    for _ in range(2):
        await clock.advance(60)
        await clock.until_asleep()
    sweeping.cancel()
    assert await available(ledger, ALICE) == [100]


async def test_a_plugin_may_object_before_a_code_is_taken(
    database: Database, ledger: Ledger, post: Post, clock: ManualClock
) -> None:
    async def check(user_id: int, code: str) -> None:
        if (user_id, code) == (1, "SPRING"):
            raise UserFacingError("club-members-only")

    promo = PromoCodes(
        database=database, ledger=ledger, letters=cast(Letters, post), clock=clock, check=check
    )
    await create(promo)
    assert await refused(promo, 1, "spring") == "club-members-only"
    assert await left(promo, "SPRING") == 2
    assert (await promo.redeem(2, "spring")).stars == 100
    assert await available(ledger, 1, 2) == [0, 100]
