"""Brings what synchronising came to into this process's registry; all instances follow within seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from pydantic import ValidationError

from core.clock import Clock
from core.errors import ConfigurationError, DatabaseAway
from core.generation.model import Model
from core.generation.registry import Registry
from core.generation.sync_deciding import OFF_REASONS, price_of
from core.storage.catalogue import CatalogueStore, ModelState
from core.waiting import happens

_log = structlog.stdlib.get_logger(__name__)

_BY = "sync"
"""As whom models are switched off in the registry."""


class CatalogueFollower:
    """Applies the stored states to the registry.

    A stored price counts from its day on: `models.toml` of a later day says what is newer. `models` are what
    the providers' files say.
    """

    def __init__(
        self,
        registry: Registry,
        store: CatalogueStore,
        clock: Clock,
        *,
        models: Sequence[Model],
        follow_seconds: float,
    ) -> None:
        self._registry = registry
        self._store = store
        self._clock = clock
        self._follow_seconds = follow_seconds
        self._days = {model.id: model.price_date.isoformat() for model in models}
        self._applied: dict[str, ModelState] = {}

    async def read(self) -> Mapping[str, ModelState]:
        """Read the states and apply what has changed.

        Raises:
            DatabaseAway: they cannot be read.

        """
        states = await self._store.states()
        for state in states.values():
            known = self._applied.get(state.id)
            if known is None or known.version != state.version:
                self._apply(state)
                self._applied[state.id] = state
        return states

    async def follow(self, stop: asyncio.Event) -> None:
        """Read the states again and again, until told to stop."""
        while not stop.is_set():
            try:
                await self.read()
            except DatabaseAway:
                _log.warning("the catalogue cannot be read just now")
            await happens(stop, self._clock, self._follow_seconds)

    def _apply(self, state: ModelState) -> None:
        if self._registry.known(state.id) is None:
            return
        problem = self._reprice(state)
        reason = problem or (OFF_REASONS.get(state.off, state.off) if state.off else "")
        if reason:
            self._registry.switch_off(state.id, reason, by=_BY)
        else:
            self._registry.switch_on(state.id, by=_BY)

    def _reprice(self, state: ModelState) -> str:
        """Ask the stored price; why that cannot be, if so."""
        if not state.price or state.price_at < self._days.get(state.id, ""):
            return ""
        try:
            self._registry.reprice(state.id, price_of(state.price), source=state.source)
        except (ConfigurationError, ValidationError) as error:
            _log.error("a stored price does not fit", model=state.id, error=type(error).__name__)
            return f"its price of {state.price_at} does not fit it any more: synchronise again"
        return ""
