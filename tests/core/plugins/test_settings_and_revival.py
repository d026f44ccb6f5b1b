"""Settings change while everything runs, in all instances; a suspended plugin tries again by itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from support.plugin_house import Build, House, StoredInMemory, bad, good

from core.admin.plugin_settings import SettingRefused, settings_of, value_for
from core.errors import PluginError
from core.plugin import PluginConfig
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


async def test_a_setting_changed_where_a_disable_was_not_seen_yet_leaves_it_disabled(build: Build) -> None:
    stored = StoredInMemory()
    here, there = build(good(), stored), build(good(), stored)
    await here.manager.start()
    await there.manager.start()
    await here.manager.disable("good")
    await there.manager.configure("good", {"greeting": "moin"})
    await here.follow()
    assert (here.state("good"), there.state("good")) == (PluginState.OFF, PluginState.OFF)
    await there.manager.enable("good")
    await here.follow()
    assert (greeting(here), greeting(there)) == ("moin", "moin")


async def test_a_plugin_that_the_file_has_off_is_not_switched_on_or_off_by_a_setting(build: Build) -> None:
    stored = StoredInMemory()
    here = build(good(enabled=False), stored)
    await here.manager.start()
    await here.manager.enable("good")
    await here.manager.disable("good")
    stored.values.clear()
    await here.manager.configure("good", {"greeting": "moin"})
    off, on = build(good(enabled=False), stored), build(good(), stored)
    await off.manager.start()
    await on.manager.start()
    assert (off.state("good"), on.state("good")) == (PluginState.OFF, PluginState.ON)


async def test_a_plugin_with_a_wrong_setting_in_the_file_is_mended_live(build: Build) -> None:
    stored = StoredInMemory()
    wrong = bad("settings", longest=0)
    here, there = build(wrong, stored), build(wrong, stored)
    for house in (here, there):
        await house.manager.start()
        assert house.state("settings") is PluginState.FAILED
    with pytest.raises(PluginError, match=r"plugins\.settings\.longest"):
        await here.manager.configure("settings", {"longest": -1})
    assert not stored.values
    await here.manager.configure("settings", {"longest": 5})
    assert here.state("settings") is PluginState.ON
    await there.follow()
    # It is imported in a thread, which the clock knows nothing of.
    async with asyncio.timeout(20):
        while there.state("settings") is not PluginState.ON:
            await there.manager.idle()
            await asyncio.sleep(0)


async def test_settings_that_are_wrong_are_shown_and_mended_one_by_one(build: Build) -> None:
    house = build(bad("strict", most=0, kind="loud", key="not shown"))
    await house.manager.start()
    reason = house.status("strict").reason
    assert "plugins.strict.most" in reason
    assert "plugins.strict.kind" in reason
    config = house.manager.config_of("strict")
    assert config is not None
    shown = {line.name: line.value for line in settings_of(config, house.manager.chosen_of("strict"))}
    assert shown == {"must": '""', "most": "0", "kind": '"loud"', "key": "••••", "empty": '""'}
    with pytest.raises(PluginError, match=r"plugins\.strict\.most: must be greater"):
        await house.manager.configure("strict", {"most": -1})
    for key, value in (("kind", "soft"), ("most", 3)):
        await house.manager.configure("strict", {key: value})
        assert house.state("strict") is PluginState.FAILED
        assert f"plugins.strict.{key}" not in house.status("strict").reason
    assert "plugins.strict.must: must be given" in house.status("strict").reason
    await house.manager.configure("strict", {"must": "this"})
    assert (house.state("strict"), house.status("strict").reason) == (PluginState.ON, "")


class Listed(PluginConfig):
    jokes: tuple[str, ...] = ()
    hours: tuple[int, ...] = ()


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("jokes", "one, two", ["one", "two"]),
        ("jokes", "Well, one.\n\nThen, two.", ["Well, one.", "Then, two."]),
        ("jokes", '["Well, one.", "two"]', ["Well, one.", "two"]),
        ("jokes", "-", []),
        ("hours", "8, 20", [8, 20]),
        ("hours", "[8, 20]", [8, 20]),
    ],
)
def test_a_list_is_written_in_any_way_that_it_is_shown(name: str, written: str, value: list[Any]) -> None:
    assert value_for(Listed(), name, written) == value
    shown = next(line.value for line in settings_of(Listed(**{name: value}), {}) if line.name == name)
    assert value_for(Listed(), name, shown) == value


@pytest.mark.parametrize(
    ("name", "written"), [("jokes", '["one", two]'), ("hours", "[8, ]]"), ("hours", "8, x")]
)
def test_a_list_that_is_none_is_refused(name: str, written: str) -> None:
    with pytest.raises(SettingRefused):
        value_for(Listed(), name, written)


async def test_a_plugin_that_is_suspended_over_a_setting_is_revived_by_another(build: Build) -> None:
    stored = StoredInMemory()
    here, there = build(bad("misbehaves"), stored), build(bad("misbehaves"), stored)
    for house in (here, there):
        await house.manager.start()
        for _ in range(3):
            await house.command("raise")
        await house.manager.idle()
        assert house.state("misbehaves") is PluginState.SUSPENDED
    await here.manager.configure("misbehaves", {"patience": 2})
    await there.follow()
    assert (here.state("misbehaves"), there.state("misbehaves")) == (PluginState.ON, PluginState.ON)
    assert here.status("misbehaves").reason == ""


async def test_a_plugin_that_could_not_start_is_mended_by_a_setting(build: Build) -> None:
    stored = StoredInMemory()
    house = build(bad("wants_a_host"), stored)
    other = build(bad("wants_a_host"), stored)
    await house.manager.start()
    await other.manager.start()
    assert house.state("wants_a_host") is PluginState.FAILED
    await house.manager.configure("wants_a_host", {"host": "example.org"})
    assert (house.state("wants_a_host"), house.status("wants_a_host").reason) == (PluginState.ON, "")
    await other.follow()
    assert other.state("wants_a_host") is PluginState.ON


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
