"""The copier: it takes entries from the accounts they were made in into the ledger."""

from __future__ import annotations

import asyncio

import structlog

from core.clock import Clock
from core.errors import DatabaseAway, LedgerError
from core.storage.accounts import Account, AccountStore
from core.storage.entries import EntryStore

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
        copied = 0
        failed: dict[str, LedgerError] = {}
        while True:
            batch = _COPY_BATCH + len(failed)
            dirty = await self._accounts.dirty(batch)
            for account in dirty:
                if account.name not in failed:
                    try:
                        copied += await self.copy_account(account)
                    except LedgerError as error:
                        failed[account.name] = error
            if len(dirty) < batch:
                break
        if failed:
            raise LedgerError("; ".join(str(error) for error in failed.values()))
        return copied

    async def copy_account(self, account: Account) -> int:
        """Copy what was pending in an account when it was read; how many entries that were."""
        await self._entries.add(account.pending)
        await self._accounts.clear(account)
        return len(account.pending)

    async def run(self, stop: asyncio.Event) -> None:
        """Copy every second until `stop` is set, and once more then."""
        stopping = asyncio.create_task(stop.wait())
        while not stop.is_set():
            await self._copy_and_say()
            waiting = asyncio.ensure_future(self._clock.sleep(_COPY_EVERY))
            await asyncio.wait({stopping, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        await self._copy_and_say()

    async def _copy_and_say(self) -> None:
        try:
            await self.copy()
        except DatabaseAway as error:
            _log.warning("ledger entries not copied yet", error=str(error))
        except LedgerError:
            _log.error("ledger entries contradict the ledger; run the ledger's check")
