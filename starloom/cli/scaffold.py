"""`plugin new`: a distribution with a plugin or a provider that passes its own tests at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from string import Template

from core.plugin import API_VERSION
from core.plugins_file import NAME_PATTERN
from starloom.cli.speaking import FAILED, complain, say

_GUIDE_FILE = re.compile(r"^`((?:acme/|test_acme)[\w./]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MADE_UP = "acme"
"""The provider of the guide, from which a new one begins."""
_CHECKOUT = Path(__file__).parents[2]
"""Where Starloom's own code stands, unless it was installed as a wheel: a new one's tests run on it."""
_SHOWN = {
    "plugins": "`python run.py plugins list` shows it.",
    "providers": "`python run.py models list --provider {name}` shows its models.",
}
"""How operators see that it is there."""
_IGNORED = "__pycache__/\n.venv/\ndist/\n.pytest_cache/\n"


def new_plugin(name: str, directory: Path, *, provider: bool) -> int:
    """Write a new distribution into a folder of its own below `directory`; the exit status."""
    if not NAME_PATTERN.fullmatch(name):
        complain(f"{name}: a name has at most 32 small letters, digits and underscores, a letter first")
        return FAILED
    target = directory / f"starloom-{name.replace('_', '-')}"
    if target.exists():
        complain(f"{target} is there already; choose another name, or another folder with --dir")
        return FAILED
    for path, text in (_provider_files(name) if provider else _plugin_files(name)).items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(text, encoding="utf-8")
    needed = (
        f"'{_CHECKOUT}[testing]' --editable ." if (_CHECKOUT / "pyproject.toml").is_file() else "'.[test]'"
    )
    say(f"{target} is made. Now, in there:")
    say(f"  python -m venv .venv && .venv/bin/pip install --editable {needed} && .venv/bin/pytest")
    return 0


def _plugin_files(name: str) -> dict[str, str]:
    words = _words(name, "plugins", "A plugin with a command, a button, a setting and rows of its own.")
    code = f"src/{words['module']}"
    return {
        **_common_files(words),
        f"{code}/__init__.py": _filled("plugin.py.txt", words),
        f"{code}/locales/en.ftl": _filled("plugin.en.ftl", words),
        f"{code}/locales/ru.ftl": _filled("plugin.ru.ftl", words),
        f"tests/test_{name}.py": _filled("plugin_test.py.txt", words),
    }


def _provider_files(name: str) -> dict[str, str]:
    """The guide's own example, under another name: so what it begins from is tested with the guide."""
    words = _words(name, "providers", "A provider of pictures, to be made yours.")
    files = _common_files(words)
    for path, text in _guide_files():
        renamed = text.replace(f"import {_MADE_UP}\n", f"import {words['module']} as {_MADE_UP}\n")
        for old, new in ((_MADE_UP, name), ("Acme", words["camel"]), ("ACME", name.upper())):
            renamed = renamed.replace(old, new)
        is_test = path.startswith("test_")
        place = f"tests/test_{name}.py" if is_test else f"src/{words['module']}/{path.partition('/')[2]}"
        files[place] = renamed
    return files


def _common_files(words: dict[str, str]) -> dict[str, str]:
    return {
        "pyproject.toml": _filled("pyproject.txt", words),
        "README.md": _filled("README.md", words),
        ".github/workflows/test.yml": _filled("test.yml", words),
        ".gitignore": _IGNORED,
    }


def _words(name: str, kind: str, summary: str) -> dict[str, str]:
    camel = "".join(part.capitalize() for part in name.split("_"))
    return {
        "name": name,
        "dashed": name.replace("_", "-"),
        "module": f"starloom_{name}",
        "camel": camel,
        "title": name.replace("_", " ").capitalize(),
        "kind": kind,
        "summary": summary,
        "shown": _SHOWN[kind].format(name=name),
        "api": API_VERSION,
        "next_major": str(int(API_VERSION.partition(".")[0]) + 1),
    }


def _filled(template: str, words: dict[str, str]) -> str:
    text = resources.files("starloom.cli").joinpath("templates", template).read_text(encoding="utf-8")
    return Template(text).substitute(words)


def _guide_files() -> Iterator[tuple[str, str]]:
    packaged = Path(str(resources.files("starloom.cli").joinpath("_plugins_guide.md")))
    guide = packaged if packaged.is_file() else _CHECKOUT / "docs" / "plugins.md"
    yield from _GUIDE_FILE.findall(guide.read_text(encoding="utf-8"))
