"""What a plugin says of itself is read, and held against this machine, before any of its code runs."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.plugin_house import HERE, Build, good

from core.errors import PluginError
from core.plugin_manager import PluginState
from core.plugins.manifest import Manifest, read_manifest

NEVER = "raise RuntimeError('this must not run')\n"
CLASS = """
from starloom.api import Plugin
class Mine(Plugin):
    name = "mine"
    version: str = "2.1"
"""


def write(directory: Path, more: str, name: str = "mine", head: str = NEVER) -> dict[str, object]:
    folder = directory / name
    folder.mkdir()
    code = CLASS.replace('"mine"', f'"{name}"')
    (folder / "__init__.py").write_text(f"{head}{code}    {more}\n", encoding="utf-8")
    return {"module": str(folder)}


def test_it_is_read_without_running_anything(tmp_path: Path) -> None:
    table = write(tmp_path, 'requires = ("start",); api = ">=1.0,<2"; libraries = ("pluggy>=1",)')
    found = read_manifest("mine", str(table["module"]), base=tmp_path)
    assert (found.version, found.api, found.requires) == ("2.1", ">=1.0,<2", ("start",))
    assert found.problems() == ()
    assert "starloom_plugins_mine" not in sys.modules


def test_a_class_in_another_file_of_the_folder_is_found() -> None:
    assert read_manifest("start", "plugins.start", base=HERE).version is not None
    assert read_manifest("needy", "./good_plugins/needy", base=HERE).requires == ("good",)
    with pytest.raises(PluginError, match="nowhere"):
        read_manifest("nowhere", "no.such.nowhere", base=HERE)


async def test_a_class_deep_inside_is_found_and_one_that_cannot_be_read_is_told(
    build: Build, tmp_path: Path
) -> None:
    deep = write(tmp_path, 'api = ">=9"', "deep")
    inside = tmp_path / "deep" / "inner" / "innermost"
    inside.mkdir(parents=True)
    (tmp_path / "deep" / "__init__.py").rename(inside / "plugin.py")
    (tmp_path / "deep" / "__init__.py").write_text(
        "from .inner.innermost.plugin import Mine\n", encoding="utf-8"
    )
    veiled = write(tmp_path, 'version = "3"', "veiled", head="NAME = 'veiled'\n")
    code = tmp_path / "veiled" / "__init__.py"
    code.write_text(
        code.read_text(encoding="utf-8").replace('name = "veiled"', "name = NAME"), encoding="utf-8"
    )
    house = build({"deep": deep, "veiled": veiled})
    await house.manager.start()
    assert house.status("deep").reason.startswith("it is made for API >=9")
    assert house.state("veiled") is PluginState.ON
    (told,) = house.status("veiled").warnings
    assert told.startswith("its class could not be read before its code ran")
    assert 'write name = "veiled" in it as a plain value' in told


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ('api = ">=9"', "it is made for API >=9, and this Starloom has API 1."),
        (
            'libraries = ("no-such-thing>=2",)',
            "it needs no-such-thing>=2, which is not installed: pip install 'no-such-thing>=2'",
        ),
        ('libraries = ("pluggy>=99",)', "it needs pluggy>=99, and 1."),
        ('libraries = ("what is this",)', "'what is this' is no requirement of a library"),
    ],
)
async def test_what_does_not_fit_is_told_and_not_imported(
    build: Build, tmp_path: Path, more: str, sentence: str
) -> None:
    house = build({"mine": write(tmp_path, more), **good()})
    await house.manager.start()
    assert house.state("mine") is PluginState.FAILED
    assert sentence in house.status("mine").reason
    assert "must not run" not in house.status("mine").reason
    assert house.status("mine").version == "2.1"
    assert house.state("good") is PluginState.ON


async def test_a_circle_is_named_before_anything_runs(build: Build, tmp_path: Path) -> None:
    tables = {
        "one": write(tmp_path, 'requires = ("two",)', "one"),
        "two": write(tmp_path, 'requires = ("one",)', "two"),
    }
    house = build({**tables, **good()})
    await house.manager.start()
    assert house.status("one").reason.startswith(
        "plugins require each other in a circle: one -> two -> one: "
    )
    assert house.state("good") is PluginState.ON


def test_what_only_its_tests_need_is_no_library_of_a_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = ["pluggy>=1", "pytest>=99; extra == 'test'", "no-such-thing; python_version < '3'"]
    json = {"requires_python": ">=3.11"}
    offered = SimpleNamespace(
        requires=needs, metadata=SimpleNamespace(json=json), name="starloom-start", version="1.0"
    )
    monkeypatch.setattr("core.plugins.manifest.distribution_of", lambda _kind, _name: offered)
    monkeypatch.setattr("core.plugins.manifest.locate", lambda *_, **__: HERE / "plugins" / "start")
    manifest = read_manifest("start", "", base=HERE)
    assert manifest.libraries == ("pluggy>=1",)
    assert manifest.problems() == ()


def test_another_python_is_asked_for() -> None:
    wanting = Manifest("mine", Path(), python=">=3.99")
    running = ".".join(map(str, sys.version_info[:3]))
    assert wanting.problems() == (f"it needs Python >=3.99, and this is {running}",)
