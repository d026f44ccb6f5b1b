"""The public face: complete, typed, documented, and nothing more than it says."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

from packaging.specifiers import SpecifierSet

import starloom
from starloom import api

ROOT = Path(__file__).parents[2]
OURS = ("core", "plugins", "providers", "sandbox", "starloom")


def test_every_name_is_there_once() -> None:
    assert len(api.__all__) == len(set(api.__all__))
    assert all(hasattr(api, name) for name in api.__all__)


def test_nothing_else_is_shown() -> None:
    # Under pytest the module is a plugin's, whose rewritten assertions keep "@" names of their own there.
    shown = {name for name in vars(api) if not name.startswith(("_", "@"))} - {"annotations"}
    assert shown == set(api.__all__)


def test_every_class_and_function_is_documented() -> None:
    for name in api.__all__:
        value = getattr(api, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, name
            assert not value.__doc__.startswith(f"{name}("), f"{name} has a made-up docstring"


def test_no_name_brings_the_client_the_driver_or_the_token_along() -> None:
    for name in api.__all__:
        module = getattr(getattr(api, name), "__module__", "") or ""
        assert not module.startswith(("pyrogram", "motor", "pymongo", "core.app", "core.config")), name


def test_it_is_typed() -> None:
    assert Path(starloom.__file__).with_name("py.typed").is_file()


def test_the_usual_range_of_versions_holds() -> None:
    assert SpecifierSet(api.Plugin.api).contains(api.API_VERSION)


def test_the_examples_live_by_it() -> None:
    sources = [*ROOT.glob("examples/*/src/**/*.py"), *ROOT.glob("examples/*/tests/*.py")]
    assert len(sources) >= 6
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [name.name for name in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            inside = {name for name in modules if name.partition(".")[0] in OURS}
            assert inside <= {"starloom.api", "starloom.testing", "starloom.testing.provider_contract"}, path
