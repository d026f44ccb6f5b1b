"""The inbox: each update once, in order, until it is handled."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import DatabaseAway
from core.storage.database import Database
from core.storage.inbox import Inbox, InboxRow
from sandbox.clock import ManualClock


@pytest.fixture
def inbox(database: Database, clock: ManualClock) -> Inbox:
    return Inbox(database, clock)


def rows(clock: ManualClock, *keys: str) -> list[InboxRow]:
    return [
        InboxRow(key, 5_000_000_000 + number, key.encode() * 3, clock.now())
        for number, key in enumerate(keys)
    ]


async def test_a_batch_is_one_round_trip_and_says_what_is_new(
    inbox: Inbox, database: Database, clock: ManualClock
) -> None:
    before = database.round_trips
    assert await inbox.record(rows(clock, "a", "b", "c")) == {"a", "b", "c"}
    assert await inbox.record(rows(clock, "b", "d", "d")) == {"d"}
    assert database.round_trips == before + 2


async def test_nothing_costs_nothing(inbox: Inbox, database: Database) -> None:
    before = database.round_trips
    assert await inbox.record([]) == set()
    await inbox.done([])
    assert database.round_trips == before


async def test_what_is_not_handled_comes_back_whole_in_the_order_of_recording(
    inbox: Inbox, clock: ManualClock
) -> None:
    first = rows(clock, *(f"z{n}" for n in range(20)))
    await inbox.record(first)
    await clock.advance(1)
    second = rows(clock, *(f"a{n}" for n in range(20)))
    await inbox.record(second)
    await inbox.done(["z3", "a4"])
    assert await inbox.pending() == [row for row in first + second if row.key not in ("z3", "a4")]


async def test_the_order_holds_when_another_instance_with_a_slow_clock_takes_over(
    inbox: Inbox, other_database: Database, clock: ManualClock
) -> None:
    await clock.advance(3600)
    await inbox.record(rows(clock, "a"))
    slow = Inbox(other_database, ManualClock())
    assert [row.key for row in await slow.pending()] == ["a"]
    await slow.record(rows(clock, "b"))
    assert [row.key for row in await slow.pending()] == ["a", "b"]


async def test_a_handled_update_keeps_its_key_for_a_week_and_nothing_else(
    inbox: Inbox, database: Database, clock: ManualClock
) -> None:
    await inbox.record(rows(clock, "a"))
    await inbox.done({"a"})
    assert await inbox.record(rows(clock, "a")) == set()
    assert await inbox.pending() == []
    kept = await database.collection("inbox").find_one({"_id": "a"})
    assert "payload" not in kept
    assert (kept["expires_at"] - clock.now()).total_seconds() == 7 * 24 * 3600


async def test_many_are_done_in_one_round_trip(inbox: Inbox, database: Database, clock: ManualClock) -> None:
    keys = [str(n) for n in range(64)]
    await inbox.record(rows(clock, *keys))
    before = database.round_trips
    await inbox.done(keys)
    assert database.round_trips == before + 1
    assert await inbox.pending() == []


async def test_two_instances_that_record_the_same_update_have_it_once(
    inbox: Inbox, other_database: Database, clock: ManualClock
) -> None:
    other = Inbox(other_database, clock)
    keys = [str(n) for n in range(50)]
    mine, theirs = await asyncio.gather(inbox.record(rows(clock, *keys)), other.record(rows(clock, *keys)))
    assert mine | theirs == set(keys)
    assert not mine & theirs


async def test_what_was_kept_though_the_answer_was_lost_is_new_when_it_is_recorded_again(
    inbox: Inbox, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await inbox.record(rows(clock, "old"))
    keep = inbox._rows.insert_many

    async def keep_and_lose_the_answer(documents: object) -> set[int]:
        await keep(documents)
        raise DatabaseAway("lost")

    monkeypatch.setattr(inbox._rows, "insert_many", keep_and_lose_the_answer)
    with pytest.raises(DatabaseAway):
        await inbox.record(rows(clock, "old", "a", "b"))
    monkeypatch.undo()
    assert await inbox.record(rows(clock, "old", "a", "b", "c")) == {"a", "b", "c"}
    assert await inbox.record(rows(clock, "old", "a", "b", "c")) == set()
