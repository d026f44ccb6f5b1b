"""Rows of a plugin's own: found by key and by index, apart from other plugins', and not without end."""

from __future__ import annotations

import pytest

from core.errors import PluginError
from core.limits import PluginLimits
from core.storage.database import Database
from core.storage.plugin_rows import PluginRows
from sandbox.clock import ManualClock


def rows_of(database: Database, clock: ManualClock, **limits: int) -> PluginRows:
    return PluginRows(database, clock, PluginLimits.model_validate(limits))


async def test_rows_are_kept_found_changed_and_deleted(database: Database, clock: ManualClock) -> None:
    rows = rows_of(database, clock)
    members = rows.of("club")("members", indexes=("day",))
    others = rows.of("other")("members", indexes=("day",))
    assert await members.add("1", {"day": "mon", "a.b": {"$x": 1}, "streak": 2})
    assert not await members.add("1", {"day": "tue"})
    await members.put("2", {"day": "mon", "streak": 0})
    await members.put("2", {"day": "tue", "streak": 1})
    assert await members.get("1") == {"key": "1", "day": "mon", "a.b": {"$x": 1}, "streak": 2}
    assert await members.find({"day": "tue"}) == [{"key": "2", "day": "tue", "streak": 1}]
    assert not await members.change("1", {"streak": 3}, where={"streak": 7})
    assert await members.change("1", {"streak": 3}, where={"streak": 2})
    assert {row["key"]: row["streak"] async for row in members.each()} == {"1": 3, "2": 1}
    assert (await members.count(), await members.count({"day": "mon"})) == (2, 1)
    assert (await others.get("1"), await others.count()) == (None, 0)
    assert await members.delete("2")
    assert await members.delete_all({"day": "mon"}) == 1
    assert not await members.delete("2")


async def test_what_has_an_end_is_gone_then(database: Database, clock: ManualClock) -> None:
    guesses = rows_of(database, clock).of("club")("guesses", days=1)
    await guesses.put("1", {"word": "fox"})
    await clock.advance(86_399)
    assert await guesses.get("1")
    await clock.advance(2)
    assert (await guesses.get("1"), await guesses.find()) == (None, [])


async def test_a_unique_field_is_taken_once(database: Database, clock: ManualClock) -> None:
    names = rows_of(database, clock).of("club")("names", unique=("name",))
    assert await names.add("1", {"name": "fox"})
    assert not await names.add("2", {"name": "fox"})
    assert await names.add("3", {})


async def test_limits_are_told_in_words(database: Database, clock: ManualClock) -> None:
    collections = rows_of(database, clock, rows=3, row_bytes=1024).of("club")
    members = collections("members", indexes=("day",))
    with pytest.raises(PluginError, match="a row of 2011 bytes is too large for collection members"):
        await members.put("1", {"day": "x" * 2000})
    with pytest.raises(PluginError, match="no index for streak; name it in `indexes`"):
        await members.find({"streak": 1})
    with pytest.raises(PluginError, match="a key has 1 to 200 characters"):
        await members.put("", {})
    with pytest.raises(PluginError, match="collection '\\$x'"):
        collections("$x")
    for key in "123":
        await members.put(key, {})
    with pytest.raises(PluginError, match="no room in collection members: a plugin may keep 3 rows"):
        await members.put("4", {})
    await members.put("3", {"day": "mon"})
    await members.delete("1")
    await members.put("4", {})
    for name in "abcdefghi":
        collections(name)
    with pytest.raises(PluginError, match="a plugin may have 10 collections"):
        collections("k")


async def test_all_rows_together_have_a_size(database: Database, clock: ManualClock) -> None:
    members = rows_of(database, clock, stored_bytes=3000, row_bytes=1100).of("club")("members", days=30)
    for key in "12":
        await members.put(key, {"text": "x" * 985})
    full = "no room in collection members: a plugin may keep 3000 bytes; delete some, open it with `days`"
    for write in (members.put("3", {"text": "x" * 1000}), members.add("3", {"text": "x" * 1000})):
        with pytest.raises(PluginError, match=full):
            await write
    with pytest.raises(PluginError, match=full):
        await members.change("1", {"more": "x" * 1010})
    await members.put("1", {"text": "x" * 900})
    assert await members.delete("2")
    await members.put("3", {"text": "x" * 1000})
    assert await members.count() == 2


async def test_a_row_does_not_outgrow_its_size_bit_by_bit(database: Database, clock: ManualClock) -> None:
    members = rows_of(database, clock, row_bytes=400).of("club")("members")
    await members.put("1", {"a": "x" * 100})
    assert await members.change("1", {"b": "x" * 100})
    with pytest.raises(PluginError, match="too large for collection members; allowed: 400"):
        await members.change("1", {"c": "x" * 300})
    for count in range(100):
        assert await members.change("1", {"b": f"{count:100}"}), (
            "what takes the place of a value adds nothing"
        )
    row = await members.get("1")
    assert row is not None
    assert set(row) == {"key", "a", "b"}
    assert not await members.change("1", {"b": ""}, where={"a": "y"})
    assert not await members.change("2", {"b": ""})
