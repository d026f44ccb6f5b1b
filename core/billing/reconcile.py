"""The comparison of our payments with Telegram's own list of transactions.

The list is read by pages from a stored mark on: the offset of the last page that was begun, which is read
again each time because what comes after it may have grown. A page with a payment that still waits, or that
could not be booked, holds the mark back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog

from core.billing.reconcile_booking import (
    MARGIN,
    Booking,
    KnownPayments,
    NamedOrders,
    ReconcileReport,
    Records,
    RefundTaking,
    Span,
    Taking,
)
from core.clock import Clock
from core.errors import StarloomError, TelegramError
from core.plugins.status import Alert
from core.storage.reconciling import REFUND_UNLISTED, UNLISTED, History, Mark, ReconcileStore, Unlisted
from core.storage.refunds import RefundStore
from core.telegram.stars import StarsPage

__all__ = ["ReconcileReport", "Reconciler"]

_log = structlog.stdlib.get_logger(__name__)

PAGE = 100
"""Transactions in one page; the most that Telegram gives."""
PAGES = 500
"""Pages of one pass; the next goes on from its mark."""
_OFFSET_INVALID = "OFFSET_INVALID"


class Transactions(Protocol):
    """Telegram's list, oldest first."""

    async def transactions(self, offset: str, limit: int) -> StarsPage:
        """One page."""
        ...


class Reconciler:
    """Compares, now and every `minutes`; only the instance on duty does."""

    def __init__(
        self,
        *,
        telegram: Transactions,
        store: ReconcileStore,
        known: KnownPayments,
        refund_store: RefundStore,
        payments: Taking,
        refunds: RefundTaking,
        users: Records,
        orders: NamedOrders,
        alert: Callable[[Alert], Awaitable[None]],
        clock: Clock,
        minutes: float,
        page: int = PAGE,
        pages: int = PAGES,
    ) -> None:
        self._telegram = telegram
        self._store = store
        self._booking = Booking(
            store=store,
            known=known,
            refund_store=refund_store,
            payments=payments,
            refunds=refunds,
            users=users,
            orders=orders,
            alert=alert,
        )
        self._alert = alert
        self._clock = clock
        self._minutes = minutes
        self._page = page
        self._pages = pages
        self._one_pass = asyncio.Lock()

    async def run(self) -> None:
        """Compare now and every so many minutes, until cancelled."""
        while True:
            try:
                await self.run_now()
            except Exception:
                _log.exception("reconciliation failed")
            await self._clock.sleep(self._minutes * 60)

    async def run_now(self) -> ReconcileReport:
        """Compare from the mark to the list's end. What goes wrong is in the report; the next goes on."""
        async with self._one_pass:
            report = ReconcileReport()
            began = self._clock.now()
            try:
                mark = await self._store.mark(began)
                await self._pass(mark, began, report)
                if report.complete:
                    await self._alarm(mark, began, report)
            except TelegramError as error:
                report.error = error.name
            except StarloomError as error:
                report.error = type(error).__name__
            if report.error:
                _log.warning("reconciliation not finished", error=report.error, pages=report.pages)
            return report

    async def _pass(self, mark: Mark, began: datetime, report: ReconcileReport) -> None:
        offset, held_back = mark.offset, False
        report.history = mark.history
        for _ in range(self._pages):
            try:
                page = await self._telegram.transactions(offset, self._page)
            except TelegramError as error:
                if error.name != _OFFSET_INVALID or not offset:
                    raise
                _log.warning("Telegram does not know the mark any more; its list is read from the start")
                await self._store.start_over()
                offset, held_back, report.history = "", False, History()
                continue
            report.pages += 1
            whole = await self._booking.book(page.transactions, Span(mark.since, began), report)
            held_back = held_back or not whole
            if not page.next_offset:
                report.complete = True
                return
            if not held_back:
                await self._store.advance(offset, page.next_offset, report.history)
            offset = page.next_offset

    async def _alarm(self, mark: Mark, began: datetime, report: ReconcileReport) -> None:
        """Tell operators, once each, of what the list does not show, and of payments from before."""
        before = began - MARGIN
        await self._alarm_of("alert-reconcile-unlisted", UNLISTED, await self._store.unlisted(before), report)
        await self._alarm_of(
            "alert-reconcile-refund-unlisted",
            REFUND_UNLISTED,
            await self._store.refunds_unlisted(before),
            report,
        )
        history = report.history
        if history.count and not mark.history_told:
            about = {"count": history.count, "stars": history.stars}
            await self._alert(Alert("alert-reconcile-history", about))
            await self._store.set_history_told()

    async def _alarm_of(self, key: str, mark: str, unlisted: list[Unlisted], report: ReconcileReport) -> None:
        for each in unlisted:
            report.missing += 1
            if not each.told:
                await self._alert(Alert(key, {"charge": each.charge_id, "stars": each.stars}))
                await self._store.told(mark, each.charge_id)
