"""Sends broadcasts: a handful of people at a time, and after a crash from where it was."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from enum import StrEnum

import structlog

from core.billing.desk import Desk
from core.broadcast.letters import Letters
from core.clock import Clock
from core.errors import DatabaseAway, FloodWaited, PersonUnreachable, StarloomError
from core.observability.tracebacks import in_words
from core.storage.broadcasts import Broadcast, BroadcastState, BroadcastStore
from core.storage.people_search import PeopleSearch, PersonRow
from core.telegram.send_gate import Priority
from core.waiting import happens

_log = structlog.stdlib.get_logger(__name__)

_AT_ONCE = 20
"""People who are written to at the same time; what a crash leaves to be looked at again."""
_AGAIN_SECONDS = 5.0
_LOOK_SECONDS = 60.0


class _End(StrEnum):
    SENT = "sent"
    BLOCKED = "blocked"
    FAILED = "failed"


class BroadcastRunner:
    """The one that sends, at the instance that reads updates.

    Each message has a key of the broadcast and the person, whose random id is stored before it is sent, and
    each gift a ledger key of these two: who was reached before a crash is not reached again. `ended` is told
    of each broadcast that is over, again after a crash.
    """

    def __init__(
        self,
        store: BroadcastStore,
        people: PeopleSearch,
        letters: Letters,
        desk: Callable[[], Desk],
        clock: Clock,
    ) -> None:
        self._store = store
        self._people = people
        self._letters = letters
        self._desk = desk
        self._clock = clock
        self._news = asyncio.Event()
        self.ended: list[Callable[[Broadcast], Awaitable[None]]] = []

    def wake(self) -> None:
        """There is something new to do."""
        self._news.set()

    async def run(self) -> None:
        """Send what is to be sent, until cancelled."""
        while True:
            self._news.clear()
            try:
                for broadcast in await self._store.live():
                    await self._work_on(broadcast)
            except Exception as error:
                _log.warning("broadcast waits", error=in_words(error))
                await self._clock.sleep(_AGAIN_SECONDS)
                continue
            if not await self._store.live():
                # Another instance may have begun one.
                await happens(self._news, self._clock, _LOOK_SECONDS)

    async def _work_on(self, broadcast: Broadcast) -> None:
        if broadcast.state is BroadcastState.RUNNING:
            left = await self._send(broadcast)
            if left is None:
                return
            over = await self._store.enter(broadcast.id, (BroadcastState.RUNNING,), BroadcastState.DONE)
            broadcast = over or await self._store.get(broadcast.id) or broadcast
        if broadcast.state is BroadcastState.PAUSED:
            await self._store.settled(broadcast.id, broadcast.state)
            return
        for tell in self.ended:
            try:
                await tell(broadcast)
            except DatabaseAway:
                raise
            except Exception as error:
                _log.warning("the end of a broadcast was not told", error=in_words(error))
        await self._store.settled(broadcast.id, broadcast.state)
        _log.info("broadcast over", broadcast=broadcast.id, state=broadcast.state.value)

    async def _send(self, broadcast: Broadcast) -> Broadcast | None:
        """Reach everybody who was not reached before; None where it was paused or stopped on the way."""
        handful: list[PersonRow] = []
        now: Broadcast | None = broadcast
        async for person in self._people.of(broadcast.audience, after=broadcast.cursor):
            handful.append(person)
            if len(handful) == _AT_ONCE:
                now, handful = await self._reach(broadcast, handful), []
                if now is None:
                    return None
        return await self._reach(broadcast, handful) if handful else now

    async def _reach(self, broadcast: Broadcast, people: list[PersonRow]) -> Broadcast | None:
        ends = Counter(await asyncio.gather(*(self._reach_one(broadcast, person) for person in people)))
        return await self._store.advance(
            broadcast.id,
            people[-1].id,
            sent=ends[_End.SENT],
            blocked=ends[_End.BLOCKED],
            failed=ends[_End.FAILED],
        )

    async def _reach_one(self, broadcast: Broadcast, person: PersonRow) -> _End:
        while True:
            try:
                await self._give(broadcast, person)
            except FloodWaited as error:
                await self._clock.sleep(error.seconds)
            except DatabaseAway:
                raise
            except PersonUnreachable:
                return _End.BLOCKED
            except StarloomError as error:
                _log.warning("broadcast not delivered", broadcast=broadcast.id, error=type(error).__name__)
                return _End.FAILED
            else:
                return _End.SENT

    async def _give(self, broadcast: Broadcast, person: PersonRow) -> None:
        key = f"broadcast:{broadcast.id}:{person.id}"
        if broadcast.stars:
            await self._desk().grant(
                person.id, broadcast.stars, key=key, by=broadcast.author, reason=broadcast.text
            )
            return
        await self._letters.send(broadcast, person.id, key=key, priority=Priority.BROADCAST)
