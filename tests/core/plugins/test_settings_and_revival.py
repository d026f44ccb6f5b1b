"""Settings change while everything runs, in all instances; a suspended plugin tries again by itself."""

from __future__ import annotations

from typing import Any

import pytest
from support.plugin_house import Build, House, StoredInMemory, bad, good

from core.errors import PluginError
from core.plugin_manager import CallResult, PluginState


def greeting(house: House) -> str:
    return str(house.plugin().config.greeting)


async def test_a_setting_is_taken_live_by_all_instances_and_after_a_restart(build: Build) -> None:
    stored = StoredInMemory()
    here, there = build(good(greeting="ahoy"), stored), build(good(greeting="ahoy"), stored)
    await here.manager.start()
    await there.manager.start()
    before = here.plugin()
    await here.manager.configure("good", {"greeting": "moin"})
    assert (greeting(here), before.ended) == ("moin", ["stop", "task"])
    assert await here.command("hello") is CallResult.DONE
    assert greeting(there) == "ahoy"
    await there.follow()
    assert greeting(there) == "moin"
    after = build(good(greeting="ahoy"), stored)
    await after.manager.start()
    assert greeting(after) == "moin"
    await there.manager.configure("good", {"greeting": None})
    await here.follow()
    assert (greeting(here), greeting(there)) == ("ahoy", "ahoy")


async def test_two_admins_who_change_two_settings_at_once_lose_neither(build: Build) -> None:
    stored = StoredInMemory()
    here, there = build(good("two"), stored), build(good("two"), stored)
    await here.manager.start()
    await there.manager.start()
    await here.manager.configure("two", {"first": 1})
    await there.manager.configure("two", {"second": 2})
    for house in (here, there):
        await house.follow()
        config: Any = house.plugin("two").config
        assert (config.first, config.second) == (1, 2)


async def test_a_wrong_setting_changes_nothing(build: Build) -> None:
    house = build({**good(), **bad("raises_at_import", enabled=False)})
    await house.manager.start()
    plugin = house.plugin()
    with pytest.raises(PluginError, match=r"plugins\.good\.greting: unknown key, perhaps you meant greeting"):
        await house.manager.configure("good", {"greting": "moin"})
    assert house.plugin() is plugin
    with pytest.raises(PluginError, match="raises_at_import was not on yet"):
        await house.manager.configure("raises_at_import", {"x": 1})


async def test_a_plugin_that_is_off_keeps_its_new_setting_for_later(build: Build) -> None:
    house = build(good())
    await house.manager.start()
    await house.manager.disable("good")
    await house.manager.configure("good", {"greeting": "moin"})
    assert house.state("good") is PluginState.OFF
    await house.manager.enable("good")
    assert greeting(house) == "moin"


async def test_a_suspended_plugin_tries_again_after_longer_and_longer(build: Build) -> None:
    house = build(bad("misbehaves"), retry_seconds=60)
    await house.manager.start()
    for wait in (60, 120):
        for _ in range(3):
            await house.command("raise")
        await house.manager.idle()
        assert house.state("misbehaves") is PluginState.SUSPENDED
        for _ in range(wait - 2):
            await house.follow()
        assert house.state("misbehaves") is PluginState.SUSPENDED
        for _ in range(3):
            await house.follow()
        assert house.state("misbehaves") is PluginState.ON
