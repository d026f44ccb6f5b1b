"""Calls to Telegram in their turn: within its limits, and once each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from core.clock import Clock
from core.errors import FloodWaited, PersonUnreachable, TelegramError
from core.limits import SendingLimits
from core.telegram.client import TelegramClient
from core.telegram.media import sent_id
from core.telegram.send_gate import Priority, SendGate
from core.telegram.types import MessageRef

_log = structlog.stdlib.get_logger(__name__)

_DUPLICATE = "RANDOM_ID_DUPLICATE"
_REPLY_GONE = "REPLY_MESSAGE_ID_INVALID"
_SEND, _EDIT = "send", "edit"


class Turns:
    """Makes calls that send, each when its turn comes; `unreachable` is told of who blocked the bot.

    What Telegram calls a duplicate counts as sent.
    """

    def __init__(
        self,
        client: TelegramClient,
        clock: Clock,
        limits: SendingLimits,
        unreachable: Callable[[int], Awaitable[None]],
    ) -> None:
        self._client = client
        self._clock = clock
        self._longest_wait = limits.longest_wait_seconds
        self._gate = SendGate(limits, clock)
        self._unreachable = unreachable

    async def stop(self) -> None:
        """Let nobody wait any more."""
        await self._gate.stop()

    async def peer(self, chat_id: int) -> Any:
        """The input peer of a chat.

        Raises:
            PersonUnreachable: Telegram knows no such chat, or not from us.

        """
        try:
            return await self._client.resolve(chat_id)
        except PersonUnreachable:
            await self._tell_unreachable(chat_id)
            raise

    async def send(self, chat_id: int, query: Any, text: str, priority: Priority) -> MessageRef:
        """Send a message; one that answers a message that is gone goes without that."""
        try:
            answer = await self._in_turn(chat_id, query, _SEND, priority)
        except TelegramError as error:
            if error.name == _REPLY_GONE and query.reply_to is not None:
                query.reply_to = None
                return await self.send(chat_id, query, text, priority)
            return MessageRef(chat_id, await self._sent_before(chat_id, text, error))
        return MessageRef(chat_id, sent_id(answer))

    async def send_all(
        self, chat_id: int, query: Any, text: str, priority: Priority, random_ids: Sequence[int]
    ) -> tuple[MessageRef, ...]:
        """Send several messages by one call."""
        try:
            answer = await self._in_turn(chat_id, query, _SEND, priority)
        except TelegramError as error:
            first = await self._sent_before(chat_id, text, error)
            return (MessageRef(chat_id, first), *[MessageRef(chat_id, 0)] * (len(random_ids) - 1))
        return tuple(MessageRef(chat_id, sent_id(answer, random_id)) for random_id in random_ids)

    async def edit(self, chat_id: int, query: Any, priority: Priority) -> None:
        """Change a message."""
        await self._in_turn(chat_id, query, _EDIT, priority)

    async def patiently(self, query: Any) -> Any:
        """Make a call that no limit of ours counts, waiting as long as Telegram says."""
        while True:
            try:
                return await self._client.invoke(query)
            except FloodWaited as error:
                if error.seconds > self._longest_wait:
                    raise
                await self._clock.sleep(error.seconds)

    async def _in_turn(self, chat_id: int, query: Any, method: str, priority: Priority) -> Any:
        """Make a call within the limits, waiting as long as Telegram says."""
        while True:
            await self._gate.admit(chat_id, method, priority)
            try:
                return await self._client.invoke(query)
            except FloodWaited as error:
                if error.seconds > self._longest_wait:
                    raise
                _log.warning("flood_wait", method=method, seconds=error.seconds)
                self._gate.pause(chat_id, method, error.seconds)
            except PersonUnreachable:
                await self._tell_unreachable(chat_id)
                raise

    async def _sent_before(self, chat_id: int, text: str, error: TelegramError) -> int:
        """The id of what was sent already, 0 where nobody knows; raises `error` if it is another."""
        if error.name != _DUPLICATE:
            raise error
        return await self._client.find_own(chat_id, text) or 0

    async def _tell_unreachable(self, chat_id: int) -> None:
        if chat_id > 0:
            await self._unreachable(chat_id)
