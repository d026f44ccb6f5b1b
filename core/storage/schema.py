"""Indexes, and the numbered steps that bring an older database up to date.

Steps only ever expand: they add what the new version needs and leave what the version before reads, so that
old and new instances can run side by side while they are exchanged. What a later version no longer needs goes
in a step of the version after that. `READABLE_FROM` says which versions can read what this one writes.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import Clock
from core.errors import ConfigurationError, LeaseLost
from core.generation.job import ENDED_BADLY, FINAL_STATES
from core.storage.codec import stored
from core.storage.collection import Index
from core.storage.leases import Lease, Leases

if TYPE_CHECKING:
    from core.storage.database import Database

READABLE_FROM = 1
"""The oldest schema version whose code can read what this version writes."""
_LEASE = "migrations"
_LEASE_SECONDS = 60
_WAIT_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Migration:
    """One step to schema version `number`. `apply` may run twice and must then change nothing more."""

    number: int
    name: str
    apply: Callable[[Database], Awaitable[None]]


async def _begin(database: Database) -> None:
    """The first version: there is nothing older to change."""


MIGRATIONS: tuple[Migration, ...] = (Migration(1, "the first schema", _begin),)

INDEXES: Mapping[str, Sequence[Index]] = {
    "inbox": (Index(("pending",), sparse=True), Index(("expires_at",), expires=True)),
    "session_peers": (Index(("usernames",), sparse=True), Index(("phone",), sparse=True), Index(("id",))),
    "generations": (
        Index(("live",), sparse=True),
        Index(("owner",), sparse=True),
        Index(("active_user",), sparse=True),
        Index(("roused",), sparse=True),
        Index(("uncounted",), sparse=True),
        Index(("task_id",)),
        Index(("slot",), unique=True, sparse=True),
        Index(("free_slot",), unique=True, sparse=True),
        Index(("user_id",)),
        Index(("listed",), unique=True, sparse=True),
        Index(("favourite_of",), sparse=True),
        Index(("prompt_of",), sparse=True),
        Index(("model_id", "created_at")),
        *(Index((f"timings.{state.value}",), sparse=True) for state in (*ENDED_BADLY, *FINAL_STATES)),
    ),
    "notifications": (
        Index(("pending",), sparse=True),
        Index(("expires_at",), expires=True),
    ),
    "bulletins": (
        Index(("open",), unique=True, sparse=True),
        Index(("unfinished",), sparse=True),
        Index(("expires_at",), expires=True),
    ),
    "production_runs": (Index(("open",), sparse=True), Index(("day",)), Index(("ordered_on",))),
    "notification_mutes": (Index(("expires_at",), expires=True),),
    "notes": (Index(("user_id",)), Index(("expires_at",), expires=True)),
    "statistics": (Index(("user_id",), sparse=True),),
    "corrections": (Index(("pending",), sparse=True), Index(("user_id",))),
    "turns": (Index(("expires_at",), expires=True),),
    "sent": (Index(("expires_at",), expires=True), Index(("chat_id",))),
    "events": (Index(("job_id",)), Index(("expires_at",), expires=True)),
    "audit": (Index(("day",)),),
    "broadcasts": (Index(("live",), sparse=True),),
    "claims": (Index(("expires_at",), expires=True),),
    "support": (Index(("waits",)),),
    "instances": (Index(("expires_at",), expires=True),),
    "errors": (Index(("expires_at",), expires=True), Index(("at",))),
    "accounts": (Index(("dirty",), sparse=True), Index(("holding",), sparse=True)),
    "promo_codes": (Index(("request",), unique=True, sparse=True),),
    "promo_uses": (Index(("slot",), unique=True), Index(("pending",), sparse=True), Index(("user_id",))),
    "referral_links": (Index(("token",), unique=True),),
    "referrals": (Index(("referrer",)),),
    "entries": (Index(("account", "sequence"), unique=True),),
    "entry_keys": (Index(("debit",)), Index(("credit",))),
    "orders": (
        Index(("user_id",)),
        Index(("drafted",), sparse=True),
        Index(("drafted_job",), sparse=True),
        Index(("forgotten_at",), expires=True),
    ),
    "payments": (
        Index(("user_id",)),
        Index(("unserved",), sparse=True),
        Index(("unlisted",), sparse=True),
        Index(("refunding",), sparse=True),
        Index(("refund_unlisted",), sparse=True),
    ),
    "cases": (
        Index(("user_id",)),
        Index(("live",), sparse=True),
        Index(("news",), sparse=True),
        Index(("token",)),
        Index(("slot",), unique=True, sparse=True),
        Index(("expires_at",), expires=True),
    ),
    "subscriptions": (
        Index(("user_id",)),
        Index(("order_id",)),
        Index(("live",), sparse=True),
        Index(("unwritten",), sparse=True),
    ),
}


async def prepare(
    database: Database,
    clock: Clock,
    *,
    migrations: Sequence[Migration] = MIGRATIONS,
    readable_from: int = READABLE_FROM,
) -> None:
    """Make the indexes and apply the steps that are missing, one process at a time.

    Raises:
        ConfigurationError: the database is of a later version that this one cannot read.

    """
    for name, indexes in INDEXES.items():
        await database.collection(name).ensure_indexes(indexes)
    newest = migrations[-1].number
    owner = uuid.uuid4().hex
    leases = Leases(database, clock)
    while await _version(database, newest) < newest:
        lease = await leases.acquire(_LEASE, owner, _LEASE_SECONDS)
        if lease is None:
            await clock.sleep(_WAIT_SECONDS)
            continue
        await _apply_missing(database, leases, lease, migrations, readable_from)


async def is_prepared(database: Database) -> bool:
    """Whether the database has exactly the schema that this version makes."""
    document = await database.collection("meta").find_one({"_id": "schema"})
    steps = [migration.name for migration in MIGRATIONS]
    made = {"version": MIGRATIONS[-1].number, "readable_from": READABLE_FROM, "steps": steps}
    return document == {"_id": "schema", **stored(made)}


async def _apply_missing(
    database: Database, leases: Leases, lease: Lease, migrations: Sequence[Migration], readable_from: int
) -> None:
    try:
        for migration in migrations:
            if migration.number > await _version(database, migrations[-1].number):
                lease = await leases.renew(lease)
                await migration.apply(database)
                await _reached(database, migration, readable_from)
        await leases.release(lease)
    except LeaseLost:
        # Another process goes on from the step that was reached; the steps may run twice.
        return


async def _version(database: Database, newest: int) -> int:
    document = await database.collection("meta").find_one({"_id": "schema"})
    if document is None:
        return 0
    if document["readable_from"] > newest:
        raise ConfigurationError(
            f"The database {database.name} has schema version {document['version']}, which needs a Starloom "
            f"that reads version {document['readable_from']} or later; this one reads up to {newest}. "
            "Install the newer version again, or restore a backup made before it."
        )
    return int(document["version"])


async def _reached(database: Database, migration: Migration, readable_from: int) -> None:
    meta = database.collection("meta")
    await meta.insert_one({"_id": "schema", "version": 0, "readable_from": 0, "steps": []})
    reached = stored({"version": migration.number, "readable_from": min(readable_from, migration.number)})
    await meta.update_one(
        {"_id": "schema", "version": {"$lt": migration.number}},
        {"$set": reached, "$push": {"steps": migration.name}},
    )
