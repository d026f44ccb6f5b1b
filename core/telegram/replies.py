"""Whether what somebody replies to in a group is the bot's own message."""

from __future__ import annotations

from collections import OrderedDict

from core.errors import TelegramError
from core.telegram.client import TelegramClient
from core.telegram.lookup import message_at
from core.telegram.types import MessageRef

_REMEMBERED = 10_000


class OwnMessages:
    """Looks messages up at Telegram, each once: an update names what it replies to by its number only.

    In privacy mode a bot hears hardly any other replies; as a group's admin it hears all.
    """

    def __init__(self, client: TelegramClient) -> None:
        self._client = client
        self._known: OrderedDict[MessageRef, bool] = OrderedDict()

    async def __call__(self, message: MessageRef) -> bool:
        """Whether the bot wrote it; False where Telegram does not tell."""
        known = self._known.get(message)
        if known is not None:
            return known
        try:
            found = await message_at(self._client, message)
        except TelegramError:
            return False
        is_own = found is not None and bool(found.out)
        self._known[message] = is_own
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return is_own
