"""Plugins go on and off while everything runs, in all instances, and nothing in flight is lost."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Awaitable, Callable, Mapping

import pytest
from support.plugin_house import Build, StoredInMemory, bad, good

from core.admin.roles import AdminRole
from core.errors import DatabaseAway, PluginError, TelegramError
from core.plugin import Plugin
from core.plugin_manager import CallResult, PluginState


async def test_disabling_takes_everything_of_a_plugin_away(build: Build) -> None:
    house = build(good())
    await house.manager.start()
    plugin = house.plugin()
    old_route = house.routes.command("hello")
    assert old_route is not None
    await house.manager.disable("good")
    assert house.state("good") is PluginState.OFF
    assert plugin.ended == ["stop", "task"]
    assert house.routes.command("hello") is None
    assert house.routes.off_command("hello") == "good"
    assert house.routes.is_known("good")
    assert not house.routes.is_known("nobody")
    assert house.routes.commands(role=AdminRole.OWNER) == ()
    assert not house.i18n.translator("en").has("good-hello")
    assert (await house.manager.call(old_route, house.event(old_route))).result is CallResult.OFF
    with pytest.raises(PluginError, match="plugin good is off"):
        plugin.context.spawn(plugin.wait())


async def test_enabling_brings_it_back_without_a_restart(build: Build) -> None:
    house = build(good())
    await house.manager.start()
    await house.manager.disable("good")
    before = house.changes
    await house.manager.enable("good")
    assert house.changes > before
    assert house.state("good") is PluginState.ON
    assert await house.command("hello") is CallResult.DONE
    assert house.routes.off_command("hello") is None
    assert house.i18n.translator("ru")("good-hello") == "Привет"


async def test_what_runs_may_end_before_its_plugin_goes(build: Build) -> None:
    house = build(good(), drain_seconds=60, handler_seconds=60)
    await house.manager.start()
    plugin = house.plugin()
    running = asyncio.create_task(house.command("slow"))
    await plugin.inside.wait()
    disabling = asyncio.create_task(house.manager.disable("good"))
    await house.clock.advance(0)
    assert not disabling.done()
    plugin.door.set()
    assert await running is CallResult.DONE
    await disabling
    assert plugin.seen == ["slow"]


async def test_what_runs_too_long_is_cancelled_when_its_plugin_goes(build: Build) -> None:
    house = build(good(), handler_seconds=60)
    await house.manager.start()
    plugin = house.plugin()
    running = asyncio.create_task(house.command("slow"))
    await plugin.inside.wait()
    await house.manager.disable("good")
    assert await running is CallResult.OFF
    assert plugin.seen == []
    assert house.status("good").errors == 0


async def test_a_plugin_may_switch_itself_off(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    house = build(good(), handler_seconds=60, drain_seconds=60)
    await house.manager.start()
    plugin = house.plugin()
    monkeypatch.setattr(plugin, "door", _Door(lambda: house.manager.disable("good")))
    assert await house.command("slow") is CallResult.DONE
    assert house.state("good") is PluginState.OFF
    assert plugin.seen == ["slow"]


class _Door:
    """Waiting at it does something."""

    def __init__(self, opened_by: Callable[[], Awaitable[None]]) -> None:
        self._opened_by = opened_by

    async def wait(self) -> None:
        await self._opened_by()


async def test_a_choice_is_stored_and_wins_over_the_file(build: Build) -> None:
    stored = StoredInMemory()
    first = build(good(), stored)
    await first.manager.start()
    await first.manager.disable("good")
    await first.manager.stop()
    second = build(good(), stored)
    await second.manager.start()
    assert second.state("good") is PluginState.OFF
    await second.manager.enable("good")
    third = build(good(enabled=False), stored)
    await third.manager.start()
    assert third.state("good") is PluginState.ON


async def test_all_instances_follow(build: Build) -> None:
    stored = StoredInMemory()
    here, there = build(good(), stored), build(good(), stored)
    await here.manager.start()
    await there.manager.start()
    await here.manager.disable("good")
    assert there.state("good") is PluginState.ON
    await there.clock.advance(1)
    await there.clock.until_asleep(2)
    assert there.state("good") is PluginState.OFF
    await there.manager.enable("good")
    await here.clock.advance(1)
    await here.clock.until_asleep(2)
    assert here.state("good") is PluginState.ON


class _SlowToAnswer(StoredInMemory):
    """Answers one question with what was true when it was asked, and late."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.answer = asyncio.Event()
        self.slow = False

    async def all(self, namespace: str) -> Mapping[str, object]:
        values = await super().all(namespace)
        if self.slow:
            self.slow = False
            self.asked.set()
            await self.answer.wait()
        return values


@pytest.mark.parametrize("enabled", [True, False])
async def test_an_answer_that_was_overtaken_by_a_choice_is_not_followed(build: Build, enabled: bool) -> None:
    stored = _SlowToAnswer()
    house = build(good(), stored)
    await house.manager.start()
    if enabled:
        await house.manager.disable("good")
    stored.slow = True
    await stored.set("plugins", "nobody", {"enabled": True, "serial": 1})
    following = asyncio.create_task(house.follow())
    await stored.asked.wait()
    await (house.manager.enable("good") if enabled else house.manager.disable("good"))
    changes = house.changes
    stored.answer.set()
    await following
    chosen = PluginState.ON if enabled else PluginState.OFF
    assert house.state("good") is chosen
    assert house.changes == changes
    await house.follow()
    assert house.state("good") is chosen


async def test_following_goes_on_when_the_database_was_away(build: Build) -> None:
    house = build(good())
    await house.manager.start()
    house.stored.away = True
    await house.follow()
    house.stored.away = False
    await house.stored.set("plugins", "good", {"enabled": False, "serial": 1})
    await house.follow()
    assert house.state("good") is PluginState.OFF


async def test_a_choice_that_cannot_be_stored_is_not_made(build: Build) -> None:
    house = build({**good(), **good("needy", enabled=False)})
    await house.manager.start()
    house.stored.away = True
    with pytest.raises(DatabaseAway):
        await house.manager.disable("good")
    assert house.state("good") is PluginState.ON
    with pytest.raises(DatabaseAway):
        await house.manager.enable("needy")
    assert house.state("needy") is PluginState.OFF


async def test_a_plugin_that_others_require_is_not_disabled_alone(build: Build) -> None:
    house = build({**good("needy"), **good("good")})
    await house.manager.start()
    assert house.status("good").required_by == ("needy",)
    with pytest.raises(PluginError, match="plugin good is required by needy: disable that first"):
        await house.manager.disable("good")
    await house.manager.disable("needy")
    await house.manager.disable("good")
    assert house.state("good") is PluginState.OFF


async def test_a_plugin_waits_for_what_it_requires(build: Build) -> None:
    house = build({**good("needy"), **good("good", enabled=False)})
    await house.manager.start()
    assert house.status("needy").reason == "it requires good, which is off: switch that on"
    with pytest.raises(PluginError, match="plugin needy cannot start: it requires good, which is off"):
        await house.manager.enable("needy")
    await house.manager.enable("good")
    assert house.state("needy") is PluginState.ON


async def test_a_waiting_plugin_that_was_switched_off_stays_off(build: Build) -> None:
    house = build({**good("needy"), **good("good", enabled=False)})
    await house.manager.start()
    await house.manager.disable("needy")
    await house.manager.enable("good")
    assert house.state("needy") is PluginState.OFF


async def test_there_is_no_plugin_but_those_in_the_file(build: Build) -> None:
    house = build(good())
    await house.manager.start()
    with pytest.raises(PluginError, match=r"there is no plugin evil in plugins.toml; there are good"):
        await house.manager.enable("evil")


async def test_what_fails_at_run_time_is_told_to_the_admins(build: Build) -> None:
    house = build({**bad("raises_at_import", enabled=False), **good()})
    await house.manager.start()
    await house.stored.set("plugins", "raises_at_import", {"enabled": True, "serial": 1})
    await house.follow()
    await house.told.wait()
    assert [alert.key for alert in house.alerts] == ["alert-plugin-failed"]
    assert "no licence found" in str(house.alerts[0].variables["reason"])


async def test_repeated_failures_suspend_and_enabling_revives(build: Build) -> None:
    house = build({**bad("misbehaves"), **good()})
    await house.manager.start()
    for _ in range(3):
        assert await house.command("raise") is CallResult.FAILED
    await house.told.wait()
    assert house.state("misbehaves") is PluginState.SUSPENDED
    assert house.routes.command("raise") is None
    assert house.alerts[0].key == "alert-plugin-suspended"
    assert house.alerts[0].variables["plugin"] == "misbehaves"
    assert await house.command("hello") is CallResult.DONE
    await house.manager.enable("misbehaves")
    assert house.state("misbehaves") is PluginState.ON
    assert await house.command("raise") is CallResult.FAILED
    assert house.state("misbehaves") is PluginState.ON


async def test_a_plugin_is_revived_before_it_was_taken_down(build: Build) -> None:
    house = build(bad("misbehaves"))
    await house.manager.start()
    for _ in range(3):
        await house.command("raise")
    await house.manager.enable("misbehaves")
    await house.manager.idle()
    assert house.state("misbehaves") is PluginState.ON
    assert await house.command("short") is CallResult.REFUSED


async def test_another_instance_revives_too(build: Build) -> None:
    stored = StoredInMemory()
    here, there = build(bad("misbehaves"), stored), build(bad("misbehaves"), stored)
    await here.manager.start()
    await there.manager.start()
    for _ in range(2):
        there.told.clear()
        for _ in range(3):
            await there.command("raise")
        await there.told.wait()
        assert there.state("misbehaves") is PluginState.SUSPENDED
        await here.manager.enable("misbehaves")
        await there.clock.advance(1)
        await there.clock.until_asleep(2)
        assert there.state("misbehaves") is PluginState.ON


async def test_rare_failures_do_not_suspend(build: Build) -> None:
    house = build(bad("misbehaves"), errors_window_seconds=60)
    await house.manager.start()
    for _ in range(6):
        await house.command("raise")
        await house.clock.advance(40)
    assert house.state("misbehaves") is PluginState.ON
    assert house.status("misbehaves").errors == 6


async def test_what_others_did_wrong_does_not_suspend(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    house = build(good())
    await house.manager.start()
    for error in (DatabaseAway("away"), TelegramError(400, "CHAT_INVALID")) * 3:
        monkeypatch.setattr(house.plugin(), "seen", _Raising(error))
        assert await house.command("hello") is CallResult.FAILED
    assert house.state("good") is PluginState.ON
    assert house.status("good").errors == 0


class _Raising:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def append(self, _: object) -> None:
        raise self._error


async def test_stopping_stops_dependants_first(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    house = build({**good("needy"), **good("good")})
    stopped: list[str] = []

    async def stop(plugin: Plugin[object]) -> None:
        stopped.append(plugin.name)

    monkeypatch.setattr(Plugin, "stop", stop)
    await house.manager.start()
    monkeypatch.setattr(type(house.plugin()), "stop", stop)
    await house.manager.stop()
    assert stopped == ["needy", "good"]


async def test_stop_leaves_no_task_behind(build: Build) -> None:
    before = asyncio.all_tasks()
    house = build({**good(), **bad("misbehaves")})
    await house.manager.start()
    await house.manager.stop()
    assert asyncio.all_tasks() == before
    assert house.status("misbehaves").last_error.startswith("stop: RuntimeError")


async def test_a_hundred_switches_leave_nothing_behind(build: Build) -> None:
    house = build(good())
    await house.manager.start()
    tasks = len(asyncio.all_tasks())

    async def switch(times: int) -> int:
        """Switch off and on so many times; how much memory is taken then, if that is traced."""
        for _ in range(times):
            await house.manager.disable("good")
            await house.manager.enable("good")
        await house.manager.idle()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    await switch(30)
    tracemalloc.start()
    try:
        # What is compiled anew each time, and the like, is there once.
        before = await switch(5)
        grown = await switch(15) - before
    finally:
        tracemalloc.stop()
    assert grown < 15 * 1024, f"each switch leaves {grown // 15} bytes behind"
    assert len(asyncio.all_tasks()) == tasks
    assert len(house.routes.of("good")) == len(set(house.routes.of("good"))) == 9
    assert await house.command("hello") is CallResult.DONE
