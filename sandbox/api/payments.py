"""Methods for Telegram Stars: invoices, pre-checkout answers, refunds, balance, transactions."""

from __future__ import annotations

from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.api.media import input_media
from sandbox.api.peers import account_of, find_peer, find_user
from sandbox.api.registry import method
from sandbox.rpc import Caller, RpcError
from sandbox.world import feed, render
from sandbox.world.stars_book import MAX_PAGE, Query, Transaction
from sandbox.world.state import Account, Media, Peer, PeerKind
from sandbox.world.world import World


@input_media(T.InputMediaInvoice)
async def invoice_media(world: World, account: Account, media: Any) -> Media:
    """An invoice on a message."""
    _require_bot(account)
    return world.stars.invoice_media(account.id, media)


@method(F.payments.ExportInvoice)
async def export_invoice(world: World, caller: Caller, query: Any) -> TLObject:
    """Make a link of an invoice."""
    account = account_of(world, caller)
    _require_bot(account)
    if not isinstance(query.invoice_media, T.InputMediaInvoice):
        raise RpcError(400, "INVOICE_INVALID")
    return T.payments.ExportedInvoice(url=world.stars.invoice_link(account.id, query.invoice_media))


@method(F.messages.SetBotPrecheckoutResults)
async def set_bot_precheckout_results(world: World, caller: Caller, query: Any) -> bool:
    """Let a purchase go on, or refuse it in words."""
    account = account_of(world, caller)
    _require_bot(account)
    world.stars.checkouts.answer(account.id, query.query_id, success=bool(query.success), error=query.error)
    return True


@method(F.payments.RefundStarsCharge)
async def refund_stars_charge(world: World, caller: Caller, query: Any) -> TLObject:
    """Give a payment back."""
    account = account_of(world, caller)
    _require_bot(account)
    buyer = find_user(world, account, query.user_id)
    delta = world.stars.refund(account.id, buyer.id, query.charge_id)
    return feed.answer(world, account.id, [delta])


@method(F.payments.BotCancelStarsSubscription)
async def bot_cancel_stars_subscription(world: World, caller: Caller, query: Any) -> bool:
    """End a person's subscription at the end of its period, or allow it again."""
    account = account_of(world, caller)
    _require_bot(account)
    buyer = find_user(world, account, query.user_id)
    world.stars.cancel_by_bot(account.id, buyer.id, query.charge_id, restore=bool(query.restore))
    return True


@method(F.payments.GetStarsStatus)
async def get_stars_status(world: World, caller: Caller, query: Any) -> TLObject:
    """The balance of the account that asks, and for a person the subscriptions."""
    account = _own(world, caller, query.peer)
    if query.ton:
        return T.payments.StarsStatus(balance=T.StarsTonAmount(amount=0), chats=[], users=[])
    subscriptions = [known.raw() for known in world.stars.subscriptions_of(account.id)]
    return _status(world, account, subscriptions=subscriptions or None)


@method(F.payments.GetStarsTransactions)
async def get_stars_transactions(world: World, caller: Caller, query: Any) -> TLObject:
    """A page of the transactions of the account that asks, newest first unless `ascending`."""
    account = _own(world, caller, query.peer)
    if query.ton:
        return T.payments.StarsStatus(balance=T.StarsTonAmount(amount=0), chats=[], users=[])
    if query.subscription_id and query.subscription_id not in world.stars.subscriptions:
        raise RpcError(400, "SUBSCRIPTION_ID_INVALID")
    wanted = Query(
        inbound=bool(query.inbound),
        outbound=bool(query.outbound),
        ascending=bool(query.ascending),
        subscription_id=query.subscription_id or "",
    )
    found, following = world.stars.book.page(account.id, wanted, query.offset, query.limit)
    return _status(world, account, found, next_offset=following)


@method(F.payments.GetStarsTransactionsByID)
async def get_stars_transactions_by_id(world: World, caller: Caller, query: Any) -> TLObject:
    """Single transactions; people may ask, bots have to page."""
    account = _own(world, caller, query.peer)
    if account.is_bot:
        raise RpcError(400, "BOT_METHOD_INVALID")
    if not 1 <= len(query.id) <= MAX_PAGE:
        raise RpcError(400, "TRANSACTION_ID_INVALID")
    found = [world.stars.book.find(account.id, named.id, refund=bool(named.refund)) for named in query.id]
    return _status(world, account, found)


def _require_bot(account: Account) -> None:
    if not account.is_bot:
        raise RpcError(400, "USER_BOT_REQUIRED")


def _own(world: World, caller: Caller, peer: TLObject) -> Account:
    """The calling account, which is the only one whose Stars it may see."""
    account = account_of(world, caller)
    if find_peer(world, account, peer) != account.peer:
        raise RpcError(400, "PEER_ID_INVALID")
    return account


def _status(
    world: World, account: Account, transactions: list[Transaction] | None = None, **more: Any
) -> TLObject:
    entries = transactions or []
    partners = [Peer(PeerKind.USER, entry.partner_id) for entry in entries if entry.partner_id is not None]
    users, chats = render.parties(world, account.id, partners)
    return T.payments.StarsStatus(
        balance=T.StarsAmount(amount=world.stars.balance(account.id), nanos=0),
        history=[entry.raw() for entry in entries] or None,
        users=users,
        chats=chats,
        **more,
    )
