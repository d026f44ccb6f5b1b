"""Stars as Telegram counts them: transactions, the balance, refunds, subscriptions, links of invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T

from core.telegram.client import TelegramClient
from core.telegram.types import Invoice

STARS = "XTR"
"""The currency of Stars."""
PAGE = 100
"""The most transactions that Telegram gives at once. https://core.telegram.org/method/payments.getStarsTransactions"""


@dataclass(frozen=True, slots=True)
class StarsTransaction:
    """One movement on the bot's own account.

    `stars` came in, or went out where it is below 0. `charge_id` is the payment's; a refund has the id of
    what it gives back. `user_id` is None where the other side is no person.
    """

    charge_id: str
    user_id: int | None
    stars: int
    at: datetime
    refund: bool = False
    payload: bytes = b""
    pending: bool = False
    failed: bool = False
    subscription_period: int | None = None
    nanos: int = 0
    """Billionths of a Star beside the whole ones; payments to a bot have none."""


@dataclass(frozen=True, slots=True)
class StarsPage:
    """Transactions, oldest first; `next_offset` is where the next page begins, empty at the end."""

    transactions: tuple[StarsTransaction, ...]
    next_offset: str = ""


class TelegramStars:
    """What a bot may ask Telegram about Stars. Every method raises `TelegramError`."""

    def __init__(self, client: TelegramClient) -> None:
        self._client = client

    async def transactions(self, offset: str = "", limit: int = PAGE) -> StarsPage:
        """A page of the bot's transactions, oldest first; `offset` is a page's `next_offset`."""
        return await self._page(offset, limit, ascending=True)

    async def was_refunded(self, charge_id: str, *, since: datetime) -> bool:
        """Whether the transactions from `since` on have the refund of this payment."""
        offset = ""
        while True:
            page = await self._page(offset, PAGE, ascending=False)
            for transaction in page.transactions:
                if transaction.charge_id == charge_id and transaction.refund and not transaction.failed:
                    return True
                if transaction.at < since:
                    return False
            if not page.next_offset:
                return False
            offset = page.next_offset

    async def balance(self) -> int:
        """The bot's own Stars, whole ones."""
        status = await self._client.invoke(F.payments.GetStarsStatus(peer=T.InputPeerSelf()))
        return _amount(status.balance)[0]

    async def refund(self, user_id: int, charge_id: str) -> None:
        """Give a payment back, whole."""
        user = await self._user(user_id)
        await self._client.invoke(F.payments.RefundStarsCharge(user_id=user, charge_id=charge_id))

    async def cancel_subscription(self, user_id: int, charge_id: str, restore: bool = False) -> None:
        """End a subscription with its period, or (`restore`) let the person go on with it."""
        query = F.payments.BotCancelStarsSubscription(
            user_id=await self._user(user_id), charge_id=charge_id, restore=restore or None
        )
        await self._client.invoke(query)

    async def invoice_link(self, invoice: Invoice) -> str:
        """A link at which an invoice is shown; subscriptions can be sold in no other way."""
        query = F.payments.ExportInvoice(invoice_media=invoice_media(invoice))
        return str((await self._client.invoke(query)).url)

    async def _page(self, offset: str, limit: int, *, ascending: bool) -> StarsPage:
        query = F.payments.GetStarsTransactions(
            peer=T.InputPeerSelf(), offset=offset, limit=limit, ascending=ascending or None
        )
        status = await self._client.invoke(query)
        found = [transaction_of(raw) for raw in status.history or ()]
        return StarsPage(tuple(each for each in found if each is not None), status.next_offset or "")

    async def _user(self, user_id: int) -> Any:
        peer = await self._client.resolve(user_id)
        return T.InputUser(user_id=peer.user_id, access_hash=peer.access_hash)


def invoice_media(invoice: Invoice) -> Any:
    """An invoice in Stars as Telegram takes it: no provider, one price."""
    return T.InputMediaInvoice(
        title=invoice.title,
        description=invoice.description,
        invoice=T.Invoice(
            currency=STARS,
            prices=[T.LabeledPrice(label=invoice.title, amount=invoice.amount)],
            subscription_period=invoice.subscription_period,
        ),
        payload=invoice.payload,
        provider_data=T.DataJSON(data="{}"),
        start_param=invoice.start_param or None,
    )


def transaction_of(raw: Any) -> StarsTransaction | None:
    """A transaction as we keep it; None for one that is not in Stars."""
    if not isinstance(raw.amount, T.StarsAmount):
        return None
    stars, nanos = _amount(raw.amount)
    peer = getattr(raw.peer, "peer", None)
    return StarsTransaction(
        charge_id=raw.id,
        user_id=peer.user_id if isinstance(peer, T.PeerUser) else None,
        stars=stars,
        at=datetime.fromtimestamp(raw.date, UTC),
        refund=bool(raw.refund),
        payload=bytes(raw.bot_payload or b""),
        pending=bool(raw.pending),
        failed=bool(raw.failed),
        subscription_period=raw.subscription_period,
        nanos=nanos,
    )


def _amount(amount: Any) -> tuple[int, int]:
    """Whole Stars and billionths; nothing where it is another currency."""
    return (amount.amount, amount.nanos) if isinstance(amount, T.StarsAmount) else (0, 0)
