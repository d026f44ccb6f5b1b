"""The bot's books for the author's panel of the chat page: read beside the running bot, never written."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from core.billing.ledger import Ledger
from core.clock import SystemClock
from core.errors import StarloomError
from core.storage.database import Database
from core.storage.history import HistoryStore
from sandbox.http.errors import ApiError

_ENTRIES = 30
_JOBS = 20


class BotBooks:
    """Ledger and jobs of the bot that runs on the local Telegram; `sandbox.web.Books`."""

    def __init__(self, opening: Callable[[], AbstractAsyncContextManager[Database]]) -> None:
        self._opening = opening
        self._opened = contextlib.AsyncExitStack()
        self._stores: tuple[Ledger, HistoryStore] | None = None

    async def open(self) -> None:
        """Open them, once the bot has made its database; without them the page works, but for the panel."""
        with contextlib.suppress(StarloomError):
            database = await self._opened.enter_async_context(self._opening())
            self._stores = Ledger(database, SystemClock()), HistoryStore(database)

    async def close(self) -> None:
        """Close them; harmless when they are closed."""
        self._stores = None
        await self._opened.aclose()

    async def account(self, person_id: int) -> dict[str, Any]:
        """A person's Stars, and the newest entries."""
        ledger, _ = self._open_stores()
        balance = await ledger.balance(person_id)
        entries = await ledger.statement(person_id, _ENTRIES)
        return {
            "available": balance.available,
            "held": balance.held,
            "owed": balance.owed,
            "entries": [
                {
                    "amount": entry.amount,
                    "debit": entry.debit,
                    "credit": entry.credit,
                    "reference": entry.reference,
                    "reason": entry.reason,
                    "at": entry.at.isoformat(),
                }
                for entry in entries
            ],
        }

    async def jobs(self, person_id: int) -> list[dict[str, Any]]:
        """A person's latest generations."""
        _, history = self._open_stores()
        last = await history.last_number(person_id)
        numbers = range(last, max(0, last - _JOBS), -1)
        return [
            {
                "id": row.job.id,
                "model": row.job.model_id,
                "provider": row.job.provider,
                "state": row.job.state.value,
                "percent": row.job.percent,
                "price": row.job.price,
                "failure": row.job.failure,
                "at": _moment(row.job.created_at),
            }
            for row in await history.rows(person_id, list(numbers))
        ]

    def _open_stores(self) -> tuple[Ledger, HistoryStore]:
        if self._stores is None:
            raise ApiError(503, "not_open", "the bot's books are not open yet")
        return self._stores


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
