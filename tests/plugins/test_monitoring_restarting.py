"""`/restart` decided by several at once, too late, and again after it is back."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from core.telegram.types import MessageRef
from plugins.monitoring.restarting import Restarting
from sandbox.clock import ManualClock


class Words:
    """Texts by their keys, with the name in them."""

    language = "en"

    def __call__(self, key: str, **variables: object) -> str:
        return key

    def plain(self, key: str, *, name: str) -> str:
        return f"{key} {name}"


class Process:
    """A bot that counts its restarts, and what it says where."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.values: dict[str, Any] = {}
        self.restarts = 0
        self.sent: list[str] = []
        self.noted: list[tuple[object, ...]] = []
        self.plugin = self.begun()

    def begun(self) -> Restarting:
        context: Any = SimpleNamespace(
            config=SimpleNamespace(timezone="UTC"),
            clock=self.clock,
            store=self,
            outbox=self,
            operations=SimpleNamespace(restart=self._restart, note=self._note),
            catalogue=SimpleNamespace(translator=lambda *_: Words()),
        )
        return Restarting(context)

    async def _note(self, *noted: object) -> None:
        self.noted.append(noted)

    async def get(self, key: str) -> Any:
        value = self.values.get(key)
        await asyncio.sleep(0)  # a database lets others in between
        return value

    async def set(self, key: str, value: Any) -> None:
        await asyncio.sleep(0)
        self.values[key] = value

    async def send(self, _chat: int, text: str, **_: Any) -> None:
        self.sent.append(text)

    async def edit(self, _message: MessageRef, text: str) -> None:
        self.sent.append(text)

    async def press(self, name: str, choice: str, asked: float) -> str:
        """Press a button of a question that was asked at `asked`; what is shown then."""
        shown: list[str] = []

        async def edit(text: str) -> None:
            shown.append(text)

        async def answer(text: str, *, alert: bool) -> None:
            assert alert
            shown.append(text)

        event: Any = SimpleNamespace(
            arguments=(choice, str(int(asked))),
            user=SimpleNamespace(first_name=name, username=None, id=1),
            chat=SimpleNamespace(id=1),
            message_id=7,
            t=Words(),
            edit=edit,
            answer=answer,
        )
        await self.plugin.restart(event)
        (text,) = shown
        return text

    def _restart(self) -> None:
        self.restarts += 1


async def test_two_at_once_are_one_restart(clock: ManualClock) -> None:
    process, asked = Process(clock), clock.now().timestamp()
    shown = await asyncio.gather(*(process.press(name, "yes", asked) for name in ("Ann", "Bob", "Cid")))
    assert shown == ["monitoring-restart-goes", *["monitoring-restart-already Ann"] * 2]
    assert process.restarts == 1
    assert process.noted == [(1, "restart", "running", "restarting")]


async def test_an_old_question_is_none_any_more(clock: ManualClock) -> None:
    process, asked = Process(clock), clock.now().timestamp()
    await clock.advance(301)
    assert await process.press("Ann", "yes", asked) == "monitoring-restart-old"
    assert await process.press("Ann", "no", asked) == "monitoring-restart-not"
    assert process.restarts == 0
    assert await process.press("Ann", "yes", clock.now().timestamp()) == "monitoring-restart-goes"


async def test_after_it_is_back_a_new_question_counts_and_one_from_before_does_not(
    clock: ManualClock,
) -> None:
    process, asked = Process(clock), clock.now().timestamp()
    await process.press("Ann", "yes", asked)
    await clock.advance(20)
    assert await process.press("Bob", "yes", clock.now().timestamp()) == "monitoring-restart-already Ann"
    process.plugin = process.begun()
    for _ in range(2):
        await process.plugin.say_back()
    assert process.sent == ["monitoring-restart-done", "monitoring-restart-back"], "once"
    assert await process.press("Bob", "yes", asked) == "monitoring-restart-already Ann"
    assert await process.press("Bob", "yes", clock.now().timestamp()) == "monitoring-restart-goes"
    assert process.restarts == 2


async def test_who_comes_back_after_an_hour_says_nothing(clock: ManualClock) -> None:
    process = Process(clock)
    await process.press("Ann", "yes", clock.now().timestamp())
    await clock.advance(3601)
    await process.begun().say_back()
    assert process.sent == []
