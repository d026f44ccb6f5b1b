"""The book of Telegram Stars: who has how many, and every movement with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.rpc import RpcError
from sandbox.world.state import Peer, PeerKind

MAX_PAGE = 100


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement on one account. `amount` is in Stars, negative for what went out.

    `id` is the charge id of the payment; a refund has the same id and `refund` set, as on Telegram.
    `partner_id` is the account on the other side, None for Telegram's own store.
    """

    number: int
    """Counts up over the whole book."""
    id: str
    amount: int
    date: int
    """Unix seconds."""
    partner_id: int | None
    refund: bool = False
    title: str = ""
    description: str = ""
    payload: bytes = b""
    subscription_id: str = ""
    subscription_period: int | None = None

    def raw(self) -> TLObject:
        """The same as Telegram's own `StarsTransaction`."""
        if self.partner_id is None:
            partner = T.StarsTransactionPeerAppStore()
        else:
            partner = T.StarsTransactionPeer(peer=Peer(PeerKind.USER, self.partner_id).raw())
        return T.StarsTransaction(
            id=self.id,
            amount=T.StarsAmount(amount=self.amount, nanos=0),
            date=self.date,
            peer=partner,
            refund=self.refund or None,
            title=self.title or None,
            description=self.description or None,
            bot_payload=self.payload or None,
            subscription_period=self.subscription_period,
        )


@dataclass(frozen=True, slots=True)
class Query:
    """Which transactions are asked for, and in which order."""

    inbound: bool = False
    outbound: bool = False
    ascending: bool = False
    subscription_id: str = ""

    def matches(self, transaction: Transaction) -> bool:
        """Whether it is one of those asked for; neither direction named means both."""
        if self.subscription_id and transaction.subscription_id != self.subscription_id:
            return False
        if self.inbound == self.outbound:
            return True
        return (transaction.amount > 0) == self.inbound


class StarsBook:
    """Balances and transactions by account. A balance is always the sum of the account's transactions."""

    def __init__(self) -> None:
        self._balances: dict[int, int] = {}
        self._transactions: dict[int, list[Transaction]] = {}
        self._last = 0

    def balance(self, account_id: int) -> int:
        """Stars of an account; a bot's can be negative after a chargeback."""
        return self._balances.get(account_id, 0)

    def write(self, account_id: int, amount: int, **about: Any) -> Transaction:
        """Move `amount` Stars to the account, or from it if negative; `about` are the other fields."""
        self._last += 1
        transaction = Transaction(number=self._last, amount=amount, **about)
        self._transactions.setdefault(account_id, []).append(transaction)
        self._balances[account_id] = self.balance(account_id) + amount
        return transaction

    def transactions(self, account_id: int) -> tuple[Transaction, ...]:
        """All transactions of an account, oldest first."""
        return tuple(self._transactions.get(account_id, ()))

    def find(self, account_id: int, transaction_id: str, *, refund: bool) -> Transaction:
        """One transaction of an account.

        Raises:
            RpcError: TRANSACTION_ID_INVALID.
        """
        for transaction in self.transactions(account_id):
            if transaction.id == transaction_id and transaction.refund == refund:
                return transaction
        raise RpcError(400, "TRANSACTION_ID_INVALID")

    def page(
        self, account_id: int, query: Query, offset: str, limit: int
    ) -> tuple[list[Transaction], str | None]:
        """At most `limit` transactions from `offset` on ("" is the start), and where the next page begins.

        An offset stays right while new transactions are written.

        Raises:
            RpcError: LIMIT_INVALID or OFFSET_INVALID.
        """
        if not 1 <= limit <= MAX_PAGE:
            raise RpcError(400, "LIMIT_INVALID")
        if offset and not (offset.isascii() and offset.isdigit()):
            raise RpcError(400, "OFFSET_INVALID")
        wanted = self._after(account_id, query, int(offset) if offset else None)
        found = [transaction for transaction, _ in zip(wanted, range(limit + 1), strict=False)]
        following = str(found[limit - 1].number) if len(found) > limit else None
        return found[:limit], following

    def to_json(self) -> dict[str, Any]:
        """The book as JSON can hold it."""
        return {
            str(account_id): [asdict(entry) | {"payload": entry.payload.hex()} for entry in entries]
            for account_id, entries in self._transactions.items()
        }

    def load_json(self, rows: dict[str, Any]) -> None:
        """Take over what `to_json` made."""
        for account_id, entries in rows.items():
            known = [Transaction(**row | {"payload": bytes.fromhex(row["payload"])}) for row in entries]
            self._transactions[int(account_id)] = known
            self._balances[int(account_id)] = sum(entry.amount for entry in known)
            self._last = max(self._last, *(entry.number for entry in known))

    def _after(self, account_id: int, query: Query, number: int | None) -> Iterator[Transaction]:
        entries = self._transactions.get(account_id, [])
        for transaction in entries if query.ascending else reversed(entries):
            seen = number is not None and (
                transaction.number <= number if query.ascending else transaction.number >= number
            )
            if not seen and query.matches(transaction):
                yield transaction
