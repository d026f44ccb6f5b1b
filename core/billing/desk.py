"""What operators look up and do to people's Stars by hand: payments, grants, debts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.billing.invariants import LedgerReport
from core.billing.ledger import Balance, Ledger
from core.billing.letters import Letters
from core.billing.operations import ADJUSTMENT, user_account
from core.billing.settings import MAX_PAYMENT
from core.errors import UserFacingError
from core.storage.accounts import AccountStore
from core.storage.database import Database
from core.storage.entries import Entry
from core.storage.payments import Paid, PaymentStore
from core.storage.refunds import Refund, RefundStore
from core.users import User

__all__ = ["Debt", "Desk", "Granted", "PaidBack"]

_MANY_PAYMENTS = 1000


@dataclass(frozen=True, slots=True)
class PaidBack:
    """A payment, and the newest attempt to give it back if there was one."""

    paid: Paid
    refund: Refund | None


@dataclass(frozen=True, slots=True)
class Granted:
    """Stars that an operator gave (`amount` > 0) or took (`amount` < 0), and what the person has then.

    Of what was given `repaid` went to a debt. `new` is False when it was done before.
    """

    amount: int
    repaid: int
    balance: Balance
    new: bool


@dataclass(frozen=True, slots=True)
class Debt:
    """What a person owes, in Stars."""

    user_id: int
    owed: int


class People(Protocol):
    """What is needed of people's records."""

    async def get(self, user_id: int) -> User | None:
        """The record of somebody, or None."""
        ...


class Desk:
    """The operators' desk. Everything that it does goes by a key, and happens once under it.

    Raises:
        DatabaseAway: by every method; ask again with the same key.

    """

    def __init__(
        self,
        *,
        database: Database,
        ledger: Ledger,
        payments: PaymentStore,
        refunds: RefundStore,
        letters: Letters,
        people: People,
    ) -> None:
        self._accounts = AccountStore(database)
        self._ledger = ledger
        self._payments = payments
        self._refunds = refunds
        self._letters = letters
        self._people = people

    async def knows(self, user_id: int) -> bool:
        """Whether somebody has ever written to the bot."""
        return await self._people.get(user_id) is not None

    async def payments(self, user_id: int, limit: int = _MANY_PAYMENTS) -> list[PaidBack]:
        """A person's payments, newest first."""
        paid = await self._payments.of_user(user_id, limit)
        refunds = await self._refunds.of_charges([each.charge_id for each in paid])
        return [PaidBack(each, refunds.get(each.charge_id)) for each in paid]

    async def balance(self, user_id: int) -> Balance:
        """What a person has."""
        return await self._ledger.balance(user_id)

    async def statement(self, user_id: int, limit: int) -> Sequence[Entry]:
        """A person's last entries, newest first."""
        return await self._ledger.statement(user_id, limit)

    async def check(self) -> LedgerReport:
        """Prove the whole ledger from its entries."""
        return await self._ledger.check()

    async def grant(self, user_id: int, amount: int, *, key: str, by: int, reason: str) -> Granted:
        """Give a person Stars, or take them (`amount` < 0), and write to them about it.

        Raises:
            InsufficientStars: the balance does not cover what is to be taken.
            UserFacingError: `grant-bad-amount`, or `grant-nobody` when the bot knows nobody of that id.

        """
        if not 0 < abs(amount) <= MAX_PAYMENT:
            raise UserFacingError("grant-bad-amount", most=MAX_PAYMENT)
        if not await self.knows(user_id):
            raise UserFacingError("grant-nobody", user=str(user_id))
        note = {"reference": reason, "actor": f"admin:{by}"}
        if amount > 0:
            entry_key = f"grant:{key}"
            new = await self._ledger.credit(
                user_id, amount, source=ADJUSTMENT, key=entry_key, reason="grant", **note
            )
        else:
            entry_key = f"write-off:{key}"
            new = await self._ledger.debit(
                user_id, -amount, target=ADJUSTMENT, key=entry_key, reason="taken by an operator", **note
            )
        repaid = await self._ledger.repaid(user_id, entry_key) if amount > 0 else 0
        balance = await self._ledger.balance(user_id)
        await self._letters.write(
            user_id,
            "grant-letter" if amount > 0 else "grant-taken-letter",
            about=entry_key,
            stars=abs(amount),
            repaid=repaid,
            balance=balance.available,
            reason=reason,
        )
        return Granted(amount, repaid, balance, new)

    async def debts(self) -> list[Debt]:
        """Everybody who owes Stars, the largest debt first. Reads every account."""
        own = user_account(1).removesuffix("1")
        found = [
            Debt(int(account.name.removeprefix(own)), account.owed)
            async for batch in self._accounts.batches()
            for account in batch
            if account.owed and account.name.startswith(own)
        ]
        return sorted(found, key=lambda debt: (-debt.owed, debt.user_id))

    async def forgive(self, user_id: int, amount: int, *, key: str, by: int) -> int:
        """Forgive at most `amount` of what a person owes, and write to them about it; how much that was."""
        entry_key = f"forgive:{key}"
        await self._ledger.forgive(
            user_id, amount, key=entry_key, reference="", actor=f"admin:{by}", reason="debt forgiven"
        )
        entry = await self._ledger.entry(user_id, entry_key)
        if entry is None:
            return 0
        balance = await self._ledger.balance(user_id)
        await self._letters.write(
            user_id,
            "refund-letter-forgiven",
            about=entry_key,
            stars=entry.amount,
            owed=balance.owed,
            balance=balance.available,
        )
        return entry.amount
