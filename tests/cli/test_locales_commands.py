"""`locales`: each thing that can be wrong with a text is named, and a new language needs a folder only."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.i18n import CORE, I18n
from core.locale_check import LocaleCheck, Owner, plural_forms
from starloom.cli import _cli

ROOT = Path(__file__).parents[2]

CODE = '''
"""A plugin."""
from starloom.api import Button, Plugin, PluginConfig, command


class JokePlugin(Plugin[PluginConfig]):
    """Jokes."""

    name = "joke"

    @command("joke", description="joke-command")
    async def tell(self, event):
        """Tell one."""
        await event.say("joke-gone", keyboard=((Button(event.t.plain("joke-next"), "next"),),))
        await event.say(f"joke-{event.argument}", count=3, day=1)
'''
ENGLISH = """
joke-command = A joke
joke-next = Another one
joke-gone = There are no more
joke-1 = { $count ->
    [one] { $count } joke
   *[other] { $count } jokes
}
"""
RUSSIAN = """
joke-command = Шутка
joke-next = Ещё одну
joke-gone = Больше нет
joke-1 = { $count ->
    [one] { $count } шутка
    [few] { $count } шутки
    [many] { $count } шуток
   *[other] { $count } шутки
}
"""


def checked(directory: Path, english: str = ENGLISH, russian: str = RUSSIAN) -> LocaleCheck:
    folder = directory / "joke"
    (folder / "locales").mkdir(parents=True)
    (folder / "__init__.py").write_text(CODE, encoding="utf-8")
    (folder / "locales" / "en.ftl").write_text(english, encoding="utf-8")
    (folder / "locales" / "ru.ftl").write_text(russian, encoding="utf-8")
    # The core's texts, which plugins may say too; who says them is not looked for here.
    core = Owner(CORE, ROOT / "locales", ())
    return LocaleCheck([core, Owner("joke", folder / "locales", (folder,))])


def told(check: LocaleCheck) -> list[str]:
    return [str(problem) for problem in check.problems() if problem.owner == "joke" or "joke" in problem.what]


def test_good_texts_are_no_problem(tmp_path: Path) -> None:
    assert told(checked(tmp_path)) == []


@pytest.mark.parametrize(
    ("english", "russian", "what"),
    [
        ("", "joke-next = Ещё одну\n", "language ru: joke-next: the key is missing"),
        ("joke-gone = There are no more\n", "", "language en: joke-gone: the key is missing"),
        ("", "    [few] { $count } шутки\n", "language ru: joke-1: forms are missing: few"),
        ("", "joke-gone = Больше нет", "language ru: joke-gone: the variables are $what; elsewhere none"),
        ("joke-gone", "joke-gone", "language en: fun-lost: nothing in the code says it"),
    ],
)
def test_each_thing_that_is_wrong_is_named(tmp_path: Path, english: str, russian: str, what: str) -> None:
    new = {"joke-gone": "fun-lost", "joke-gone = Больше нет": "joke-gone = Больше нет { $what }"}
    check = checked(
        tmp_path,
        ENGLISH.replace(english, new.get(english, "")) if english else ENGLISH,
        RUSSIAN.replace(russian, new.get(russian, "")) if russian else RUSSIAN,
    )
    assert any(what in problem for problem in told(check)), told(check)


def test_a_form_that_the_language_does_not_have_is_named(tmp_path: Path) -> None:
    english = ENGLISH.replace("   *[other]", "    [many] { $count } jokes\n   *[other]")
    assert any("joke-1: no such forms: many" in problem for problem in told(checked(tmp_path, english)))


def test_a_button_that_is_too_long_is_named(tmp_path: Path) -> None:
    check = checked(tmp_path, russian=RUSSIAN.replace("Ещё одну", "Ещё " + "одну" * 10))
    assert any("joke-next: a button has 40 characters" in problem for problem in told(check))


def test_languages_count_as_they_do() -> None:
    assert plural_forms("en") == {"one", "other"}
    assert plural_forms("ru") == {"one", "few", "many", "other"}
    assert plural_forms("pt-BR") >= {"one", "other"}
    assert plural_forms("xx") == frozenset()


@pytest.fixture
def german(tmp_path: Path) -> Path:
    """The core's texts with a third language of one text."""
    folder = tmp_path / "locales"
    shutil.copytree(ROOT / "locales", folder)
    (folder / "de").mkdir()
    (folder / "de" / "core.ftl").write_text("language-name = Deutsch\nday = { DAY($at) }\n", encoding="utf-8")
    return folder


def test_a_language_is_added_by_a_folder_and_falls_back_key_by_key(german: Path) -> None:
    i18n = I18n()
    i18n.add(CORE, german)
    assert i18n.language_names()["de"] == "Deutsch"
    t = i18n.translator(i18n.choose_language(None, "de-AT"))
    assert t.language == "de"
    assert t.plain("stars", stars=1234) == "1,234 Stars"
    missing = LocaleCheck([Owner(CORE, german)]).missing("de")[CORE]
    assert "stars = " in missing
    assert "language-name" not in missing


def run(*arguments: str) -> Result:
    return CliRunner().invoke(_cli, ["--plugins-file", str(ROOT / "plugins.toml"), "locales", *arguments])


def test_the_commands_tell_and_exit() -> None:
    all_is_well = run("check")
    assert (all_is_well.exit_code, "all is well" in all_is_well.output) == (0, True), all_is_well.output
    assert run("missing", "ru").exit_code == 0
    french = run("missing", "fr")
    assert french.exit_code == 1
    assert "stars = " in french.output
    assert "plugins/settings/locales/fr.ftl" in french.output
    assert run("missing", "../x").exit_code == 2
