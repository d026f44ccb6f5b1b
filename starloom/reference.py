"""Writes the references for plugin authors: `python -m starloom.reference`.

`docs/api.md` has every name of `starloom.api`: what it is, its signature, and a line of a plugin that uses
it. Behind them stands what has no name there and is reached through them. The hooks in `docs/plugins.md`
come from their specifications. A test compares both with what the code says, so no change of either is an
accident.
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import functools
import importlib
import inspect
import itertools
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from core.deprecation import Going
from core.hooks import KINDS, HookSpecifications
from starloom import api
from starloom.deprecations import mistakes
from starloom.going import goings

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "plugins.md"
PAGE = ROOT / "docs" / "api.md"
_USERS = ("plugins/**/*.py", "providers/**/*.py", "examples/*/src/**/*.py")
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HOOKS = re.compile(r"(<!-- hooks -->\n).*?(<!-- end of hooks -->)", re.DOTALL)
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_QUOTES = re.compile(r"(?<=[:>] )'([^']*)'")
"""Around annotations, which are not evaluated."""
_LONGEST = 140
_RECEIVED = (
    api.PluginContext,
    api.ProviderContext,
    api.Event,
    api.MessageEvent,
    api.CallbackEvent,
    api.InlineEvent,
    api.PreCheckoutEvent,
)
"""What plugins and providers are handed: an author may write down the type of each of its parts."""
REACHED = (
    "core.admin.jobs:JobDesk",
    "core.admin.models:ModelDesk",
    "core.admin.models:Synced",
    "core.admin.money:Turnover",
    "core.admin.overview:Money",
    "core.admin.overview:Overview",
    "core.admin.pages:AdminPages",
    "core.admin.people:PeopleDesk",
    "core.admin.support:SupportDesk",
    "core.admin.switchboard:Switchboard",
    "core.admin.team:Appointed",
    "core.admin.team:Team",
    "core.admin.upkeep:Upkeep",
    "core.broadcast.broadcasts:Broadcasts",
    "core.budgets.budgets:Budgets",
    "core.charts.chart:Tick",
    "core.errors:ConfigurationError",
    "core.errors:LedgerError",
    "core.generation.history:History",
    "core.generation.history:MoneyMoved",
    "core.generation.model:LockedModel",
    "core.generation.model:RetiredModel",
    "core.generation.model_policy:Policy",
    "core.generation.prices:ByOptionPrice",
    "core.generation.prices:FlatPrice",
    "core.generation.prices:OperatorPrice",
    "core.generation.prices:PerMegapixelPrice",
    "core.generation.prices:PerSecondPrice",
    "core.generation.prices:PerThousandCharactersPrice",
    "core.generation.prices:TablePrice",
    "core.generation.refused:DryRun",
    "core.generation.sync_changes:Decision",
    "core.generation.sync_upstream:SyncStatistics",
    "core.http.fetching:Fetch",
    "core.http.rate_limits:RateLimit",
    "core.http.reply:FetchRefused",
    "core.media.wants:Note",
    "core.preferences:Notify",
    "core.production.run:UploadState",
    "core.statistics.figures:Figures",
    "core.statistics.rows:Kind",
    "core.statistics.summary:Point",
    "core.storage.audit:AuditLog",
    "core.storage.audit:AuditRow",
    "core.storage.errors:ErrorRow",
    "core.storage.people_search:PeopleSearch",
    "core.storage.support:SupportMessage",
    "core.storage.team:Member",
    "core.telegram.types:OutgoingMedia",
    "core.telegram.types:Payment",
    "core.telegram.types:Profile",
)
"""What has no name in `starloom.api`, and is reached through what has one: nobody has to write its type."""
_HEAD = f"""# starloom.api {api.API_VERSION}

Every name that plugins and providers may import, made by `python -m starloom.reference` from the code. Within
one major version nothing here is taken away or changes its meaning: names may be added (a new minor version),
and what is to go warns for at least one minor version and says what takes its place.
"""
_REACHED_HEAD = """# What is reached

These have no name to import: the names above have them as parts, answer with them or raise them. The same is
promised of them.
"""


_GOING_HEAD = """# What is going

What warns already, with the versions from which and until which it does.
"""


def api_page() -> str:
    """The whole of `docs/api.md`."""
    parts = [_HEAD]
    for name in sorted(api.__all__, key=lambda each: (each.lower(), each)):
        parts += [*_entry(name, getattr(api, name)), f"In use: `{example_of(name)}`", ""]
    parts.append(_REACHED_HEAD)
    for name, value in sorted(reached().items()):
        parts += _entry(name, value)
    going = sorted(map(str, all_going()))
    parts += [_GOING_HEAD, *(f"- {each}." for each in going or ["Nothing"]), ""]
    return "\n".join(parts)


def all_going() -> dict[Going, Collection[str]]:
    """All that is going from the API, each with the names of what may take its place."""
    return goings({name: getattr(api, name) for name in api.__all__} | reached())


def hooks_section() -> str:
    """The reference of hooks in `docs/plugins.md`."""
    parts = []
    for name, kind in KINDS.items():
        function = getattr(HookSpecifications, name)
        signature = _signature(function)
        text = inspect.getdoc(function) or ""
        text = text.removeprefix(f"{kind.capitalize()}: ")
        text = text[:1].upper() + text[1:]
        parts.append(f"#### `{name}` ({kind})\n\n```\nasync def {name}{signature}\n```\n\n{text}\n")
    return "\n".join(parts)


def guide_with_hooks(guide: str) -> str:
    """The guide with the reference of hooks as it is now."""
    return _HOOKS.sub(lambda found: f"{found[1]}\n{hooks_section()}\n{found[2]}", guide)


def imported() -> set[str]:
    """The names that a built-in plugin or provider, an example or a file of the guide imports."""
    return {
        alias.name
        for source in _sources()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module == "starloom.api"
        for alias in node.names
    }


@functools.cache
def parts() -> dict[str, str]:
    """The names of types that parts of what is handed to plugins and providers have: which part each is."""
    found: dict[str, str] = {}
    for owner in _RECEIVED:
        annotations = {key: str(each) for key, each in vars(owner)["__annotations__"].items()}
        for key, member in vars(owner).items():
            if isinstance(member, property) and member.fget is not None:
                annotations[key] = str(member.fget.__annotations__["return"])
        for key, annotation in annotations.items():
            for word in re.findall(r"\w+", annotation):
                found.setdefault(word, key.removeprefix("granted_"))
    return found


def reached() -> dict[str, Any]:
    """What stands behind the names of the API, by its own name."""
    pairs = [each.partition(":") for each in REACHED]
    return {name: getattr(importlib.import_module(module), name) for module, _, name in pairs}


def example_of(name: str) -> str:
    """A line of code that uses a name, or the part of the context whose type it is; or nothing."""
    names, members = _examples()
    return names.get(name) or members.get(parts().get(name, ""), "")


def _entry(name: str, value: Any) -> list[str]:
    lines = [f"## `{name}`", ""]
    if described := _described(name, value):
        lines += ["```text", *described, "```", ""]
    if text := words_of(name, value):
        lines += [text, ""]
    return lines


def told_of(name: str, value: Any) -> str:
    """A name's signature, those of its members and parts, and what all of them raise."""
    members = vars(value).values() if isinstance(value, type) else ()
    words = [inspect.getdoc(each) or "" for each in (value, *members) if callable(each)]
    annotations = [str(each) for each in getattr(value, "__annotations__", {}).values()]
    if isinstance(value, type):
        gotten = [each.fget for each in members if isinstance(each, property) and each.fget is not None]
        annotations += [str(each.__annotations__.get("return", "")) for each in gotten]
    return " ".join([str(value), *_described(name, value), *annotations, *words])


def _described(name: str, value: Any) -> list[str]:
    """A name's signature, and those of its public members."""
    if isinstance(value, type):
        return [_class_line(name, value), *(f"    {line}" for line in _members(value))]
    if inspect.isfunction(value):
        return [f"{name}{_signature(value)}"]
    if isinstance(value, str | int | float):
        return [f"{name} = {value!r}"]
    if isinstance(value, tuple | frozenset):
        return [f"{name}: {len(value)} values"]
    return []


def _class_line(name: str, value: type) -> str:
    bases = [base.__name__ for base in value.__bases__ if base.__name__ in api.__all__]
    shown = f"class {name}({', '.join(bases)})" if bases else f"class {name}"
    if dataclasses.is_dataclass(value):
        return f"{shown}: {_signature(value)}"
    return shown


def _members(value: type) -> Iterator[str]:
    if issubclass(value, enum.Enum):
        yield ", ".join(value.__members__)
        return
    for name in sorted(vars(value)):
        if name.startswith("_"):
            continue
        member = inspect.getattr_static(value, name)
        if isinstance(member, classmethod | staticmethod):
            yield f"{name}{_signature(member.__func__)}"
        elif isinstance(member, property):
            yield name
        elif inspect.isfunction(member):
            word = "async " if inspect.iscoroutinefunction(member) else ""
            yield f"{word}{name}{_signature(member)}"


def _signature(value: Any) -> str:
    try:
        shown = str(inspect.signature(value))
    except (TypeError, ValueError):
        return "(...)"
    return (
        _QUOTES.sub(r"\1", _ADDRESS.sub("", shown))
        .replace("(self, ", "(")
        .replace("(self)", "()")
        .replace("(cls, ", "(")
    )


def words_of(name: str, value: Any) -> str:
    """The first words about a name: of its docstring, or those that stand below a constant."""
    documented = inspect.isclass(value) or inspect.isfunction(value)
    text = (inspect.getdoc(value) or "") if documented else _words_below(name)
    return text.partition("\n\n")[0].replace("\n", " ")


@functools.cache
def _origins() -> dict[str, str]:
    """The module from which `starloom.api` has each name."""
    tree = ast.parse(Path(str(api.__file__)).read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in found for alias in node.names}


def _words_below(name: str) -> str:
    module = importlib.import_module(_origins()[name])
    body = ast.parse(inspect.getsource(module)).body
    for statement, below in itertools.pairwise(body):
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
        if named and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            return inspect.cleandoc(str(below.value.value))
    return ""


def _sources() -> list[str]:
    """The code of the built-in plugins and providers, of the examples, and of the guide."""
    files = [path.read_text(encoding="utf-8") for glob in _USERS for path in sorted(ROOT.glob(glob))]
    return files + _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))


@functools.cache
def _examples() -> tuple[dict[str, str], dict[str, str]]:
    """The line that says most of each name of the API, and of each part of what plugins are handed."""
    names: dict[str, str] = {}
    members: dict[str, str] = {}
    for source in _sources():
        lines = source.splitlines()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Name) and node.id in api.__all__:
                _offer(names, node.id, lines[node.lineno - 1].strip())
            elif isinstance(node, ast.Attribute) and _is_received(node.value):
                _offer(members, node.attr, lines[node.lineno - 1].strip())
    return names, members


def _is_received(value: ast.expr) -> bool:
    """Whether an expression is what a plugin was handed: `self.context`, `context`, `event`."""
    return (value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")) in {
        "context",
        "event",
    }


def _offer(found: dict[str, str], name: str, line: str) -> None:
    known = found.get(name)
    if "`" not in line and (known is None or _rank(line, name) < _rank(known, name)):
        found[name] = line


def _rank(line: str, name: str) -> tuple[bool, bool, bool, int, str]:
    """A call says more than an annotation, a line that is whole more, and one of some length."""
    torn = any(line.count(begin) != line.count(end) for begin, end in ("()", "[]", "{}"))
    return (not re.search(rf"\b{name}\b[(.]", line), torn, len(line) > _LONGEST, -min(len(line), 70), line)


def main() -> None:
    """Write both references."""
    if wrong := mistakes(api.API_VERSION, all_going()):
        raise SystemExit("\n".join(wrong))
    PAGE.write_text(api_page(), encoding="utf-8")
    GUIDE.write_text(guide_with_hooks(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
