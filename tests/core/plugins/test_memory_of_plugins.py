"""Who holds too much memory is named with the place, suspended, and lets go of it."""

from __future__ import annotations

import asyncio
import gc
import re
import sys
import weakref
from collections import deque
from pathlib import Path
from typing import Any

import pytest
from support.plugin_house import Build, House, good

from core.plugin_manager import CallResult, PluginState
from core.plugins.memory import added_up

MIB = 1024 * 1024
HOG = """
import asyncio
from starloom.api import Plugin, command

KEPT = []

class Hog(Plugin):
    name = "hog"

    async def start(self):
        self.cache = {}

    @command("eat")
    async def eat(self, event):
        piece = 1024 * 1024
        if event.argument == "module":
            KEPT.extend(b"x" * piece for _ in range(40))
        elif event.argument == "task":
            self.context.spawn(self.sit())
        else:
            self.cache["pictures"] = [b"x" * piece for _ in range(40)]

    async def sit(self):
        rows = [bytearray(1024) for _ in range(40 * 1024)]
        await asyncio.Event().wait()
        del rows
"""


async def a_house(build: Build, directory: Path, used: list[int]) -> House:
    (directory / "hog").mkdir()
    (directory / "hog" / "__init__.py").write_text("from .hungry import Hog\n", encoding="utf-8")
    (directory / "hog" / "hungry.py").write_text(HOG, encoding="utf-8")
    # What an earlier test's hog kept is that one's.
    sys.modules.pop("starloom_plugins_hog.hungry", None)
    tables = {"hog": {"module": str(directory / "hog")}, **good()}
    house = build(tables, memory_bytes=32 * MIB, resident=lambda: used[0], retry_seconds=0)
    await house.manager.start()
    await looked(house)
    return house


async def looked(house: House) -> None:
    await house.clock.advance(10)
    await house.follow()
    await house.manager.idle()


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("", "self.cache of Hog"),
        ("module", "KEPT of starloom_plugins_hog.hungry"),
        ("task", "rows of Hog.sit"),
    ],
)
async def test_a_hog_is_named_and_suspended(build: Build, tmp_path: Path, where: str, place: str) -> None:
    used = [100 * MIB]
    house = await a_house(build, tmp_path, used)
    await house.command("eat", where)
    await looked(house)
    assert house.state("hog") is PluginState.ON, "the process has not grown: nobody looks"
    used[0] += 40 * MIB
    gone = weakref.ref(house.plugin("hog"))
    await looked(house)
    assert house.state("hog") is PluginState.SUSPENDED
    reason = house.status("hog").reason
    assert re.match(r"holds 4[0-3] MiB", reason), reason
    assert f"most of it in {place}; at most 32 MiB" in reason
    async with asyncio.timeout(5):
        await house.told.wait()
    assert [alert.key for alert in house.alerts] == ["alert-plugin-suspended"]
    assert house.state("good") is PluginState.ON
    assert await house.command("hello") is CallResult.DONE
    house.contexts.clear()
    gc.collect()
    assert gone() is None, "what it held of its own goes with it"


async def test_memory_that_no_plugin_holds_is_nobodys_fault(build: Build, tmp_path: Path) -> None:
    used = [100 * MIB]
    house = await a_house(build, tmp_path, used)
    used[0] += 500 * MIB
    await looked(house)
    assert house.alerts == []
    assert house.state("hog") is PluginState.ON


class _Thing:
    def __init__(self) -> None:
        self.data = bytearray(5000)


SHARED = b"x" * MIB


@pytest.mark.parametrize(
    ("held", "size"),
    [
        ([bytearray(1000) for _ in range(100_000)], 100_000_000),
        ({number: [bytearray(1000)] for number in range(20_000)}, 20_000_000),
        ([_Thing() for _ in range(10_000)], 50_000_000),
        (deque(bytearray(100_000) for _ in range(300)), 30_000_000),
        ([SHARED] * 100_000, MIB + 800_000),
        ({"deep": [{"in": [SHARED]}]}, MIB),
    ],
    ids=("many", "nested", "objects", "few", "shared", "deep"),
)
def test_what_is_held_is_added_up(held: Any, size: int) -> None:
    found = added_up([("here", held), ("there", held)])
    assert size * 0.8 <= found.size <= size * 1.35
    assert found.place == "here"
