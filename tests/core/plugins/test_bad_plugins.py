"""Each bad plugin is left out with a sentence that says what is wrong; the good one beside it works."""

from __future__ import annotations

import asyncio
import sys
import threading

import pytest
from support.plugin_house import Build, bad, good

from core.plugin_manager import CallResult, PluginState

SENTENCES = {
    "raises_at_import": "RuntimeError: no licence found (raises_at_import/__init__.py:3 <module>)",
    "exits_at_import": "importing ./bad_plugins/exits_at_import failed: SystemExit: good night",
    "missing_library": "No module named 'library_that_nobody_has'",
    "no_plugin": "must hold one class derived from Plugin with a name; it has none",
    "two_plugins": "it has First, Second",
    "wrong_name": "it calls itself 'start'; its table in plugins.toml must have the same name",
    "from_the_future": "it is made for API >=9, and this Starloom has API 1.0",
    "strange_api": "api must be a range of versions, such as \">=1,<2\", not 'the newest'",
    "requires_letters": 'requires must be a tuple of names, such as ("start",)',
    "requires_nobody": "it requires nobody, which plugins.toml does not have",
    "config_is_no_model": "Config must be a class derived from PluginConfig",
    "unknown_hook": "there is no hook person_left; there are admin_pages, ",
    "wrong_hook_arguments": "hook may_generate takes modle_id; it may take user, model_id, prompt, options",
    "sync_hook": "hook person_arrived must be `async def`",
    "unmarked_hook": "person_arrived is the name of a hook; mark the method with @hookimpl",
    "sync_handler": "the handler of command /sync must be `async def`",
    "handler_without_event": "the handler of command /alone must take one event",
    "loud_command": "command /LOUD! is no valid name",
    "takes_a_command": "command /hello belongs to plugin good already; take another name",
    "takes_a_text": "good-hello: en.ftl: the key belongs to good",
    "unreadable_text": "unreadable-hello: en.ftl: cannot be read",
    "raises_when_built": "KeyError (raises_when_built/__init__.py:",
    "raises_in_start": "RuntimeError (raises_in_start/__init__.py:",
    "exits_in_start": "tried to end the process (SystemExit)",
    "hangs_in_start": "took longer than 0.05 s",
}


@pytest.mark.parametrize("name", sorted(SENTENCES))
async def test_a_bad_plugin_is_left_out_and_named(name: str, build: Build) -> None:
    house = build({**good(), **bad(name)})
    await house.manager.start()
    assert house.state(name) is PluginState.FAILED
    assert SENTENCES[name] in house.status(name).reason
    assert house.state("good") is PluginState.ON
    assert await house.command("hello") is CallResult.DONE
    assert house.status(name).answers == ()


async def test_an_endless_import_is_given_up(build: Build) -> None:
    house = build({**bad("endless_at_import"), **good()}, import_seconds=0.5)
    await house.manager.start()
    assert "took longer than 0.5 s" in house.status("endless_at_import").reason
    assert await house.command("hello") is CallResult.DONE
    for thread in threading.enumerate():
        if "endless_at_import" in thread.name:
            thread.join(10)
            assert not thread.is_alive(), "the endless loop goes on"


async def test_plugins_in_a_circle_are_named(build: Build) -> None:
    house = build({**bad("circle_a", "circle_b"), **good()})
    await house.manager.start()
    for name in ("circle_a", "circle_b"):
        assert house.state(name) is PluginState.FAILED
        assert "circle_a -> circle_b -> circle_a" in house.status(name).reason
    assert house.state("good") is PluginState.ON


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"longst": 3}, "plugins.settings.longst: unknown key, perhaps you meant longest; allowed: longest"),
        ({"longest": 0}, "plugins.settings.longest: must be greater than or equal to 1"),
        ({"longest": "many"}, "plugins.settings.longest: must be a valid integer"),
    ],
)
async def test_a_wrong_setting_names_the_key(
    settings: dict[str, object], sentence: str, build: Build
) -> None:
    house = build({**bad("settings", **settings), **good()})
    await house.manager.start()
    assert sentence in house.status("settings").reason
    assert house.state("good") is PluginState.ON


async def test_a_good_setting_reaches_the_plugin(build: Build) -> None:
    house = build(good(greeting="ahoy"))
    await house.manager.start()
    assert house.plugin().config.greeting == "ahoy"


async def test_a_plugin_that_is_off_is_not_imported(build: Build) -> None:
    house = build({**bad("raises_at_import", enabled=False), **good()})
    await house.manager.start()
    assert house.state("raises_at_import") is PluginState.OFF
    assert house.status("raises_at_import").reason == ""
    assert "starloom_plugins_raises_at_import" not in sys.modules


async def test_a_missing_translation_is_a_warning(build: Build) -> None:
    house = build(bad("half_translated"))
    await house.manager.start()
    assert house.state("half_translated") is PluginState.ON
    assert any(
        "half-two: the key is missing" in warning for warning in house.status("half_translated").warnings
    )


async def test_a_failed_start_leaves_no_task(build: Build) -> None:
    house = build(bad("raises_in_start"))
    before = asyncio.all_tasks()
    await house.manager.start()
    left = [task.get_name() for task in asyncio.all_tasks() - before]
    assert not any("raises_in_start" in name for name in left)
    assert house.routes.command("never") is None
