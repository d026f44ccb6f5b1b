"""What came to a person and was not yet looked at, and the waiting for what is still to come."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.people.views import MessageView

Match = str | re.Pattern[str] | Callable[[MessageView], bool] | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as it was when it came or was edited; `kind` is `new` or `edit`."""

    kind: str
    message: MessageView


@dataclass(slots=True, eq=False)
class _Waiter:
    wanted: Callable[[Arrival], bool]
    found: asyncio.Future[MessageView]


class Inbox:
    """Messages and edits in the order of their coming; each is taken once."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self._waiters: list[_Waiter] = []

    def put(self, arrival: Arrival) -> None:
        """Hand a message to the first who waits for one like it, or keep it."""
        for waiter in self._waiters:
            if not waiter.found.done() and waiter.wanted(arrival):
                waiter.found.set_result(arrival.message)
                return
        self.arrivals.append(arrival)

    async def take(self, wanted: Callable[[Arrival], bool]) -> MessageView:
        """The oldest message that fits, or the next one to come."""
        for place, arrival in enumerate(self.arrivals):
            if wanted(arrival):
                del self.arrivals[place]
                return arrival.message
        waiter = _Waiter(wanted, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            return await waiter.found
        finally:
            self._waiters.remove(waiter)


def wanting(match: Match, kind: str | None, chat_id: int | None) -> Callable[[Arrival], bool]:
    """The test that an arrival must pass.

    `match` is a part of the text, a pattern to search in it, or a function of the message; `kind` is `new`,
    `edit`, or what `MessageView.kind` says; `chat_id` the account or chat it is in. None is any.
    """

    def wanted(arrival: Arrival) -> bool:
        message = arrival.message
        if chat_id is not None and message.chat.id != chat_id:
            return False
        if kind is not None and kind not in (arrival.kind, message.kind):
            return False
        return _fits(match, message)

    return wanted


def _fits(match: Match, message: MessageView) -> bool:
    if match is None:
        return True
    if isinstance(match, str):
        return match in message.text
    if isinstance(match, re.Pattern):
        return match.search(message.text) is not None
    return match(message)
