"""Which models people really use, asked for once in a while."""

from __future__ import annotations

from collections.abc import Mapping

from starloom.api import Clock, Outcome, Period, Statistics

_KEPT_SECONDS = 600.0
_ENOUGH = 20
"""Results from which on a model is called popular: chance says nothing about fewer."""


class Popularity:
    """How many results of the models that people use most reached them over the last 30 days."""

    def __init__(self, statistics: Statistics, clock: Clock) -> None:
        self._statistics = statistics
        self._clock = clock
        self._counts: Mapping[str, int] = {}
        self._read_at: float | None = None

    async def counts(self) -> Mapping[str, int]:
        """By model id, at most ten minutes old: one look at 30 rows for all people together."""
        now = self._clock.monotonic()
        if self._read_at is None or now - self._read_at >= _KEPT_SECONDS:
            summary = await self._statistics.of_all(Period.MONTH)
            delivered = summary.by(lambda kind: kind.model_id, Outcome.DELIVERED)
            counts = {model_id: figures.count for model_id, figures in delivered.items()}
            self._counts = {model_id: count for model_id, count in counts.items() if count >= _ENOUGH}
            self._read_at = now
        return self._counts
