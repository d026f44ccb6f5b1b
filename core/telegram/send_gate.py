"""How fast messages go out: overall, to one chat, to a group, and who goes first."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import IntEnum

from core.clock import Clock
from core.limits import SendingLimits
from core.waiting import happens

_GROUP_SECONDS = 60.0
_CHATS = 10_000


class Priority(IntEnum):
    """Who goes first where not everybody can go at once."""

    ANSWER = 0
    NOTICE = 1
    PROGRESS = 2
    BROADCAST = 3


class _Window:
    """At most `rate` times `seconds` events in any such stretch of time."""

    def __init__(self, rate: float, seconds: float) -> None:
        self._most = max(1, int(rate * seconds))
        self._seconds = self._most / rate
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if len(self._times) < self._most:
            return 0.0
        return self._times[0] + self._seconds - now

    def take(self, now: float) -> None:
        self._times.append(now)


class _Bucket:
    """`burst` events at once, then `rate` a second."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._left = float(burst)
        self._at = 0.0

    def wait(self, now: float) -> float:
        self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        # A remainder of rounding must not make anybody wait for nothing.
        missing = 1.0 - self._left
        return 0.0 if missing < 1e-9 else missing / self._rate

    def take(self, now: float) -> None:
        self._left -= 1.0


@dataclass(order=True, slots=True)
class _Waiter:
    priority: Priority
    number: int
    chat_id: int = field(compare=False)
    method: str = field(compare=False)
    turn: asyncio.Future[None] = field(compare=False)


class SendGate:
    """Lets sends through as the limits allow: by priority, and among equals as they came."""

    def __init__(self, limits: SendingLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._overall = _Window(limits.messages_per_second, 1.0)
        self._chats: OrderedDict[int, _Bucket | _Window] = OrderedDict()
        self._paused: dict[tuple[str, int], float] = {}
        self._waiting: list[_Waiter] = []
        self._numbers = 0
        self._changed = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def admit(self, chat_id: int, method: str, priority: Priority) -> None:
        """Wait until one more message may go to that chat."""
        now = self._clock.monotonic()
        if not self._waiting and self._wait(chat_id, method, now) <= 0:
            self._take(chat_id, now)
            return
        self._numbers += 1
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiter(priority, self._numbers, chat_id, method, turn))
        self._waiting.sort()
        self._changed.set()
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep(), name="send gate")
        await turn

    def pause(self, chat_id: int, method: str, seconds: float) -> None:
        """Let nothing of that method through to that chat for so long, as Telegram asked."""
        until = self._clock.monotonic() + seconds
        self._paused[method, chat_id] = max(until, self._paused.get((method, chat_id), 0.0))

    async def stop(self) -> None:
        """End all waiting; who waits is cancelled."""
        for waiter in self._waiting:
            waiter.turn.cancel()
        self._waiting.clear()
        self._changed.set()
        if self._keeper is not None:
            await asyncio.gather(self._keeper, return_exceptions=True)

    async def _keep(self) -> None:
        while self._waiting:
            self._changed.clear()
            nearest = self._let_through()
            if self._waiting:
                await happens(self._changed, self._clock, nearest)

    def _let_through(self) -> float:
        """Let through who may go; answers the seconds until the next one may."""
        now = self._clock.monotonic()
        nearest = float("inf")
        left: list[_Waiter] = []
        for index, waiter in enumerate(self._waiting):
            if waiter.turn.done():
                continue
            overall = self._overall.wait(now)
            if overall > 0:
                left.extend(self._waiting[index:])
                nearest = min(nearest, overall)
                break
            wait = self._wait(waiter.chat_id, waiter.method, now)
            if wait > 0:
                left.append(waiter)
                nearest = min(nearest, wait)
            else:
                self._take(waiter.chat_id, now)
                waiter.turn.set_result(None)
        self._waiting = left
        return nearest

    def _wait(self, chat_id: int, method: str, now: float) -> float:
        until = self._paused.get((method, chat_id))
        paused = 0.0
        if until is not None:
            paused = until - now
            if paused <= 0:
                del self._paused[method, chat_id]
        return max(paused, self._overall.wait(now), self._chat(chat_id).wait(now))

    def _take(self, chat_id: int, now: float) -> None:
        self._overall.take(now)
        self._chat(chat_id).take(now)

    def _chat(self, chat_id: int) -> _Bucket | _Window:
        found = self._chats.get(chat_id)
        if found is None:
            limits = self._limits
            if chat_id < 0:
                found = _Window(limits.group_messages_per_minute / _GROUP_SECONDS, _GROUP_SECONDS)
            else:
                found = _Bucket(limits.chat_messages_per_second, limits.chat_burst)
            self._chats[chat_id] = found
            if len(self._chats) > _CHATS:
                self._chats.popitem(last=False)
        self._chats.move_to_end(chat_id)
        return found
