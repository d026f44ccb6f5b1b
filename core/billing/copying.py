"""The copier: it takes entries from the accounts they were made in into the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from core.clock import Clock
from core.errors import DatabaseAway, LedgerError
from core.storage.accounts import Account, AccountStore
from core.storage.entries import EntryStore
from core.waiting import happens

_log = structlog.stdlib.get_logger(__name__)

_COPY_BATCH = 100
_COPY_EVERY = 1.0


class Copier:
    """Copies pending entries by their unique keys before it drops them; any number may run at once."""

    def __init__(self, accounts: AccountStore, entries: EntryStore, clock: Clock) -> None:
        self._accounts = accounts
        self._entries = entries
        self._clock = clock

    async def copy(self) -> int:
        """Copy what is pending anywhere; how many entries that were.

        Raises:
            LedgerError: an account's entries contradict the ledger; the others were copied.

        """
        copied = left = 0
        handled: set[str] = set()
        failed: list[LedgerError] = []
        while True:
            limit = _COPY_BATCH + left
            dirty = await self._accounts.dirty(limit)
            fresh = [account for account in dirty if account.name not in handled]
            if not fresh:
                break
            copied += sum(len(account.pending) for account in fresh)
            left += len(fresh) - await self._copy_together(fresh, failed)
            handled.update(account.name for account in fresh)
            if len(dirty) < limit:
                break
        if failed:
            raise LedgerError("; ".join(str(error) for error in failed))
        return copied

    async def copy_account(self, account: Account) -> None:
        """Copy what was pending in an account when it was read.

        Raises:
            LedgerError: it contradicts the ledger.

        """
        await self._entries.add(account.pending)
        await self._accounts.clear(account)

    async def _copy_together(self, accounts: Sequence[Account], failed: list[LedgerError]) -> int:
        """Copy what was pending in some accounts, in two round trips; how many of them are clean now.

        What changed meanwhile stays dirty. Where one contradicts the ledger, each is copied by itself.
        """
        try:
            await self._entries.add([entry for account in accounts for entry in account.pending])
        except LedgerError:
            return sum([await self._copy_alone(account, failed) for account in accounts])
        return await self._accounts.clear_unchanged(accounts)

    async def _copy_alone(self, account: Account, failed: list[LedgerError]) -> bool:
        try:
            await self.copy_account(account)
        except LedgerError as error:
            failed.append(error)
            return False
        return True

    async def run(self, stop: asyncio.Event) -> None:
        """Copy every second until `stop` is set, and once more then."""
        while not stop.is_set():
            await self._copy_and_say()
            await happens(stop, self._clock, _COPY_EVERY)
        await self._copy_and_say()

    async def _copy_and_say(self) -> None:
        try:
            await self.copy()
        except DatabaseAway as error:
            _log.warning("ledger entries not copied yet", error=str(error))
        except LedgerError:
            _log.error("ledger entries contradict the ledger; run the ledger's check")
