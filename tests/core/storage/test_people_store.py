"""People's records and their dialogues."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.storage.database import Database
from core.storage.users import UserStore
from core.telegram.types import Profile
from core.users import Dialogue, User
from sandbox.clock import ManualClock

ALICE = Profile(5_000_000_001, first_name="Alice", username="alice", language_code="en")


@pytest.fixture
def users(database: Database, clock: ManualClock) -> UserStore:
    return UserStore(database, clock)


async def test_a_newcomer_gets_a_record_once(users: UserStore, clock: ManualClock) -> None:
    first = await users.touch(ALICE)
    assert first == User(
        ALICE.id, "Alice", "alice", telegram_language="en", created_at=clock.now(), is_new=True
    )
    await clock.advance(100)
    assert await users.touch(ALICE) == first
    await users.set_arrived(ALICE.id)
    assert await users.touch(ALICE) == replace(first, is_new=False)


async def test_of_many_first_updates_at_once_one_is_the_newcomers(users: UserStore) -> None:
    touched = await asyncio.gather(*(users.touch(ALICE) for _ in range(20)))
    assert all(user == touched[0] for user in touched)
    assert len({user.created_at for user in touched}) == 1


async def test_an_unchanged_person_costs_one_round_trip(users: UserStore, database: Database) -> None:
    await users.touch(ALICE)
    before = database.round_trips
    await users.touch(ALICE)
    assert database.round_trips == before + 1


async def test_a_changed_description_is_kept(users: UserStore) -> None:
    await users.touch(ALICE)
    changed = replace(ALICE, first_name="Алиса", username=None, language_code="ru")
    user = await users.touch(changed)
    assert (user.first_name, user.username, user.telegram_language) == ("Алиса", None, "ru")
    assert await users.get(ALICE.id) == user


async def test_whoever_writes_has_not_blocked_the_bot(users: UserStore) -> None:
    await users.touch(ALICE)
    await users.set_blocked(ALICE.id, True)
    assert (await users.get(ALICE.id)).blocked_bot
    assert not (await users.touch(ALICE)).blocked_bot
    assert not (await users.get(ALICE.id)).blocked_bot


async def test_what_a_person_chose_outlives_updates(users: UserStore) -> None:
    await users.touch(ALICE)
    await users.set_language(ALICE.id, "ru")
    await users.set_setting(ALICE.id, "generate.last $model%", {"id": "flux", "n": 2**40})
    user = await users.touch(ALICE)
    assert user.language == "ru"
    assert user.settings == {"generate.last $model%": {"id": "flux", "n": 2**40}}


async def test_settings_are_kept_and_forgotten_together(users: UserStore) -> None:
    await users.touch(ALICE)
    await users.set_settings(ALICE.id, {"a.1": 1, "b": "x", "c": False})
    await users.set_settings(ALICE.id, {"a.1": None, "b": "y", "never": None})
    await users.set_setting(ALICE.id, "c", None)
    await users.set_settings(ALICE.id, {})
    assert (await users.touch(ALICE)).settings == {"b": "y"}


async def test_nobody_is_none(users: UserStore) -> None:
    assert await users.get(1) is None


async def test_a_dialogue_is_kept_moved_on_and_left(users: UserStore, clock: ManualClock) -> None:
    await users.touch(ALICE)
    data = {"a.b": [1, {"$c": None}], "text": "привет", "yes": True}
    await users.set_dialogue(ALICE.id, Dialogue("generate", "prompt", data))
    assert (await users.touch(ALICE)).dialogue == Dialogue("generate", "prompt", data, clock.now())
    await clock.advance(5)
    await users.set_dialogue(ALICE.id, Dialogue("generate", "options"))
    assert (await users.get(ALICE.id)).dialogue == Dialogue("generate", "options", {}, clock.now())
    await users.set_dialogue(ALICE.id, None)
    assert (await users.get(ALICE.id)).dialogue is None


async def test_a_dialogue_ends_a_day_after_its_last_step(users: UserStore, clock: ManualClock) -> None:
    await users.touch(ALICE)
    await users.set_dialogue(ALICE.id, Dialogue("generate", "prompt"))
    await clock.advance(24 * 3600 - 1)
    assert (await users.touch(ALICE)).dialogue is not None
    await clock.advance(1)
    assert (await users.touch(ALICE)).dialogue is None


async def test_a_ban_has_an_end_or_none_and_can_be_lifted(users: UserStore, clock: ManualClock) -> None:
    await users.touch(ALICE)
    until = clock.now() + timedelta(hours=1)
    await users.ban(ALICE.id, until, "flood")
    user = await users.touch(ALICE)
    assert (user.banned_until, user.ban_reason) == (until, "flood")
    await users.ban(ALICE.id, None, "fraud")
    assert (await users.get(ALICE.id)).banned_until > clock.now() + timedelta(days=365_000)
    await users.unban(ALICE.id)
    user = await users.get(ALICE.id)
    assert (user.banned_until, user.ban_reason) == (None, "")


async def test_somebody_who_never_wrote_can_be_banned(users: UserStore, clock: ManualClock) -> None:
    await users.ban(ALICE.id, None, "known elsewhere")
    user = await users.touch(ALICE)
    assert user.ban_reason == "known elsewhere"
    assert user.created_at == clock.now()
