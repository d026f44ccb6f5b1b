"""What operators decide of models while the bot runs: off, a price, a markup, a pin, free within the day.

It is stored, counts for all instances within seconds, and stands above `plugins.toml`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

import structlog

from core.billing.free import FreeTier
from core.billing.pricing import MAX_PRICE, PriceOverride
from core.clock import Clock
from core.errors import DatabaseAway, UserFacingError
from core.generation.registry import Registry
from core.storage.settings import SettingsStore
from core.waiting import happens

_log = structlog.stdlib.get_logger(__name__)

_NAMESPACE = "models"
_BY = "operator"
"""As whom models are switched off in the registry."""
_PINNED = 10**9
"""Counts as so many uses, so that what is pinned stands before what is used."""
_HIGHEST_MARKUP = 1000


@dataclass(frozen=True, slots=True)
class Policy:
    """What was decided of one model. An empty `markup`, and 0 Stars, leave the price as it would be.

    `free` is None where nothing was decided: then the free tier's own choice counts. `serial` counts the
    decisions.
    """

    off: bool = False
    stars: int = 0
    markup: str = ""
    pinned: bool = False
    free: bool | None = None
    serial: int = 0


class ModelPolicies:
    """The decisions, applied to this process's registry and free tier."""

    def __init__(
        self,
        registry: Registry,
        free: FreeTier,
        settings: SettingsStore,
        clock: Clock,
        *,
        follow_seconds: float,
    ) -> None:
        self._registry = registry
        self._free = free
        self._own_free = free.daily
        self._settings = settings
        self._clock = clock
        self._follow_seconds = follow_seconds
        self._revision = -1
        self._policies: dict[str, Policy] = {}

    def of(self, model_id: str) -> Policy:
        """What was decided of a model."""
        return self._policies.get(model_id, Policy())

    def is_free(self, model_id: str) -> bool:
        """Whether it is free within the daily limit."""
        return model_id in self._free.daily

    def pins(self) -> Mapping[str, int]:
        """The pinned models, with a number of uses that none has by itself."""
        return {name: _PINNED for name, policy in self._policies.items() if policy.pinned}

    def check(self, model_id: str, changes: Mapping[str, Any]) -> None:
        """Make sure that this can be decided of a model.

        Raises:
            UserFacingError: a price or a markup is none.

        """
        _check(replace(self.of(model_id), **changes))

    async def decide(self, model_id: str, changes: Mapping[str, Any]) -> Policy:
        """Store a decision and apply it; what stands then.

        Raises:
            UserFacingError: a price or a markup is none.

        """
        await self.read()
        now = self.of(model_id)
        decided = Policy(**{**asdict(now), **changes, "serial": now.serial + 1})
        _check(decided)
        await self._settings.set(_NAMESPACE, model_id, asdict(decided))
        await self.read()
        return self.of(model_id)

    async def read(self) -> None:
        """Read what was decided, if something was since the last time, and apply it.

        Raises:
            DatabaseAway: it cannot be read.

        """
        revision = await self._settings.revision(_NAMESPACE)
        if revision == self._revision:
            return
        stored = await self._settings.all(_NAMESPACE)
        self._policies = {name: Policy(**value) for name, value in stored.items()}
        self._revision = revision
        self._apply()

    async def follow(self, stop: asyncio.Event) -> None:
        """Read it again and again, until told to stop."""
        while not stop.is_set():
            with contextlib.suppress(DatabaseAway):
                await self.read()
            await happens(stop, self._clock, self._follow_seconds)

    def _apply(self) -> None:
        overrides = {}
        for name, policy in self._policies.items():
            if policy.off:
                self._registry.switch_off(name, "an operator has switched it off", by=_BY)
            else:
                self._registry.switch_on(name, by=_BY)
            if policy.stars:
                overrides[name] = PriceOverride(stars=policy.stars, confirmed=True)
            elif policy.markup:
                overrides[name] = PriceOverride(markup=Decimal(policy.markup), confirmed=True)
        self._registry.override(overrides)
        decided = {name: policy.free for name, policy in self._policies.items() if policy.free is not None}
        kept = [name for name in self._own_free if decided.get(name, True)]
        self._free.choose((*kept, *(name for name, free in decided.items() if free and name not in kept)))
        _log.info("models as operators decided", models=len(self._policies))


def _check(policy: Policy) -> None:
    if not 0 <= policy.stars <= MAX_PRICE:
        raise UserFacingError("model-bad-price")
    if policy.markup:
        try:
            markup = Decimal(policy.markup)
        except InvalidOperation:
            raise UserFacingError("model-bad-price") from None
        if not (markup.is_finite() and 0 < markup <= _HIGHEST_MARKUP):
            raise UserFacingError("model-bad-price")
