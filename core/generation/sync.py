"""Compares our models with the providers' own lists, every day and on demand: nothing changes silently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from core.clock import Clock
from core.errors import DatabaseAway, ProviderError
from core.generation.prices import Price
from core.generation.provider import Provider
from core.generation.registry import Registry
from core.generation.sync_deciding import News, decide
from core.generation.sync_following import CatalogueFollower
from core.generation.sync_upstream import (
    ListsModels,
    ReadingSettings,
    SaysWhyUnlisted,
    SyncStatistics,
    UpstreamList,
    UpstreamReading,
)
from core.observability.tracebacks import frames, in_words
from core.storage.catalogue import CatalogueStore, ModelState

_log = structlog.stdlib.get_logger(__name__)

_DAY = timedelta(days=1)
_AGAIN = timedelta(hours=1)
"""How soon a list is asked for again that could not be read."""
_LOOK_SECONDS = 60.0
_WRITING = timedelta(minutes=1)
"""As long as changes may take to be stored; then admins are told of what there is."""
_ATTEMPTS = 3
_FEW = 1
"""As many models may vanish at once, however few there are."""
_GONE_SHARE = 5
"""A list in which more than a fifth of our models is missing is not believed."""
_UNREADABLE_SHARE = 2
"""A list of whose prices more than half cannot be read is not believed."""


class Alarm:
    """What went wrong with a list, as admins are told."""

    UNREAD = "unread"
    VANISHED = "vanished"
    GARBLED = "garbled"


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What came of one synchronisation.

    `changed` are the models whose state changed, `fresh` the provider's ids that were not there before.
    `looked_at` counts our models that were compared. An `alarm` tells that nothing was changed, and `detail`
    why. `untold` is what cannot be learned from the list.
    """

    provider: str
    statistics: SyncStatistics
    changed: tuple[ModelState, ...] = ()
    fresh: tuple[str, ...] = ()
    looked_at: int = 0
    alarm: str = ""
    detail: str = ""
    untold: str = ""


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Our models that a list is about, with their prices and states, and what of them it does not have."""

    listed: UpstreamList
    prices: Mapping[str, Price]
    states: Mapping[str, ModelState]
    gone: tuple[str, ...] = field(default=())
    unreadable: tuple[str, ...] = field(default=())


class ModelSync:
    """Synchronises the models of the providers that can list theirs."""

    def __init__(
        self,
        registry: Registry,
        store: CatalogueStore,
        follower: CatalogueFollower,
        clock: Clock,
        *,
        reading: ReadingSettings,
    ) -> None:
        self._registry = registry
        self._store = store
        self._follower = follower
        self._clock = clock
        self._reading = reading

    @property
    def reading(self) -> ReadingSettings:
        """How lists are read."""
        return self._reading

    def listers(self) -> tuple[ListsModels, ...]:
        """The providers that can list their models, offer any, and have no stand-in."""
        return tuple(
            provider
            for provider in self._registry.providers()
            if isinstance(provider, ListsModels)
            and provider.models().models
            and not self._registry.stood_in(provider.name)
        )

    def unlisted(self) -> dict[str, str]:
        """Why there is nothing to compare the other providers with, by name, for operators."""
        compared = {provider.name for provider in self.listers()}
        return {
            provider.name: self._why_unlisted(provider)
            for provider in self._registry.providers()
            if provider.name not in compared
        }

    def _why_unlisted(self, provider: Provider) -> str:
        if self._registry.stood_in(provider.name):
            return "another provider takes its jobs, so it is not asked"
        if not provider.models().models:
            return "none of its models is offered, so it is not asked"
        if isinstance(provider, SaysWhyUnlisted):
            return provider.unlisted
        return "it does not tell which models it has"

    async def run(self) -> None:
        """Synchronise each provider once a day, whichever instance comes first, until cancelled."""
        while True:
            for provider in self.listers():
                try:
                    if await self._store.claim(provider.name, until=self._clock.now() + _DAY):
                        await self.synchronise(provider, replace(self._reading, force=True))
                except DatabaseAway:
                    _log.warning("models are not synchronised just now", provider=provider.name)
            await self._clock.sleep(_LOOK_SECONDS)

    async def synchronise(self, provider: ListsModels, reading: ReadingSettings) -> SyncOutcome:
        """Read a provider's list, and apply and note what is different.

        Where somebody else has applied a list meanwhile, this one is older and is read again.

        Raises:
            DatabaseAway: the database does not answer.

        """
        begun = self._clock.monotonic()
        for _ in range(_ATTEMPTS):
            outcome = await self._read(provider, reading)
            if outcome is not None:
                break
            reading = replace(reading, force=True)
        else:
            raise DatabaseAway(f"others apply the list of {provider.name} all the time")
        outcome.statistics.seconds = self._clock.monotonic() - begun
        _log.info(
            "models synchronised",
            provider=provider.name,
            changed=len(outcome.changed),
            fresh=len(outcome.fresh),
            alarm=outcome.alarm,
            seconds=round(outcome.statistics.seconds, 3),
            requests=outcome.statistics.requests,
            cache_hits=outcome.statistics.cache_hits,
            errors=outcome.statistics.errors,
        )
        return outcome

    async def _read(self, provider: ListsModels, reading: ReadingSettings) -> SyncOutcome | None:
        """Read and apply; None, and nothing is applied, where somebody else's list came in between."""
        known = (await self._store.run(provider.name)).writings
        asking = UpstreamReading(reading, self._store.cache(provider.name), self._clock)
        try:
            listed = await provider.upstream_models(asking)
        except ProviderError as error:
            return await self._unread(provider.name, asking.statistics, str(error))
        except DatabaseAway:
            raise
        except Exception as error:
            # A provider's fault: it is told of like a list that cannot be read.
            _log.error("provider failed to list", provider=provider.name, frames=frames(error))
            return await self._unread(provider.name, asking.statistics, in_words(error))
        return await self._compare(provider.name, asking.statistics, listed, known)

    async def _unread(self, provider: str, statistics: SyncStatistics, detail: str) -> SyncOutcome:
        before = await self._store.run(provider)
        changes: dict[str, object] = {"failing": True, "next_at": self._clock.now() + _AGAIN}
        if not before.failing:
            changes |= {"alarm": Alarm.UNREAD, "detail": detail}
        await self._store.note(provider, changes)
        return SyncOutcome(provider, statistics, alarm=Alarm.UNREAD, detail=detail)

    async def _compare(
        self, provider: str, statistics: SyncStatistics, listed: UpstreamList, known: int
    ) -> SyncOutcome | None:
        # What others have applied is in the prices that the list is compared with.
        await self._follower.read()
        comparison = self._comparison(listed, await self._store.states())
        alarm, detail = _suspicion(comparison)
        if alarm:
            await self._store.note(
                provider, {"alarm": alarm, "detail": detail, "page": listed.page, "failing": False}
            )
            return SyncOutcome(provider, statistics, alarm=alarm, detail=detail)
        until = self._clock.now() + _WRITING
        if not await self._store.begin_writing(provider, after=known, until=until):
            _log.info("a list was overtaken", provider=provider)
            return None
        changed = [await self._change(name, comparison, provider) for name in comparison.prices]
        fresh = await self._note(provider, listed)
        await self._follower.read()
        return SyncOutcome(
            provider,
            statistics,
            tuple(filter(None, changed)),
            fresh,
            len(comparison.prices),
            untold=listed.untold,
        )

    def _comparison(self, listed: UpstreamList, states: Mapping[str, ModelState]) -> _Comparison:
        models = [self._registry.known(name) for name in sorted(listed.asked)]
        prices = {model.id: model.price for model in models if model is not None}
        offers = listed.offers
        return _Comparison(
            listed,
            prices,
            states,
            gone=tuple(name for name in prices if name not in offers and _off(states, name) != News.GONE),
            unreadable=tuple(
                name
                for name in prices
                if name in offers and offers[name].price is None and _off(states, name) != News.UNREADABLE
            ),
        )

    async def _change(self, name: str, comparison: _Comparison, provider: str) -> ModelState | None:
        """Store what is to become of a model; None where nothing changes."""
        state = comparison.states.get(name) or ModelState(name, provider)
        for _ in range(_ATTEMPTS):
            decided = decide(
                state,
                comparison.prices[name],
                comparison.listed.offers.get(name),
                today=self._clock.now().date().isoformat(),
                source=comparison.listed.source,
            )
            if decided is state:
                return None
            if await self._store.replace(decided):
                _log.info("model changed", provider=provider, model=name, news=decided.news)
                return decided
            state = await self._store.state(name) or ModelState(name, provider)
        raise DatabaseAway(f"the state of {name} changes all the time")

    async def _note(self, provider: str, listed: UpstreamList) -> tuple[str, ...]:
        """Note what is listed now; what was not the last time. At first all of it is as it should be."""
        before = await self._store.run(provider)
        fresh = tuple(sorted(listed.listed - before.seen)) if before.seen is not None else ()
        await self._store.note(
            provider,
            {
                "seen": sorted(listed.listed),
                "fresh": [*before.fresh, *fresh],
                "page": listed.page,
                "failing": False,
                "writing_until": None,
            },
        )
        return fresh


def _off(states: Mapping[str, ModelState], name: str) -> str:
    state = states.get(name)
    return state.off if state is not None else ""


def _suspicion(comparison: _Comparison) -> tuple[str, str]:
    """What is not to be believed of a list, if anything: the alarm and its numbers."""
    whole = len(comparison.prices)
    for alarm, names, share in (
        (Alarm.VANISHED, comparison.gone, _GONE_SHARE),
        (Alarm.GARBLED, comparison.unreadable, _UNREADABLE_SHARE),
    ):
        if len(names) > _FEW and len(names) * share > whole:
            return alarm, f"{len(names)}/{whole}"
    return "", ""
