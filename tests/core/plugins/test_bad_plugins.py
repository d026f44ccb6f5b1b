"""Each bad plugin is left out with a sentence that says what is wrong; the good one beside it works."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from support.plugin_house import HERE, Build, bad, good

from core.plugin_manager import CallResult, PluginState

START_AGAIN = "or tell its author, then start it again"
SENTENCES = {
    "raises_at_import": (
        "RuntimeError: no licence found (raises_at_import/__init__.py:3 <module>)",
        f"mend that, {START_AGAIN}",
    ),
    "exits_at_import": (
        "importing ./bad_plugins/exits_at_import failed: SystemExit: good night",
        "a plugin must not end the bot; mend that line, or tell its author",
    ),
    "missing_library": (
        "No module named 'library_that_nobody_has'",
        "install what it needs where the bot runs, then start it again",
    ),
    "no_plugin": ("it has none", "must hold one class derived from Plugin with a name"),
    "two_plugins": ("it has First, Second", "must hold one class derived from Plugin with a name"),
    "wrong_name": ("it calls itself 'start'", "its table in plugins.toml must have the same name"),
    "from_the_future": (
        "it is made for API >=9, and this Starloom has API 1.",
        "take a version made for it",
    ),
    "strange_api": ("not 'the newest'", 'api must be a range of versions, such as ">=1,<2"'),
    "requires_letters": ("requires must be a tuple of names", 'such as ("start",)'),
    "requires_nobody": ("it requires nobody, which plugins.toml does not have", "add [plugins.nobody] there"),
    "config_is_no_model": ("Config must be a class", "derived from PluginConfig"),
    "unknown_hook": ("there is no hook person_left", "there are admin_pages, "),
    "wrong_hook_arguments": (
        "hook may_generate takes modle_id",
        "it may take user, model_id, prompt, options",
    ),
    "sync_hook": ("hook person_arrived", "must be `async def`"),
    "unmarked_hook": ("person_arrived is the name of a hook", "mark the method with @hookimpl"),
    "sync_handler": ("the handler of command /sync", "must be `async def`"),
    "handler_without_event": ("the handler of command /alone", "must take one event"),
    "loud_command": ("command /LOUD! is no valid name", "allowed: at most 32 small letters"),
    "takes_a_command": (
        "command /hello belongs to plugin good already",
        "take another name, or switch that one off first (python run.py plugins disable good)",
    ),
    "takes_a_text": ("good-hello: en.ftl: the key belongs to good", "begin with takes_a_text-"),
    "unreadable_text": ("unreadable-hello: en.ftl: cannot be read", "mend that line"),
    "foreign_letters": ("ru.ftl: is not UTF-8", "save it as UTF-8"),
    "raises_when_built": (
        "start failed: KeyError (raises_when_built/__init__.py:",
        f"mend that line, {START_AGAIN}",
    ),
    "raises_in_start": (
        "start failed: RuntimeError (raises_in_start/__init__.py:",
        f"mend that line, {START_AGAIN}",
    ),
    "exits_in_start": (
        "start tried to end the process (SystemExit)",
        "a plugin must not end the bot; mend that, or tell its author",
    ),
    "hangs_in_start": (
        "start took longer than 0.05 s",
        "hand what takes long to context.spawn, or allow it more (limits.plugins.start_seconds)",
    ),
    "wants_a_host": (
        "start failed: RuntimeError (wants_a_host/__init__.py:",
        f"mend that line, {START_AGAIN}",
    ),
    "not_there": (
        "not_there is no folder with an __init__.py",
        "correct `module` in its table of plugins.toml",
    ),
}
"""Of each plugin that is left out: what is wrong, and what to do."""
ELSEWHERE = {
    *("circle_a", "circle_b", "endless_at_import", "settings", "strict", "half_translated"),
    # These start, and do wrong later.
    *("answers_nonsense", "hangs_in_hooks", "misbehaves", "raises_in_hooks"),
}


COLLIDING = """
from starloom.api import (
    Plugin, callback, command, on_inline, on_payment, on_pre_checkout, on_start, on_text, step, web_route
)


class Colliding(Plugin):
    name = "NAME"

    @DECLARED
    async def answer(self, event):
        pass
"""


def write(directory: Path, name: str, code: str) -> dict[str, Any]:
    folder = directory / name
    folder.mkdir()
    (folder / "__init__.py").write_text(code, encoding="utf-8")
    return {"module": str(folder)}


def test_no_bad_plugin_is_forgotten() -> None:
    folders = {path.name for path in (HERE / "bad_plugins").iterdir() if path.name != "__pycache__"}
    assert folders == set(SENTENCES) - {"not_there", "foreign_letters"} | ELSEWHERE


async def test_bad_plugins_are_left_out_and_the_operator_reads_why_and_what_to_do(
    build: Build, tmp_path: Path
) -> None:
    foreign = write(
        tmp_path,
        "foreign_letters",
        COLLIDING.replace("NAME", "foreign_letters").replace("DECLARED", "on_inline"),
    )
    (tmp_path / "foreign_letters" / "locales").mkdir()
    (tmp_path / "foreign_letters" / "locales" / "ru.ftl").write_bytes("ключ = Привет".encode("cp1251"))
    house = build({**good(), **bad(*SENTENCES), "foreign_letters": foreign})
    await house.manager.start()
    for name, (wrong, remedy) in SENTENCES.items():
        status = house.status(name)
        assert status.state is PluginState.FAILED, name
        assert wrong in status.reason, status.reason
        assert remedy in status.reason, status.reason
        assert "\n" not in status.reason
        assert status.answers == ()
    assert house.state("good") is PluginState.ON
    assert await house.command("hello") is CallResult.DONE


COLLISIONS = {
    "command": ('command("sing")', "command /sing"),
    "text": ("on_text", "plain text"),
    "link": ('on_start("gift_")', "links with 'gift_'"),
    "checkout": ('on_pre_checkout("song:")', "pre-checkout of 'song:'"),
    "payment": ('on_payment("song:")', "payment of 'song:'"),
}
"""What two plugins cannot both have, and how it is called."""


async def test_of_two_plugins_with_one_route_the_second_is_left_out(build: Build, tmp_path: Path) -> None:
    tables = {
        name: write(tmp_path, name, COLLIDING.replace("NAME", name).replace("DECLARED", declared))
        for kind, (declared, _) in COLLISIONS.items()
        for name in (f"first_{kind}", f"second_{kind}")
    }
    house = build(tables)
    await house.manager.start()
    for kind, (_, told) in COLLISIONS.items():
        assert house.state(f"first_{kind}") is PluginState.ON
        way = "one plugin at a time can have it: " if kind == "text" else "take another name, or "
        assert house.status(f"second_{kind}").reason == (
            f"{told} belongs to plugin first_{kind} already; {way}"
            f"switch that one off first (python run.py plugins disable first_{kind})"
        )
    # As it says.
    await house.manager.disable("first_command")
    await house.manager.enable("second_command")
    assert await house.command("sing") is CallResult.DONE


ONCE_MORE = """
    @DECLARED
    async def answer_too(self, event):
        pass
"""


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ('web_route("GET", "badge")', "page GET badge"),
        ('callback("next")', "button 'next'"),
        ('step("name")', "step 'name'"),
    ],
)
async def test_what_a_plugin_has_for_itself_collides_within_it_alone(
    build: Build, tmp_path: Path, declared: str, told: str
) -> None:
    alone = {
        name: write(tmp_path, name, COLLIDING.replace("NAME", name).replace("DECLARED", declared))
        for name in ("one", "two")
        if not declared.startswith("callback")
    }
    code = (COLLIDING + ONCE_MORE).replace("NAME", "twice").replace("DECLARED", declared)
    twice = write(tmp_path, "twice", code)
    house = build({"twice": twice, **alone})
    await house.manager.start()
    assert {house.state(name) for name in alone} <= {PluginState.ON}
    assert house.status("twice").reason == f"{told} has two handlers in plugin twice; one of them has to go"


async def test_an_endless_import_is_given_up(build: Build) -> None:
    house = build({**bad("endless_at_import"), **good()}, import_seconds=0.5)
    await house.manager.start()
    assert house.status("endless_at_import").reason == (
        "importing ./bad_plugins/endless_at_import took longer than 0.5 s: its author has to move the work "
        "from the module into start(), or allow it more (limits.plugins.import_seconds)"
    )
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
        assert house.status(name).reason == (
            "plugins require each other in a circle: circle_a -> circle_b -> circle_a: "
            "switch one of them off, or have its author take a name out of `requires`"
        )
    assert house.state("good") is PluginState.ON


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"longst": 3}, "plugins.settings.longst: unknown key, perhaps you meant longest; allowed: longest"),
        ({"longest": 0}, "plugins.settings.longest: must be greater than or equal to 1"),
        (
            {"longest": "many"},
            "plugins.settings.longest: must be a valid integer, unable to parse string as an integer",
        ),
    ],
)
async def test_a_wrong_setting_names_the_key(
    settings: dict[str, object], sentence: str, build: Build
) -> None:
    house = build({**bad("settings", **settings), **good()})
    await house.manager.start()
    assert house.status("settings").reason == (
        f"{sentence}: correct it in plugins.toml, in /plugins or with plugins set settings"
    )
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
