"""Settings, sends, sessions, the audit log and events."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from core.storage.audit import AuditLog, AuditRow
from core.storage.codec import plain, stored
from core.storage.database import Database
from core.storage.events import EventLog, JobEvent
from core.storage.notes import NOTE_LIFE, NoteStore
from core.storage.sent import SentRecord, SentStore
from core.storage.sessions import SessionStore
from core.storage.settings import SettingsStore
from sandbox.clock import ManualClock


async def test_settings_are_kept_by_namespace(database: Database) -> None:
    settings = SettingsStore(database)
    assert await settings.get("plugins", "generate", "unset") == "unset"
    value = {"on": True, "list": [1, 2.5, None, "ü"], "big": -(2**62)}
    await settings.set("plugins", "my.plug$in", value)
    await settings.set("other", "my.plug$in", 1)
    assert await settings.get("plugins", "my.plug$in") == value
    assert await settings.all("plugins") == {"my.plug$in": value}
    await settings.delete("plugins", "my.plug$in")
    assert await settings.all("plugins") == {}
    assert await settings.all("other") == {"my.plug$in": 1}


async def test_fields_of_a_setting_are_changed_at_once_and_none_is_lost(database: Database) -> None:
    settings = SettingsStore(database)
    changes = [{"enabled": False}, {}, {"last": 7}]
    await asyncio.gather(*(settings.merge("plugins", "my.plug$in", each, count="n") for each in changes))
    assert await settings.all("plugins") == {"my.plug$in": {"enabled": False, "last": 7, "n": 3}}
    assert await settings.revision("plugins") == 3


async def test_notes_are_kept_by_person_for_a_day_and_erased_at_once(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = NoteStore(database, clock)
    await notes.keep("generate", 7, "order", {"prompt": "a fox", "options": {"seed": 3}})
    await notes.keep("generate", 8, "order", "another person's")
    assert await notes.read("generate", 7, "order") == {"prompt": "a fox", "options": {"seed": 3}}
    assert await notes.read("other", 7, "order") is None
    for plugin, user_id in (("generate", 71), ("other", 7)):
        await notes.keep(plugin, user_id, "order", "another's")
    monkeypatch.setattr("core.storage.notes.MOST_NOTES", 10)
    for number in range(31):
        await clock.advance(1)
        await notes.keep("generate", 7, f"order {number}", number)
        await notes.keep("generate", 7, "order", {"prompt": "an owl"})
    left = [number for number in range(31) if await notes.read("generate", 7, f"order {number}") == number]
    assert len(left) in (8, 9)
    assert left[-1] == 30, "the newest are there, whatever their number"
    assert left == sorted(left)
    assert left[0] >= 22
    assert await notes.read("generate", 7, "order") == {"prompt": "an owl"}
    for plugin, user_id in (("generate", 71), ("other", 7)):
        assert await notes.read(plugin, user_id, "order") == "another's"
    await notes.erase(7)
    assert await notes.read("generate", 7, "order") is None
    assert await notes.read("generate", 8, "order") == "another person's"
    await clock.advance(NOTE_LIFE.total_seconds())
    assert await notes.read("generate", 8, "order") is None


async def test_the_revision_rises_with_every_write_of_the_namespace(database: Database) -> None:
    settings = SettingsStore(database)
    seen = [await settings.revision("plugins")]
    for write in (
        settings.set("plugins", "a", 1),
        settings.set("plugins", "a", 1),
        settings.delete("plugins", "a"),
    ):
        await write
        seen.append(await settings.revision("plugins"))
    assert seen == sorted(set(seen))
    await settings.set("other", "a", 1)
    assert await settings.revision("plugins") == seen[-1]


async def test_settings_written_at_once_are_all_kept(database: Database) -> None:
    settings = SettingsStore(database)
    await asyncio.gather(*(settings.set("plugins", str(n), n) for n in range(30)))
    assert await settings.all("plugins") == {str(n): n for n in range(30)}
    assert await settings.revision("plugins") == 30


async def test_a_send_keeps_the_first_random_id_whoever_asks_again(
    database: Database, clock: ManualClock
) -> None:
    sent = SentStore(database, clock)
    first = SentRecord("notice:1", -(2**63), 5_000_000_001)
    assert await sent.reserve("notice:1", -(2**63), 5_000_000_001) == first
    assert await sent.reserve("notice:1", 42, 5_000_000_001) == first
    await sent.sent("notice:1", 7)
    assert (await sent.reserve("notice:1", 42, 5_000_000_001)).message_id == 7


async def test_of_many_that_reserve_a_send_at_once_all_get_the_same(
    database: Database, clock: ManualClock
) -> None:
    sent = SentStore(database, clock)
    records = await asyncio.gather(*(sent.reserve("k", n, 1) for n in range(1, 21)))
    assert len(set(records)) == 1


async def test_a_session_keeps_what_was_saved(database: Database, other_database: Database) -> None:
    session = SessionStore(database, "bot")
    assert await session.load() == {}
    await session.save({"auth_key": b"\0\xff" * 128, "dc_id": 2, "user_id": 2**40, "is_bot": True})
    await session.save({"date": 0, "dc_id": 4, "phone": None})
    seen = await SessionStore(other_database, "bot").load()
    assert seen == {
        "auth_key": b"\0\xff" * 128,
        "dc_id": 4,
        "user_id": 2**40,
        "is_bot": True,
        "date": 0,
        "phone": None,
    }
    assert type(seen["auth_key"]) is bytes
    assert type(seen["user_id"]) is int
    assert await SessionStore(database, "worker").load() == {}


async def test_a_session_knows_how_far_it_has_read(database: Database) -> None:
    session = SessionStore(database, "bot")
    assert await session.states() == []
    await session.set_state((0, 10, 0, 1000, 1), (-1001234567890, 5, None, None, None))
    await session.set_state((0, 11, None, None, None))
    assert sorted(await session.states()) == [(-1001234567890, 5, None, None, None), (0, 11, 0, 1000, 1)]
    await session.delete_state(-1001234567890)
    assert await session.states() == [(0, 11, 0, 1000, 1)]


async def test_a_session_finds_whom_it_has_met(database: Database) -> None:
    session = SessionStore(database, "bot")
    alice = (5_000_000_001, -(2**62), "user", None)
    bob = (2, 3, "user", "79990001122")
    before = database.round_trips
    await session.save_peers([alice, bob])
    assert database.round_trips == before + 1
    await session.save_usernames([(alice[0], ["Alice", "al1ce"]), (2, ["bob"])])
    assert await session.peer(alice[0]) == alice
    assert await session.peer_by_username("ALICE") == alice
    assert await session.peer_by_username("al1ce") == alice
    assert await session.peer_by_phone("79990001122") == bob
    assert await session.peer(3) is None
    assert await session.peer_by_username("carol") is None
    assert await session.peer_by_phone("1") is None
    assert await SessionStore(database, "worker").peer(alice[0]) is None


async def test_a_username_that_changed_hands_leads_to_its_new_owner(database: Database) -> None:
    session = SessionStore(database, "bot")
    await session.save_peers([(1, 10, "user", None), (2, 20, "user", None)])
    await session.save_usernames([(1, ["star", "one"])])
    await session.save_usernames([(2, ["star"])])
    assert (await session.peer_by_username("star"))[0] == 2
    assert (await session.peer_by_username("one"))[0] == 1
    await session.save_usernames([(2, [])])
    assert await session.peer_by_username("star") is None


async def test_a_username_without_the_peer_itself_is_nobody(database: Database) -> None:
    session = SessionStore(database, "bot")
    await session.save_usernames([(1, ["star"])])
    assert await session.peer(1) is None


async def test_a_deleted_session_is_gone_with_whom_it_met(database: Database) -> None:
    session, other = SessionStore(database, "bot"), SessionStore(database, "worker")
    for each in (session, other):
        await each.save({"dc_id": 2})
        await each.save_peers([(1, 10, "user", None)])
    await session.delete()
    assert await session.load() == {}
    assert await session.peer(1) is None
    assert await other.peer(1) is not None


async def test_the_audit_log_tells_who_did_what(database: Database, clock: ManualClock) -> None:
    log = AuditLog(database, clock)
    first = clock.now()
    await log.write("admin:1", "/price flux", before={"stars": 5}, after={"stars": 6})
    await clock.advance(1)
    await log.write("admin:2", "/ban")
    await clock.advance(24 * 3600)
    await log.write("admin:1", "/unban")
    rows = await log.of_day(first.date())
    assert rows[0] == AuditRow(first, "admin:1", "/price flux", {"stars": 5}, {"stars": 6})
    assert [row.command for row in rows] == ["/price flux", "/ban"]


async def test_a_jobs_events_come_back_in_order(database: Database, clock: ManualClock) -> None:
    log = EventLog(database, clock)
    await log.write("job", "created")
    await clock.advance(1)
    await log.write("job", "failed", {"reason": "safety"})
    await log.write("other", "created")
    events = await log.of("job")
    assert [event.kind for event in events] == ["created", "failed"]
    assert events[1] == JobEvent("job", "failed", clock.now(), {"reason": "safety"})


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -(2**63), 2**63 - 1, 1.5, "x", b"\0", Decimal("0.10"), [1, [2]], {"a": {"b.c": [None]}}],
)
def test_what_is_stored_comes_back_plain(value: object) -> None:
    again = plain(stored(value))
    assert again == value
    assert type(again) is type(value)
    assert str(again) == str(value)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_an_integer_beyond_64_bits_is_refused(value: int) -> None:
    with pytest.raises(OverflowError):
        stored(value)


def test_what_cannot_be_kept_is_refused() -> None:
    with pytest.raises(TypeError, match="object cannot be stored"):
        stored({"a": [object()]})
