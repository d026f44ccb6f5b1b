"""Leases: who may do what only one at a time may do, until when, and with which epoch they must write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.clock import Clock
from core.errors import LeaseLost
from core.storage.codec import stored, to_milliseconds
from core.storage.collection import Document

if TYPE_CHECKING:
    from core.storage.database import Database

_EPOCHS = "epochs"
WORKER_LEASE = "worker:"
"""The lease of the worker NAME is called `worker:NAME`; jobs are taken over by what it says."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease. `epoch` is greater than that of every lease given before, whatever its name."""

    name: str
    owner: str
    epoch: int
    expires_at: datetime


class Leases:
    """All leases. The clocks of the instances may differ by a few seconds, not by a lease's life."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("leases")
        self._counter = database.collection("meta")
        self._clock = clock

    async def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        """Take the lease for `seconds` when it is free, has run out, or is the owner's own; None otherwise.

        Each time it is taken it gets a new epoch, so that a process which held it before under the same
        owner's name, and still runs, is shut out like any other.
        """
        held = await self._rows.find_one({"_id": name})
        if held is not None and held["owner"] != owner and held["expires_at"] > self._clock.now():
            return None
        lease = Lease(name, owner, await self._next_epoch(), self._until(seconds))
        row = stored({"owner": owner, "epoch": lease.epoch, "expires_at": lease.expires_at})
        if held is None:
            taken = await self._rows.insert_one({"_id": name, **row, "seconds": seconds})
        else:
            updated = await self._rows.update_one(
                {"_id": name, "epoch": held["epoch"], "expires_at": held["expires_at"]},
                {"$set": {**row, "seconds": seconds}},
            )
            taken = updated.matched == 1
        return lease if taken else None

    async def renew(self, lease: Lease) -> Lease:
        """Let the lease live as long again as it was taken for, from now.

        Raises:
            LeaseLost: it has run out, or somebody else has taken it.

        """
        held = await self._rows.find_one({"_id": lease.name, "epoch": lease.epoch})
        if held is None or held["expires_at"] <= self._clock.now():
            raise LeaseLost(lease.name)
        expires_at = self._until(held["seconds"])
        updated = await self._rows.update_one(
            {"_id": lease.name, "epoch": lease.epoch, "expires_at": held["expires_at"]},
            {"$set": {"expires_at": expires_at}},
        )
        if not updated.matched:
            raise LeaseLost(lease.name)
        return replace(lease, expires_at=expires_at)

    async def release(self, lease: Lease) -> None:
        """Give the lease back, if it is still this one; the next owner need not wait for its end."""
        await self._rows.update_one(
            {"_id": lease.name, "epoch": lease.epoch}, {"$set": {"expires_at": self._clock.now()}}
        )

    async def holder(self, name: str) -> Lease | None:
        """The lease as it is held just now, or None."""
        row = await self._rows.find_one({"_id": name})
        return _lease(row) if row is not None and row["expires_at"] > self._clock.now() else None

    async def held(self, prefix: str) -> list[Lease]:
        """The leases held just now whose names begin with `prefix`."""
        now = self._clock.now()
        rows = await self._rows.find({})
        return [_lease(row) for row in rows if row["_id"].startswith(prefix) and row["expires_at"] > now]

    async def _next_epoch(self) -> int:
        """A number greater than all before it. Taking one and not using it does no harm."""
        while True:
            row = await self._counter.find_one({"_id": _EPOCHS})
            if row is None:
                await self._counter.insert_one({"_id": _EPOCHS, "epoch": stored(0)})
                continue
            following = int(row["epoch"]) + 1
            condition = {"_id": _EPOCHS, "epoch": row["epoch"]}
            if (await self._counter.update_one(condition, {"$set": {"epoch": stored(following)}})).modified:
                return following

    def _until(self, seconds: float) -> datetime:
        return to_milliseconds(self._clock.now() + timedelta(seconds=seconds))


def _lease(row: Document) -> Lease:
    return Lease(row["_id"], row["owner"], int(row["epoch"]), row["expires_at"])
