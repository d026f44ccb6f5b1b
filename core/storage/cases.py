"""What people ask of the operators: each one document, whose state changes only from the one expected."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.clock import Clock
from core.storage.codec import field_key, field_name, plain, stored, to_milliseconds
from core.storage.collection import Document
from core.storage.database import Database


class CaseState(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    """The person has not said everything yet; operators do not see it."""
    OPEN = "open"
    DECIDED = "decided"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Case:
    """Something that operators decide.

    `data` are the facts, and stay. `private` is what a decision needs and nobody afterwards, as the person's
    own words; it is erased when the case is done. While the case is not done, no other has its `slot`.
    `note` is the key of a text that says why a decision has to be made anew; the text's variables are in
    `data`. `round` counts how often that happened, `version` every change of the state.
    """

    id: str
    kind: str
    user_id: int
    data: Mapping[str, Any] = field(default_factory=dict)
    private: Mapping[str, Any] = field(default_factory=dict)
    slot: str = ""
    state: CaseState = CaseState.OPEN
    decision: str = ""
    by: int = 0
    """The operator who decided."""
    note: str = ""
    round: int = 0
    version: int = 0
    opened_at: datetime | None = None
    decided_at: datetime | None = None
    done_at: datetime | None = None
    expires_at: datetime | None = None
    """When a draft is forgotten."""


def case_token(case_id: str) -> str:
    """Ten characters that name a case where its id is too long, as in a button."""
    return base64.b32encode(hashlib.blake2b(case_id.encode(), digest_size=6).digest()).decode()[:10].lower()


_FIELDS = {field.name for field in dataclasses.fields(Case)}
_SPARSE = {"slot", "expires_at"}
_MAPPINGS = {"data", "private"}
_TIMES = {CaseState.OPEN: "opened_at", CaseState.DECIDED: "decided_at", CaseState.DONE: "done_at"}


class CaseStore:
    """Cases by id.

    Beside the case's own fields a document carries marks that keep its indexes small: `live` while operators
    or their helpers have something to do, `news` until everybody who is to know of the last change knows.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("cases")
        self._clock = clock

    async def insert(self, case: Case) -> bool:
        """Keep a new case; False when its id, or its slot, is taken."""
        now = to_milliseconds(self._clock.now())
        created = case if case.state is CaseState.DRAFT else dataclasses.replace(case, opened_at=now)
        document = _document(created)
        if await self._rows.insert_one(document):
            return True
        forgotten = {"slot": case.slot, "state": CaseState.DRAFT.value, "expires_at": {"$lte": now}}
        if not case.slot or not await self._rows.delete_one(forgotten):
            return False
        return await self._rows.insert_one(document)

    async def get(self, case_id: str) -> Case | None:
        """The case as it is now; None where there is none, or its draft is forgotten."""
        return self._known(await self._rows.find_one({"_id": case_id}))

    async def by_token(self, token: str) -> Case | None:
        """The case with the token that `case_token` makes of its id."""
        return self._known(await self._rows.find_one({"token": token}))

    async def in_slot(self, slot: str) -> Case | None:
        """The case that has the slot."""
        return self._known(await self._rows.find_one({"slot": slot}))

    async def remove(self, case_id: str, *, expected: CaseState) -> bool:
        """Forget a case that is in the state `expected`."""
        return await self._rows.delete_one({"_id": case_id, "state": expected.value})

    async def in_state(self, state: CaseState, kind: str = "") -> list[Case]:
        """The open cases, or the decided ones, oldest first; with `kind`, of that kind alone."""
        wanted: Document = {"live": True, "state": state.value}
        if kind:
            wanted["kind"] = kind
        return sorted(
            (_case(row) for row in await self._rows.find(wanted)),
            key=lambda case: (case.opened_at or self._clock.now(), case.id),
        )

    async def untold(self) -> list[Case]:
        """Cases of whose last change not everybody knows."""
        return [_case(row) for row in await self._rows.find({"news": True})]

    async def told(self, case: Case) -> None:
        """Everybody knows of the change that made the case what it is here."""
        await self._rows.update_one(
            {"_id": case.id, "version": stored(case.version)}, {"$unset": {"news": ""}}
        )

    async def failed(self, case: Case) -> int:
        """Count that a decision could not be carried out; how often that happened to this decision."""
        condition = {"_id": case.id, "version": stored(case.version)}
        await self._rows.update_one(condition, {"$inc": {"attempts": 1}})
        row = await self._rows.find_one(condition, fields=["attempts"])
        return int(row["attempts"]) if row is not None else 0

    async def advance(
        self,
        case_id: str,
        *,
        expected: CaseState,
        to: CaseState,
        round: int | None = None,
        version: int | None = None,
        news: bool = False,
        facts: Mapping[str, Any] | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> bool:
        """Enter the state `to` from `expected` and change fields; False when it is not in that state.

        With `round` or `version`, only in that one. `facts` join the `data`. With `news`, others are to be
        told. A case that is done loses what is private, and its slot.
        """
        condition: Document = {"_id": case_id, "state": expected.value}
        if round is not None:
            condition["round"] = stored(round)
        if version is not None:
            condition["version"] = stored(version)
        values = {name: stored(value) for name, value in (changes or {}).items()}
        values |= {f"data.{field_name(name)}": stored(value) for name, value in (facts or {}).items()}
        values |= {"state": to.value, "attempts": stored(0)}
        if not (expected is CaseState.DECIDED and to is CaseState.OPEN):
            values[_TIMES[to]] = to_milliseconds(self._clock.now())
        gone = {"expires_at": ""}
        if to is CaseState.DONE:
            gone |= {"slot": "", "private": "", "live": ""}
        else:
            values["live"] = True
        if news:
            values["news"] = True
        update = {"$set": values, "$unset": gone, "$inc": {"version": stored(1)}}
        return (await self._rows.update_one(condition, update)).matched == 1

    def _known(self, row: Document | None) -> Case | None:
        if row is None:
            return None
        case = _case(row)
        forgotten = case.expires_at is not None and case.expires_at <= self._clock.now()
        return None if forgotten else case


def _document(case: Case) -> Document:
    document: Document = {
        name: stored(getattr(case, name)) for name in _FIELDS - _SPARSE - _MAPPINGS - {"id"}
    }
    document["_id"] = case.id
    document["token"] = case_token(case.id)
    for name in _MAPPINGS:
        document[name] = {field_name(key): stored(value) for key, value in getattr(case, name).items()}
    for name in _SPARSE:
        if value := getattr(case, name):
            document[name] = stored(value)
    if case.state is not CaseState.DRAFT:
        document |= {"live": True, "news": True}
    return document


def _case(row: Document) -> Case:
    values = {name: plain(value) for name, value in row.items() if name in _FIELDS}
    for name in _MAPPINGS:
        values[name] = {field_key(key): value for key, value in values.get(name, {}).items()}
    return Case(**{**values, "id": row["_id"], "state": CaseState(row["state"])})
