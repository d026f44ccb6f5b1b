"""How much one person may ask of the bot, counted in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum, auto

from core.clock import Clock
from core.limits import UpdateLimits

_PEOPLE = 100_000
_SECONDS_A_MINUTE = 60.0


class Verdict(Enum):
    """What becomes of an action."""

    ALLOWED = auto()
    NOTICE = auto()
    """Too much, for the first time: say so."""
    SILENCE = auto()
    """Too much, and it was said."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float
    warned: bool = False
    album: int | None = None


class ActionRates:
    """Lets each person do `burst` actions at once and then so many a minute. An album is one action."""

    def __init__(self, limits: UpdateLimits, clock: Clock) -> None:
        self._burst = float(limits.burst)
        self._a_second = limits.actions_per_minute / _SECONDS_A_MINUTE
        self._clock = clock
        self._buckets: OrderedDict[int, _Bucket] = OrderedDict()

    def count(self, user_id: int, album: int | None = None) -> Verdict:
        """Count an action of a person."""
        now = self._clock.monotonic()
        bucket = self._buckets.setdefault(user_id, _Bucket(self._burst, now))
        self._buckets.move_to_end(user_id)
        if len(self._buckets) > _PEOPLE:
            self._buckets.popitem(last=False)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._a_second)
        bucket.at = now
        if album is not None and album == bucket.album:
            return Verdict.ALLOWED
        if bucket.left >= 1:
            bucket.left -= 1
            bucket.warned = False
            bucket.album = album
            return Verdict.ALLOWED
        if bucket.warned:
            return Verdict.SILENCE
        bucket.warned = True
        return Verdict.NOTICE


class Recently:
    """Tells whether the same thing happened within the last `seconds`."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._seen: OrderedDict[object, float] = OrderedDict()

    def happened(self, what: object) -> bool:
        """Whether `what` happened already; if not, it has now."""
        now = self._clock.monotonic()
        while self._seen:
            oldest = next(iter(self._seen.values()))
            if now - oldest < self._seconds:
                break
            self._seen.popitem(last=False)
        if what in self._seen:
            return True
        self._seen[what] = now
        return False

    def forget(self, what: object) -> None:
        """Take it as if `what` had not happened."""
        self._seen.pop(what, None)
