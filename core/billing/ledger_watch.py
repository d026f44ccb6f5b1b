"""The ledger's watch: proves the ledger every night and on demand, and tells admins what does not add up."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

import structlog

from core.billing.invariants import LedgerReport
from core.clock import Clock
from core.errors import DatabaseAway
from core.plugins.status import Alert

_log = structlog.stdlib.get_logger(__name__)

_AGAIN_SECONDS = 300.0
"""How long a check waits for a database that was away."""
_TOLD = 12
_LONGEST_LINE = 200
"""An alert tells so many differences of so many characters; a message has room for about four thousand."""
_LONG_NUMBER = re.compile(r"\d{7,}")


class Checkable(Protocol):
    """A ledger that can be proved."""

    async def check(self) -> LedgerReport:
        """Compare all accounts with their entries."""
        ...


class LedgerWatch:
    """Checks the ledger at `hour` (UTC) every night. `alert` reaches all admins."""

    def __init__(
        self, ledger: Checkable, alert: Callable[[Alert], Awaitable[None]], clock: Clock, *, hour: int = 3
    ) -> None:
        self._ledger = ledger
        self._alert = alert
        self._clock = clock
        self._hour = hour

    async def run(self) -> None:
        """Check every night until this is cancelled."""
        while True:
            await self._clock.sleep(self._until_night(self._clock.now()))
            while not await self._checked():
                await self._clock.sleep(_AGAIN_SECONDS)

    async def check_now(self) -> LedgerReport:
        """Check, and alarm where the ledger does not add up.

        Raises:
            DatabaseAway: it could not be read.

        """
        report = await self._ledger.check()
        counted = {"accounts": report.accounts, "entries": report.entries, "total": report.total}
        if not report.problems:
            _log.info("the ledger adds up", **counted)
            return report
        for account, problems in groupby(report.problems, _account):
            _log.error(
                "the ledger does not add up", account=_masked(account), problems=[*map(_masked, problems)]
            )
        count = len(report.problems)
        told = [_shortened(problem) for problem in report.problems[:_TOLD]]
        if count > _TOLD:
            told.append(f"… + {count - _TOLD}")
        await self._alert(Alert("alert-ledger", {"problems": "\n".join(told), "count": count, **counted}))
        return report

    async def _checked(self) -> bool:
        try:
            await self.check_now()
        except DatabaseAway as error:
            _log.warning("the ledger could not be checked yet", error=str(error))
            return False
        return True

    def _until_night(self, now: datetime) -> float:
        """Seconds until the hour comes next; a whole day when it is just then."""
        night = now.replace(hour=self._hour, minute=0, second=0, microsecond=0)
        if night <= now:
            night += timedelta(days=1)
        return (night - now).total_seconds()


def _account(problem: str) -> str:
    """The account that a problem begins with; what is said of all of them has none."""
    name, colon, _ = problem.partition(": ")
    return name if colon else ""


def _masked(text: str) -> str:
    """The text with no more of a person's id than its last four digits."""
    owner = _account(text).partition(":")[2] or text.partition(":")[2]
    if owner.isdigit():
        text = text.replace(owner, f"…{owner[-4:]}")
    return _LONG_NUMBER.sub(lambda number: f"…{number[0][-4:]}", text)


def _shortened(problem: str) -> str:
    return problem if len(problem) <= _LONGEST_LINE else f"{problem[: _LONGEST_LINE - 1]}…"
