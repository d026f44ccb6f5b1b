"""Referrals: who counts as invited, the bonus for a first purchase, and that it goes with the refund."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pytest
from ledger_tools import ALICE, BOB, Fault, FaultyDatabase, assert_sound, take

from core.billing.ledger import Balance, Ledger
from core.billing.letters import Letters
from core.billing.referrals import START_PREFIX, Invited, Referrals
from core.storage.database import Database
from core.users import User
from sandbox.clock import ManualClock

BONUS = 50
CAROL = 5_000_000_003


@dataclass(frozen=True)
class Bought:
    """A payment."""

    user_id: int
    charge_id: str


class Post:
    """Letters as they are written: once for each `about`."""

    def __init__(self) -> None:
        self.letters: dict[str, tuple[int, str, Mapping[str, object]]] = {}

    async def write(self, user_id: int, key: str, *, about: str, **variables: object) -> None:
        self.letters.setdefault(about, (user_id, key, variables))

    @property
    def told(self) -> list[tuple[int, str]]:
        return [(user_id, key) for user_id, key, _ in self.letters.values()]


@pytest.fixture
def post() -> Post:
    return Post()


def referrals_on(
    database: Any, ledger: Ledger, post: Post, clock: ManualClock, *, bonus: int = BONUS
) -> Referrals:
    return Referrals(
        database=cast(Database, database),
        ledger=ledger,
        letters=cast(Letters, post),
        clock=clock,
        bonus=bonus,
        chance=random.Random(1),
    )


@pytest.fixture
def referrals(database: Database, ledger: Ledger, post: Post, clock: ManualClock) -> Referrals:
    return referrals_on(database, ledger, post, clock)


async def invite(referrals: Referrals, newcomer: int = BOB, referrer: int = ALICE) -> bool:
    return await referrals.note(User(newcomer, is_new=True), await referrals.token(referrer))


async def test_a_link_is_a_persons_own_short_and_says_nothing_of_them(referrals: Referrals) -> None:
    token = await referrals.token(ALICE)
    assert await referrals.token(ALICE) == token
    assert await referrals.token(BOB) != token
    assert str(ALICE) not in token
    parameter = await referrals.parameter(ALICE)
    assert parameter == START_PREFIX + token
    assert len(parameter) <= 64
    assert set(token) <= set("abcdefghijkmnpqrstuvwxyz23456789")


async def test_one_link_however_many_ask_at_once(referrals: Referrals) -> None:
    assert len(set(await asyncio.gather(*(referrals.token(ALICE) for _ in range(10))))) == 1


async def test_who_counts_as_invited(referrals: Referrals, clock: ManualClock) -> None:
    token = await referrals.token(ALICE)
    assert not await referrals.note(User(BOB), token), "not new"
    assert not await referrals.note(User(ALICE, is_new=True), token), "oneself"
    assert not await referrals.note(User(BOB, is_new=True), "nobodys")
    assert await referrals.note(User(BOB, is_new=True), token)
    assert not await referrals.note(User(BOB, is_new=True), await referrals.token(CAROL)), "once"
    assert await referrals.invited(ALICE) == Invited(people=1)
    assert await referrals.invited(CAROL) == Invited()


async def test_links_are_off_without_a_bonus(
    database: Database, ledger: Ledger, post: Post, clock: ManualClock
) -> None:
    off = referrals_on(database, ledger, post, clock, bonus=0)
    assert not await invite(off)
    assert await off.invited(ALICE) == Invited()


async def test_the_first_purchase_alone_brings_the_bonus(
    referrals: Referrals, ledger: Ledger, post: Post
) -> None:
    await invite(referrals)
    for charge in ("first", "first", "second", "first"):
        await referrals.purchased(Bought(BOB, charge))
    await referrals.purchased(Bought(CAROL, "nobody's friend"))
    assert await ledger.balance(ALICE) == Balance(BONUS, 0)
    assert await ledger.balance(BOB) == Balance(0, 0)
    assert post.told == [(ALICE, "referral-bonus")]
    assert await referrals.invited(ALICE) == Invited(people=1, buyers=1, stars=BONUS)
    (entry,) = await ledger.statement(ALICE)
    assert (entry.key, entry.debit, entry.reference) == (f"referral:{BOB}", "promo", "first")
    await assert_sound(ledger)


async def test_a_bonus_that_is_set_later_is_for_first_purchases_still(
    database: Database, ledger: Ledger, referrals: Referrals, post: Post, clock: ManualClock
) -> None:
    await invite(referrals)
    off = referrals_on(database, ledger, post, clock, bonus=0)
    await off.purchased(Bought(BOB, "first"))
    await referrals.purchased(Bought(BOB, "second"))
    assert await ledger.balance(ALICE) == Balance(0, 0)
    assert post.told == []


async def test_a_changed_bonus_does_not_change_what_was_given(
    database: Database, ledger: Ledger, referrals: Referrals, post: Post, clock: ManualClock
) -> None:
    await invite(referrals)
    await referrals.purchased(Bought(BOB, "first"))
    richer = referrals_on(database, ledger, post, clock, bonus=500)
    await richer.purchased(Bought(BOB, "first"))
    assert await ledger.balance(ALICE) == Balance(BONUS, 0)
    await richer.refunded(Bought(BOB, "first"))
    assert await ledger.balance(ALICE) == Balance(0, 0)


async def test_the_bonus_goes_with_the_refund_of_that_purchase_alone(
    referrals: Referrals, ledger: Ledger, post: Post
) -> None:
    await invite(referrals)
    await referrals.purchased(Bought(BOB, "first"))
    await referrals.purchased(Bought(BOB, "second"))
    await referrals.refunded(Bought(BOB, "second"))
    await referrals.purchased(Bought(BOB, "second"))
    assert await ledger.balance(ALICE) == Balance(BONUS, 0)
    for _ in range(2):
        await referrals.refunded(Bought(BOB, "first"))
    assert await ledger.balance(ALICE) == Balance(0, 0)
    assert post.told == [(ALICE, "referral-bonus"), (ALICE, "referral-taken-back")]
    assert await referrals.invited(ALICE) == Invited(people=1)
    await referrals.purchased(Bought(BOB, "third"))
    assert await ledger.balance(ALICE) == Balance(0, 0)
    await assert_sound(ledger)


async def test_what_is_spent_of_the_bonus_becomes_a_debt(
    referrals: Referrals, ledger: Ledger, post: Post
) -> None:
    await invite(referrals)
    await referrals.purchased(Bought(BOB, "first"))
    await take(ledger, ALICE, 30, "spent")
    await referrals.refunded(Bought(BOB, "first"))
    assert await ledger.balance(ALICE) == Balance(0, 0, 30)
    assert post.letters[f"referral:{BOB}:refunded"][2] == {"stars": BONUS, "taken": 20, "owed": 30}
    await invite(referrals, CAROL)
    await referrals.purchased(Bought(CAROL, "another"))
    assert await ledger.balance(ALICE) == Balance(20, 0)
    assert post.letters[f"referral:{CAROL}"][2] == {"stars": BONUS, "repaid": 30}
    await assert_sound(ledger)


async def test_what_was_refunded_before_is_no_first_purchase(
    referrals: Referrals, ledger: Ledger, post: Post
) -> None:
    await invite(referrals)
    await referrals.refunded(Bought(BOB, "first"))
    await referrals.purchased(Bought(BOB, "first"))
    assert post.told == []
    await referrals.purchased(Bought(BOB, "second"))
    assert post.told == [(ALICE, "referral-bonus")]
    assert await ledger.balance(ALICE) == Balance(BONUS, 0)


@pytest.mark.parametrize("order", ["refunded first", "purchased first", "both at once"])
async def test_a_refund_may_be_told_before_the_purchase(
    referrals: Referrals, ledger: Ledger, order: str
) -> None:
    await invite(referrals)
    first = Bought(BOB, "first")
    if order == "both at once":
        await asyncio.gather(
            *(tell(first) for _ in range(5) for tell in (referrals.purchased, referrals.refunded))
        )
    elif order == "refunded first":
        await referrals.refunded(first)
        await referrals.purchased(first)
    else:
        await referrals.purchased(first)
        await referrals.refunded(first)
    assert await ledger.balance(ALICE) == Balance(0, 0)
    await assert_sound(ledger)


async def test_many_instances_are_told_of_the_same_purchase(
    database: Database,
    ledger: Ledger,
    other_ledger: Ledger,
    clock: ManualClock,
) -> None:
    post = Post()
    referrals = referrals_on(database, ledger, post, clock)
    await invite(referrals)
    other = referrals_on(database, other_ledger, post, clock)
    charges = [Bought(BOB, f"charge{number}") for number in range(5)]
    await asyncio.gather(*(each.purchased(paid) for each in (referrals, other) for paid in charges))
    assert await ledger.balance(ALICE) == Balance(BONUS, 0)
    assert post.told == [(ALICE, "referral-bonus")]


@pytest.mark.parametrize("kind", ["purchased", "refunded"])
async def test_a_crash_at_each_change_is_made_good_by_telling_again(
    database: Database, ledger: Ledger, clock: ManualClock, kind: str
) -> None:
    post = Post()
    sound = referrals_on(database, ledger, post, clock)

    async def tell(referrals: Referrals, paid: Bought) -> None:
        await (referrals.purchased(paid) if kind == "purchased" else referrals.refunded(paid))

    async def come(friend: int) -> Bought:
        await invite(sound, friend, referrer=friend + 10_000)
        paid = Bought(friend, f"charge{friend}")
        if kind == "refunded":
            await sound.purchased(paid)
        return paid

    trial = Fault(outside=lambda: len(post.told))
    faulty = FaultyDatabase(database, trial)
    paid = await come(99)
    await tell(referrals_on(faulty, Ledger(cast(Database, faulty), clock), post, clock), paid)
    assert len(trial.crashes()) > 4
    for number, crash in enumerate(trial.crashes()):
        paid = await come(1000 + number)
        faulty = FaultyDatabase(database, crash)
        crashing = referrals_on(faulty, Ledger(cast(Database, faulty), clock), post, clock)
        with pytest.raises(RuntimeError):
            await tell(crashing, paid)
        await tell(sound, paid)
        referrer = paid.user_id + 10_000
        assert await ledger.balance(referrer) == Balance(BONUS if kind == "purchased" else 0, 0), crash
        expected = ["referral-bonus", "referral-taken-back"][: 1 if kind == "purchased" else 2]
        assert [key for user_id, key in post.told if user_id == referrer] == expected
    await assert_sound(ledger)
