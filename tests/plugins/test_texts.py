"""The texts of core and built-in plugins: whole in every language, right in number, short on buttons."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from core.generation.ending import BALANCE_SHORT, NOT_COLLECTED, SUBMISSION_LOST, TOOK_TOO_LONG, UNDELIVERABLE
from core.generation.job import JobState
from core.generation.provider import FailureReason
from core.i18n import CORE, I18n
from core.telegram.entities import formatted

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "ru")
BUTTONS = re.compile(r"^(menu-.*|generate-(make|again|previous|next|other-model|drop|stop))$")


@pytest.fixture(scope="module")
def i18n() -> I18n:
    texts = I18n()
    assert texts.add(CORE, ROOT / "locales") == ()
    for name in ("start", "generate"):
        assert texts.add(name, ROOT / "plugins" / name / "locales") == ()
    return texts


def test_every_key_is_in_every_language_with_the_same_variables(i18n: I18n) -> None:
    assert i18n.compare() == ()
    assert set(i18n.languages()) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (1, "1 звезда", "1 Star"),
        (2, "2 звезды", "2 Stars"),
        (5, "5 звёзд", "5 Stars"),
        (11, "11 звёзд", "11 Stars"),
        (21, "21 звезда", "21 Stars"),
        (22, "22 звезды", "22 Stars"),
        (25, "25 звёзд", "25 Stars"),
        (Decimal("1.5"), "1,5 звезды", "1.5 Stars"),
    ],
)
def test_stars_are_counted_as_each_language_counts(
    i18n: I18n, count: int | Decimal, russian: str, english: str
) -> None:
    assert i18n.translator("ru").plain("stars", stars=count) == russian
    assert i18n.translator("en").plain("stars", stars=count) == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_way_to_end_badly_has_its_notice(i18n: I18n, language: str) -> None:
    say = i18n.translator(language)
    endings = [reason.value for reason in FailureReason]
    endings += [
        BALANCE_SHORT,
        NOT_COLLECTED,
        SUBMISSION_LOST,
        TOOK_TOO_LONG,
        UNDELIVERABLE,
        JobState.CANCELLED.value,
    ]
    notices = set()
    for ending in endings:
        key = f"notice-{ending.replace('_', '-')}"
        assert say.has(key), key
        notices.add(say(key, model="M", money="MONEY", request="R", filter=""))
    assert len(notices) == len(endings)
    assert all("MONEY" in notice and "R" in notice for notice in notices)


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_are_not_cut_off(i18n: I18n, language: str) -> None:
    say = i18n.translator(language)
    buttons = [key for key in i18n.keys(language) if BUTTONS.match(key)]
    assert len(buttons) >= 10
    for key in buttons:
        assert len(say.plain(key, price=99_999, language="Русский")) <= 40, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_html_that_can_be_sent(i18n: I18n, language: str) -> None:
    say = i18n.translator(language)
    numbers = {"stars", "limit", "length", "needed", "available", "missing", "was", "now", "price", "percent"}
    numbers |= {"seconds", "minutes"}
    for key, text in i18n.keys(language).items():
        values = {name: 5 if name in numbers else "<x> & y" for name in text.variables}
        sent = formatted(say(key, **values))
        assert sent.text.strip(), key
        assert "{" not in sent.text, key
        assert not any(tag in sent.text for tag in ("<b>", "<i>", "</", "&amp;", "&lt;")), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_descriptions_of_commands_fit_the_menu(i18n: I18n, language: str) -> None:
    say = i18n.translator(language)
    for key in ("start-command", "help-command", "lang-command", "cancel-command", "generate-command"):
        assert 0 < len(say.plain(key)) <= 60
