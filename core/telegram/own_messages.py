"""The bot's own messages whose ids no answer brought: a reply was lost, or the process died before it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

_KEPT = 1_000


class OwnMessages:
    """Messages of our own seen in updates, by chat, until a send that lost its answer claims one.

    Telegram may refuse a repeated send with `RANDOM_ID_DUPLICATE` without saying which message it is. The
    difference shows that message as our own; it is found by its chat and text.
    """

    def __init__(self) -> None:
        self._unclaimed: OrderedDict[tuple[int, int], str] = OrderedDict()
        self._changed = asyncio.Event()

    def seen(self, chat_id: int, message_id: int, text: str) -> None:
        """Note a message of our own that an update showed."""
        self._unclaimed[chat_id, message_id] = text
        self._changed.set()
        while len(self._unclaimed) > _KEPT:
            self._unclaimed.popitem(last=False)

    def known(self, chat_id: int, message_id: int) -> None:
        """An answer named this message: nobody has to look for it."""
        self._unclaimed.pop((chat_id, message_id), None)

    def claim(self, chat_id: int, text: str) -> int | None:
        """The id of the oldest message with that text that nobody has claimed, or None."""
        found = self._find(chat_id, text)
        if found is not None:
            del self._unclaimed[chat_id, found]
        return found

    async def await_one(self, chat_id: int, text: str) -> None:
        """Return when there is one to claim."""
        while self._find(chat_id, text) is None:
            self._changed.clear()
            await self._changed.wait()

    def _find(self, chat_id: int, text: str) -> int | None:
        for (chat, message_id), seen in self._unclaimed.items():
            if chat == chat_id and seen == text:
                return message_id
        return None
