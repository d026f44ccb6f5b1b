"""Where plugins come from: modules, folders, installed distributions."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from support.plugin_house import HERE

from core.errors import PluginError
from core.plugins import importing
from core.plugins.importing import Imported, import_guarded
from sandbox.clock import ManualClock


async def bring(module: str, clock: ManualClock, *, name: str = "good") -> Imported:
    return await import_guarded("plugins", name, module, base=HERE, seconds=20, clock=clock)


def offer(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> None:
    def entry_points(*, group: str, name: str) -> tuple[EntryPoint, ...]:
        return tuple(point for point in points if (point.group, point.name) == (group, name))

    monkeypatch.setattr(importing, "entry_points", entry_points)


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group="starloom.plugins")


async def test_a_folder_is_executed_once(clock: ManualClock) -> None:
    first, second = await bring("./good_plugins/good", clock), await bring("./good_plugins/good", clock)
    assert first.module is second.module
    assert first.directory == HERE / "good_plugins" / "good"


async def test_a_folder_that_is_none_is_named(clock: ManualClock) -> None:
    with pytest.raises(PluginError, match=r"nowhere is no folder with an __init__\.py"):
        await bring("./nowhere", clock)


async def test_an_importable_name(clock: ManualClock) -> None:
    imported = await bring("plugins.start", clock)
    assert imported.directory == Path(imported.module.__file__ or "").parent


async def test_a_name_that_cannot_be_imported_is_named(clock: ManualClock) -> None:
    with pytest.raises(PluginError, match=r"importing plugins\.nothing failed: ModuleNotFoundError"):
        await bring("plugins.nothing", clock)


async def test_an_installed_distribution(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> None:
    offer(monkeypatch, point("start", "plugins.start:StartPlugin"), point("evil", "evil:Evil"))
    imported = await bring("", clock, name="start")
    assert (imported.module.__name__, imported.attribute) == ("plugins.start", "StartPlugin")


async def test_nobody_offers_it(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> None:
    offer(monkeypatch)
    with pytest.raises(PluginError, match=r"plugins\.good has no `module`, and no installed distribution"):
        await bring("", clock)


async def test_two_offer_it(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> None:
    offer(monkeypatch, point("good", "one:One"), point("good", "two:Two"))
    with pytest.raises(PluginError, match="several installed distributions offer it: one:One, two:Two"):
        await bring("", clock)
