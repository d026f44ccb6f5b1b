"""Top-ups by transfer: one request, one receipt, one credit, and a letter that says what it was."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from ledger_tools import ALICE, BOB, assert_sound, give
from letter_box import Mailbox

from core.billing.cases import Case, Cases, CaseState
from core.billing.ledger import Ledger
from core.billing.topups import Requisites, TopUp, TopUps
from core.config import Settings
from core.errors import DatabaseAway, UserFacingError
from core.plugins.status import Alert
from core.storage.database import Database
from core.telegram.types import Chat, ChatKind, IncomingMedia, MediaKind, Message, MessageRef
from sandbox.clock import ManualClock

ANN, BEN = 6_000_000_001, 6_000_000_002
STAR = Decimal("0.013")
CARD = Requisites(bank="Bank", card="2200 0000 0000 0004", holder="A. OWNER")


@dataclass(frozen=True)
class Worth:
    """As `core.billing.amounts` says it."""

    stars: int
    rate: Decimal = Decimal("81.5")
    day: date = date(2030, 1, 1)
    official: bool = True


@dataclass
class Counter:
    """The top-ups of one instance, with its post."""

    cases: Cases
    topups: TopUps
    ledger: Ledger
    mailbox: Mailbox
    rate: Worth

    async def submitted(self, rub: int = 1000, user_id: int = ALICE, key: str = "m:1") -> Case:
        """A request with its receipt."""
        await self.topups.begin(user_id, Decimal(rub), key=key)
        await self.topups.receipt(user_id, receipt(user_id))
        case = await self.cases.in_slot(f"topup:{user_id}")
        assert case is not None
        return case


def counter_on(
    database: Database, clock: ManualClock, ledger: Ledger, requisites: Requisites = CARD
) -> Counter:
    async def unexpected(alert: Alert) -> None:
        raise AssertionError(alert)

    async def rub_to_stars(rub: Decimal) -> Worth:
        rate = counter.rate
        return Worth(int(rub // (rate.rate * STAR)), rate.rate, rate.day, rate.official)

    cases = Cases(database=database, clock=clock, alert=unexpected)
    mailbox = Mailbox()
    topups = TopUps(
        cases=cases,
        ledger=ledger,
        letters=mailbox,
        requisites=requisites,
        rub_to_stars=rub_to_stars,
        star_usd=STAR,
        limits=(Decimal(100), Decimal(50_000)),
        clock=clock,
    )
    counter = Counter(cases, topups, ledger, mailbox, Worth(0))
    return counter


@pytest.fixture
def counter(database: Database, clock: ManualClock, ledger: Ledger) -> Counter:
    return counter_on(database, clock, ledger)


@pytest.fixture
async def other_counter(
    counter: Counter, database: Database, database_uri: str, clock: ManualClock, other_ledger: Ledger
) -> AsyncIterator[Counter]:
    """The same in another instance."""
    embedded = "TEST_DATABASE_URL" not in os.environ
    other = await Database.connect(database_uri, database.name, embedded=embedded, clock=clock)
    yield counter_on(other, clock, other_ledger)
    await other.close()


def receipt(user_id: int = ALICE, message_id: int = 11, kind: MediaKind | None = MediaKind.PHOTO) -> Message:
    media = None if kind is None else IncomingMedia(kind, "file")
    return Message(
        id=message_id,
        chat=Chat(user_id, ChatKind.PRIVATE),
        sender=None,
        date=datetime(2030, 1, 1, tzinfo=UTC),
        media=media,
    )


async def available(counter: Counter, user_id: int = ALICE) -> int:
    return (await counter.ledger.balance(user_id)).available


def told(error: pytest.ExceptionInfo[UserFacingError]) -> str:
    return error.value.key


async def test_it_is_off_until_there_is_a_card_or_a_phone(
    database: Database, clock: ManualClock, ledger: Ledger
) -> None:
    for requisites, available in ((Requisites(bank="B", holder="H"), False), (Requisites(phone="+7"), True)):
        topups = counter_on(database, clock, ledger, requisites).topups
        assert topups.available is available
    off = counter_on(database, clock, ledger, Requisites())
    with pytest.raises(UserFacingError) as error:
        await off.topups.begin(ALICE, Decimal(1000), key="m:1")
    assert told(error) == "topup-off"


def test_where_to_pay_is_what_the_operator_configured() -> None:
    given = {
        "PAYMENT_BANK": "Bank",
        "PAYMENT_CARD": "2200 0000 0000 0004",
        "PAYMENT_CARD_HOLDER": "A. OWNER",
        "PAYMENT_PHONE": "+79000000000",
    }
    assert Requisites.of(Settings.load(env=given)) == Requisites(*given.values())
    assert Requisites.of(Settings.load(env={})) == Requisites()
    assert Settings.load(env=given).secrets() == ("2200 0000 0000 0004", "+79000000000")


async def test_an_approved_transfer_is_credited_at_the_rate_of_its_request(counter: Counter) -> None:
    asked = await counter.topups.begin(ALICE, Decimal("1000.00"), key="m:1")
    assert (asked.stars, asked.receipt) == (943, None)
    assert await counter.cases.open_ones() == []
    counter.rate = Worth(0, Decimal(200), date(2030, 1, 2))
    shown = await counter.topups.receipt(ALICE, receipt())
    assert shown.receipt == MessageRef(ALICE, 11)
    (case,) = await counter.cases.open_ones("topup")
    assert counter.topups.of(case) == shown
    decided = await counter.cases.decide(case.id, "approve", ANN)
    assert (decided.case.state, decided.case.data["credited"]) == (CaseState.DONE, 943)
    assert await available(counter) == 943
    (entry,) = await counter.ledger.statement(ALICE)
    assert (entry.key, entry.debit, entry.actor) == (f"topup:{case.id}", "manual", f"admin:{ANN}")
    assert entry.reference == "RUB 1000 at USD/RUB 81.5 of 2030-01-01"
    assert counter.mailbox.keys() == ["topup-credited"]
    assert "1,000 ₽" in counter.mailbox.last()
    assert "943 ⭐" in counter.mailbox.last()
    assert "943 ⭐" in counter.mailbox.last("ru")
    assert "/generate" in counter.mailbox.last("ru")
    assert await counter.topups.waiting(ALICE) is None
    await assert_sound(counter.ledger)


async def test_an_operators_own_rate_says_so_in_the_ledger(counter: Counter) -> None:
    counter.rate = Worth(0, official=False)
    case = await counter.submitted()
    await counter.cases.decide(case.id, "approve", ANN)
    (entry,) = await counter.ledger.statement(ALICE)
    assert entry.reference == "RUB 1000 at USD/RUB 81.5 of 2030-01-01, set by the operator"


async def test_ten_taps_by_two_operators_on_two_instances_credit_once(
    counter: Counter, other_counter: Counter
) -> None:
    case = await counter.submitted()
    decided = await asyncio.gather(
        *(
            at.cases.decide(case.id, "approve", who)
            for _ in range(5)
            for at, who in ((counter, ANN), (other_counter, BEN))
        )
    )
    assert [each.first for each in decided].count(True) == 1
    assert len({each.case.by for each in decided}) == 1
    assert await available(counter) == 943
    assert [*counter.mailbox.keys(), *other_counter.mailbox.keys()] == ["topup-credited"]
    await assert_sound(counter.ledger)


async def test_approving_races_declining(counter: Counter, other_counter: Counter) -> None:
    """Whoever comes first: the letter says what the ledger did."""
    for number in range(6):
        user_id = ALICE + 10 + number
        case = await counter.submitted(user_id=user_id, key=f"m:{number}")
        taps = [(counter, "approve", ANN), (other_counter, "decline", BEN)]
        taps.reverse() if number % 2 else None
        await asyncio.gather(*(at.cases.decide(case.id, what, who) for at, what, who in taps))
        about = f"topup:{case.id}"
        letters = [*counter.mailbox.letters.items(), *other_counter.mailbox.letters.items()]
        (key,) = [letter[1] for found, letter in letters if found == about]
        credited = await available(counter, user_id)
        assert (key, credited) in (("topup-credited", 943), ("topup-declined", 0))


async def test_what_goes_wrong_between_credit_and_letter_is_done_once_each(
    counter: Counter, other_counter: Counter
) -> None:
    case = await counter.submitted()
    counter.mailbox.fail = 1
    decided = await counter.cases.decide(case.id, "approve", ANN)
    assert (decided.first, decided.case.state) == (True, CaseState.DECIDED)
    assert await available(counter) == 943
    assert await counter.topups.waiting(ALICE) is not None
    await other_counter.cases.sweep()
    assert await available(counter) == 943
    assert other_counter.mailbox.keys() == ["topup-credited"]
    assert await counter.topups.waiting(ALICE) is None


async def test_a_crash_between_decision_and_credit_is_made_good(
    counter: Counter, other_counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await counter.submitted()

    async def away(*_: object, **__: object) -> bool:
        raise DatabaseAway("gone")

    monkeypatch.setattr(counter.ledger, "credit", away)
    await counter.cases.decide(case.id, "rub:500", ANN)
    assert await available(counter) == 0
    assert counter.mailbox.keys() == []
    await other_counter.cases.sweep()
    assert await available(counter) == 471
    assert other_counter.mailbox.keys() == ["topup-credited-other-roubles"]


@pytest.mark.parametrize(
    ("decision", "stars", "letter", "said"),
    [
        ("amount:94", 94, "topup-credited-other-stars", ("94 ⭐", "943 ⭐", "1,000 ₽")),
        ("amount:943", 943, "topup-credited", ("943 ⭐",)),
        ("rub:500", 471, "topup-credited-other-roubles", ("471 ⭐", "500 ₽", "1,000 ₽")),
        ("rub:1000.00", 943, "topup-credited", ("943 ⭐", "1,000 ₽")),
        ("rub:99.50", 93, "topup-credited-other-roubles", ("93 ⭐", "99.5 ₽")),
        ("decline", 0, "topup-declined", ("not credited", "1,000 ₽", "/paysupport")),
        ("decline:unreadable", 0, "topup-declined-unreadable", ("not credited", "/buy")),
        ("decline:used", 0, "topup-declined-used", ("not credited", "/paysupport")),
    ],
)
async def test_each_decision_and_what_is_said_of_it(
    counter: Counter, decision: str, stars: int, letter: str, said: tuple[str, ...]
) -> None:
    case = await counter.submitted()
    decided = await counter.cases.decide(case.id, decision, ANN)
    assert decided.case.data["credited"] == await available(counter) == stars
    assert counter.mailbox.keys() == [letter]
    assert [part for part in said if part not in counter.mailbox.last()] == []
    numbers = [part.replace(",", "\u00a0").replace(".", ",") for part in said if part[0].isdigit()]
    assert [part for part in numbers if part not in counter.mailbox.last("ru")] == []
    entries = await counter.ledger.statement(ALICE)
    notes = [entry.reference.partition("; ")[2] for entry in entries]
    corrected = {
        "amount:94": ["94 Stars by the operator"],
        "rub:500": ["RUB 500 had come"],
        "rub:99.50": ["RUB 99.50 had come"],
        "rub:1000.00": [""],
    }
    assert notes == corrected.get(decision, notes)
    await assert_sound(counter.ledger)


@pytest.mark.parametrize(
    "decision",
    [
        "amount:0",
        "amount:-5",
        "amount:1.5",
        "amount:100001",
        "amount:",
        "amount:٩٤",
        "rub:0",
        "rub:1",
        "rub:1e3",
        "rub:999999999",
        "decline:because",
        "approve:2",
        "x",
    ],
)
async def test_nonsense_decides_nothing(counter: Counter, decision: str) -> None:
    case = await counter.submitted()
    with pytest.raises(UserFacingError) as error:
        await counter.cases.decide(case.id, decision, ANN)
    assert told(error) == "topup-correction-unclear"
    assert (await counter.cases.open_ones()) == [case]
    assert await available(counter) == 0


async def test_what_was_owed_is_said(counter: Counter) -> None:
    await give(counter.ledger, ALICE, 10, "p:1")
    await counter.ledger.claw_back(
        ALICE, 60, target="refund", key="r:1", reference="r", actor="test", reason="test"
    )
    case = await counter.submitted()
    await counter.cases.decide(case.id, "approve", ANN)
    assert await available(counter) == 943 - 50
    assert "50 ⭐ of them paid off what you owed" in counter.mailbox.last()
    assert "50 ⭐ ушло на погашение долга" in counter.mailbox.last("ru")
    await assert_sound(counter.ledger)


async def test_one_request_at_a_time(counter: Counter) -> None:
    first = await counter.topups.begin(ALICE, Decimal(1000), key="m:1")
    assert await counter.topups.begin(ALICE, Decimal(1000), key="m:1") == first
    with pytest.raises(UserFacingError) as error:
        await counter.topups.begin(ALICE, Decimal(500), key="m:2")
    assert (told(error), error.value.variables) == ("topup-waiting", {"rub": Decimal(1000), "stars": 943})
    assert await counter.topups.withdraw(ALICE)
    assert not await counter.topups.withdraw(ALICE)
    case = await counter.submitted(500)
    for again in (counter.topups.withdraw(ALICE), counter.topups.begin(ALICE, Decimal(100), key="m:3")):
        with pytest.raises(UserFacingError) as error:
            await again
        assert told(error) == "topup-submitted"
    await counter.submitted(500, BOB)
    await counter.cases.decide(case.id, "decline", ANN)
    assert (await counter.topups.begin(ALICE, Decimal(100), key="m:4")).stars == 94


async def test_ten_requests_at_once_are_one(counter: Counter, other_counter: Counter) -> None:
    begun = await asyncio.gather(
        *(
            at.topups.begin(ALICE, Decimal(1000), key=f"m:{number}")
            for number in range(5)
            for at in (counter, other_counter)
        ),
        return_exceptions=True,
    )
    assert len({asked.id for asked in begun if isinstance(asked, TopUp)}) == 1
    refused = [error for error in begun if isinstance(error, UserFacingError)]
    assert {error.key for error in refused} == {"topup-waiting"}


async def test_a_receipt_that_is_told_twice_is_one_and_another_is_not_needed(counter: Counter) -> None:
    await counter.topups.begin(ALICE, Decimal(1000), key="m:1")
    first = await counter.topups.receipt(ALICE, receipt())
    assert await counter.topups.receipt(ALICE, receipt()) == first
    with pytest.raises(UserFacingError) as error:
        await counter.topups.receipt(ALICE, receipt(message_id=12))
    assert told(error) == "topup-submitted"
    assert len(await counter.cases.open_ones()) == 1


@pytest.mark.parametrize("kind", [None, MediaKind.VIDEO, MediaKind.VOICE, MediaKind.STICKER])
async def test_a_receipt_is_a_photo_or_a_file(counter: Counter, kind: MediaKind | None) -> None:
    await counter.topups.begin(ALICE, Decimal(1000), key="m:1")
    with pytest.raises(UserFacingError) as error:
        await counter.topups.receipt(ALICE, receipt(kind=kind))
    assert told(error) == "topup-receipt-kind"
    await counter.topups.receipt(ALICE, receipt(kind=MediaKind.DOCUMENT))


async def test_a_receipt_without_a_request_starts_nothing(counter: Counter) -> None:
    with pytest.raises(UserFacingError) as error:
        await counter.topups.receipt(ALICE, receipt())
    assert told(error) == "topup-nothing-waiting"
    assert await counter.cases.open_ones() == []


async def test_withdrawing_races_the_receipt(counter: Counter, other_counter: Counter) -> None:
    for number in range(6):
        user_id = ALICE + number
        await counter.topups.begin(user_id, Decimal(1000), key="m")
        given, withdrawn = await asyncio.gather(
            counter.topups.receipt(user_id, receipt(user_id)),
            other_counter.topups.withdraw(user_id),
            return_exceptions=True,
        )
        case = await counter.cases.in_slot(f"topup:{user_id}")
        assert isinstance(given, TopUp) is (case is not None)
        assert (withdrawn is True) is (case is None)


async def test_the_rate_of_a_forgotten_request_does_not_hold(counter: Counter, clock: ManualClock) -> None:
    await counter.topups.begin(ALICE, Decimal(1000), key="m:1")
    await clock.advance(7 * 86_400)
    assert await counter.topups.waiting(ALICE) is None
    with pytest.raises(UserFacingError) as error:
        await counter.topups.receipt(ALICE, receipt())
    assert told(error) == "topup-nothing-waiting"
    counter.rate = Worth(0, Decimal(163))
    assert (await counter.topups.begin(ALICE, Decimal(1000), key="m:2")).stars == 471


@pytest.mark.parametrize("rub", ["0", "-1", "99.99", "50000.01", "1e9"])
async def test_amounts_have_limits(counter: Counter, rub: str) -> None:
    with pytest.raises(UserFacingError) as error:
        await counter.topups.begin(ALICE, Decimal(rub), key="m:1")
    assert (told(error), error.value.variables["least"]) == ("topup-amount-out", Decimal(100))
    assert await counter.topups.waiting(ALICE) is None


async def test_a_request_is_never_for_more_stars_than_can_be_credited(counter: Counter) -> None:
    counter.rate = Worth(0, Decimal(10))
    with pytest.raises(UserFacingError) as error:
        await counter.topups.begin(ALICE, Decimal(50_000), key="m:1")
    assert told(error) == "topup-amount-out"


@pytest.mark.parametrize(
    ("rub", "near"),
    [(1000, [300, 500, 2000, 3000]), (100, [200, 300]), (50_000, [20_000, 30_000]), (120, [100, 200, 300])],
)
async def test_round_amounts_beside_the_one_asked_for_are_one_tap_away(
    counter: Counter, rub: int, near: list[int]
) -> None:
    case = await counter.submitted(rub)
    offered = counter.topups.corrections(case)
    assert [each.rub for each in offered] == near
    await counter.cases.decide(case.id, offered[-1].decision, ANN)
    assert await available(counter) == offered[-1].stars > 0


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("94", "amount:94"),
        (" 94 ⭐", "amount:94"),
        ("94 ⭐️", "amount:94"),
        ("1 000 stars", "amount:1000"),
        ("٩٤", "amount:94"),
        ("94 звезды", "amount:94"),
        ("500 ₽", "rub:500"),
        ("500руб.", "rub:500"),
        ("99,50 RUB", "rub:99.50"),
        ("0", "amount:0"),
    ],
)
def test_operators_write_other_amounts(counter: Counter, text: str, decision: str) -> None:
    assert counter.topups.correction(text) == decision


@pytest.mark.parametrize("text", ["", "sto", "сто", "-5", "1.5", "10^9", "₽", "5 5 ₽ 5", "1e3", "$5"])
def test_what_is_no_amount_is_said_so(counter: Counter, text: str) -> None:
    with pytest.raises(UserFacingError) as error:
        counter.topups.correction(text)
    assert told(error) == "topup-correction-unclear"


async def test_done_requests_keep_no_receipt(counter: Counter, database: Database) -> None:
    case = await counter.submitted()
    await counter.cases.decide(case.id, "approve", ANN)
    (row,) = await database.collection("cases").find({})
    assert "private" not in row
    assert "slot" not in row
