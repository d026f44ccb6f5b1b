"""What a plugin is given: every way to send has a pace, and people's settings are its own or granted."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, cast
from unittest.mock import AsyncMock, MagicMock

import pytest

from core.admin.support import SupportLine
from core.context import ContextFactory
from core.errors import PluginError
from core.limits import PluginLimits
from core.plugin import PluginContext
from core.plugins.pace import Paces
from core.telegram.answers import BURST, DIALOGUE_BYTES, UpdateAnswers
from core.telegram.types import MessageRef
from core.users import Dialogue, User
from sandbox.clock import ManualClock

ALICE = 8_589_934_592
MESSAGE = MessageRef(ALICE, 1)
GRANTS = ("billing", "privacy", "panel", "operations", "preferences")


def context_of(clock: ManualClock, *grants: str, users: Any = None, **limits: Any) -> PluginContext[Any]:
    parts: dict[str, Any] = {name: MagicMock() for name in inspect.signature(ContextFactory).parameters}
    for part in ("outbox", "files", "admins", "notes"):
        parts[part] = AsyncMock()
    parts["notifications"] = MagicMock(put=AsyncMock(return_value=1))
    parts |= {
        "support": SupportLine(AsyncMock(), ()),
        "users": users or AsyncMock(),
        "clock": clock,
        "limits": PluginLimits(**limits),
        "trusted": {grant: {"joke"} if grant in grants else set() for grant in GRANTS},
    }
    factory = ContextFactory(**parts)
    nothing = cast(Any, None)
    return factory(name="joke", config=nothing, spawn=nothing, schedule=nothing, metrics=nothing)


Way = Callable[[PluginContext[Any], int], Awaitable[object]]
WAYS: dict[str, Way] = {
    "send": lambda context, n: context.outbox.send(ALICE, "more", key=str(n)),
    "photo": lambda context, n: context.outbox.send_photo(ALICE, b"", key=str(n)),
    "edit": lambda context, n: context.outbox.edit(MESSAGE, "more"),
    "delete": lambda context, n: context.outbox.delete(MESSAGE),
    "tell": lambda context, n: context.admins.tell("more", about=str(n)),
    "show": lambda context, n: context.admins.show(MagicMock(), about=str(n)),
    "forward": lambda context, n: context.admins.forward(MESSAGE, about=str(n)),
    "notify": lambda context, n: context.notifications.queue_notification("video_failed", key=str(n)),
    "support": lambda context, n: context.support.write(ALICE, "more", key=str(n)),
}


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_to_send_of_its_own_accord_has_a_pace(clock: ManualClock, way: str) -> None:
    context = context_of(clock, messages_per_second=4)
    await clock.advance(100)
    tasks = [asyncio.ensure_future(WAYS[way](context, n)) for n in range(6)]
    await clock.until_asleep(2)
    assert sum(task.done() for task in tasks) == 4
    await clock.advance(2)
    async with asyncio.timeout(5):
        await asyncio.gather(*tasks)


async def test_answers_to_one_update_wait_only_when_there_are_very_many(clock: ManualClock) -> None:
    pace = Paces(clock, PluginLimits(messages_per_second=4, waiting_messages=1))
    await clock.advance(100)
    for update in range(3):
        answers = _answers(pace, f"update:{update}")
        for _ in range(BURST):
            await answers.send("one of a few")
    for _ in range(4):
        await answers.edit(1, "one of many")
    late = asyncio.create_task(answers.send("one too many"))
    await clock.until_asleep()
    assert not late.done()
    with pytest.raises(PluginError, match="wait to be sent already"):
        await answers.send("and one more")
    await _answers(pace, "another").send("somebody else is answered at once")
    await clock.advance(1)
    await late


async def test_a_note_has_a_size(clock: ManualClock) -> None:
    context = context_of(clock, row_bytes=50)
    await context.notes.keep(ALICE, "last", "x" * 40)
    with pytest.raises(
        PluginError, match=r"note last of \d+ bytes .* allowed: 50 \(limits\.plugins\.row_bytes\)"
    ):
        await context.notes.keep(ALICE, "last", "x" * 50)


@pytest.mark.parametrize(
    ("power", "grant"),
    [(name, name) for name in GRANTS if name != "preferences"] + [("model_changes", "billing")],
)
def test_what_is_not_granted_says_which_line_is_missing(clock: ManualClock, power: str, grant: str) -> None:
    with pytest.raises(PluginError, match=rf'^plugin joke needs grants = \["{grant}"\] in its table'):
        getattr(context_of(clock), power)
    assert getattr(context_of(clock, grant), power) is not None


async def test_a_dialogue_carries_so_much_and_no_more(clock: ManualClock) -> None:
    answers = _answers(Paces(clock, PluginLimits()), "update")
    await answers.set_dialogue(Dialogue("joke", "ask", {"words": "x" * (DIALOGUE_BYTES - 100)}))
    with pytest.raises(PluginError, match="a dialogue would carry 65"):
        await answers.set_dialogue(Dialogue("joke", "ask", {"words": "x" * DIALOGUE_BYTES}))


async def test_a_plugin_changes_its_own_settings_of_people_and_no_others(clock: ManualClock) -> None:
    users = AsyncMock()
    users.get.return_value = User(ALICE, "Alice", settings={"joke.seen": "x" * 500, "other.seen": "y" * 5000})
    people = context_of(clock, users=users, row_bytes=1000).people
    await people.set_setting(ALICE, "joke.told", 3)
    users.set_settings.assert_awaited_once_with(ALICE, {"joke.told": 3})
    for key in ("model", "keep_prompts", "terms_accepted", "options:flux", "other.seen", "jokes"):
        with pytest.raises(PluginError, match=rf"'{key}' is not this plugin's own: name it 'joke\.{key}'"):
            await people.set_settings(ALICE, {"joke.told": 4, key: None})
    with pytest.raises(PluginError, match=r"would have 10\d\d bytes; allowed: 1000"):
        await people.set_setting(ALICE, "joke.more", "x" * 500)
    await people.set_settings(ALICE, {"joke.seen": None, "joke.more": "x" * 500})
    assert users.set_settings.await_count == 2


@pytest.mark.parametrize("grant", ["preferences", "billing", "privacy"])
async def test_with_a_grant_it_changes_what_the_core_keeps(clock: ManualClock, grant: str) -> None:
    users = AsyncMock()
    users.get.return_value = User(ALICE, "Alice")
    people = context_of(clock, grant, users=users, row_bytes=1000).people
    await people.set_setting(ALICE, "model", "flux")
    users.set_settings.assert_awaited_once_with(ALICE, {"model": "flux"})
    with pytest.raises(PluginError, match="allowed: 1000"):
        await people.set_setting(ALICE, "model", "x" * 1000)


def _answers(pace: Paces, key: str) -> UpdateAnswers:
    files, nobody = AsyncMock(), AsyncMock()
    answers = UpdateAnswers(
        AsyncMock(), files, nobody, slow_down=pace.take, key=key, chat_id=ALICE, user_id=ALICE
    )
    answers.plugin = "joke"
    return answers
