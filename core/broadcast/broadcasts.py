"""What operators do with broadcasts: drafted, tried on oneself, begun, paused, gone on with, stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.billing.settings import MAX_PAYMENT
from core.errors import UserFacingError
from core.storage.audit import AuditLog
from core.storage.broadcasts import OVER, Broadcast, BroadcastState, BroadcastStore
from core.storage.people_search import Audience, PeopleSearch

LONGEST = 4000
"""Characters of a text."""
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Steered:
    """What came of an operator's word. Not `first`: somebody else's came before; nothing was changed."""

    first: bool
    broadcast: Broadcast


class Broadcasts:
    """The broadcasts. Of two operators who decide about one at once, the first counts.

    `wake` tells whoever sends them that there is something new to do.
    """

    def __init__(
        self, store: BroadcastStore, people: PeopleSearch, audit: AuditLog, *, wake: Callable[[], None]
    ) -> None:
        self._store = store
        self._people = people
        self._audit = audit
        self._wake = wake

    async def draft(self, request: str, text: str, *, by: int, stars: int = 0) -> Broadcast:
        """Keep a draft, one for each `request`: of a text, or of a gift with its reason.

        Raises:
            UserFacingError: the text is empty or too long, or nobody can be given so much.

        """
        words = text.strip()
        longest = _LONGEST_REASON if stars else LONGEST
        if not 0 < len(words) <= longest:
            raise UserFacingError("broadcast-bad-text", limit=longest)
        if not 0 <= stars <= MAX_PAYMENT:
            raise UserFacingError("grant-bad-amount", most=MAX_PAYMENT)
        return await self._store.add(Broadcast(request, words, stars=stars, by=by, author=by))

    async def get(self, broadcast_id: str) -> Broadcast | None:
        """One of them as it is now."""
        return await self._store.get(broadcast_id)

    async def last(self, limit: int) -> list[Broadcast]:
        """The newest of them."""
        return await self._store.last(limit)

    async def count(self, audience: Audience) -> int:
        """How many people an audience has just now."""
        return sum([1 async for _ in self._people.of(audience)])

    async def choose(self, broadcast_id: str, audience: Audience) -> Steered:
        """Say whom a draft is for."""
        return await self._steered(broadcast_id, await self._store.choose(broadcast_id, audience))

    async def begin(self, broadcast_id: str, *, by: int) -> Steered:
        """Begin to send it."""
        draft = await self._store.get(broadcast_id)
        total = await self.count(draft.audience) if draft is not None else 0
        return await self._enter(
            broadcast_id, (BroadcastState.DRAFT,), BroadcastState.RUNNING, by=by, total=total
        )

    async def pause(self, broadcast_id: str, *, by: int) -> Steered:
        """Send nothing more for now."""
        return await self._enter(broadcast_id, (BroadcastState.RUNNING,), BroadcastState.PAUSED, by=by)

    async def go_on(self, broadcast_id: str, *, by: int) -> Steered:
        """Go on where it was paused."""
        return await self._enter(broadcast_id, (BroadcastState.PAUSED,), BroadcastState.RUNNING, by=by)

    async def stop(self, broadcast_id: str, *, by: int) -> Steered:
        """Send nothing more for good."""
        running = (BroadcastState.DRAFT, BroadcastState.RUNNING, BroadcastState.PAUSED)
        return await self._enter(broadcast_id, running, BroadcastState.STOPPED, by=by)

    async def _enter(
        self,
        broadcast_id: str,
        expected: tuple[BroadcastState, ...],
        to: BroadcastState,
        *,
        by: int,
        **changes: int,
    ) -> Steered:
        before = await self._store.get(broadcast_id)
        after = await self._store.enter(broadcast_id, expected, to, by=by, **changes)
        steered = await self._steered(broadcast_id, after)
        if steered.first:
            await self._audit.write(
                f"user:{by}",
                "broadcast",
                before={"id": broadcast_id, "state": before.state if before else None},
                after={"id": broadcast_id, "state": to, "stars": steered.broadcast.stars},
            )
            self._wake()
        return steered

    async def _steered(self, broadcast_id: str, after: Broadcast | None) -> Steered:
        now = after or await self._store.get(broadcast_id)
        if now is None:
            raise UserFacingError("button-expired")
        return Steered(after is not None, now)


def is_over(broadcast: Broadcast) -> bool:
    """Whether nobody else will be reached."""
    return broadcast.state in OVER
