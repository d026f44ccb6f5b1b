"""Every text about money says what the ledger did: no more, no less, in each language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from support.money_texts import PLAIN, Outcome, outcomes

from core.i18n import CORE, Html, I18n

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "ru")
MONEY = {
    "en": re.compile(
        r"⭐|\bstars?\b|\bcharge|\bbalance\b|\bpaid\b|\bpay\b|payment|refund|credit|\bowed?\b|bonus|\bdebt",
        re.I,
    ),
    "ru": re.compile(
        r"⭐|зв[её]зд|спис[аы]|баланс|плат[её]ж|оплат|возвра(?!щайтесь)|зачисл|долг(?!о)|бонус|начисл", re.I
    ),
}
SAYS = {
    Outcome.NOTHING: {
        "en": r"[Nn]one of that was|[Nn]othing (was|is|about|changed|changes|more)\b|has not changed"
        r"|\b[Nn]ot (been )?(credited|refunded|given back|booked)|so this was not|could not be booked",
        "ru": r"[Нн]ичего не |[Нн]ичего за неё не|не (отправлено и не списано|зачислен|возвращ|изменил)"
        r"|второй раз ничего|[Вв]озвращать нечего|[Нн]е возвращ|больше за неё ничего|не удалось провести",
    },
    Outcome.PURCHASED: {"en": r"[Pp]aid|payment", "ru": r"заплатили|[Оо]плачено|[Пп]лат[её]ж"},
    Outcome.TOPPED_UP: {"en": r"came to your account|credited", "ru": r"на счёт пришл|зачисл"},
    Outcome.GIVEN: {"en": r"came to your account|yours", "ru": r"на (ваш )?счёт|вам \d"},
    Outcome.CORRECTED_UP: {"en": r"given", "ru": r"подарил|дано|возвращен"},
    Outcome.CORRECTED_DOWN: {"en": r"taken", "ru": r"снял|снято"},
    Outcome.RELEASED: {"en": r"back on your balance|came back", "ru": r"верну\w+ на баланс|Верну\w+ \d"},
    Outcome.REFUNDED: {
        "en": r"refunded|took (your|a) payment",
        "ru": r"возвращ[её]н|забрал (у нас ваш )?плат[её]ж",
    },
    Outcome.BONUS_LOST: {"en": r"bonus .*goes? back", "ru": r"бонус .*уходит обратно"},
    Outcome.FORGIVEN: {"en": r"written off|forgiven", "ru": r"[Сс]писали ваш долг|прощено|[Пп]рощено"},
}
"""What a text that tells of an outcome must say."""
MOVED = {
    "en": r"came to your account|(is|are) back on your balance|[Yy]ou paid|[Tt]aken from"
    r"|(was|were|is|are) (credited|refunded)",
    "ru": r"пришл\w+ на (ваш )?счёт|вернул\w+ на баланс|[Вв]ы заплатили|[Сс]нято с|[Сс]писано:"
    r"|(?<!не )зачислен[оаы]? ",
}
"""What nobody is told whose Stars did not move."""
NEGATED = {
    "en": r"\bnot\b|n’t\b|[Nn]othing|[Nn]one|[Oo]nly|before",
    "ru": r"\b[Нн]е\b|[Нн]ичего|[Тт]олько|уже|раньше",
}
NOTHING_CHARGED = {
    "en": r"[Nn]othing (was|is|has been) (charged|changed|credited)|has not changed",
    "ru": r"[Нн]ичего не (списано|зачислено|изменилось)|не изменился",
}
"""What nobody is told whose Stars did move."""
WORDS = frozenset(
    {"title", "model", "reason", "options", "provider", "error", "charge", "usd", "limit", "until"}
)
"""Variables that are no Stars."""
SELDOM = ("repaid", "owed", "held", "forgiven", "bonus", "taken")
"""Variables that are 0 as a rule; then nothing is said of them."""
MONEY_IN = {Outcome.PURCHASED: "payment-money", Outcome.RELEASED: "money-returned"}
"""The text that others carry with them as their variable `money`."""
MAY_BE_ZERO = ("admin-", "refund-case-", "money-returned-to-debt")
"""Operators' amounts stand in columns, also where they are 0; the last is said of a debt that was paid."""


@cache
def bundles() -> I18n:
    i18n = I18n()
    i18n.add(CORE, ROOT / "locales")
    for kind in ("plugins", "providers"):
        for folder in sorted(ROOT.glob(f"{kind}/*/locales")):
            i18n.add(folder.parent.name, folder)
    return i18n


def said(language: str, key: str, **given: object) -> tuple[str, dict[str, int]]:
    """A text with a different number for each of its variables; and the numbers."""
    text = bundles().keys(language)[key]
    numbers = dict(zip(sorted({*text.variables, *text.selectors}), count(301), strict=False))
    variables: dict[str, object] = {**numbers, **{name: given[name] for name in given if name in numbers}}
    if "until" in numbers:
        variables["until"] = datetime(2030, 1, 1, tzinfo=UTC)
    carried = MONEY_IN.get(outcomes().get(key, Outcome.NOTHING))
    if "money" in numbers and carried:
        money, inner = said(language, carried, **given)
        variables["money"] = Html(money)
        numbers |= {f"money {name}": number for name, number in inner.items()}
        del numbers["money"]
    shown = {name: number for name, number in numbers.items() if name.split()[-1] not in {*WORDS, *given}}
    return bundles().translator(language)(key, **variables), shown


def texts() -> Iterator[tuple[str, str]]:
    for language in LANGUAGES:
        for key in outcomes():
            yield language, key


def test_every_text_about_money_is_known_with_what_it_is_said_for() -> None:
    known = {*outcomes(), *PLAIN.split()}
    speaking = {
        key
        for language in LANGUAGES
        for key in bundles().keys(language)
        if MONEY[language].search(said(language, key)[0])
    }
    assert speaking - known == set(), "add each to tests/support/money_texts.py, by what the ledger has done"
    assert known - bundles().keys("en").keys() == set(), "these are texts no more"
    assert outcomes().keys() & set(PLAIN.split()) == set()


@pytest.mark.parametrize(("language", "key"), list(texts()))
def test_a_text_says_what_the_ledger_did(language: str, key: str) -> None:
    text, _ = said(language, key)
    outcome = outcomes()[key]
    assert re.search(SAYS[outcome][language], text, re.S), text
    if outcome is Outcome.NOTHING:
        sentences = [part for part in re.split(r"[.:;!?]\s", text) if not re.search(NEGATED[language], part)]
        assert not [part for part in sentences if re.search(MOVED[language], part)]
    else:
        assert not re.search(NOTHING_CHARGED[language], text), text


@pytest.mark.parametrize(("language", "key"), list(texts()))
def test_every_amount_stands_in_the_text_and_none_that_is_not(language: str, key: str) -> None:
    text, numbers = said(language, key)
    assert {name: number for name, number in numbers.items() if str(number) not in text} == {}, text
    without, _ = said(language, key, **dict.fromkeys(SELDOM, 0))
    assert key.startswith(MAY_BE_ZERO) or not re.search(r"(?<![\d.,])0 (⭐|Stars?|зв[её]зд)", without), (
        without
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_texts_tell_of_nothing_that_has_happened(language: str) -> None:
    told = {key: said(language, key)[0] for key in PLAIN.split()}
    assert {key: text for key, text in told.items() if re.search(NOTHING_CHARGED[language], text)} == {}
