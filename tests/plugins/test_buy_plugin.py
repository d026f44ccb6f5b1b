"""The shop's own rules: numbers as people write them, and every entry of the ledger in words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing.holding import hold_key, release_key, settle_key
from core.billing.operations import DEBT, OUTSIDE_ACCOUNTS, REPAID
from core.i18n import CORE, I18n
from core.storage.entries import Entry
from plugins.buy.entries import Line, line_of
from plugins.buy.items import Item, items_in
from plugins.buy.numbers import ROUBLES, STARS, Unclear, read_number, read_stars
from plugins.buy.support import link_of

ROOT = Path(__file__).parents[2]
MOST = 100_000
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "stars"),
    [
        ("1", 1),
        ("100000", MOST),
        (" 50 ", 50),
        ("+50", 50),
        ("007", 7),
        ("50.00", 50),
        ("12.", 12),
        ("1 000", 1000),
        ("1\u00a0000", 1000),
        ("1\u202f000", 1000),
        ("1'000", 1000),
        ("1,000", 1000),
        ("1.000", 1000),
        ("100_000", MOST),
        ("٣٥", 35),
        ("१००", 100),
        ("１００", 100),
        ("50 stars", 50),
        ("⭐️ 50", 50),
        ("50 звёзд", 50),
        ("5k", 5000),
        ("5 тыс.", 5000),
        ("1e3", 1000),
        ("2^10", 1024),
    ],
)
def test_amounts_that_are_understood(written: str, stars: int) -> None:
    assert read_stars(written) == stars


@pytest.mark.parametrize(
    ("written", "unclear"),
    [
        ("0", Unclear.TOO_LITTLE),
        ("-1", Unclear.TOO_LITTLE),
        ("−5", Unclear.TOO_LITTLE),
        ("-0.5", Unclear.TOO_LITTLE),
        ("1.5", Unclear.FRACTION),
        ("1,5", Unclear.FRACTION),
        (".5", Unclear.FRACTION),
        ("٣٫٥", Unclear.FRACTION),
        ("99999.9", Unclear.FRACTION),
        ("100001", Unclear.TOO_MUCH),
        ("10^9", Unclear.TOO_MUCH),
        ("10⁹", Unclear.TOO_MUCH),
        ("1e999999999999", Unclear.TOO_MUCH),
        ("9^999999999999", Unclear.TOO_MUCH),
        ("1.000.000", Unclear.TOO_MUCH),
        ("9" * 30, Unclear.TOO_MUCH),
        ("9" * 5000, Unclear.TOO_MUCH),
        ("sto", Unclear.NO_NUMBER),
        ("сто", Unclear.NO_NUMBER),
        ("", Unclear.NO_NUMBER),
        ("50 or 100", Unclear.NO_NUMBER),
        ("5 5", Unclear.NO_NUMBER),
        ("100 рублей", Unclear.NO_NUMBER),
        ("$5", Unclear.NO_NUMBER),
        ("½", Unclear.NO_NUMBER),
        ("²", Unclear.NO_NUMBER),
        ("NaN", Unclear.NO_NUMBER),
        ("inf", Unclear.NO_NUMBER),
        ("∞", Unclear.NO_NUMBER),
        ("0x10", Unclear.NO_NUMBER),
    ],
)
def test_amounts_that_are_none(written: str, unclear: Unclear) -> None:
    assert read_stars(written) is unclear


@pytest.mark.parametrize(
    ("written", "roubles"),
    [
        ("500", Decimal(500)),
        ("500 ₽", Decimal(500)),
        ("1 500,50 руб.", Decimal("1500.50")),
        ("1,500.50 rub", Decimal("1500.50")),
        ("100 р", Decimal(100)),
        ("2 тыс", Decimal(2000)),
        ("50 stars", None),
        ("пятьсот", None),
    ],
)
def test_roubles(written: str, roubles: Decimal | None) -> None:
    assert read_number(written, ROUBLES) == roubles


@given(st.text(max_size=80))
def test_nothing_that_can_be_written_is_too_much_for_it(written: str) -> None:
    found = read_stars(written)
    assert isinstance(found, Unclear) or 1 <= found <= MOST


@given(st.integers(-(10**15), 10**15))
def test_a_plain_number_is_itself(number: int) -> None:
    found = read_number(str(number), STARS)
    assert found == min(number, 10**12) if number > 0 else found is not None
    assert read_stars(str(number)) == number or not 1 <= number <= MOST


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("@starloom_help", "https://t.me/starloom_help"),
        ("starloom_help", "https://t.me/starloom_help"),
        ("t.me/starloom_help", "https://t.me/starloom_help"),
        ("https://t.me/starloom_help/", "https://t.me/starloom_help"),
        ("https://t.me/+AbCdEf", "https://t.me/+AbCdEf"),
        ("https://example.org/help?x=1", "https://example.org/help?x=1"),
        ("ask for Ann at the desk", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_the_contact_as_a_link(contact: str, link: str) -> None:
    assert link_of(contact) == link


def entry(key: str, debit: str, credit: str, amount: int = 10) -> Entry:
    return Entry(key, debit, credit, amount, "", "", "", NOW)


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (entry("stars:c", "telegram:stars", "user:1"), Line("purchase", 10, 10)),
        (entry("bonus:c", "promo", "user:1"), Line("bonus", 10, 10)),
        (entry("topup:t", "manual", "user:1"), Line("card", 10, 10)),
        (entry("welcome:1", "promo", "user:1"), Line("welcome", 10, 10)),
        (entry("promo:A:1", "promo", "user:1"), Line("code", 10, 10)),
        (entry("referral:2", "promo", "user:1"), Line("referral", 10, 10)),
        (entry("referral:2:refunded", "user:1", "promo"), Line("referral-taken-back", -10, 10)),
        (entry("refund:c:1", "user:1", "refund"), Line("refund", -10, 10)),
        (entry("refund:c:1#debt", "debt:1", "refund"), Line("owed", 0, 10)),
        (entry("refund:c:1:undone", "refund", "user:1"), Line("refund-undone", 10, 10)),
        (entry("refund:c:1:forgiven", "adjustment", "debt:1"), Line("forgiven", 0, 10)),
        (entry("debt:c:forgiven", "adjustment", "debt:1"), Line("forgiven", 0, 10)),
        (entry("stars:c#repaid", "user:1", "debt:1"), Line("repaid", -10, 10)),
        (entry("release:1:j#repaid", "user:1", "debt:1"), Line("repaid", -10, 10)),
        (entry("refund-job:j", "adjustment", "user:1"), Line("given-back", 10, 10)),
        (entry("grant:k", "adjustment", "user:1"), Line("grant", 10, 10)),
        (entry("write-off:k", "user:1", "adjustment"), Line("written-off", -10, 10)),
        (entry("forgive:k", "adjustment", "debt:1"), Line("forgiven", 0, 10)),
        (entry(hold_key(1, "j"), "user:1", "held:1"), Line("generation", -10, 10, "j")),
        (entry(settle_key(1, "j"), "held:1", "revenue"), Line("done", 0, 10, "j", quiet=True)),
        (entry(release_key(1, "j"), "held:1", "user:1"), Line("returned", 10, 10, "j")),
        (entry(hold_key(1, "j"), "promo", "held:1"), Line("free", 0, 10, "j")),
        (entry(release_key(1, "j"), "held:1", "promo"), Line("free-returned", 0, 10, "j")),
        (entry(hold_key(1, "sale:c"), "user:1", "held:1"), Line("feature", -10, 10)),
        (entry(settle_key(1, "plugin:x:1"), "held:1", "revenue"), Line("feature-done", 0, 10, quiet=True)),
        (entry(release_key(1, "sale:c"), "held:1", "user:1"), Line("feature-returned", 10, 10)),
        (entry("of-others:1", "manual", "user:1"), Line("card", 10, 10)),
        (entry("of-others:1", "user:1", "adjustment"), Line("correction", -10, 10)),
    ],
    ids=lambda value: value.key if isinstance(value, Entry) else "",
)
def test_each_kind_of_entry(made: Entry, line: Line) -> None:
    assert line_of(made) == line


def test_what_can_be_asked_back() -> None:
    old = NOW - timedelta(days=31)
    statement = [
        entry("refund:gone:1", "user:1", "refund"),
        entry(settle_key(1, "paid"), "held:1", "revenue", 7),
        entry(hold_key(1, "paid"), "user:1", "held:1", 7),
        entry(settle_key(1, "free"), "held:1", "revenue"),
        entry(hold_key(1, "free"), "promo", "held:1"),
        entry(release_key(1, "failed"), "held:1", "user:1"),
        entry(hold_key(1, "failed"), "user:1", "held:1"),
        entry(settle_key(1, "sale:c"), "held:1", "revenue"),
        entry("topup:t", "manual", "user:1"),
        entry("stars:c#repaid", "user:1", "debt:1"),
        entry("stars:c", "telegram:stars", "user:1", 50),
        replace(entry(settle_key(1, "long-ago"), "held:1", "revenue"), at=old),
        replace(entry("stars:old", "telegram:stars", "user:1", 60), at=old),
    ]
    assert items_in(statement, 1, since=NOW - timedelta(days=30)) == [
        Item("generation", "paid", 7, NOW),
        Item("payment", "c", 50, NOW),
        Item("payment", "old", 60, old),
    ]


@pytest.fixture(scope="module")
def i18n() -> I18n:
    texts = I18n()
    texts.add(CORE, ROOT / "locales")
    for name in ("start", "buy"):
        texts.add(name, ROOT / "plugins" / name / "locales")
    return texts


MOVES = {"credit", "debit", "claw_back", "forgive"}


def beginnings() -> dict[str, str]:
    """How the keys begin of all entries that the core makes, each with the file that makes them."""
    found = {}
    for path in sorted((ROOT / "core").rglob("*.py")):
        if path.parent.name == "production":
            # The account of the series is no person's: nobody is shown its entries.
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MOVES
            for node in ast.walk(tree)
        ):
            continue
        for text in keys_in(tree):
            begin, colon, _ = text.partition(":")
            if colon and begin:
                found[begin] = path.name
    return found


def keys_in(tree: ast.Module) -> Iterator[str]:
    """How the strings begin that name entries: given as `key`, or kept or returned as one."""
    for node in ast.walk(tree):
        values: list[ast.expr | None] = []
        if isinstance(node, ast.keyword) and node.arg == "key":
            values = [node.value]
        elif isinstance(node, ast.Assign):
            values = [node.value] if any("key" in ast.unparse(target) for target in node.targets) else []
        elif isinstance(node, ast.FunctionDef) and "key" in node.name:
            values = [child.value for child in ast.walk(node) if isinstance(child, ast.Return)]
        for value in values:
            if isinstance(value, ast.JoinedStr) and isinstance(first := value.values[0], ast.Constant):
                yield str(first.value)


def test_every_entry_that_the_core_makes_has_words_of_its_own() -> None:
    found = beginnings()
    assert {"stars", "bonus", "topup", "welcome", "promo", "referral", "grant", "refund-job"} <= set(found)
    ways = [(account, "user:1") for account in OUTSIDE_ACCOUNTS] + [("user:1", "nowhere")]
    for begin, file in found.items():
        told = {line_of(entry(f"{begin}:x", debit, credit)).kind for debit, credit in ways}
        assert len(told) == 1, f"{file}: entries {begin}:… are told by their accounts alone: {told}"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_line_has_a_text(i18n: I18n, language: str) -> None:
    t = i18n.translator(language)
    kinds = {key.removeprefix("entry-") for key in i18n.keys(language) if key.startswith("entry-")}
    endings = ("", DEBT, REPAID, ":forgiven", ":undone", ":refunded")
    accounts = [*OUTSIDE_ACCOUNTS, "debt:1", "held:1"]
    told = {
        line_of(entry(f"{begin}:x{ending}", debit, credit)).kind
        for begin in (*beginnings(), "unheard-of")
        for ending in endings
        for account in accounts
        for debit, credit in ((account, "user:1"), ("user:1", account))
    }
    for step in (hold_key, settle_key, release_key):
        for hold in ("j", "sale:c"):
            for account in ("user:1", "promo"):
                told.add(line_of(entry(step(1, hold), account, "held:1")).kind)
    assert told <= kinds
    texts = [t(f"entry-{kind}", model="M", stars=5) for kind in told]
    assert all(text and "entry-" not in text for text in texts)


@pytest.mark.parametrize(
    ("language", "days"),
    [("en", ("January 2", "May 31", "December 1")), ("ru", ("2 января", "31 мая", "1 декабря"))],
)
def test_days_are_said_as_people_say_them(i18n: I18n, language: str, days: tuple[str, str, str]) -> None:
    t = i18n.translator(language)
    of_the_year = [date(2026, month, day) for month, day in ((1, 2), (5, 31), (12, 1))]
    assert tuple(t.plain("day", at=day) for day in of_the_year) == days
