"""Writes the references for plugin authors: `python -m starloom.reference`.

`docs/api.md` has every name of `starloom.api`: what it is, its signature, and a line of a plugin that uses
it. The hooks in `docs/plugins.md` come from their specifications. A test compares both with what the code
says, so no change of either is an accident.
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import inspect
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.hooks import KINDS, HookSpecifications
from starloom import api

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
_HEAD = f"""# starloom.api {api.API_VERSION}

Every name that plugins and providers may import, made by `python -m starloom.reference` from the code. Within
one major version nothing here is taken away or changes its meaning: names may be added (a new minor version),
and what is to go warns for at least one minor version and says what takes its place.
"""


def api_page() -> str:
    """The whole of `docs/api.md`."""
    examples = _examples()
    parts = [_HEAD]
    for name in sorted(api.__all__, key=lambda each: (each.lower(), each)):
        parts.append(_entry(name, getattr(api, name), examples))
    return "\n".join(parts)


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


def names_without_example() -> list[str]:
    """Names that no plugin, provider or example uses and no other name of the API speaks of."""
    examples = _examples()
    return [name for name in api.__all__ if not _example_of(name, examples)]


def _entry(name: str, value: Any, examples: dict[str, str]) -> str:
    lines = [f"## `{name}`", ""]
    if described := _described(name, value):
        lines += ["```text", *described, "```", ""]
    if text := _first_words(value):
        lines += [text, ""]
    lines += [_example_of(name, examples), ""]
    return "\n".join(lines)


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


def _first_words(value: Any) -> str:
    plain = isinstance(value, str | int | float | tuple | frozenset | types.GenericAlias)
    text = "" if plain else inspect.getdoc(value) or ""
    return text.partition("\n\n")[0].replace("\n", " ")


def _example_of(name: str, examples: dict[str, str]) -> str:
    if name in examples:
        return f"In use: `{examples[name]}`"
    spoken = [other for other in sorted(api.__all__) if other != name and _speaks_of(other, name)]
    if spoken:
        return f"Met in: {', '.join(f'`{other}`' for other in spoken[:4])}"
    told = re.search(rf"`([^`\n]*\b{name}\b[^`\n]*)`", _HOOKS.sub("", GUIDE.read_text(encoding="utf-8")))
    return f"In the guide: `{told[1]}`" if told else ""


def _speaks_of(other: str, name: str) -> bool:
    value = getattr(api, other)
    annotated: list[str] = [str(each) for each in getattr(value, "__annotations__", {}).values()]
    described = " ".join([*_described(other, value), *annotated, *_raises(value)])
    return re.search(rf"\b{name}\b", described) is not None


def _raises(value: Any) -> Iterator[str]:
    """What the members say they raise, and whose names stand in their words."""
    yield inspect.getdoc(value) or ""
    for member in vars(value).values() if isinstance(value, type) else ():
        if inspect.isfunction(member):
            yield inspect.getdoc(member) or ""


def _examples() -> dict[str, str]:
    """The shortest line that uses each name, of the plugins, providers, examples and the guide."""
    sources = [path.read_text(encoding="utf-8") for glob in _USERS for path in sorted(ROOT.glob(glob))]
    sources += _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for source in sources:
        lines = source.splitlines()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Name) and node.id in api.__all__:
                line = lines[node.lineno - 1].strip()
                known = found.get(node.id, "")
                if "`" not in line and (not known or _rank(line, node.id) < _rank(known, node.id)):
                    found[node.id] = line
    return found


def _rank(line: str, name: str) -> tuple[bool, bool, int, str]:
    """A call says more than an annotation, and a whole line of some length more than a fragment."""
    return (not re.search(rf"\b{name}\b[(.]", line), len(line) > _LONGEST, -min(len(line), 70), line)


def main() -> None:
    """Write both references."""
    PAGE.write_text(api_page(), encoding="utf-8")
    GUIDE.write_text(guide_with_hooks(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
