"""Texts: plurals, numbers, escaping, owners, fallbacks, overrides."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from core.i18n import CORE, Html, I18n

ENGLISH = """
language-name = English
-brand = Starloom
stars = { $n ->
    [one] { $n } Star
   *[other] { $n } Stars
}
greeting = Hello, <b>{ $name }</b>!
static = <i>{ -brand }</i>
plain-static = Nothing changes here.
flag = { $on ->
    [true] yes
   *[other] no
}
only-english = English only
"""
RUSSIAN = """
language-name = Русский
-brand = Starloom
stars = { $n ->
    [one] { $n } звезда
    [few] { $n } звезды
    [many] { $n } звёзд
   *[other] { $n } звезды
}
greeting = Привет, <b>{ $name }</b>!
static = <i>{ -brand }</i>
plain-static = Здесь всё по-прежнему.
flag = { $on ->
    [true] да
   *[other] нет
}
"""


def write(folder: Path, **languages: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for language, text in languages.items():
        (folder / f"{language}.ftl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def i18n(tmp_path: Path) -> I18n:
    i18n = I18n()
    i18n.add(CORE, write(tmp_path / "core", en=ENGLISH, ru=RUSSIAN))
    return i18n


@pytest.mark.parametrize(
    ("number", "russian", "english"),
    [
        (1, "1 звезда", "1 Star"),
        (2, "2 звезды", "2 Stars"),
        (5, "5 звёзд", "5 Stars"),
        (11, "11 звёзд", "11 Stars"),
        (21, "21 звезда", "21 Stars"),
        (22, "22 звезды", "22 Stars"),
        (25, "25 звёзд", "25 Stars"),
        (1.5, "1,5 звезды", "1.5 Stars"),
        (Decimal("1.5"), "1,5 звезды", "1.5 Stars"),
        (Decimal(5), "5 звёзд", "5 Stars"),
        (12345, "12\xa0345 звёзд", "12,345 Stars"),
    ],
)
def test_plurals_and_numbers(number: float | Decimal, russian: str, english: str, i18n: I18n) -> None:
    assert i18n.translator("ru")("stars", n=number) == russian
    assert i18n.translator("en")("stars", n=number) == english


def test_strings_are_escaped_where_html_is_meant(i18n: I18n) -> None:
    t = i18n.translator("en")
    assert t("greeting", name="<Tom> & 'Jerry'") == "Hello, <b>&lt;Tom&gt; &amp; 'Jerry'</b>!"
    assert t.plain("greeting", name="<Tom>") == "Hello, <b><Tom></b>!"


def test_a_text_within_a_text_is_not_escaped_twice(i18n: I18n) -> None:
    t = i18n.translator("en")
    inner = t("greeting", name="A & B")
    assert isinstance(inner, Html)
    assert t("greeting", name=inner) == "Hello, <b>Hello, <b>A &amp; B</b>!</b>!"
    assert t("greeting", name=t("static")) == "Hello, <b><i>Starloom</i></b>!"


def test_long_strings_are_not_lost(i18n: I18n) -> None:
    prompt = "<б>" * 2000
    assert i18n.translator("ru")("greeting", name=prompt) == f"Привет, <b>{'&lt;б&gt;' * 2000}</b>!"


def test_a_mark_in_a_persons_words_is_no_place_for_other_words(i18n: I18n, tmp_path: Path) -> None:
    i18n.add("pair", write(tmp_path / "pair", en="pair = { $a }, { $b }\n"))
    mark, words = "\ue0000\ue001", "x" * 3000
    t = i18n.translator("en")
    assert t.plain("pair", a=words, b=mark) == f"{words}, {mark}"
    assert t.plain("pair", a=mark + words, b=mark) == f"{mark}{words}, {mark}"


@pytest.mark.parametrize(("value", "text"), [(True, "yes"), (False, "no"), (None, "no"), ("true", "yes")])
def test_other_values(value: object, text: str, i18n: I18n) -> None:
    assert i18n.translator("en")("flag", on=value) == text


def test_a_missing_text_falls_back_and_is_logged_once(i18n: I18n) -> None:
    t = i18n.translator("ru")
    with capture_logs() as logs:
        assert t("only-english") == "English only"
        assert t("only-english") == "English only"
        assert t("nobodys-key") == "nobodys-key"
    assert [(entry["key"], entry["language"]) for entry in logs] == [
        ("only-english", "ru"),
        ("nobodys-key", "ru"),
    ]
    assert t.has("only-english")
    assert not t.has("nobodys-key")


def test_a_missing_variable_is_logged_and_shown_by_name(i18n: I18n) -> None:
    with capture_logs() as logs:
        assert "name" in i18n.translator("en")("greeting")
    assert logs[0]["key"] == "greeting"


@pytest.mark.parametrize(
    ("chosen", "telegram", "language"),
    [
        (None, None, "en"),
        (None, "ru", "ru"),
        (None, "ru-RU", "ru"),
        (None, "RU_ru", "ru"),
        (None, "de", "en"),
        ("en", "ru", "en"),
        ("xx", "ru", "ru"),
    ],
)
def test_the_language_to_speak(chosen: str | None, telegram: str | None, language: str, i18n: I18n) -> None:
    assert i18n.choose_language(chosen, telegram) == language


def test_languages_name_themselves(i18n: I18n) -> None:
    assert i18n.languages() == ("en", "ru")
    assert i18n.language_names() == {"en": "English", "ru": "Русский"}
    assert i18n.translator("pt-BR").language == "en"


def test_a_plugin_has_texts_while_it_is_on(i18n: I18n, tmp_path: Path) -> None:
    problems = i18n.add("joke", write(tmp_path / "joke", en="joke = A joke", ru="joke = Шутка"))
    assert problems == ()
    assert i18n.owner_of("joke") == "joke"
    kept = i18n.translator("ru")
    assert kept("joke") == "Шутка"
    i18n.remove("joke")
    assert not kept.has("joke")
    assert i18n.translator("ru")("plain-static") == "Здесь всё по-прежнему."


def test_a_key_belongs_to_one_owner(i18n: I18n, tmp_path: Path) -> None:
    (problem,) = i18n.add("joke", write(tmp_path / "joke", en="stars = mine"))
    assert (
        str(problem)
        == "joke, language en: stars: en.ftl: the key belongs to core: let the keys of joke begin with joke-"
    )
    assert problem.blocking
    assert i18n.translator("en")("stars", n=1) == "1 Star"


def test_what_cannot_be_read_is_named(i18n: I18n, tmp_path: Path) -> None:
    problems = i18n.add("joke", write(tmp_path / "joke", en="fine = Fine\nbroken = { $x\nfine = Again\n"))
    told = [str(problem) for problem in problems]
    assert told[0].startswith("joke, language en: broken: en.ftl: cannot be read: ")
    assert told[1] == "joke, language en: fine: en.ftl: the key stands there twice"
    assert i18n.translator("en")("fine") == "Fine"


def test_languages_that_differ_are_named(i18n: I18n, tmp_path: Path) -> None:
    english = "one = One { $a }\ntwo = Two\n"
    problems = i18n.add("joke", write(tmp_path / "joke", en=english, ru="one = Один { $b }\n"))
    assert sorted(map(str, problems)) == [
        "joke, language ru: one: the variables are $b; elsewhere $a",
        "joke, language ru: two: the key is missing",
    ]
    assert not any(problem.blocking for problem in problems)
    assert {str(problem) for problem in problems} <= {str(problem) for problem in i18n.compare()}
    assert "core, language ru: only-english: the key is missing" in {str(found) for found in i18n.compare()}


def test_the_operators_words_win(i18n: I18n, tmp_path: Path) -> None:
    i18n.add("joke", write(tmp_path / "joke", en="joke = A joke", ru="joke = Шутка"))
    own = write(tmp_path / "own", en="joke = Our joke\ngreeting = Hi { $name } { $age }\nstranger = x\n")
    told = [str(problem) for problem in i18n.add_overrides(own)]
    assert told == [
        "overrides, language en: greeting: en.ftl: unknown variables: age",
        "overrides, language en: stranger: en.ftl: nobody has this key",
    ]
    assert i18n.translator("en")("joke") == "Our joke"
    assert i18n.translator("ru")("joke") == "Шутка"
    assert i18n.translator("en")("greeting", name="A") == "Hello, <b>A</b>!"
    # Plugins come and go later, and the operator's words for theirs are kept for them.
    theirs = write(tmp_path / "stranger", en="stranger = A stranger", ru="stranger = Гость")
    assert i18n.add("stranger", theirs) == ()
    assert i18n.translator("en")("stranger") == "x"
    assert [str(each) for each in i18n.check_overrides()] == told[:1]
    i18n.remove("stranger")
    assert not i18n.translator("en").has("stranger")
    assert [str(each) for each in i18n.check_overrides()] == told


def test_bundles_may_be_folders(tmp_path: Path) -> None:
    write(tmp_path / "locales" / "en", one="one = One", two="two = Two")
    i18n = I18n()
    i18n.add(CORE, tmp_path / "locales")
    assert [i18n.translator("en")(key) for key in ("one", "two")] == ["One", "Two"]
    assert i18n.add("nobody", tmp_path / "missing") == ()


DAYS = """
day = { DAY($at) }
short = { DAY($at, form: "short") }
year = { DAY($at, form: "year") }
clock = { CLOCK($at) }
"""


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["January 1", "Jan 1", "January 1, 2027", "1:30\u202fAM"]),
        ("ru", ["1 января", "1 янв.", "1 января 2027\u202fг.", "01:30"]),
        ("de", ["1. Januar", "1. Jan.", "1. Januar 2027", "01:30"]),
        ("xx", ["January 1", "Jan 1", "January 1, 2027", "1:30\u202fAM"]),
    ],
)
def test_days_and_times_are_the_language_s_own_by_the_person_s_clock(
    tmp_path: Path, language: str, said: list[str]
) -> None:
    i18n = I18n()
    i18n.add(CORE, write(tmp_path / "core", en=DAYS, ru=DAYS, de=DAYS, xx=DAYS))
    t = i18n.translator(language, timedelta(hours=3))
    at = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    assert [t(key, at=at).replace("\xa0", "\u202f") for key in ("day", "short", "year", "clock")] == said
    assert t("day", at=date(2027, 1, 1)) == said[0]
    assert t.local(at).day == 1
    assert i18n.translator(language).local(at).day == 31


def test_what_is_no_day_is_said_as_a_fault_and_not_to_the_person(tmp_path: Path) -> None:
    i18n = I18n()
    i18n.add(CORE, write(tmp_path / "core", en=DAYS))
    with capture_logs() as logs:
        i18n.translator("en")("day", at="tomorrow")
    assert [log["event"] for log in logs] == ["text has errors"]
