"""Who stands behind what nobody signs: posts in channels, messages of a group's admins who hide."""

from __future__ import annotations

import structlog
from pyrogram.raw import functions as F
from pyrogram.raw import types as T

from core.admin.roles import AdminRole, may
from core.clock import Clock
from core.errors import TelegramError
from core.telegram.client import TelegramClient
from core.telegram.lookup import channel_of
from core.telegram.people import People
from core.telegram.rate_limits import Recently
from core.telegram.types import Chat, Profile

_log = structlog.stdlib.get_logger(__name__)

_ADMINS_AT_ONCE = 100
"""More than a channel may have. Source: https://limits.tginfo.me"""
_SECONDS = 1.0
"""How soon the same place is looked at again: strangers could have the bot ask Telegram on and on."""


class Signatories:
    """Finds one of the operators among the admins of a channel or group."""

    def __init__(self, client: TelegramClient, people: People, clock: Clock) -> None:
        self._client = client
        self._people = people
        self._asked = Recently(_SECONDS, clock)

    async def __call__(self, chat: Chat, role: AdminRole) -> Profile | None:
        """An admin of the place who has at least this role of ours; None if nobody has, or it cannot be told.

        Source: https://core.telegram.org/method/channels.getParticipants
        """
        if self._asked.happened(chat.id):
            return None
        try:
            channel = channel_of(await self._client.resolve(chat.id))
            if channel is None:
                return None
            found = await self._client.invoke(
                F.channels.GetParticipants(
                    channel=channel,
                    filter=T.ChannelParticipantsAdmins(),
                    offset=0,
                    limit=_ADMINS_AT_ONCE,
                    hash=0,
                )
            )
        except TelegramError as error:
            _log.info("admins_of_place_unknown", error=str(error))
            return None
        numbers = (int(each.user_id) for each in found.participants)
        chosen = next((number for number in numbers if may(self._people.role(number), role)), None)
        # Without a name: the record of whoever never wrote here is not made by this.
        return None if chosen is None else Profile(chosen)
