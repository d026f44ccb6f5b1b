"""What the operators' plugin shows: cards that fit, in both languages, with nothing that was not meant."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from core.admin.pages import Screen
from core.billing.assembly import Billing
from core.billing.cases import Case, CaseState, case_token
from core.billing.ledger import Balance, Entry
from core.billing.topups import TopUps
from core.i18n import CORE, Html, I18n, Translator
from core.telegram.keyboards import CallbackAction, CallbackSigner
from plugins.admin import AdminPlugin
from plugins.admin.cards import Cards, Facts
from plugins.admin.codes import end_of
from plugins.admin.part import fitting, operator_name, person_id, whole

ROOT = Path(__file__).parents[2]
NOW = datetime(2030, 1, 1, 12, 30, tzinfo=UTC)
SOMEBODY = 2**52 - 1
CHARGE = "stx" + "W" * 61
LONGEST = "&<i>" * 125
SIGNER = CallbackSigner(b"sixteen bytes or more")


@pytest.fixture(scope="module")
def i18n() -> I18n:
    texts = I18n()
    assert texts.add(CORE, ROOT / "locales") == ()
    assert texts.add("admin", ROOT / "plugins" / "admin" / "locales") == ()
    return texts


@pytest.fixture(params=["en", "ru"])
def t(request: pytest.FixtureRequest, i18n: I18n) -> Translator:
    return i18n.translator(request.param)


@pytest.fixture
def cards() -> Cards:
    topups = SimpleNamespace(corrections=lambda case: TopUps.corrections(cast(TopUps, LIMITED), case))
    return Cards(cast(Billing, SimpleNamespace(topups=topups)))


LIMITED = SimpleNamespace(limits=(Decimal(50), Decimal(1_000_000)))
TOPUP = {
    "rub": Decimal("99999.99"),
    "stars": 99_999,
    "usd_rub": Decimal("81.4567"),
    "star_usd": Decimal("0.013"),
    "day": "2030-01-01",
    "official": False,
}
PAYMENT = {
    "charge_id": CHARGE,
    "stars": 100_000,
    "bonus": 10_000,
    "available": 0,
    "held": 0,
    "missing": 100_000,
    "error": "CHARGE_ID_INVALID",
}
GENERATION = {"job_id": "abcdefghij234567", "stars": 100_000, "available": 1, "held": 0}
DEBT = {"charge_id": CHARGE, "stars": 100_000, "taken": 1, "owed": 99_999}
CASES = {
    "topup": Case("t-0123456789abcd", "topup", SOMEBODY, TOPUP),
    "payment": Case(f"refund:{CHARGE}", "refund", SOMEBODY, PAYMENT, {"words": LONGEST}, round=99),
    "short": Case(f"refund:{CHARGE}", "refund", SOMEBODY, PAYMENT, note="refund-case-short", round=1),
    "refused": Case(f"refund:{CHARGE}", "refund", SOMEBODY, PAYMENT, note="refund-case-refused", round=1),
    "generation": Case("refund-job:abcdefghij234567", "refund", SOMEBODY, GENERATION, {"words": "no"}),
    "debt": Case(f"debt:{CHARGE}", "debt", SOMEBODY, DEBT),
    "other": Case("new:1", "of-later", SOMEBODY),
}
ENTRY = Entry(
    key=f"stars:{CHARGE}",
    debit="telegram:stars",
    credit=f"user:{SOMEBODY}",
    amount=100_000,
    reference="x",
    actor="telegram",
    reason="payment",
    at=NOW,
)
RICH = Facts(Balance(100_000, 0), 0, (ENTRY,) * 5)
SPENT = Facts(Balance(0, 100, 99_999), 100_000, ())


def check(screen: Screen) -> list[str]:
    """Everything that Telegram demands of a message; the labels of its buttons."""
    assert isinstance(screen.text, Html)
    assert 0 < len(screen.text) <= 4096
    assert "{" not in screen.text
    for button in (button for row in screen.keyboard for button in row):
        assert 0 < len(button.text) <= 40, button.text
        SIGNER.pack(CallbackAction("admin", button.action, button.arguments), SOMEBODY)
    return [button.text for row in screen.keyboard for button in row]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("facts", [RICH, SPENT], ids=["rich", "spent"])
def test_each_card_can_be_sent(cards: Cards, t: Translator, name: str, facts: Facts) -> None:
    case = CASES[name]
    screen = cards.waiting(t, case, facts)
    labels = check(screen)
    assert str(SOMEBODY) in screen.text
    expected = {"topup": 9, "generation": 2, "debt": 2, "other": 0}
    assert len(labels) == expected.get(name, 2 if facts is RICH else 3)
    assert ("&amp;&lt;i&gt;" in screen.text) is (name == "payment")
    assert LONGEST not in screen.text


DECISIONS: dict[str, tuple[str, ...]] = {
    "topup": ("approve", "decline", "decline:unreadable", "decline:used", "amount:94", "rub:500"),
    "payment": ("refund", "debt", "forgive", "decline"),
    "generation": ("refund", "decline"),
    "debt": ("keep", "forgive"),
}


@pytest.mark.parametrize(("name", "decision"), [(n, d) for n, all_ in DECISIONS.items() for d in all_])
@pytest.mark.parametrize("state", [CaseState.DECIDED, CaseState.DONE])
def test_each_decision_is_told_in_words(
    cards: Cards, t: Translator, name: str, decision: str, state: CaseState
) -> None:
    open_case = CASES[name]
    case = Case(
        open_case.id,
        open_case.kind,
        SOMEBODY,
        open_case.data,
        state=state,
        decision=decision,
        by=77,
        decided_at=NOW,
    )
    others = cards.card(t, case, RICH, viewer=78)
    assert check(others) == []
    assert "77" in others.text
    assert "2030-01-01 12:30" in others.text
    assert "77" not in cards.card(t, case, RICH, viewer=77).text.replace(str(SOMEBODY), "")
    assert "admin-" not in others.text


def test_every_button_of_a_card_is_a_decision_with_words(cards: Cards, t: Translator) -> None:
    for name, facts in (("topup", RICH), ("payment", RICH), ("payment", SPENT), ("debt", RICH)):
        case = CASES[name]
        for button in (button for row in cards.waiting(t, case, facts).keyboard for button in row):
            assert button.arguments[:2] == (case_token(case.id), str(case.round))
            if button.action == "decide":
                known = (*DECISIONS[name], "rub")
                assert button.arguments[2].partition(":")[0] in {each.partition(":")[0] for each in known}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("50", 50),
        (" +50 ", 50),
        ("-20", -20),
        ("−20", -20),
        ("٥٠", 50),
        ("0", 0),
        ("1.5", None),
        ("1,000", None),
        ("10^9", None),
        ("10⁹", None),
        ("sto", None),
        ("", None),
        ("--1", None),
        ("1" * 16, None),
    ],
)
def test_whole_numbers(written: str, number: int | None) -> None:
    assert whole(written) == number
    assert person_id(written) == (number if number and number > 0 else None)


def test_as_many_lines_as_fit(t: Translator) -> None:
    few = fitting(t, [Html("x")] * 5)
    assert few == "x\nx\nx\nx\nx"
    many = fitting(t, [Html("x" * 100)] * 100)
    assert len(many) < 3700
    assert "65" in many.splitlines()[-1]
    assert many.count("\n") == 35


def test_who_did_it(t: Translator) -> None:
    assert operator_name(t, 5, 5) == operator_name(t, "admin:5", 5)
    assert "5" in operator_name(t, 5, 6)
    assert operator_name(t, "telegram", 5) == "telegram"


@pytest.mark.parametrize(
    ("written", "days"), [("30d", 30), ("30", 30), ("7 дней", 7), ("1 day", 1), ("2д", 2)]
)
def test_days_from_now(written: str, days: int) -> None:
    assert end_of(written, NOW) == NOW + timedelta(days=days)


def test_a_last_day_counts_whole() -> None:
    assert end_of("2030-12-31", NOW) == datetime(2031, 1, 1, tzinfo=UTC)
    assert end_of("-", NOW) is None


@pytest.mark.parametrize("written", ["", "x", "2030-02-30", "2030-1-1", "9999-12-31", "1e3", "-5d", "99999d"])
def test_what_is_no_end(written: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        end_of(written, NOW)


def test_no_part_hides_what_another_one_answers() -> None:
    """All parts are one class: a name that two of them have would be answered by the first alone."""
    parts = [part for part in AdminPlugin.__mro__ if part.__module__.startswith("plugins.admin.")]
    shared = {"start", "stop", "admin_pages"}
    names = Counter(
        name for part in parts for name in vars(part) if callable(vars(part)[name]) and name not in shared
    )
    assert [name for name, count in names.items() if count > 1 and not name.startswith("__")] == []
