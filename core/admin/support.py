"""Support: people's words go to the team, and an answer comes back; of two who answer, the first does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from core.errors import UserFacingError
from core.i18n import I18n
from core.storage.audit import AuditLog
from core.storage.claims import Claim, Claims
from core.storage.support import SupportStore, SupportThread
from core.storage.users import UserStore
from core.telegram.outbox import Outbox

LONGEST_LETTER = 2000
_SHOWN = 10


Listener = Callable[[SupportThread], Awaitable[None]]
"""Is told of a person's new word; it may be told twice."""


async def _at_once() -> None:
    return


class SupportLine:
    """The way from people to the team, each of whose `listeners` is told of each new word."""

    def __init__(
        self,
        store: SupportStore,
        listeners: Iterable[Listener],
        turn: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        self._store = store
        self._listeners = listeners
        self._turn = turn

    def paced(self, turn: Callable[[], Awaitable[None]]) -> SupportLine:
        """The same way for somebody who waits for `turn` before each word."""
        return SupportLine(self._store, self._listeners, turn)

    async def write(self, user_id: int, text: str, *, key: str) -> None:
        """Hand a person's word to the team, once for each `key`.

        Raises:
            UserFacingError: it is empty or too long.

        """
        words = text.strip()
        if not 0 < len(words) <= LONGEST_LETTER:
            raise UserFacingError("support-bad-text", limit=LONGEST_LETTER)
        await self._turn()
        thread = await self._store.add(user_id, words, by=0, key=key)
        for tell in tuple(self._listeners):
            await tell(thread)


class SupportDesk:
    """The team's side of it. `listeners` are told of each new word of people's."""

    def __init__(
        self,
        *,
        store: SupportStore,
        listeners: list[Listener],
        users: UserStore,
        outbox: Outbox,
        i18n: I18n,
        claims: Claims,
        audit: AuditLog,
    ) -> None:
        self._store = store
        self.listeners = listeners
        self._users = users
        self._outbox = outbox
        self._i18n = i18n
        self._claims = claims
        self._audit = audit

    async def waiting(self) -> list[SupportThread]:
        """Threads that wait for an answer, the longest first; at most ten."""
        return await self._store.waiting(_SHOWN)

    async def get(self, user_id: int) -> SupportThread | None:
        """A person's thread."""
        return await self._store.get(user_id)

    async def answer(self, user_id: int, text: str, *, seen: int, key: str, by: int) -> Claim:
        """Answer what was written up to the version that was `seen`.

        Raises:
            PersonUnreachable: they blocked the bot; the answer stands in the thread.
            UserFacingError: it is empty or too long.

        """
        words = text.strip()
        if not 0 < len(words) <= LONGEST_LETTER:
            raise UserFacingError("support-bad-text", limit=LONGEST_LETTER)
        thread = await self._store.get(user_id)
        stale = thread is None or (not thread.waits and thread.version > seen)
        claim = await self._claims.take(f"support:{user_id}:{seen}", "answer", by=by, stale=stale)
        if not claim.first:
            return claim
        await self._store.add(user_id, words, by=by, key=key)
        about = f"user:{user_id}"
        await self._audit.write(f"user:{by}", "support.answer", before={"of": about}, after={"of": about})
        user = await self._users.get(user_id)
        language = self._i18n.choose_language(
            user.language if user else None, user.telegram_language if user else None
        )
        letter = self._i18n.translator(language)("support-answer", text=words)
        await self._outbox.send_durable(f"support:{key}", user_id, letter)
        return claim
