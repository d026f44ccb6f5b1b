"""Who is here just now: people who wrote or pressed within the last minutes, at this instance."""

from __future__ import annotations

from collections import OrderedDict

from core.clock import Clock

NOW_SECONDS = 300.0
"""How long somebody counts as being here."""
_MOST = 100_000


class Presence:
    """Remembers when each person was last here, as long as that counts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: OrderedDict[int, float] = OrderedDict()

    def note(self, user_id: int) -> None:
        """Somebody is here."""
        self._seen[user_id] = self._clock.monotonic()
        self._seen.move_to_end(user_id)
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)

    def count(self) -> int:
        """How many people are here."""
        oldest = self._clock.monotonic() - NOW_SECONDS
        while self._seen and next(iter(self._seen.values())) < oldest:
            self._seen.popitem(last=False)
        return len(self._seen)
