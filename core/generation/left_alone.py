"""Stops asking for models whose provider fails again and again, until one order may try if it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from core.clock import Clock
from core.generation.registry import Registry

_log = structlog.stdlib.get_logger(__name__)

LOOK = 5.0
"""Seconds between two looks at the breakers while one is open."""
_BY = "breaker"
_REASON = "its provider fails again and again and is left alone for a while"

IsOpen = Callable[[str, str], bool]
"""Whether requests to a provider for one of its models are held back just now."""


class LeftAlone:
    """Follows the breakers of this process. Jobs that run already go on. `opened` is set when one opens."""

    def __init__(self, registry: Registry, is_open: IsOpen, opened: asyncio.Event, clock: Clock) -> None:
        self._registry = registry
        self._is_open = is_open
        self._opened = opened
        self._clock = clock
        self._hidden: dict[str, str] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until `stop` is set."""
        while not stop.is_set():
            self._opened.clear()
            self.follow()
            await self._wait(stop)

    async def _wait(self, stop: asyncio.Event) -> None:
        """Wait until there may be something to do: nothing changes by itself while all are closed."""
        waits: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(event.wait()) for event in (stop, self._opened)
        ]
        if self._hidden:
            waits.append(asyncio.ensure_future(self._clock.sleep(LOOK)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def follow(self) -> None:
        """Leave models whose breaker is open to their alternates, if any; offer those again that are not."""
        for model in self._registry.models():
            provider = self._registry.taker_of(model)
            if model.id not in self._hidden and self._is_open(provider, model.id):
                self._hidden[model.id] = provider
                self._registry.switch_off(model.id, _REASON, by=_BY, others_may=True)
                _log.warning("model is left alone for a while", model=model.id, provider=provider)
        for model_id, provider in list(self._hidden.items()):
            if not self._is_open(provider, model_id):
                del self._hidden[model_id]
                self._registry.switch_on(model_id, by=_BY)
                _log.info("model is left alone no more", model=model_id, provider=provider)
