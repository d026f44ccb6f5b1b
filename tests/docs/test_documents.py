"""What the documents say is so: links lead somewhere, names exist, tables are up to date."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import get_args

import pytest
import typer.main
from support.guide import guide_files

from core.config import Settings, provider_names
from core.limits import Limits
from core.observability.metrics import Metrics
from core.plugins_file import Entry, PluginsFile
from docs.configuration import README, updated
from starloom import cli

_ROOT = Path(__file__).parents[2]
_FOLDERS = (
    "core",
    "starloom",
    "plugins",
    "providers",
    "sandbox",
    "bench",
    "deploy",
    "docs",
    "examples",
    "locales",
    "tests",
)
_CODE = ("*.py", "*.toml", "*.ftl", "*.js", "*.service", "*.yaml", "Containerfile", "Makefile")
DOCUMENTS = sorted([*_ROOT.glob("*.md"), *_ROOT.glob("docs/*.md")])
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
_QUOTED = re.compile(r"`([^`\n]+)`")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"[\w.-]+/|(?:[\w.-]+/)+[\w.*-]+|[\w-]+\.(?:py|toml|md|service|yaml)")
_NO_FILES = ("DATA_DIR/", "roles/", "some/", "starloom/starloom")
"""How what looks like a path begins and is none of the project's."""
_GIVEN_BY_OTHERS = {"PATH", "HTTPS_PROXY", "DAY", "CLOCK", "PROVIDER_ACME_KEY", "COMPOSE_"}
"""Names in capitals that are no settings of ours: the system's, the texts', the guides' own."""
_NOT_OURS = {"/name", "/newbot", "/setinline", "/setprivacy"}
"""Commands of BotFather, and one that stands for any."""
_MADE_UP = re.compile(r"NAME|acme|joke|gate|garden|^mark/|^signs/|gift|_…|…_|…$|<")
"""What the guides invent."""
_WORDS_OF_OTHERS = {
    # Telegram's, MongoDB's, Google's and the package registry's.
    *("token_urlsafe", "random_id", "usd_rub", "star_usd", "bot_token", "model_ID", "us_east_1"),
}


def prose(path: Path) -> str:
    return _FENCED.sub("", path.read_text(encoding="utf-8"))


def quoted(path: Path) -> Iterator[str]:
    return (found for found in _QUOTED.findall(prose(path)) if not _MADE_UP.search(found))


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.replace("`", "").lower()).replace(" ", "-") for head in heads}


@lru_cache
def code() -> str:
    files = [path for folder in _FOLDERS for kind in _CODE for path in (_ROOT / folder).rglob(kind)]
    files += [_ROOT / name for name in ("Makefile", "plugins.toml", "pyproject.toml", "run.py")]
    mine = Path(__file__)
    listed = [text for _, text in guide_files("")]
    return "\n".join([*(path.read_text(encoding="utf-8") for path in files if path != mine), *listed])


@lru_cache
def paths() -> tuple[str, ...]:
    """Files and folders of the project."""
    found = [path for folder in _FOLDERS for path in (_ROOT / folder, *(_ROOT / folder).rglob("*"))]
    return tuple(str(path.relative_to(_ROOT)) for path in [*found, *_ROOT.glob("*.*")])


@lru_cache
def words() -> frozenset[str]:
    return frozenset(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", code()))


@lru_cache
def constants() -> frozenset[str]:
    assigned = re.findall(r"^\s*([A-Z][A-Z0-9_]+)(?:: [^=\n]+)? = ", code(), re.MULTILINE)
    return frozenset([*assigned, *re.findall(r" = \"([A-Z][A-Z0-9_]+)\"", code())])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    wrong = []
    for link in filter(
        None, (part for found in _LINK.findall(path.read_text(encoding="utf-8")) for part in found)
    ):
        if link.startswith(("https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_are_named_exist(path: Path) -> None:
    wrong = []
    for found in quoted(path):
        if not _PATH.fullmatch(found) or found.startswith(_NO_FILES):
            continue
        ends = found.rstrip("/").replace("*", "en")
        if not any(each == ends or each.endswith(f"/{ends}") for each in paths()):
            wrong.append(found)
    assert wrong == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_settings_that_are_named_exist(path: Path) -> None:
    known = {str(name) for field in Settings.model_fields.values() for name in field.validation_alias.choices}
    known |= {*provider_names(), *_GIVEN_BY_OTHERS}
    named = {
        name
        for found in _QUOTED.findall(prose(path))
        for name in re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", found)
    }
    # What is no setting is a constant of the code, or a name that it asks the environment for.
    assert named - known - constants() == set()
    tables = {
        table for found in _QUOTED.findall(prose(path)) for table in re.findall(r"^\[limits\.(\w+)\]", found)
    }
    assert tables <= Limits.model_fields.keys()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_hooks_keys_and_names_of_the_code_exist(path: Path) -> None:
    named = {
        name for found in quoted(path) for name in re.findall(r"(?<![\w/])[a-z]+(?:_[a-z0-9]+)+\b", found)
    }
    assert {name for name in named if name not in words()} - _WORDS_OF_OTHERS == set()


def test_metrics_that_are_named_are_counted() -> None:
    metrics = Metrics()
    metrics.watch_database(lambda: 0)
    text = metrics.exposition().decode()
    said = {name for path in DOCUMENTS for name in re.findall(r"`(starloom_[a-z_]+)`", prose(path))}
    assert said
    assert {name for name in said if name not in text and name.removesuffix("_total") not in text} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_of_the_chat_and_addresses_exist(path: Path) -> None:
    declared = set(re.findall(r"@command\(\s*\"(\w+)\"", code()))
    known = code()
    named = {found.split()[0] for found in quoted(path) if re.match(r"/[a-z_]+( |$)", found)} - _NOT_OURS
    wrong = {each for each in named if each[1:] not in declared and f'"{each}"' not in known}
    assert {each for each in wrong if f" {each}" not in known and f"{each}/" not in known} == set()


def test_the_map_names_what_there_is() -> None:
    figure = re.search(r"```mermaid\n(.*?)```", (_ROOT / "docs" / "architecture.md").read_text(), re.DOTALL)
    assert figure is not None
    named = re.findall(r"\[+\(?\"([\w/]+(?:\.py|/))", figure.group(1))
    assert len(named) >= 8
    assert [each for each in named if not any((_ROOT / top / each).exists() for top in ("core", ""))] == []


def test_every_alarm_stands_in_the_table_with_what_to_do() -> None:
    guide = (_ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| “([^”]+)”", guide, re.MULTILINE)
    alarms = {}
    for path in sorted((_ROOT / "locales" / "en").glob("*.ftl")):
        for key, text in re.findall(r"^(alert-[a-z-]+) = (.+(?:\n[ ]+.+)*)", path.read_text(), re.MULTILINE):
            alarms[key] = re.sub(r"</?\w+>", "", text)
    assert len(alarms) > 10
    assert [row for row in rows if not any(row in text for text in alarms.values())] == []
    assert [key for key, text in alarms.items() if not any(row in text for row in rows)] == []


def test_what_people_are_quoted_with_is_what_they_read() -> None:
    guide = (_ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    quoted_words = re.findall("“([^”]+)”", guide)
    texts = [*(_ROOT / "locales" / "en").glob("*.ftl"), *(_ROOT / "plugins").glob("*/locales/en.ftl")]
    said = "\n".join(path.read_text(encoding="utf-8") for path in texts)
    assert quoted_words
    assert [words for words in quoted_words if words not in said] == []


def test_the_readme_says_what_the_settings_are() -> None:
    text = README.read_text(encoding="utf-8")
    assert updated(text) == text, "run: python -m docs.configuration"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_tables_of_plugins_toml_are_read(path: Path) -> None:
    for block in re.findall(
        r"^```toml\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        data = tomllib.loads(block)
        if not data.keys() & {"plugins", "providers", "limits", "billing", "prices", "statistics", "texts"}:
            continue
        file = PluginsFile.of(data, directory=_ROOT)
        for entry in file.plugins.values():
            if entry.module.startswith("plugins."):
                exported = vars(importlib.import_module(entry.module))
                (plugin,) = (each for name, each in exported.items() if name.endswith("Plugin"))
                plugin.Config.model_validate(dict(entry.settings))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_of_the_command_line_exist(path: Path) -> None:
    root = typer.main.get_command(cli._cli)
    wrong = []
    for line in re.findall(r"python run\.py((?: [^\s`#|,;]+)*)", path.read_text(encoding="utf-8")):
        command = root
        words_left = iter(line.split())
        for word in words_left:
            options = {name: each for each in command.params for name in (*each.opts, *each.secondary_opts)}
            children = getattr(command, "commands", {})
            if word.startswith("--") and word != "--help":
                if word not in options:
                    wrong.append(f"{line}: {word}")
                elif not getattr(options[word], "is_flag", False):
                    next(words_left, None)
            elif word in children:
                command = children[word]
            elif children and word != "--help":
                wrong.append(f"{line}: {word}")
    assert wrong == []


@pytest.mark.parametrize("name", ["operators.md", "plugins.md"])
def test_what_can_be_granted_stands_in_a_table(name: str) -> None:
    grants = get_args(get_args(Entry.model_fields["grants"].annotation)[0])
    text = (_ROOT / "docs" / name).read_text(encoding="utf-8")
    assert set(
        re.findall(r"^\| `(\w+)` \|", _below(text, "may be granted", "has to be granted"), re.M)
    ) == set(grants)


def _below(text: str, *headings: str) -> str:
    """What stands below the heading that ends with one of these words, up to the next heading."""
    parts = re.split(r"^#+ ", text, flags=re.M)
    return next(part for part in parts if part.partition("\n")[0].endswith(headings))
