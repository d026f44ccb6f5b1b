"""The folder of a plugin or provider is found without running any of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.errors import PluginError
from core.plugins.importing import locate

LOUD = "raise SystemExit('imported')\n"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with a package and a module in it, and a module alone; importing any ends the process."""
    (tmp_path / "loud_house" / "room").mkdir(parents=True)
    for path in (
        "loud_house/__init__.py",
        "loud_house/room/__init__.py",
        "loud_house/door.py",
        "loud_shed.py",
    ):
        (tmp_path / path).write_text(LOUD, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("module", "folder"),
    [
        ("loud_house", "loud_house"),
        ("loud_house.room", "loud_house/room"),
        ("loud_house.door", "loud_house"),
        ("loud_shed", "."),
        ("./loud_house", "loud_house"),
    ],
)
def test_a_folder_is_found_by_the_name_of_its_module(installed: Path, module: str, folder: str) -> None:
    assert locate("providers", "loud", module, base=installed) == installed / folder
    assert not [name for name in sys.modules if name.startswith("loud_")]


@pytest.mark.parametrize("module", ["no_such_house", "loud_house.cellar", "loud_shed.corner", ""])
def test_what_is_not_there_is_told(installed: Path, module: str) -> None:
    with pytest.raises(PluginError):
        locate("providers", "no_such_provider", module, base=installed)
