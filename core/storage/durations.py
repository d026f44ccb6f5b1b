"""How long the last generations of each model took: one small document a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.storage.codec import plain, stored
from core.storage.database import Database

KEPT = 20
"""How many of the last ones are kept of each model."""


class DurationStore:
    """Seconds, by model, the newest last."""

    def __init__(self, database: Database) -> None:
        self._rows = database.collection("durations")

    async def note(self, model_id: str, seconds: float) -> None:
        """Keep one more, in the place of the oldest where there are enough."""
        newest = {"$each": [stored(seconds)], "$slice": -KEPT}
        await self._rows.update_one({"_id": model_id}, {"$push": {"last": newest}}, upsert=True)

    async def last_of(self, model_ids: Iterable[str]) -> Mapping[str, tuple[float, ...]]:
        """What is kept of these models, in one look by their ids; nothing of those that are not there."""
        rows = await self._rows.find({"_id": {"$in": sorted(model_ids)}})
        return {row["_id"]: tuple(float(plain(seconds)) for seconds in row["last"]) for row in rows}
