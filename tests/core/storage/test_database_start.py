"""The database's start: connection, indexes, schema steps, the proof of a write."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from pymongo.errors import OperationFailure
from support.database_wire import DatabaseWire

from core.errors import ConfigurationError, DatabaseAway
from core.storage import database as database_module
from core.storage.database import Database
from core.storage.embedded import EmbeddedServer
from core.storage.leases import Leases
from core.storage.schema import INDEXES, MIGRATIONS, Migration, prepare
from sandbox.clock import ManualClock


async def steps(database: Database) -> list[str]:
    row = await database.collection("meta").find_one({"_id": "schema"})
    return row["steps"]


async def indexes(database: Database) -> set[str]:
    rows = database._database
    return {f"{name}.{index}" for name in INDEXES for index in (await rows[name].index_information())}


def migration(number: int, done: list[int]) -> Migration:
    async def apply(database: Database) -> None:
        done.append(number)

    return Migration(number, f"step {number}", apply)


async def test_a_new_database_gets_every_index_and_the_newest_schema(database: Database) -> None:
    wanted = {f"{name}.{'_'.join(index.fields)}" for name, all_of in INDEXES.items() for index in all_of}
    assert wanted <= await indexes(database)
    assert await steps(database) == [each.name for each in MIGRATIONS]


async def test_a_second_start_changes_nothing(database: Database) -> None:
    before = await indexes(database)
    await database.prepare()
    assert await indexes(database) == before
    assert await steps(database) == [each.name for each in MIGRATIONS]


async def test_only_the_steps_that_are_missing_run_in_their_order(
    database: Database, clock: ManualClock
) -> None:
    done: list[int] = []
    await prepare(database, clock, migrations=[migration(number, done) for number in (1, 2, 3)])
    await prepare(database, clock, migrations=[migration(number, done) for number in (1, 2, 3, 4)])
    assert done == [2, 3, 4]


async def test_two_instances_that_start_at_once_run_each_step_once(
    database: Database, other_database: Database, clock: ManualClock
) -> None:
    done: list[int] = []
    begun = asyncio.Event()

    async def slow(_: Database) -> None:
        begun.set()
        await clock.sleep(1)
        done.append(2)

    wanted = [*MIGRATIONS, Migration(2, "slow", slow), migration(3, done)]
    starts = [
        asyncio.create_task(prepare(each, clock, migrations=wanted)) for each in (database, other_database)
    ]
    await begun.wait()
    while (await asyncio.wait(starts, timeout=0.01))[1]:
        if clock.sleepers:
            await clock.advance(0.1)
    await asyncio.gather(*starts)
    assert done == [2, 3]


async def test_a_step_that_failed_is_run_again_at_the_next_start(
    database: Database, clock: ManualClock
) -> None:
    done: list[int] = []

    async def fail(_: Database) -> None:
        raise RuntimeError("no space")

    with pytest.raises(RuntimeError, match="no space"):
        await prepare(
            database, clock, migrations=[*MIGRATIONS, migration(2, done), Migration(3, "fails", fail)]
        )
    await clock.advance(61)
    await prepare(database, clock, migrations=[*MIGRATIONS, migration(2, done), migration(3, done)])
    assert done == [2, 3]


async def test_whoever_lost_the_lease_in_a_step_leaves_the_rest_to_its_new_holder(
    database: Database, clock: ManualClock
) -> None:
    done: list[int] = []

    async def outlives_the_lease(_: Database) -> None:
        await Leases(database, clock).acquire("migrations", "another", 60)

    async def takes_too_long(_: Database) -> None:
        done.append(2)
        await clock.advance(61)
        await outlives_the_lease(database)

    wanted = [*MIGRATIONS, Migration(2, "long", takes_too_long), migration(3, done)]
    start = asyncio.create_task(prepare(database, clock, migrations=wanted))
    await clock.until_asleep()
    assert done == [2]
    await clock.advance(61)
    await start
    assert done == [2, 3]


async def test_the_version_before_still_starts_on_what_it_can_read(
    database: Database, clock: ManualClock
) -> None:
    done: list[int] = []
    await prepare(database, clock, migrations=[*MIGRATIONS, migration(2, done)], readable_from=1)
    await database.prepare()
    assert done == [2]


async def test_a_version_that_cannot_read_it_refuses_in_words(database: Database, clock: ManualClock) -> None:
    await prepare(database, clock, migrations=[*MIGRATIONS, migration(2, [])], readable_from=2)
    with pytest.raises(
        ConfigurationError, match="schema version 2, which needs a Starloom that reads version 2"
    ):
        await database.prepare()


async def test_a_proof_of_a_write_writes(database: Database, clock: ManualClock) -> None:
    for _ in range(2):
        await database.prove_write()
    row = await database.collection("meta").find_one({"_id": "write_proof"})
    assert row["at"] == clock.now()


async def test_a_proof_fails_when_the_write_changes_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object, **__: object) -> object:
        return database_module.Updated(matched=1, modified=0)

    monkeypatch.setattr("core.storage.collection.Collection.update_one", nothing)
    with pytest.raises(DatabaseAway):
        await database.prove_write()


async def test_round_trips_are_counted(database: Database) -> None:
    before = database.round_trips
    await database.collection("things").insert_one({"_id": 1})
    await database.collection("things").find_one({"_id": 1})
    assert database.round_trips == before + 2


@pytest.mark.parametrize("uri", ["", "nonsense", "postgresql://host/db", "mongodb://host:port/"])
async def test_an_address_that_is_none_is_said_in_words(uri: str, clock: ManualClock) -> None:
    with pytest.raises(ConfigurationError, match="MONGODB_URI"):
        await Database.connect(uri, "starloom", clock=clock)


async def test_a_server_that_does_not_let_us_in_is_said_in_words(
    database_uri: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise OperationFailure("not authorised", 13, {"errmsg": "not authorised"})

    monkeypatch.setattr("core.storage.collection.Collection.find_one", refuse)
    with pytest.raises(ConfigurationError, match=r"MONGODB_URI names refuses.*not authorised"):
        await Database.connect(database_uri, "starloom", clock=clock)


async def test_nothing_at_the_address_is_said_within_seconds(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_SELECTION_MS", 100)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        uri = f"mongodb://127.0.0.1:{nobody.getsockname()[1]}/"
        with pytest.raises(DatabaseAway):
            await Database.connect(uri, "starloom", clock=clock)


async def test_every_call_says_that_the_server_is_away(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_SELECTION_MS", 100)
    server = EmbeddedServer(tmp_path, durable=False)
    database = await Database.connect(await server.start(), "starloom", embedded=True, clock=clock)
    await server.stop()
    things = database.collection("things")
    for call in (
        things.find_one({}),
        things.find({}),
        things.insert_one({}),
        things.insert_many([{}]),
        things.update_one({}, {"$set": {"a": 1}}),
        things.update_many({}, {"$set": {"a": 1}}),
        things.delete_one({}),
        database.prove_write(),
        database.prepare(),
    ):
        with pytest.raises(DatabaseAway):
            await call
    await database.close()


async def test_a_collection_tells_new_from_known_documents(database: Database) -> None:
    things = database.collection("things")
    assert await things.insert_one({"_id": 1})
    assert not await things.insert_one({"_id": 1})
    assert await things.insert_many([{"_id": 1}, {"_id": 2}, {"_id": 1}, {"_id": 3}]) == {0, 2}


async def test_upserts_of_one_document_at_once_all_count(database: Database) -> None:
    things = database.collection("things")
    await asyncio.gather(*(things.update_one({"_id": 1}, {"$inc": {"n": 1}}, upsert=True) for _ in range(50)))
    assert await things.find_one({"_id": 1}) == {"_id": 1, "n": 50}


async def test_a_server_that_says_nothing_any_more_is_away_and_found_again(
    database_uri: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connections stand, as they do where a network has swallowed whoever was at the other end."""
    monkeypatch.setattr(database_module, "_ANSWER_MS", 300)
    async with DatabaseWire.to(database_uri) as wire:
        database = await Database.connect(wire.uri, "test_silence", clock=clock)
        rows = database.collection("meta")
        with wire.troubled(DatabaseWire.freeze):
            async with asyncio.timeout(60):
                with pytest.raises(DatabaseAway):
                    await rows.find_one({"_id": "schema"})
        assert await rows.find_one({"_id": "schema"}) is None
        await database.close()
