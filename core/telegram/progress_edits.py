"""Edits that show progress: of several for one message only the newest is made, now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from core.clock import Clock
from core.errors import TelegramError
from core.telegram.types import Keyboard, MessageRef

_log = structlog.stdlib.get_logger(__name__)

Edit = Callable[[MessageRef, str, Keyboard], Awaitable[object]]


@dataclass(slots=True)
class _Slot:
    wanted: tuple[str, Keyboard] | None
    shown: tuple[str, Keyboard] | None = None
    task: asyncio.Task[None] | None = None
    editing: bool = False
    settling: bool = False


class ProgressEdits:
    """Edits each message at most once in `seconds`."""

    def __init__(self, edit: Edit, clock: Clock, seconds: float) -> None:
        self._edit = edit
        self._clock = clock
        self._seconds = seconds
        self._slots: dict[MessageRef, _Slot] = {}

    def want(self, ref: MessageRef, html: str, keyboard: Keyboard) -> None:
        """Ask for a message to be edited soon, instead of what was asked for before."""
        slot = self._slots.get(ref)
        if slot is not None:
            slot.wanted = (html, keyboard)
            return
        slot = self._slots[ref] = _Slot((html, keyboard))
        slot.task = asyncio.create_task(self._run(ref, slot), name="progress edits")

    async def settle(self, ref: MessageRef) -> None:
        """Forget what was asked for; an edit that is being made comes to its end."""
        slot = self._slots.get(ref)
        if slot is None or slot.task is None:
            return
        slot.wanted = None
        slot.settling = True
        if not slot.editing:
            slot.task.cancel()
        await asyncio.wait({slot.task})

    async def stop(self) -> None:
        """Forget everything that was asked for."""
        tasks = [slot.task for slot in self._slots.values() if slot.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, ref: MessageRef, slot: _Slot) -> None:
        try:
            while slot.wanted is not None:
                if slot.wanted == slot.shown:
                    # Several stages may look the same; Telegram would refuse the edit.
                    return
                html, keyboard = slot.shown = slot.wanted
                slot.wanted = None
                slot.editing = True
                try:
                    await self._edit(ref, html, keyboard)
                except TelegramError as error:
                    slot.shown = None
                    _log.info("progress_not_shown", error=error.name)
                finally:
                    slot.editing = False
                if slot.settling:
                    return
                await self._clock.sleep(self._seconds)
        finally:
            if self._slots.get(ref) is slot:
                del self._slots[ref]
