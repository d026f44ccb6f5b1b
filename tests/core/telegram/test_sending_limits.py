"""How fast messages go out, by a clock that stands still until it is told."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import TelegramError
from core.limits import SendingLimits
from core.telegram.progress_edits import ProgressEdits
from core.telegram.send_gate import Priority, SendGate
from core.telegram.types import Keyboard, MessageRef
from sandbox.clock import ManualClock

PERSON, OTHER, GROUP = 1, 2, -3


class Sends:
    """Sends that ask the gate, and when each went."""

    def __init__(self, clock: ManualClock, **limits: float) -> None:
        self.clock = clock
        self.gate = SendGate(SendingLimits(**limits), clock)
        self.went: list[tuple[str, float]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def send(self, name: str, chat: int, priority: Priority = Priority.ANSWER, method: str = "send") -> None:
        async def go() -> None:
            await self.gate.admit(chat, method, priority)
            self.went.append((name, self.clock.monotonic()))

        self.tasks.append(asyncio.create_task(go()))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.went]


async def test_one_chat_gets_a_few_at_once_and_then_one_a_second(clock: ManualClock) -> None:
    sends = Sends(clock)
    for number in range(6):
        sends.send(str(number), PERSON)
    sends.send("other", OTHER)
    await clock.advance(0.0)
    assert sends.names == ["0", "1", "2", "other"]
    await clock.advance(10.0)
    assert sends.went[4:] == [("3", 1.0), ("4", 2.0), ("5", 3.0)]


async def test_thirty_a_second_over_all_chats(clock: ManualClock) -> None:
    sends = Sends(clock)
    for number in range(75):
        sends.send(str(number), 100 + number)
    await clock.advance(10.0)
    times = [at for _, at in sends.went]
    assert [times.count(second) for second in (0.0, 1.0, 2.0)] == [30, 30, 15]


async def test_a_group_gets_twenty_a_minute(clock: ManualClock) -> None:
    sends = Sends(clock)
    for number in range(45):
        sends.send(str(number), GROUP)
    await clock.advance(300.0)
    times = [at for _, at in sends.went]
    assert [times.count(second) for second in (0.0, 60.0, 120.0)] == [20, 20, 5]


async def test_what_matters_more_goes_first(clock: ManualClock) -> None:
    sends = Sends(clock, messages_per_second=1)
    sends.send("first", 1)
    await clock.advance(0.0)
    order = [Priority.BROADCAST, Priority.PROGRESS, Priority.NOTICE, Priority.ANSWER]
    for number, priority in enumerate(order):
        sends.send(priority.name, 10 + number, priority)
    await clock.advance(10.0)
    assert sends.names == ["first", "ANSWER", "NOTICE", "PROGRESS", "BROADCAST"]


async def test_a_full_chat_holds_up_no_other(clock: ManualClock) -> None:
    sends = Sends(clock, chat_burst=1)
    for number in range(3):
        sends.send(f"a{number}", PERSON)
    sends.send("b", OTHER, Priority.BROADCAST)
    await clock.advance(0.0)
    assert sends.names == ["a0", "b"]
    await clock.advance(1.0)
    assert sends.names == ["a0", "b", "a1"]
    await clock.advance(1.0)
    assert len(sends.went) == 4


async def test_a_flood_wait_stops_one_method_in_one_chat_to_the_second(clock: ManualClock) -> None:
    sends = Sends(clock)
    sends.gate.pause(PERSON, "send", 7)
    sends.send("waits", PERSON)
    sends.send("edit", PERSON, method="edit")
    sends.send("other", OTHER)
    await clock.advance(6.9)
    assert sends.names == ["edit", "other"]
    await clock.advance(0.1)
    assert sends.went[2:] == [("waits", 7.0)]


async def test_who_gives_up_takes_no_place(clock: ManualClock) -> None:
    sends = Sends(clock, chat_burst=1)
    for number in range(3):
        sends.send(str(number), PERSON)
    await clock.advance(0.0)
    sends.tasks[1].cancel()
    await clock.advance(1.0)
    assert sends.went == [("0", 0.0), ("2", 1.0)]


async def test_a_stop_ends_the_waiting(clock: ManualClock) -> None:
    sends = Sends(clock, chat_burst=1)
    for number in range(3):
        sends.send(str(number), PERSON)
    await clock.advance(0.0)
    await sends.gate.stop()
    await asyncio.gather(*sends.tasks, return_exceptions=True)
    assert [task.cancelled() for task in sends.tasks] == [False, True, True]
    assert clock.sleepers == 0


# Progress

REF = MessageRef(1, 2)


class Edits:
    """Edits that were made, and when."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.made: list[tuple[str, float]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: TelegramError | None = None
        self.progress = ProgressEdits(self.edit, clock, 3.0)

    async def edit(self, ref: MessageRef, html: str, keyboard: Keyboard) -> None:
        await self.gate.wait()
        self.made.append((html, self.clock.monotonic()))
        if self.error is not None:
            raise self.error


async def test_only_the_newest_is_shown_once_in_three_seconds(clock: ManualClock) -> None:
    edits = Edits(clock)
    for percent in range(100):
        edits.progress.want(REF, str(percent), ())
        await clock.advance(0.1)
    await clock.advance(10.0)
    assert [at for _, at in edits.made] == pytest.approx([0.0, 3.0, 6.0, 9.0, 12.0])
    assert edits.made[-1][0] == "99"


async def test_the_end_waits_for_an_edit_that_is_being_made_and_drops_the_rest(clock: ManualClock) -> None:
    edits = Edits(clock)
    edits.gate.clear()
    edits.progress.want(REF, "1", ())
    await clock.advance(0.0)
    edits.progress.want(REF, "2", ())
    settled = asyncio.create_task(edits.progress.settle(REF))
    await clock.advance(0.0)
    assert not settled.done()
    edits.gate.set()
    await clock.advance(0.0)
    await settled
    assert [html for html, _ in edits.made] == ["1"]


async def test_progress_that_cannot_be_shown_harms_nothing(clock: ManualClock) -> None:
    edits = Edits(clock)
    edits.error = TelegramError(400, "CHAT_ID_INVALID")
    edits.progress.want(REF, "1", ())
    await clock.advance(0.0)
    edits.progress.want(REF, "2", ())
    await clock.advance(3.0)
    assert [html for html, _ in edits.made] == ["1", "2"]
    await edits.progress.stop()
    assert clock.sleepers == 0


async def test_what_is_shown_already_is_not_sent_again(clock: ManualClock) -> None:
    edits = Edits(clock)
    edits.progress.want(REF, "1", ())
    await clock.advance(1.0)
    edits.progress.want(REF, "1", ())
    await clock.advance(3.0)
    assert clock.sleepers == 0
    edits.progress.want(REF, "2", ())
    await clock.advance(5.0)
    assert [html for html, _ in edits.made] == ["1", "2"]


async def test_what_could_not_be_shown_is_sent_again(clock: ManualClock) -> None:
    edits = Edits(clock)
    edits.error = TelegramError(503, "NO_ANSWER")
    edits.progress.want(REF, "1", ())
    await clock.advance(0.0)
    edits.error = None
    edits.progress.want(REF, "1", ())
    await clock.advance(3.0)
    assert [html for html, _ in edits.made] == ["1", "1"]
    await edits.progress.stop()
