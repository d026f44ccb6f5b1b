"""One collection of the database: the calls that Starloom uses, and what they raise in our own words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import IndexModel, UpdateOne
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
    WaitQueueTimeoutError,
    WTimeoutError,
)

from core.errors import DatabaseAway

Document = dict[str, Any]
Filter = Mapping[str, Any]
AnswerT = TypeVar("AnswerT")

_DUPLICATE_KEY = 11000
_PASSING_CODES = frozenset(
    {
        43,  # CursorNotFound: the server was restarted between two batches
        64,  # WriteConcernTimeout
        91,  # ShutdownInProgress
        112,  # WriteConflict
        189,  # PrimarySteppedDown
        262,  # ExceededTimeLimit
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11602,  # InterruptedDueToReplStateChange
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
    }
)


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update found and did. `inserted` tells that an upsert made the document."""

    matched: int
    modified: int
    inserted: bool = False


@dataclass(frozen=True, slots=True)
class Upsert:
    """One of several updates that are sent in one command; the document is made when it is missing."""

    filter: Filter
    update: Mapping[str, Any]


class Collection:
    """A collection. Every method is one round trip unless it says otherwise.

    Raises:
        DatabaseAway: by every method, when the server cannot be reached or is stopping.

    """

    def __init__(self, rows: AsyncIOMotorCollection[Document]) -> None:
        self._rows = rows

    async def find_one(self, filter: Filter, *, fields: Sequence[str] | None = None) -> Document | None:
        """The first document that fits, or None; with `fields`, only those and `_id`."""
        found: Document | None = await _asked(self._rows.find_one(filter, _projection(fields)))
        return found

    async def find(
        self, filter: Filter, *, fields: Sequence[str] | None = None, limit: int = 0, latest: str = ""
    ) -> list[Document]:
        """The documents that fit, in no order that can be relied on; at most `limit`, 0 for all.

        With the name of a field in `latest`, those come first where it is greatest. One round trip for each
        hundred documents or so.
        """
        cursor = self._rows.find(filter, _projection(fields)).limit(limit)
        if latest:
            cursor = cursor.sort(latest, -1)
        found: list[Document] = await _asked(cursor.to_list(None))
        return found

    async def count(self, filter: Filter) -> int:
        """How many documents fit."""
        return int(await _asked(self._rows.count_documents(filter)))

    async def batches(
        self,
        filter: Filter,
        *,
        fields: Sequence[str] | None = None,
        order: Sequence[str] = (),
        size: int = 500,
    ) -> AsyncIterator[list[Document]]:
        """All documents that fit, at most `size` at a time, so that no more are in memory; rising in `order`.

        What is there at the beginning and stays is among them; what is added meanwhile may be. One round trip
        for each list.
        """
        options: dict[str, Any] = {"batch_size": size}
        if order:
            options |= {"sort": [(field, 1) for field in order], "allow_disk_use": True}
        cursor = self._rows.find(filter, _projection(fields), **options)
        try:
            while found := await _asked(cursor.to_list(size)):
                yield found
        finally:
            await cursor.close()

    async def insert_one(self, document: Document) -> bool:
        """Insert; False when a document with one of its unique keys exists."""
        try:
            await _asked(self._rows.insert_one(document))
        except DuplicateKeyError:
            return False
        return True

    async def insert_many(self, documents: Sequence[Document]) -> set[int]:
        """Insert in one command; answers the indexes of those whose unique keys existed already."""
        try:
            await _asked(self._rows.insert_many(documents, ordered=False))
        except BulkWriteError as error:
            return _duplicates(error)
        return set()

    async def update_one(self, filter: Filter, update: Mapping[str, Any], *, upsert: bool = False) -> Updated:
        """Change one document that fits. An upsert that loses a race is repeated as a plain update."""
        try:
            result = await _asked(self._rows.update_one(filter, update, upsert=upsert))
        except DuplicateKeyError:
            if not upsert:
                raise
            result = await _asked(self._rows.update_one(filter, update))
        return Updated(result.matched_count, result.modified_count or 0, result.upserted_id is not None)

    async def update_unless_taken(self, filter: Filter, update: Mapping[str, Any]) -> Updated | None:
        """Change one document that fits; None when another one has a unique key that it would get."""
        try:
            return await self.update_one(filter, update)
        except DuplicateKeyError:
            return None

    async def update_many(self, filter: Filter, update: Mapping[str, Any]) -> Updated:
        """Change all documents that fit."""
        result = await _asked(self._rows.update_many(filter, update))
        return Updated(result.matched_count, result.modified_count or 0)

    async def update_each(self, updates: Sequence[tuple[Filter, Mapping[str, Any]]]) -> int:
        """Change one document for each filter, in any order, in one command; how many documents fitted."""
        operations = [UpdateOne(filter, update) for filter, update in updates]
        if not operations:
            return 0
        result = await _asked(self._rows.bulk_write(operations, ordered=False))
        return int(result.matched_count)

    async def upsert_many(self, upserts: Sequence[Upsert]) -> None:
        """Make several updates in one command, in any order; a missing document is made."""
        operations = [UpdateOne(each.filter, each.update, upsert=True) for each in upserts]
        if operations:
            await _asked(self._rows.bulk_write(operations, ordered=False))

    async def delete_one(self, filter: Filter) -> bool:
        """Delete one document that fits; whether there was one."""
        result = await _asked(self._rows.delete_one(filter))
        return bool(result.deleted_count)

    async def delete_many(self, filter: Filter) -> int:
        """Delete all documents that fit; how many there were."""
        result = await _asked(self._rows.delete_many(filter))
        return int(result.deleted_count)

    async def ensure_indexes(self, indexes: Sequence[Index]) -> None:
        """Make the indexes that are missing."""
        await _asked(self._rows.create_indexes([index.model() for index in indexes]))


@dataclass(frozen=True, slots=True)
class Index:
    """An index over `fields`.

    `sparse` leaves out documents without the field, so an index of the few that carry a flag stays small.
    With `expires`, a document goes at the moment that its field names.
    """

    fields: tuple[str, ...]
    unique: bool = False
    sparse: bool = False
    expires: bool = False

    def model(self) -> IndexModel:
        """The same for the driver."""
        options: dict[str, Any] = {"name": "_".join(self.fields)}
        if self.unique:
            options["unique"] = True
        if self.sparse:
            options["sparse"] = True
        if self.expires:
            options["expireAfterSeconds"] = 0
        return IndexModel([(field, 1) for field in self.fields], **options)


async def _asked(answer: Awaitable[Any]) -> Any:
    try:
        return await answer
    except (ConnectionFailure, WaitQueueTimeoutError, WTimeoutError) as error:
        raise DatabaseAway(type(error).__name__) from error
    except OperationFailure as error:
        if _passes(error):
            raise DatabaseAway(f"code {error.code}") from error
        raise
    except PyMongoError as error:
        if error.has_error_label("RetryableWriteError"):
            raise DatabaseAway(type(error).__name__) from error
        raise


def _passes(error: OperationFailure) -> bool:
    if isinstance(error, BulkWriteError):
        details = error.details or {}
        failures = [*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())]
        return any(failure.get("code") in _PASSING_CODES for failure in failures)
    return error.code in _PASSING_CODES


def _duplicates(error: BulkWriteError) -> set[int]:
    failures = (error.details or {}).get("writeErrors", ())
    if any(failure["code"] != _DUPLICATE_KEY for failure in failures):
        raise error
    return {int(failure["index"]) for failure in failures}


def _projection(fields: Sequence[str] | None) -> dict[str, int] | None:
    return None if fields is None else dict.fromkeys(fields, 1)
