"""Code that holds everybody up is named with its line, and its plugin suspended when it does so again."""

from __future__ import annotations

from pathlib import Path

from support.plugin_house import Build, good

from core.plugin_manager import CallResult, PluginState

BLOCKING = """
import asyncio, time
from starloom.api import Plugin, command

class Blocking(Plugin):
    name = "blocking"

    @command("block")
    async def blocks(self, event):
        time.sleep(0.4)

    @command("wait")
    async def waits(self, event):
        await asyncio.sleep(0.3)
"""


async def test_who_blocks_the_loop_is_named_and_suspended(build: Build, tmp_path: Path) -> None:
    (tmp_path / "blocking").mkdir()
    (tmp_path / "blocking" / "__init__.py").write_text(BLOCKING, encoding="utf-8")
    tables = {"blocking": {"module": str(tmp_path / "blocking")}, **good()}
    house = build(tables, blocking_seconds=0.1, errors=10, handler_seconds=5)
    await house.manager.start()
    assert await house.command("wait") is CallResult.DONE
    assert house.status("blocking").errors == 0, "what awaits holds up nobody"
    for count in range(1, 4):
        assert await house.command("block") is CallResult.DONE
        await house.beat()
        assert house.status("blocking").errors == count
    assert "held everything up for 0." in house.status("blocking").last_error
    assert "blocking/__init__.py:10 blocks" in house.status("blocking").last_error
    await house.told.wait()
    assert house.state("blocking") is PluginState.SUSPENDED
    assert house.alerts[0].key == "alert-plugin-suspended"
    assert house.state("good") is PluginState.ON
