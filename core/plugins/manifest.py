"""What a plugin says of itself, read from its files before any of its code runs.

The metadata stand in the plugin's class as plain values, so that there is one place for them; they are read
there without importing anything. What an installed distribution requires stands in its own metadata.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from itertools import islice
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from core.plugin import API_VERSION
from core.plugins.importing import distribution_of, locate

_MOST_FILES = 200
"""Files of one folder that are looked through."""
_KEPT = 256
"""Files whose classes are kept."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What can be known of a plugin without running it. What it does not say in plain values is None.

    `libraries` are requirements of Python distributions, such as `pillow>=11`; `distribution` is the name and
    the version of the one that it was installed with.
    """

    name: str
    directory: Path
    version: str | None = None
    api: str | None = None
    requires: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    python: str | None = None
    distribution: str = ""
    found: bool = True
    """Whether the class was found; nothing is known of it otherwise before it is imported."""

    def warnings(self) -> tuple[str, ...]:
        """What does not keep it from working, a sentence each."""
        if self.found:
            return ()
        return (
            "its class could not be read before its code ran, nor its range of APIs be checked: its author "
            f'has to write name = "{self.name}" in it as a plain value, and so all that it says of itself',
        )

    def problems(self) -> tuple[str, ...]:
        """What keeps it from working here, a sentence each."""
        return (*api_problems(self.api), *self._library_problems(), *self._python_problems())

    def _python_problems(self) -> Iterator[str]:
        running = ".".join(map(str, sys.version_info[:3]))
        if self.python is not None and not SpecifierSet(self.python).contains(running):
            yield f"it needs Python {self.python}, and this is {running}"

    def _library_problems(self) -> Iterator[str]:
        for text in self.libraries:
            try:
                wanted = Requirement(text)
            except InvalidRequirement:
                yield f'{text!r} is no requirement of a library, such as "pillow>=11"'
                continue
            if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
                continue
            try:
                installed = metadata.version(wanted.name)
            except metadata.PackageNotFoundError:
                yield f"it needs {_shown(wanted)}, which is not installed: pip install '{_shown(wanted)}'"
                continue
            if not wanted.specifier.contains(installed, prereleases=True):
                yield (
                    f"it needs {_shown(wanted)}, and {installed} is installed: pip install '{_shown(wanted)}'"
                )


def read_manifest(name: str, module: str, *, base: Path) -> Manifest:
    """What the plugin `name` of `plugins.toml` says of itself; none of its code runs.

    Raises:
        PluginError: it is not there.

    """
    directory = locate("plugins", name, module, base=base)
    said = _said(directory, name)
    distribution = None if module else distribution_of("plugins", name)
    libraries = _names(said.get("libraries"))
    python: object = None
    if distribution is not None:
        libraries = (*libraries, *filter(_is_needed, distribution.requires or ()))
        python = distribution.metadata.json.get("requires_python")
    return Manifest(
        name=name,
        directory=directory,
        version=_text(said.get("version")),
        api=_text(said.get("api")),
        requires=_names(said.get("requires")),
        libraries=libraries,
        python=_text(python),
        distribution=f"{distribution.name} {distribution.version}" if distribution else "",
        found=bool(said),
    )


def _is_needed(requirement: str) -> bool:
    """Whether a distribution needs it here, and not only for an extra such as its tests."""
    marker = Requirement(requirement).marker
    return marker is None or marker.evaluate({"extra": ""})


def api_problems(api: object) -> Iterator[str]:
    """What is wrong with a range of API versions; nothing is said of what is not known."""
    if api is None:
        return
    try:
        fits = SpecifierSet(str(api)).contains(API_VERSION)
    except InvalidSpecifier:
        yield f'api must be a range of versions, such as ">=1,<2", not {api!r}'
        return
    if not fits:
        yield f"it is made for API {api}, and this Starloom has API {API_VERSION}; take a version made for it"


def _said(directory: Path, name: str) -> Mapping[str, object]:
    """The plain values in the body of the class that has this name."""
    for path in _sources(directory):
        try:
            text = path.read_text(encoding="utf-8")
            said = _class_said(text, name) if f'"{name}"' in text or f"'{name}'" in text else None
        except (OSError, SyntaxError, ValueError):
            continue
        if said is not None:
            return said
    return {}


def _sources(directory: Path) -> Iterator[Path]:
    """The files of a folder, and of a package the folders in it as well, those far down last."""
    yield from sorted(directory.glob("*.py"))[:_MOST_FILES]
    if (directory / "__init__.py").is_file():
        below = (path for path in directory.rglob("*.py") if path.parent != directory)
        yield from sorted(islice(below, _MOST_FILES), key=lambda path: (len(path.parts), path))


@lru_cache(maxsize=_KEPT)
def _class_said(text: str, name: str) -> Mapping[str, object] | None:
    """The same for one file, read once a process as long as it does not change."""
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.ClassDef):
            values = _values(statement)
            if values.get("name") == name:
                return values
    return None


def _values(statement: ast.ClassDef) -> dict[str, object]:
    found: dict[str, object] = {}
    for inner in statement.body:
        target = _target(inner)
        value = inner.value if isinstance(inner, ast.Assign | ast.AnnAssign) else None
        if target and value is not None:
            try:
                found[target] = ast.literal_eval(value)
            except (ValueError, TypeError, SyntaxError):
                continue
    return found


def _target(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return ""
    return target.id if isinstance(target, ast.Name) else ""


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _names(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return tuple(each for each in listed if isinstance(each, str))


def _shown(wanted: Requirement) -> str:
    return f"{wanted.name}{wanted.specifier}"
