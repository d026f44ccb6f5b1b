"""Messages about money: each is sent once, in the person's language and by their clock, whatever crashes."""

from __future__ import annotations

import structlog

from core.errors import PersonUnreachable
from core.i18n import I18n
from core.preferences import translator_for
from core.storage.users import UserStore
from core.telegram.outbox import Outbox

_log = structlog.stdlib.get_logger(__name__)


class Letters:
    """Writes to people about their money."""

    def __init__(self, outbox: Outbox, users: UserStore, i18n: I18n) -> None:
        self._outbox = outbox
        self._users = users
        self._i18n = i18n

    async def write(self, user_id: int, key: str, *, about: str, **variables: object) -> None:
        """Send the text of a bundle's `key`, once for each `about`; one who blocked the bot gets none.

        Raises:
            TelegramError: it could not be sent just now; write it again.
            DatabaseAway: likewise.

        """
        text = translator_for(self._i18n, await self._users.get(user_id))(key, **variables)
        try:
            await self._outbox.send_durable(f"money:{about}", user_id, text)
        except PersonUnreachable:
            _log.info("letter not delivered: person unreachable", letter=key)
