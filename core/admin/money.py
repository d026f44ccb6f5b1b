"""Totals of a day and of a month, and what bookkeepers are handed: payments as a table."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

from core.statistics.periods import Period
from core.statistics.statistics import Statistics
from core.statistics.summary import Summary
from core.storage.audit import AuditLog
from core.storage.payments import Paid, PaymentStore
from core.storage.refunds import RefundState

_BACK = (RefundState.REFUNDED, RefundState.DONE)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a stretch of time came to. Amounts are Stars: `paid` by people, `returned` to them again."""

    payments: int
    paid: int
    returned: int
    summary: Summary


class Turnover:
    """Adds up, and exports."""

    def __init__(self, payments: PaymentStore, statistics: Statistics, audit: AuditLog) -> None:
        self._payments = payments
        self._statistics = statistics
        self._audit = audit

    async def today(self) -> Totals:
        """Today, in the operator's time zone."""
        return await self._totals(self._statistics.today, await self._statistics.of_all(Period.TODAY))

    async def month(self) -> Totals:
        """The month until now."""
        today = self._statistics.today
        return await self._totals(today.replace(day=1), await self._statistics.of_month(today))

    async def export(self, *, by: int) -> bytes:
        """All payments of this month as CSV, oldest first."""
        rows = await self._since(self._statistics.today.replace(day=1))
        out = io.StringIO()
        table = csv.writer(out)
        table.writerow(("at", "charge_id", "user_id", "stars", "bonus", "kind", "order_id", "refund"))
        for paid in rows:
            refund = paid.refund.value if paid.refund is not None else ""
            table.writerow(
                (
                    paid.at.isoformat(),
                    paid.charge_id,
                    paid.user_id,
                    paid.stars,
                    paid.bonus,
                    paid.kind,
                    paid.order_id,
                    refund,
                )
            )
        await self._audit.write(f"user:{by}", "money.export", after={"payments": len(rows)})
        return out.getvalue().encode("utf-8-sig")

    async def _totals(self, first: date, summary: Summary) -> Totals:
        rows = await self._since(first)
        returned = sum(paid.stars for paid in rows if paid.refund in _BACK)
        return Totals(len(rows), sum(paid.stars for paid in rows), returned, summary)

    async def _since(self, first: date) -> list[Paid]:
        return await self._payments.since(self._statistics.midnight(first))
