"""What a plugin keeps under its own name: changed by many at once, and of a bounded size."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import PluginError
from core.plugins.keeping import OwnStore
from core.storage.database import Database
from core.storage.settings import SettingsStore


def store_in(database: Database, *, plugin: str = "joke", most: int = 10_000) -> OwnStore:
    return OwnStore(plugin, SettingsStore(database), most=most)


async def test_of_many_changes_at_once_in_two_instances_none_is_lost(
    database: Database, other_database: Database
) -> None:
    stores = [store_in(database), store_in(other_database)]
    await asyncio.gather(*(stores[n % 2].update("visits", lambda visits: visits + 1, 0) for n in range(30)))
    assert [await store.get("visits") for store in stores] == [30, 30]
    assert await store_in(database, plugin="other").get("visits", "none") == "none"


async def test_it_answers_what_it_has_made_and_leaves_the_rest(database: Database) -> None:
    store = store_in(database)
    await store.set("a.b", {"x": 1})
    assert await store.update("a.b", lambda value: {**value, "y": 2}) == {"x": 1, "y": 2}
    assert await store.update("other", lambda value: value, "as it was") == "as it was"
    assert await store.get("a.b") == {"x": 1, "y": 2}
    with pytest.raises(ZeroDivisionError):
        await store.update("other", lambda _: 1 / 0)
    assert await store.get("other") == "as it was"


async def test_all_values_together_have_a_size_whoever_writes_them(database: Database) -> None:
    store = store_in(database, most=100)
    await store.set("words", "x" * 40)
    told = r"would hold \d+ bytes .* allowed: 100 \(limits\.plugins\.store_bytes"
    with pytest.raises(PluginError, match=told):
        await store.set("words", "x" * 100)
    done = await asyncio.gather(*(store.set(f"more {n}", "x" * 30) for n in range(2)), return_exceptions=True)
    assert [type(each) for each in done] == [type(None), PluginError]
    assert await store.get("words") == "x" * 40
