"""When each of many things is due: thousands of them cost one heap and one dictionary."""

from __future__ import annotations

import heapq

_SPARE = 64


class Schedule:
    """Keys by the moment at which they are due, in seconds of a monotonic clock; each key has one moment."""

    def __init__(self) -> None:
        self._moments: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._moments)

    def put(self, key: str, moment: float) -> None:
        """Let `key` be due at `moment`, whenever it was due before."""
        self._moments[key] = moment
        heapq.heappush(self._heap, (moment, key))
        if len(self._heap) > 2 * len(self._moments) + _SPARE:
            self._heap = [(due, each) for each, due in self._moments.items()]
            heapq.heapify(self._heap)

    def discard(self, key: str) -> None:
        """Forget `key`; it need not be there."""
        self._moments.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._moments.clear()
        self._heap.clear()

    def next(self) -> float | None:
        """The earliest moment at which anything is due; None where nothing ever is."""
        while self._heap and self._is_stale(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take_due(self, now: float) -> list[str]:
        """The keys that are due at `now`, in the order of their moments; they are forgotten."""
        due = []
        while (moment := self.next()) is not None and moment <= now:
            _, key = heapq.heappop(self._heap)
            del self._moments[key]
            due.append(key)
        return due

    def _is_stale(self, entry: tuple[float, str]) -> bool:
        moment, key = entry
        return self._moments.get(key) != moment
