"""The end of a person's account: nothing is left on it, and it gets a name that leads to nobody."""

from __future__ import annotations

from core.billing.ledger import Ledger
from core.billing.operations import ADJUSTMENT, user_account
from core.errors import AccountBusy
from core.storage.accounts import AccountStore
from core.storage.database import Database

_TRIES = 100
_ACTOR = "erasure"


class Closing:
    """Closes accounts. What was in them stays in the books, under another name."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._accounts = AccountStore(database)
        self._ledger = ledger

    async def close(self, user_id: int, pseudonym: int, *, forfeit: int) -> bool:
        """Take what is left, `forfeit` Stars, and rename the account; done again it does no more.

        False where it cannot be closed: something is held or owed, or more has come than is given up. The
        entries are renamed afterwards, by whoever renames all that names the person.

        Raises:
            AccountBusy: others changed it again and again; do it again.

        """
        name = user_account(user_id)
        for _ in range(_TRIES):
            balance = await self._ledger.balance(user_id)
            if balance.held or balance.owed or balance.available not in (0, forfeit):
                return False
            if balance.available:
                await self._ledger.debit(
                    user_id,
                    balance.available,
                    target=ADJUSTMENT,
                    key=f"erased:{pseudonym}",
                    reference="",
                    actor=_ACTOR,
                    reason="given up with the account",
                )
            await self._ledger.copy()
            account = await self._accounts.get(name)
            if account.version == 0:
                return True
            if not account.pending and await self._accounts.rename(account, user_account(pseudonym)):
                return True
        raise AccountBusy("others changed the account again and again")
