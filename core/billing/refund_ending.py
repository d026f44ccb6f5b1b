"""What follows when a payment was given back: what is owed, the letter, and whoever else is to know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog

from core.billing.ledger import Ledger
from core.clock import Clock
from core.storage.cases import Case
from core.storage.codec import to_milliseconds
from core.storage.payments import Paid
from core.storage.refunds import Refund, RefundState, RefundStore, Shortage

_log = structlog.stdlib.get_logger(__name__)

DEBT_CASE = "debt"
"""The kind of the cases in which operators decide what becomes of a debt."""


class Writer(Protocol):
    """Writes letters; see `core.billing.letters`."""

    async def write(self, user_id: int, key: str, *, about: str, **variables: object) -> None:
        """Send a text once for each `about`."""
        ...


class CaseOpener(Protocol):
    """Opens cases; see `core.billing.cases`."""

    async def open(self, case: Case) -> bool:
        """Open a case, once."""
        ...


RefundListener = Callable[[Paid], Awaitable[None]]


class RefundEnding:
    """Ends refunds that Telegram has made. Every step may be repeated, and is until all have gone well."""

    def __init__(
        self, *, store: RefundStore, ledger: Ledger, letters: Writer, cases: CaseOpener, clock: Clock
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._letters = letters
        self._cases = cases
        self._clock = clock
        self.listeners: list[RefundListener] = []

    async def end(self, paid: Paid, refund: Refund) -> bool:
        """Do what follows a refund; False when something did not go well and is to be done again.

        What followed from the payment itself comes first: nobody is told to take back what is not given yet.
        """
        if not paid.served:
            return False
        try:
            forgiven = await self._forgive(paid, refund)
            if refund.by_telegram and refund.owed:
                await self._cases.open(_debt_case(paid, refund))
            for listener in self.listeners:
                await listener(paid)
            await self._write(paid, refund, forgiven)
        except Exception as error:
            _log.warning("refund is made, not everybody knows yet", error=type(error).__name__)
            return False
        await self._store.move(refund, RefundState.DONE, ended_at=self._now())
        return True

    async def _forgive(self, paid: Paid, refund: Refund) -> int:
        """Give up what was booked as debt, if the operator wants that; how much that was."""
        if refund.shortage is not Shortage.FORGIVE or not refund.owed:
            return 0
        key = f"refund:{paid.charge_id}:{refund.attempt}:forgiven"
        await self._ledger.forgive(
            paid.user_id,
            refund.owed,
            key=key,
            reference=paid.charge_id,
            actor=refund.actor,
            reason=refund.reason,
        )
        entry = await self._ledger.entry(paid.user_id, key)
        return entry.amount if entry else 0

    async def _write(self, paid: Paid, refund: Refund, forgiven: int) -> None:
        balance = await self._ledger.balance(paid.user_id)
        await self._letters.write(
            paid.user_id,
            "refund-letter-telegram" if refund.by_telegram else "refund-letter",
            about=f"refund:{paid.charge_id}",
            stars=paid.stars,
            taken=refund.taken,
            forgiven=forgiven,
            balance=balance.available,
            held=balance.held,
            owed=balance.owed,
        )

    def _now(self) -> datetime:
        return to_milliseconds(self._clock.now())


def _debt_case(paid: Paid, refund: Refund) -> Case:
    data = {"charge_id": paid.charge_id, "stars": paid.stars, "taken": refund.taken, "owed": refund.owed}
    return Case(id=f"{DEBT_CASE}:{paid.charge_id}", kind=DEBT_CASE, user_id=paid.user_id, data=data)
