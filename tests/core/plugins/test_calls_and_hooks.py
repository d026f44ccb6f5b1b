"""What plugins do wrong while they run harms nobody else; what they do right arrives."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from support.plugin_house import ALICE, Build, House, bad, good

from core.admin.roles import AdminRole
from core.errors import InsufficientStars
from core.events import PreCheckoutEvent
from core.generation.job import Job
from core.hooks import Refusal
from core.plugin_manager import CallResult, PluginState
from core.plugins.hook_calls import GATE_FAILED
from core.telegram.types import Chat, ChatKind
from core.users import Dialogue

GATE: dict[str, Any] = {"user": ALICE, "model_id": "m", "options": {}}


async def test_all_kinds_of_handlers_are_found_and_called(build: Build) -> None:
    house = build(good())
    await house.manager.start()
    routes = house.routes
    found = [
        routes.command("HELLO"),
        routes.callback("good", "press"),
        routes.step("good", "name"),
        routes.text(),
        routes.payment(b"good:1"),
        routes.payment(b"good:special:1"),
    ]
    for route in found:
        assert route is not None
        assert (await house.manager.call(route, house.event(route, "x"))).result is CallResult.DONE
    assert house.plugin().seen == ["x", "press", "name", "text", "payment", "payment"]
    assert routes.callback("other", "press") is None
    assert routes.step("other", "name") is None
    assert routes.payment(b"bad:1") is None


LOOKING = """
from starloom.api import Plugin, command, hookimpl


class Looking(Plugin):
    name = "looking"
    seen = []

    @command("look")
    async def look(self, event):
        self.seen.append(event.user)

    @hookimpl
    async def may_generate(self, user):
        self.seen.append(user)
"""


@pytest.mark.parametrize(
    ("grants", "others"), [([], set()), (["panel"], set()), (["preferences"], {"joke.told"})]
)
async def test_plugins_see_of_people_what_is_their_own_and_the_cores(
    build: Build, tmp_path: Path, grants: list[str], others: set[str]
) -> None:
    (tmp_path / "__init__.py").write_text(LOOKING, encoding="utf-8")
    house = build({"looking": {"module": str(tmp_path), "grants": grants}})
    await house.manager.start()
    kept = dict.fromkeys(("model", "options:kling/2.1", "terms_accepted", "looking.once", "joke.told"), 1)
    files = [{"ref": "file-1"}]
    private, group = (
        Dialogue("joke", "ask", {"words": "secret", "files": files}),
        Dialogue("joke", "ask", {"words": "secret"}),
    )
    person = replace(ALICE, settings=kept, dialogue=private, group_dialogues={-1: group})
    route = house.routes.command("look")
    assert route is not None
    event = house.event(route)
    event.user = person
    await house.manager.call(route, event)
    await house.manager.decide("may_generate", **{**GATE, "user": person}, prompt="a fox")
    for user in house.plugin("looking").seen:
        assert set(user.settings) == set(kept) - {"joke.told"} | others
        assert (user.dialogue.plugin, user.dialogue.data["files"]) == ("joke", files)
        assert ("words" in user.dialogue.data, bool(user.group_dialogues)) == (bool(others), bool(others))
    assert len(house.plugin("looking").seen) == 2


async def test_the_longest_beginning_of_a_payload_wins(build: Build) -> None:
    house = build(good())
    await house.manager.start()
    special, plain = house.routes.payment(b"good:special:7"), house.routes.payment(b"good:7")
    assert special is not None
    assert plain is not None
    assert special is not plain


async def test_only_admins_see_admin_commands(build: Build) -> None:
    house = build(good())
    await house.manager.start()
    assert [command.name for command in house.routes.commands()] == ["hello"]
    assert [command.name for command in house.routes.commands(role=AdminRole.OWNER)] == ["hello", "secret"]


@pytest.mark.parametrize(
    ("command", "result"),
    [
        ("raise", CallResult.FAILED),
        ("exit", CallResult.FAILED),
        ("hang", CallResult.TIMED_OUT),
        ("short", CallResult.REFUSED),
    ],
)
async def test_whatever_a_handler_does_the_call_returns(
    command: str, result: CallResult, build: Build
) -> None:
    house = build({**good(), **bad("misbehaves")})
    await house.manager.start()
    assert await house.command(command, "words of a person") is result
    if result is CallResult.TIMED_OUT:
        assert "allow it more (limits.plugins.handler_seconds)" in house.status("misbehaves").last_error
    assert await house.command("hello") is CallResult.DONE


async def test_words_for_a_person_are_no_error_of_the_plugin(build: Build) -> None:
    house = build(bad("misbehaves"))
    await house.manager.start()
    outcome = await house.outcome("short")
    assert isinstance(outcome.error, InsufficientStars)
    assert house.status("misbehaves").errors == 0


async def test_errors_are_told_without_what_the_person_wrote(build: Build) -> None:
    house = build(bad("misbehaves"))
    await house.manager.start()
    await house.command("raise", "my secret words")
    status = house.status("misbehaves")
    assert status.errors == 1
    assert status.last_error.startswith("handler raises: RuntimeError (misbehaves/__init__.py:")
    assert "secret" not in status.last_error


async def test_a_handler_that_will_not_end_is_left_behind(build: Build) -> None:
    house = build({**good(), **bad("misbehaves")})
    await house.manager.start()
    misbehaves = house.plugin("misbehaves")
    release = sys.modules[type(misbehaves).__module__].RELEASE
    release["door"] = asyncio.Event()
    assert await house.command("stubborn", "door") is CallResult.TIMED_OUT
    assert await house.command("hello") is CallResult.DONE
    release["door"].set()


async def test_a_caller_that_goes_away_takes_the_handler_with_it(build: Build) -> None:
    house = build(good(), handler_seconds=60)
    await house.manager.start()
    plugin = house.plugin()
    call = asyncio.create_task(house.command("slow"))
    await plugin.inside.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    plugin.door.set()
    await asyncio.sleep(0)
    assert plugin.seen == []


async def test_a_pre_checkout_has_less_time_than_other_handlers(build: Build) -> None:
    house = build(bad("misbehaves"), handler_seconds=60)
    await house.manager.start()
    route = house.routes.command("hang")
    assert route is not None
    event = PreCheckoutEvent(
        key="update",
        user=ALICE,
        chat=Chat(ALICE.id, ChatKind.PRIVATE),
        t=house.i18n.translator("en"),
        answers=cast(Any, None),
        query_id=1,
        currency="XTR",
        amount=5,
        payload=b"good:1",
    )
    assert (await house.manager.call(route, event)).result is CallResult.TIMED_OUT
    assert "0.02 s: its author" in house.status("misbehaves").last_error
    assert "(limits.plugins.pre_checkout_seconds)" in house.status("misbehaves").last_error


async def test_a_task_that_fails_is_counted(build: Build) -> None:
    house = build(bad("misbehaves"))
    await house.manager.start()
    await house.command("task")
    await house.clock.advance(0)
    assert house.status("misbehaves").last_error.startswith("task: RuntimeError")


async def test_notifications_reach_everybody_but_wait_for_nobody(build: Build) -> None:
    house = build({**bad("hangs_in_hooks", "raises_in_hooks"), **good()})
    await house.manager.start()
    await house.manager.notify("person_arrived", user=ALICE)
    assert house.plugin().seen == []
    await house.manager.idle()
    assert house.plugin().seen == ["Alice"]
    assert house.status("hangs_in_hooks").last_error == (
        "hook person_arrived: took longer than 0.05 s: its author has to make it quicker, or allow it more "
        "(limits.plugins.hook_seconds)"
    )
    assert house.status("raises_in_hooks").errors == 1
    assert "Alice" not in house.status("raises_in_hooks").last_error


async def test_notifications_come_in_order(build: Build) -> None:
    house = build(good())
    await house.manager.start()
    for _ in range(3):
        await house.manager.notify("person_arrived", user=ALICE)
    plugin = house.plugin()
    await house.command("hello", "meanwhile")
    await house.manager.idle()
    assert sorted(plugin.seen) == ["Alice", "Alice", "Alice", "meanwhile"]


async def test_too_many_waiting_notifications_are_dropped_and_counted(build: Build) -> None:
    house = build(good(), waiting_notifications=2)
    await house.manager.start()
    for _ in range(4):
        await house.manager.notify("person_arrived", user=ALICE)
    await house.manager.idle()
    assert house.plugin().seen == ["Alice", "Alice"]
    assert house.status("good").errors == 2


async def test_the_first_refusal_wins(build: Build) -> None:
    house = build(good())
    await house.manager.start()
    assert await house.manager.decide("may_generate", prompt="a cat", **GATE) is None
    refusal = await house.manager.decide("may_generate", prompt="evil", **GATE)
    assert refusal == Refusal("good-refusal", {"prompt": "evil"})


@pytest.mark.parametrize("name", ["hangs_in_hooks", "raises_in_hooks", "answers_nonsense"])
async def test_a_decision_that_fails_is_a_refusal(name: str, build: Build) -> None:
    house = build({**bad(name), **good()})
    await house.manager.start()
    assert await house.manager.decide("may_generate", prompt="a cat", **GATE) == GATE_FAILED
    assert house.status(name).errors == 1


async def test_a_suspended_gate_stays_closed_until_an_admin_opens_it(build: Build) -> None:
    house = build(bad("raises_in_hooks"))
    await house.manager.start()
    await _make_it_sick(house)
    assert house.state("raises_in_hooks") is PluginState.SUSPENDED
    assert await house.manager.decide("may_generate", prompt="a cat", **GATE) == GATE_FAILED
    await house.manager.disable("raises_in_hooks")
    assert await house.manager.decide("may_generate", prompt="a cat", **GATE) is None


async def _make_it_sick(house: House) -> None:
    for _ in range(3):
        await house.manager.decide("may_generate", prompt="a cat", **GATE)
    await house.told.wait()


@pytest.mark.parametrize("name", ["hangs_in_hooks", "raises_in_hooks", "answers_nonsense"])
async def test_buttons_of_a_plugin_that_fails_are_left_out(name: str, build: Build) -> None:
    house = build({**bad(name), **good()})
    await house.manager.start()
    keyboard = await house.manager.keyboard("result_keyboard", job=cast(Job, None))
    again, elsewhere = keyboard[0]
    assert len(keyboard) == 1
    assert (again.text, again.plugin, elsewhere.url) == ("Again", "good", "https://example.org/")
    assert house.status(name).errors == 1


async def test_a_hook_of_the_other_kind_is_refused(build: Build) -> None:
    house = build({})
    with pytest.raises(ValueError, match="may_generate is no notification"):
        await house.manager.notify("may_generate", **GATE)
    with pytest.raises(ValueError, match="person_arrived is no decision"):
        await house.manager.decide("person_arrived", user=ALICE)
    with pytest.raises(ValueError, match="person_arrived is no collection"):
        await house.manager.keyboard("person_arrived", user=ALICE)


async def test_a_notification_that_nobody_wants_is_fine(build: Build) -> None:
    house = build(good())
    await house.manager.start()
    await house.manager.notify("generation_changed", job=cast(Job, None))
    await house.manager.idle()
    assert house.status("good").errors == 0


@pytest.mark.parametrize("name", ["rewrites", "rewrites_badly"])
async def test_prompts_go_from_plugin_to_plugin_and_one_that_fails_leaves_them(
    build: Build, name: str
) -> None:
    house = build({**good("rewrites", "rewrites_badly", "rewrites_again")})
    await house.manager.start()
    asked = await house.manager.rewrite_prompt("a fox", user=ALICE, model_id="m")
    assert asked == "a fox, in oil, framed"
    assert house.status("rewrites_badly").errors == 1
    assert "answered int; allowed: str, None" in house.status("rewrites_badly").last_error
    await house.manager.disable(name)
    after = "a fox, framed" if name == "rewrites" else "a fox, in oil, framed"
    assert await house.manager.rewrite_prompt("a fox", user=ALICE, model_id="m") == after


async def test_prices_are_made_by_plugins_that_are_granted_it_and_within_bounds(build: Build) -> None:
    house = build({**good("discounts", grants=["billing"], stars=7), **good()})
    await house.manager.start()
    assert await house.manager.price_for(10, user=ALICE, model_id="m") == 7
    for wrong in (0, 10**9 + 1):
        await house.manager.configure("discounts", {"stars": wrong})
        assert await house.manager.price_for(10, user=ALICE, model_id="m") == 10
        assert "allowed: whole Stars from 1 to 1000000000" in house.status("discounts").last_error
    alone = build(good("discounts"))
    await alone.manager.start()
    assert 'hook price_for needs grants = ["billing"]' in alone.status("discounts").reason


PNG = b"\x89PNG\r\n\x1a\n and so on"


async def test_a_picture_is_what_the_plugin_made_of_it_or_what_it_was(build: Build) -> None:
    house = build(good("retouches"), image_bytes=1000, image_seconds=0.05, errors=100)
    assert not house.manager.wants("rewrite_image")
    await house.manager.start()
    assert house.manager.wants("rewrite_image")
    assert await house.manager.image(PNG, number=0) == PNG + b" marked"
    for manner, words in {
        "late": "longer than 0.05 s",
        "raising": "RuntimeError",
        "huge": "answered no picture; allowed: PNG, JPEG or WebP of at most 1000 bytes",
        "svg": "answered no picture",
    }.items():
        await house.manager.configure("retouches", {"manner": manner})
        assert await house.manager.image(PNG, number=0) is PNG
        assert words in house.status("retouches").last_error
    await house.manager.configure("retouches", {"manner": "nothing"})
    assert await house.manager.image(PNG, number=0) is PNG
    await house.manager.disable("retouches")
    assert not house.manager.wants("rewrite_image")
