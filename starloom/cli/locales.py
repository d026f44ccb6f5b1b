"""`locales`: what is wrong with texts, and what is still to be translated; nothing is started."""

from __future__ import annotations

from pathlib import Path

import core
import starloom
from core.errors import ConfigurationError, PluginError
from core.i18n import CORE, core_locales
from core.locale_check import LocaleCheck, Owner
from core.locale_problems import OF_PROVIDER
from core.plugins.importing import locate
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, complain, say

_USAGE = 2
"""The exit status where the question itself is wrong."""
_LONGEST_CODE = 8


def check(options: Options) -> int:
    """Print what is wrong with any text, a line each; the exit status is 1 if there is anything."""
    try:
        checked = LocaleCheck(owners(options))
    except (ConfigurationError, PluginError) as error:
        complain(str(error))
        return FAILED
    problems = checked.problems()
    for problem in problems:
        complain(str(problem))
    languages = checked.i18n.languages()
    texts = len(checked.i18n.keys(checked.i18n.fallback))
    told = f"{texts} texts in {len(languages)} languages ({', '.join(languages)})"
    say(f"{told}: {len(problems)} problems" if problems else f"{told}: all is well")
    return FAILED if problems else 0


def missing(options: Options, language: str) -> int:
    """Print the texts that a language lacks, ready to be translated; the exit status is 1 if there are any.

    What is printed is what belongs into the files named above each part.
    """
    if not _is_code(language):
        complain(f"{language} is no code of a language, such as de or pt-BR.")
        return _USAGE
    try:
        of_everybody = owners(options)
        checked = LocaleCheck(of_everybody)
    except (ConfigurationError, PluginError) as error:
        complain(str(error))
        return FAILED
    lacking = checked.missing(language)
    for owner in of_everybody:
        if owner.name in lacking:
            say(f"# {owner.locales / language}.ftl\n\n{lacking[owner.name]}")
    if not lacking:
        say(f"# {language}: nothing is missing")
    return FAILED if lacking else 0


def owners(options: Options) -> list[Owner]:
    """The core, and the plugins and providers that `plugins.toml` names, whether they are on or off.

    Raises:
        ConfigurationError: `plugins.toml` is wrong.
        PluginError: one of them is not there.

    """
    file = options.plugins()
    code = (Path(core.__file__).parent, Path(starloom.__file__).parent)
    found = [Owner(CORE, core_locales(), code)]
    for kind, of_kind, entries in (
        ("plugins", "", file.plugins),
        ("providers", OF_PROVIDER, file.providers),
    ):
        for name, entry in entries.items():
            folder = locate(kind, name, entry.module, base=file.directory)
            found.append(Owner(f"{of_kind}{name}", folder / "locales", (folder,)))
    return found


def _is_code(language: str) -> bool:
    return language.isascii() and language.replace("-", "").isalpha() and len(language) <= _LONGEST_CODE
