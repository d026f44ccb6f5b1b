"""The update pump: counts, records, orders and hands on every update, and loses none that is counted.

What Telegram sends goes through the counters of `boxes`, then into the inbox in the database, and only then
is the stored update state moved past it. Handlers run in a lane for each person. After a crash the inbox
brings what was recorded and not handled, and the difference since the stored state what was not recorded;
keys tell what came twice.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import structlog
from pyrogram.raw import types as T
from pyrogram.storage import UpdateState
from pyrogram.utils import get_channel_id, get_peer_id

from core.clock import Clock
from core.errors import DatabaseAway
from core.storage.inbox import Inbox, InboxRow
from core.telegram.boxes import COMMON, QTS, Arrival, Box, arrivals_of
from core.telegram.client import TelegramClient
from core.telegram.differences import Differences
from core.telegram.done_keys import DoneKeys
from core.telegram.incoming import Answered, Reconnected
from core.telegram.lanes import Lanes
from core.telegram.parse import (
    Incoming,
    IncomingBlock,
    IncomingCallback,
    IncomingInline,
    IncomingMessage,
    IncomingPreCheckout,
    IncomingSubscription,
    incoming_of,
)
from core.telegram.payloads import incoming_from, payload_of
from core.waiting import finishes, happens

_log = structlog.stdlib.get_logger(__name__)

_PEOPLE_REMEMBERED = 10_000
_QUERIES_REMEMBERED = 10_000
_LONGEST_PAUSE = 30.0
_INLINE_LANES = 1 << 60
"""Beyond all ids of Telegram's: where the lanes of inline queries begin."""

ResultT = TypeVar("ResultT")

Handle = Callable[[Incoming], Awaitable[bool]]
"""Handles one update; False leaves it in the inbox, to be handled again at the next start."""


@dataclass(frozen=True, slots=True)
class PumpLimits:
    """How the pump works; seconds are of its clock.

    `running` people are answered at once, `waiting` updates are held in memory before reading stops.
    `patience` is how long an update that came too early waits for those before it. Keys of handled updates
    are written in batches of `done_batch`, or after `done_seconds`. A stop waits `stop` for what runs.
    """

    running: int = 200
    waiting: int = 10_000
    patience: float = 0.5
    retry: float = 1.0
    done_batch: int = 64
    done_seconds: float = 0.05
    stop: float = 10.0


@dataclass(frozen=True, slots=True)
class _Job:
    incoming: Incoming
    recorded: bool


class UpdatePump:
    """Reads the updates of a client and has them handled.

    `handle` is the chain of middleware that ends in the router, `check_out` answers pre-checkout queries.
    """

    def __init__(
        self,
        client: TelegramClient,
        inbox: Inbox,
        *,
        handle: Handle,
        check_out: Callable[[IncomingPreCheckout], Awaitable[None]],
        clock: Clock,
        limits: PumpLimits | None = None,
    ) -> None:
        self._client = client
        self._inbox = inbox
        self._handle = handle
        self._check_out = check_out
        self._clock = clock
        self._limits = limits = limits or PumpLimits()
        self._lanes: Lanes[_Job] = Lanes(self._work, running=limits.running, waiting=limits.waiting)
        self._done = DoneKeys(inbox, clock, batch=limits.done_batch, seconds=limits.done_seconds)
        self._boxes: dict[int, Box] = {}
        self._differences = Differences(client, self._boxes, self._accept, clock, limits.patience)
        self._people: OrderedDict[int, Any] = OrderedDict()
        self._queries: OrderedDict[int, None] = OrderedDict()
        self._date = 0
        self._stopping = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._checkouts: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """How many updates are being handled or wait for it."""
        return len(self._lanes)

    async def start(self) -> None:
        """Handle what was recorded before, then what was missed, then what comes.

        Raises:
            TelegramError: the state of updates could not be asked for.
            DatabaseAway: the inbox cannot be read.

        """
        self._stopping.clear()
        self._boxes.clear()
        await self._load_boxes()
        for row in await self._inbox.pending():
            await self._resume(row)
        now = self._clock.monotonic()
        for box in self._boxes.values():
            box.want_difference(now)
        self._client.updates.peek = self._peek
        self._writer = asyncio.create_task(self._done.run(), name="inbox done keys")
        self._reader = asyncio.create_task(self._read(), name="update pump")

    async def stop(self) -> None:
        """Record what has arrived, let handlers finish for a while, write what is done."""
        reader, writer = self._reader, self._writer
        if reader is None or writer is None:
            return
        self._stopping.set()
        self._client.updates.put(Reconnected())
        ended = await finishes(self._settle(reader), self._clock, self._limits.stop)
        if not ended:
            _log.warning("pump_stopped_early", waiting=len(self._lanes))
        self._client.updates.peek = None
        rest = [reader, writer, *self._checkouts]
        for task in rest:
            task.cancel()
        await self._lanes.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        self._reader = self._writer = None
        await self._done.flush()
        try:
            await self._client.storage.flush()
        except DatabaseAway as error:
            _log.warning("telegram_session_not_written", error=str(error))

    async def _settle(self, reader: asyncio.Task[None]) -> None:
        await asyncio.wait({reader})
        if self._checkouts:
            await asyncio.wait(self._checkouts)
        await self._lanes.idle()

    # Reading

    async def _read(self) -> None:
        while not self._stopping.is_set():
            await self._next_moment()
            await self._accept(self._sorted(self._client.updates.drain()))
            if not self._stopping.is_set():
                await self._recover_due()

    async def _next_moment(self) -> None:
        """Wait for updates, or for the time to ask for a difference."""
        due = [box.due for box in self._boxes.values() if box.due is not None]
        if not due:
            await self._client.updates.wait()
            return
        await happens(self._client.updates.arrived, self._clock, min(due) - self._clock.monotonic())

    async def _recover_due(self) -> None:
        now = self._clock.monotonic()
        for box_id, box in list(self._boxes.items()):
            if box.due is not None and box.due <= now and not self._stopping.is_set():
                await self._differences.recover(box_id)

    def _sorted(self, items: Sequence[Any]) -> list[Arrival]:
        """The updates that come next, of all that arrived; those that come too early are held."""
        now = self._clock.monotonic()
        ready: list[Arrival] = []
        for item in items:
            for arrival in self._arrivals(item, now):
                if arrival.box is None:
                    ready.append(arrival)
                    continue
                box = self._boxes.setdefault(arrival.box, Box(None))
                ready += box.take(arrival, now=now, patience=self._limits.patience)
        return ready

    def _arrivals(self, item: Any, now: float) -> list[Arrival]:
        if isinstance(item, Reconnected | T.UpdatesTooLong):
            for box in self._boxes.values():
                box.want_difference(now)
            return []
        own = isinstance(item, Answered)
        raw = item.answer if own else item
        if isinstance(raw, T.updates.State):
            self._compare(raw, now)
            return []
        self._date = max(self._date, getattr(raw, "date", 0) or 0)
        arrivals = arrivals_of(raw, self._people, item.channel_id if own else None)
        return [self._without_own(arrival) for arrival in arrivals] if own else arrivals

    def _without_own(self, arrival: Arrival) -> Arrival:
        """What a call of our own made is known from its answer: only its count is of interest here."""
        message = getattr(arrival.update, "message", None)
        if not isinstance(message, T.Message) or not message.out:
            return arrival
        self._client.own_messages.known(get_peer_id(message.peer_id), message.id)
        return replace(arrival, update=None)

    def _compare(self, state: Any, now: float) -> None:
        """Look at Telegram's counters while nothing comes: it may have stopped to send."""
        for box_id, number in ((COMMON, state.pts), (QTS, state.qts)):
            box = self._boxes.get(box_id)
            if box is not None and (box.pts or 0) < number:
                box.want_difference(now)

    # Recording and handing on

    async def _accept(self, arrivals: Sequence[Arrival]) -> None:
        """Record updates, move the stored state past them, put them into their lanes."""
        jobs: list[_Job] = []
        rows: dict[str, InboxRow] = {}
        await self._note_parties(arrivals)
        for arrival in arrivals:
            self._note_own(arrival)
            if isinstance(arrival.update, T.UpdateChannelTooLong):
                self._want_channel(arrival.update)
            incoming = incoming_of(arrival.update, arrival.users, arrival.chats)
            if incoming is None:
                continue
            if isinstance(incoming, IncomingCallback | IncomingInline):
                if self._is_new(incoming.query_id):
                    jobs.append(_Job(incoming, recorded=False))
            elif isinstance(incoming, IncomingPreCheckout):
                self._begin_checkout(incoming)
            elif incoming.key not in rows:
                rows[incoming.key] = InboxRow(
                    incoming.key, _lane(incoming), payload_of(arrival, incoming), self._clock.now()
                )
                jobs.append(_Job(incoming, recorded=True))
        new = await self._record(list(rows.values()))
        if arrivals:
            await self._move_state()
        for job in jobs:
            if not job.recorded or job.incoming.key in new:
                await self._lanes.room()
                self._lanes.add(_lane(job.incoming), job)

    def _want_channel(self, update: Any) -> None:
        box = self._boxes.setdefault(get_channel_id(update.channel_id), Box(update.pts))
        if box.pts is not None:
            box.want_difference(self._clock.monotonic())

    async def _record(self, rows: list[InboxRow]) -> set[str]:
        """Record rows; answers the keys that are new."""
        return await self._written(lambda: self._inbox.record(rows)) if rows else set()

    async def _written(self, work: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Do what needs the database, again and again while it is away."""
        pause = self._limits.retry
        while True:
            try:
                return await work()
            except DatabaseAway as error:
                _log.warning("updates_wait_for_database", error=str(error), retry_in=pause)
            await self._clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _move_state(self) -> None:
        states = [
            UpdateState(box_id, box.pts, None, self._date or None, None)
            for box_id, box in self._boxes.items()
            if box_id != QTS
        ]
        qts = self._boxes[QTS].pts
        states.append(UpdateState(COMMON, None, qts, self._date or None, None))
        storage = self._client.storage
        unknown = any(storage.state(state.id) is None for state in states)
        await storage.set_update_state(states)
        if unknown:
            # Without a stored position nothing could be asked for what comes while we are away.
            await self._written(storage.flush)

    async def _note_parties(self, arrivals: Sequence[Arrival]) -> None:
        """Remember who came with updates; those of one answer share their people and chats."""
        for arrival in {id(arrival.users): arrival for arrival in arrivals}.values():
            users, chats = list(arrival.users.values()), list(arrival.chats.values())
            await self._client.raw.fetch_peers([*users, *chats])
            for user in users:
                self._people[user.id] = user
                self._people.move_to_end(user.id)
        while len(self._people) > _PEOPLE_REMEMBERED:
            self._people.popitem(last=False)

    def _note_own(self, arrival: Arrival) -> None:
        """Remember our own messages that no answer named."""
        message = getattr(arrival.update, "message", None)
        if isinstance(message, T.Message) and message.out:
            self._client.own_messages.seen(get_peer_id(message.peer_id), message.id, message.message)

    async def _resume(self, row: InboxRow) -> None:
        """Handle again what was recorded and not handled before the last end."""
        found = incoming_from(row.payload)
        if found is None:
            self._done.add(row.key)
            return
        updates, incoming = found
        await self._client.raw.note_peers(updates)
        await self._lanes.room()
        self._lanes.add(row.lane, _Job(incoming, recorded=True))

    async def _load_boxes(self) -> None:
        """Counters as they were stored; for a new log-in as Telegram counts now."""
        storage = self._client.storage
        common = storage.state(COMMON)
        if common is None or common.pts is None:
            now = await self._differences.state_now()
            # What arrived since the log-in is counted already, and must not pass for known.
            first = [
                arrival.start
                for item in self._client.updates.items()
                if not isinstance(item, Reconnected | Answered)
                for arrival in arrivals_of(item, {})
                if arrival.box == COMMON
            ]
            common = UpdateState(COMMON, min([now.pts, *first]), now.qts, now.date, None)
            await storage.set_update_state(common)
            await storage.flush()
        self._date = common.date or 0
        self._boxes[COMMON], self._boxes[QTS] = Box(common.pts), Box(common.qts or 0)
        for state in storage.states():
            if state.id != COMMON and state.pts is not None:
                self._boxes[state.id] = Box(state.pts)

    # Handling

    async def _work(self, job: _Job) -> None:
        handled = await self._written(lambda: self._handle(job.incoming))
        if job.recorded and handled:
            self._done.add(job.incoming.key)

    def _peek(self, item: Any) -> None:
        """Start on pre-checkout queries at once, whatever else waits to be read."""
        for update in getattr(item, "updates", None) or [getattr(item, "update", None)]:
            if isinstance(update, T.UpdateBotPrecheckoutQuery):
                users = {user.id: user for user in getattr(item, "users", ())}
                incoming = incoming_of(update, users, {})
                if isinstance(incoming, IncomingPreCheckout):
                    self._begin_checkout(incoming)

    def _begin_checkout(self, incoming: IncomingPreCheckout) -> None:
        if self._is_new(incoming.query_id):
            task = asyncio.ensure_future(self._check_out(incoming))
            self._checkouts.add(task)
            task.add_done_callback(self._checkout_ended)

    def _checkout_ended(self, task: asyncio.Task[None]) -> None:
        self._checkouts.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("pre_checkout_failed", exc_info=error)

    def _is_new(self, query_id: int) -> bool:
        """Whether a query comes for the first time; Telegram may send an update twice."""
        if query_id in self._queries:
            return False
        self._queries[query_id] = None
        if len(self._queries) > _QUERIES_REMEMBERED:
            self._queries.popitem(last=False)
        return True


def _lane(incoming: Incoming) -> int:
    if isinstance(incoming, IncomingMessage):
        sender = incoming.message.sender
        return incoming.message.chat.id if sender is None else sender.id
    if isinstance(incoming, IncomingBlock | IncomingSubscription):
        return incoming.user_id
    if isinstance(incoming, IncomingInline):
        # Who types in another chat does not wait for what is done for them in the bot's own.
        return _INLINE_LANES + incoming.sender.id
    return incoming.sender.id
