"""The connection to the database: how exact its writes are, its collections, and its start."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import ConfigurationError as DriverConfigurationError
from pymongo.errors import InvalidName, InvalidURI, OperationFailure
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from core.clock import Clock
from core.errors import ConfigurationError, DatabaseAway
from core.storage.codec import stored
from core.storage.collection import Collection
from core.storage.schema import INDEXES, is_prepared, prepare

_SCHEMES = ("mongodb://", "mongodb+srv://")
_SELECTION_MS = 4000
"""How long a call waits for a server that is away, in milliseconds: others wait behind it."""
_ANSWER_MS = 60_000
"""How long a call waits for a server that took it and says nothing, in milliseconds.

It is for a MONGODB_URI without a `socketTimeoutMS` of its own. With none at all a call would wait for ever
where a connection is gone and nobody says so.
Source: https://pymongo.readthedocs.io/en/stable/api/pymongo/mongo_client.html (socketTimeoutMS)
"""


class _CommandCounter(CommandListener):
    """Counts what is sent to the server; called from the driver's threads."""

    def __init__(self) -> None:
        self.commands = 0
        self._lock = threading.Lock()

    def started(self, event: CommandStartedEvent) -> None:
        with self._lock:
            self.commands += 1

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to count."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to count."""


def _servers(uri: str) -> str:
    """The hosts and ports that an address names, without the name and password before them."""
    return uri.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]


class Database:
    """One database of one server. Make it with `connect`."""

    def __init__(self, client: Any, name: str, counter: _CommandCounter, clock: Clock) -> None:
        self._client = client
        self._counter = counter
        self._clock = clock
        options: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)
        self._database = client.get_database(name, codec_options=options)
        self.name = name

    @classmethod
    async def connect(cls, uri: str, name: str, *, embedded: bool = False, clock: Clock) -> Database:
        """Connect to the server at `uri` and prove that it answers.

        Writes are acknowledged by a majority and journalled, reads see only such writes. The embedded engine
        slows down under retryable writes, so `embedded` turns them off; a MongoDB keeps them.

        Raises:
            ConfigurationError: the address cannot be used, or its server does not let us in.
            DatabaseAway: nothing answers there.

        """
        if not uri.startswith(_SCHEMES):
            raise ConfigurationError(f"MONGODB_URI begins with {' or '.join(_SCHEMES)}")
        counter = _CommandCounter()
        options: dict[str, Any] = {"retryWrites": False} if embedded else {}
        if "sockettimeoutms=" not in uri.lower():
            options["socketTimeoutMS"] = _ANSWER_MS
        try:
            client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
                uri,
                **options,
                w="majority",
                journal=True,
                readConcernLevel="majority",
                serverSelectionTimeoutMS=_SELECTION_MS,
                event_listeners=[counter],
                appname="starloom",
            )
            database = cls(client, name, counter, clock)
        except (InvalidURI, InvalidName, DriverConfigurationError, ValueError) as error:
            raise ConfigurationError(f"MONGODB_URI cannot be used: {error}") from error
        try:
            await database.collection("meta").find_one({"_id": "schema"})
        except OperationFailure as error:
            await database.close()
            raise ConfigurationError(
                f"The database that MONGODB_URI names refuses: {error.details}"
            ) from error
        except DatabaseAway as error:
            await database.close()
            raise DatabaseAway(
                f"no database answers at {_servers(uri)} ({error}): start it, correct MONGODB_URI, "
                "or remove that to use the embedded database"
            ) from error
        return database

    @property
    def round_trips(self) -> int:
        """Commands sent to the server since the connection was made."""
        return self._counter.commands

    def collection(self, name: str) -> Collection:
        """The collection `name`; it is made when something is written to it."""
        return Collection(self._database[name])

    async def prepare(self) -> None:
        """Make missing indexes and bring the schema up to date; several processes may do so at once.

        Raises:
            ConfigurationError: the database was brought up to a version that this one cannot read.

        """
        await prepare(self, self._clock)

    async def prove_write(self) -> None:
        """Write a document: a full disk still answers a ping.

        Raises:
            DatabaseAway: the server does not answer, or does not take the write.

        """
        proof = {"at": self._clock.now(), "proof": uuid.uuid4().hex}
        try:
            updated = await self.collection("meta").update_one(
                {"_id": "write_proof"}, {"$set": stored(proof)}, upsert=True
            )
        except DatabaseAway:
            raise
        except Exception as error:
            raise DatabaseAway(f"a write was refused: {type(error).__name__}") from error
        if not (updated.modified or updated.inserted):
            raise DatabaseAway("a write changed nothing")

    async def erase(self) -> None:
        """Drop the whole database, for tests and for starting over."""
        await self._client.drop_database(self.name)

    async def clear(self) -> bool:
        """Delete what was stored and keep what `prepare` made, for tests: making indexes takes long.

        False where that cannot be told from a prepared database any more; it is to be erased.
        """
        names = set(await self._database.list_collection_names())
        if not set(INDEXES) <= names:
            return False
        filled = await self._filled(sorted(set(INDEXES) & names))
        await asyncio.gather(*(self._clear(name) for name in {*filled, *names - set(INDEXES)}))
        return await is_prepared(self)

    async def _filled(self, names: Sequence[str]) -> list[str]:
        """Those of the collections in which anything is, in one round trip."""

        def looked_at(name: str) -> list[dict[str, Any]]:
            return [{"$limit": 1}, {"$project": {"_id": {"$literal": name}}}]

        first, *others = names
        unions = [{"$unionWith": {"coll": name, "pipeline": looked_at(name)}} for name in others]
        found = self._database[first].aggregate([*looked_at(first), *unions])
        return [row["_id"] for row in await found.to_list(None)]

    async def _clear(self, name: str) -> None:
        if name == "meta":
            await self.collection(name).delete_many({"_id": {"$ne": "schema"}})
        elif name in INDEXES:
            await self.collection(name).delete_many({})
        else:
            await self._database.drop_collection(name)

    async def close(self) -> None:
        """Close the connections. Do this before the server is stopped."""
        self._client.close()
