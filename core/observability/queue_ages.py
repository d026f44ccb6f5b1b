"""How long the oldest waits in each queue, looked at every half minute for the metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import structlog

from core.clock import Clock
from core.errors import DatabaseAway
from core.observability.metrics import Metrics

_log = structlog.stdlib.get_logger(__name__)

_LOOK_SECONDS = 30.0

Oldest = Callable[[], Awaitable[datetime | None]]
"""Since when the oldest waits; None where nothing does."""


class QueueAges:
    """Keeps `starloom_queue_oldest_seconds` up to date; `queues` are the queues by their names."""

    def __init__(self, queues: Mapping[str, Oldest], metrics: Metrics, clock: Clock) -> None:
        self._queues = queues
        self._metrics = metrics
        self._clock = clock

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except DatabaseAway as error:
                _log.warning("queues are not looked at: database away", error=str(error))
            await self._clock.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Look once."""
        for name, oldest in self._queues.items():
            since = await oldest()
            age = (self._clock.now() - since).total_seconds() if since is not None else 0.0
            self._metrics.queue_age.labels(name).set(max(0.0, age))
