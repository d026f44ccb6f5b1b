"""Everything that synchronises models, put together for one process."""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import Clock
from core.generation.registry import Registry
from core.generation.sync import ModelSync
from core.generation.sync_changes import ModelChanges
from core.generation.sync_following import CatalogueFollower
from core.generation.sync_news import ModelNews, Show
from core.generation.sync_upstream import ReadingSettings
from core.storage.catalogue import CatalogueStore
from core.storage.database import Database


@dataclass(frozen=True, slots=True)
class Synchronising:
    """The parts: what is stored, who brings it into the registry, who compares, and what admins decide."""

    registry: Registry
    store: CatalogueStore
    follower: CatalogueFollower
    sync: ModelSync
    changes: ModelChanges
    clock: Clock
    follow_seconds: float

    def news(self, show: Show) -> ModelNews:
        """Who tells admins, by `show`."""
        return ModelNews(self.registry, self.store, self.clock, show=show, seconds=self.follow_seconds)


def build_synchronising(
    registry: Registry,
    database: Database,
    clock: Clock,
    *,
    reading: ReadingSettings,
    follow_seconds: float,
) -> Synchronising:
    """Make the parts for a registry that has its providers."""
    store = CatalogueStore(database, clock)
    models = [model for provider in registry.providers() for model in provider.models().models]
    follower = CatalogueFollower(registry, store, clock, models=models, follow_seconds=follow_seconds)
    return Synchronising(
        registry=registry,
        store=store,
        follower=follower,
        sync=ModelSync(registry, store, follower, clock, reading=reading),
        changes=ModelChanges(registry, store, follower, clock),
        clock=clock,
        follow_seconds=follow_seconds,
    )
