"""Cases: what operators decide about people's money, and how each decision is carried out once.

    draft -> open -> decided -> done
               ^________|            a decision that cannot be carried out is made anew

A case is opened once, by its id. A decision is one conditional update, so of many taps, and of two operators
at once, one counts. What was decided is carried out by the executor of the case's kind, again after a crash,
until it is done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from core.clock import Clock
from core.errors import StarloomError, UserFacingError
from core.plugins.status import Alert
from core.storage.cases import Case, CaseState, CaseStore, case_token
from core.storage.database import Database

__all__ = ["Again", "Case", "CaseState", "Cases", "Decided", "Done", "case_token"]

_log = structlog.stdlib.get_logger(__name__)

_SWEEP_SECONDS = 60.0
_ALARM_AFTER = 10
"""Attempts in vain after which operators hear of a decision that is not carried out."""


@dataclass(frozen=True, slots=True)
class Done:
    """The decision is carried out; `facts` join the case's data."""

    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Again:
    """It cannot be carried out as things are: operators decide anew.

    `note` is the key of a text that tells them why; its variables are the case's data, which `facts` join.
    """

    note: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decided:
    """A case after a decision. `first` tells whether it was this one that counts; `case` says whose did."""

    case: Case
    first: bool


Executor = Callable[[Case], Awaitable[Done | Again | None]]
"""Carries a decision out. It may run again for the same decision, and then changes nothing more.

None is the same as `Done()`. What it raises is logged, and it runs again within minutes.
"""
Check = Callable[[Case, str], None]
"""Raises UserFacingError for what cannot be decided of a case."""
CaseListener = Callable[[Case], Awaitable[None]]
Alarm = Callable[[Alert], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Kind:
    executor: Executor
    check: Check | None


class Cases:
    """Cases and their decisions.

    `listeners` are told, one after another, when a case opens (also when it opens anew, with a `note`) and
    when it is done; at least once each, so what they do must be the same when done twice.

    Raises:
        DatabaseAway: by every method; ask again.

    """

    def __init__(self, *, database: Database, clock: Clock, alert: Alarm) -> None:
        self._store = CaseStore(database, clock)
        self._clock = clock
        self._alert = alert
        self._kinds: dict[str, _Kind] = {}
        self._at_work: set[str] = set()
        self.listeners: list[CaseListener] = []

    def register(self, kind: str, executor: Executor, *, check: Check | None = None) -> None:
        """Say how decisions of a kind are carried out, and with `check` which can be made."""
        self._kinds[kind] = _Kind(executor, check)

    async def open(self, case: Case) -> bool:
        """Open a case; False when its id was opened before, whatever became of it, or its slot is taken."""
        if not await self._store.insert(case):
            return False
        await self._tell(case.id)
        return True

    async def draft(self, case: Case) -> bool:
        """Keep a case (in state DRAFT) that the person goes on with; False when its id or slot is taken."""
        return await self._store.insert(case)

    async def submit(
        self, case_id: str, *, data: Mapping[str, Any], private: Mapping[str, Any] | None = None
    ) -> bool:
        """Open a draft, with more facts; False when it is no draft any more."""
        opened = await self._store.advance(
            case_id,
            expected=CaseState.DRAFT,
            to=CaseState.OPEN,
            news=True,
            facts=data,
            changes={"private": private or {}},
        )
        if opened:
            await self._tell(case_id)
        return opened

    async def withdraw(self, case_id: str) -> bool:
        """Forget a draft; False when it is no draft any more."""
        return await self._store.remove(case_id, expected=CaseState.DRAFT)

    async def get(self, case_id: str) -> Case | None:
        """The case, or None."""
        return await self._store.get(case_id)

    async def by_token(self, token: str) -> Case | None:
        """The case that `case_token` names so, or None."""
        return await self._store.by_token(token)

    async def in_slot(self, slot: str) -> Case | None:
        """The case that has a slot now, or None."""
        return await self._store.in_slot(slot)

    async def open_ones(self, kind: str = "") -> list[Case]:
        """What waits for a decision, oldest first; with `kind`, of that kind alone."""
        return await self._store.in_state(CaseState.OPEN, kind)

    async def decide(self, case_id: str, decision: str, by: int, *, round: int | None = None) -> Decided:
        """Decide a case and carry it out; `by` is the operator.

        With `round` (the case's when it was shown) a tap on a card from before the case opened anew decides
        nothing. A decision that could not be carried out yet is answered in state DECIDED: it will be.

        Raises:
            UserFacingError: `case-unknown`; or this cannot be decided of it, as its kind says.

        """
        case = await self._store.get(case_id)
        if case is None or case.kind not in self._kinds:
            raise UserFacingError("case-unknown")
        check = self._kinds[case.kind].check
        if case.state is CaseState.OPEN and check is not None:
            check(case, decision)
        first = await self._store.advance(
            case_id,
            expected=CaseState.OPEN,
            to=CaseState.DECIDED,
            round=round,
            changes={"decision": decision, "by": by, "note": ""},
        )
        if first:
            _log.info("case decided", kind=case.kind, decision=decision.partition(":")[0])
            await self._carry_out(case_id)
        return Decided(await self._store.get(case_id) or case, first)

    async def sweep(self) -> int:
        """Carry out what was decided and is not done, tell what was not told; how many cases that were."""
        decided = await self._store.in_state(CaseState.DECIDED)
        for case in decided:
            await self._carry_out(case.id)
        untold = await self._store.untold()
        for case in untold:
            await self._tell(case.id)
        return len(decided) + len(untold)

    async def run(self) -> None:
        """Sweep now and every minute, until cancelled."""
        while True:
            try:
                await self.sweep()
            except StarloomError as error:
                _log.warning("cases not swept", error=type(error).__name__)
            await self._clock.sleep(_SWEEP_SECONDS)

    async def _carry_out(self, case_id: str) -> None:
        if case_id in self._at_work:
            return
        self._at_work.add(case_id)
        try:
            case = await self._store.get(case_id)
            if case is not None and case.state is CaseState.DECIDED:
                await self._execute(case)
        finally:
            self._at_work.discard(case_id)

    async def _execute(self, case: Case) -> None:
        kind = self._kinds.get(case.kind)
        if kind is None:
            _log.error("case of a kind that nobody carries out", kind=case.kind)
            return
        try:
            outcome = await kind.executor(case) or Done()
        except Exception as error:
            _log.warning("case not carried out yet", kind=case.kind, **_reason(error))
            await self._failed(case)
            return
        if isinstance(outcome, Again):
            to, changes = CaseState.OPEN, {"note": outcome.note, "round": case.round + 1}
        else:
            to, changes = CaseState.DONE, {}
        ended = await self._store.advance(
            case.id,
            expected=CaseState.DECIDED,
            to=to,
            version=case.version,
            news=True,
            facts=outcome.facts,
            changes=changes,
        )
        if ended:
            await self._tell(case.id)

    async def _failed(self, case: Case) -> None:
        if await self._store.failed(case) == _ALARM_AFTER:
            await self._alert(Alert("alert-case-stuck", {"case": case.id, "decision": case.decision}))

    async def _tell(self, case_id: str) -> None:
        case = await self._store.get(case_id)
        if case is None:
            return
        heard = [await self._heard(listener, case) for listener in self.listeners]
        if all(heard):
            await self._store.told(case)

    async def _heard(self, listener: CaseListener, case: Case) -> bool:
        try:
            await listener(case)
        except Exception as error:
            _log.warning("listener of cases failed", kind=case.kind, **_reason(error))
            return False
        return True


def _reason(error: Exception) -> dict[str, Any]:
    """What the log says of an error: its name, and where it comes from if nobody expected it."""
    return {"error": type(error).__name__, "exc_info": not isinstance(error, StarloomError)}
