"""Which models Google still has for us: asked at the start, so that the rest is locked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import structlog

from providers.veo.failures import read_error
from starloom.api import Clock, Model, ProviderError, Reply


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a model can be ordered; `reason` is why not, as a sentence for the operator."""

    reason: str = ""


AVAILABLE = Availability()
Probe = Callable[[Model], Awaitable[Availability]]


def read_probe(reply: Reply, *, gone: str, forbidden: str) -> Availability:
    """What the reply to a probe says. One that says no more than that the question was wrong is a good sign.

    Raises:
        ProviderError: it says nothing of the model.

    """
    error = read_error(reply)
    if reply.status == 404:
        return Availability(gone)
    if reply.status in (401, 403) or (error is not None and error.bad_key):
        return Availability(forbidden)
    if reply.ok or (reply.status == 400 and error is not None):
        return AVAILABLE
    raise ProviderError(f"HTTP {reply.status}")


class Availabilities:
    """What is known of the models. One that could not be asked about is offered, and asked about again."""

    def __init__(self, clock: Clock, log: structlog.stdlib.BoundLogger, *, again_after: float) -> None:
        self._clock = clock
        self._log = log
        self._again_after = again_after
        self._reasons: dict[str, str] = {}
        self._asking: set[asyncio.Task[None]] = set()

    def reason(self, model_id: str) -> str:
        """Why a model cannot be ordered; empty if it can, as far as is known."""
        return self._reasons.get(model_id, "")

    def lock(self, model_id: str, reason: str) -> None:
        """Note that a model cannot be ordered."""
        self._reasons[model_id] = reason

    async def ask(self, models: Iterable[tuple[Model, Probe]], *, seconds: float) -> None:
        """Ask about models, for at most `seconds`; what is not answered by then is learned later."""
        asking = {
            asyncio.create_task(self._learn(model, probe), name=f"veo-probe-{model.id}")
            for model, probe in models
        }
        self._asking |= asking
        if asking:
            await asyncio.wait(asking, timeout=seconds)

    async def stop(self) -> None:
        """Ask no more."""
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        self._asking.clear()

    async def _learn(self, model: Model, probe: Probe) -> None:
        while True:
            try:
                availability = await probe(model)
            except ProviderError as error:
                self._log.warning("model not probed", model=model.id, error=str(error))
                await self._clock.sleep(self._again_after)
                continue
            if availability.reason:
                self._log.warning("model cannot be ordered", model=model.id, reason=availability.reason)
                self.lock(model.id, availability.reason)
            return
