"""Invoices in Telegram Stars: what Telegram accepts, and how an invoice looks in a message."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.rpc import RpcError
from sandbox.world.state import Media

CURRENCY = "XTR"
SUBSCRIPTION_PERIOD = 2_592_000
"""Seconds; the only period that Telegram allows."""
MAX_AMOUNT = 100_000
MAX_SUBSCRIPTION_AMOUNT = 10_000
LINK_PREFIX = "https://t.me/$"

_MAX_TITLE = 32
_MAX_DESCRIPTION = 255
_MAX_PAYLOAD = 128
_START_PARAM = re.compile(r"[A-Za-z0-9_-]*")
_MAX_START_PARAM = 64
_LINK = re.compile(r"(?:https?://)?(?:t|telegram)\.me/(?:\$|invoice/)(?P<slug>[\w-]+)/?")


@dataclass(frozen=True, slots=True)
class Invoice:
    """What a bot asks to be paid, in whole Stars: by a message or, under its `slug`, by a link."""

    slug: str
    bot_id: int
    title: str
    description: str
    payload: bytes
    label: str
    amount: int
    start_param: str = ""
    subscription_period: int | None = None
    link: bool = False
    """Whether it was made as a link; an invoice in a message cannot be opened by its slug."""

    def raw_media(self, photo: TLObject | None = None) -> TLObject:
        """The invoice as it hangs on a message."""
        return T.MessageMediaInvoice(
            title=self.title,
            description=self.description,
            currency=CURRENCY,
            total_amount=self.amount,
            start_param=self.start_param,
            photo=photo,
        )

    def to_json(self) -> dict[str, Any]:
        """The invoice as JSON can hold it."""
        return asdict(self) | {"payload": self.payload.hex()}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Invoice:
        """What `to_json` made, as an invoice again."""
        return cls(**row | {"payload": bytes.fromhex(row["payload"])})


def read_invoice(media: TLObject, *, bot_id: int, slug: str, link: bool) -> Invoice:
    """The invoice that a bot sends (`InputMediaInvoice`), checked as Telegram checks it.

    Raises:
        RpcError: where Telegram would refuse.
    """
    terms = media.invoice
    _check_currency(terms, media.provider)
    _check_texts(media)
    _check_subscription(terms, link=link)
    amount = terms.prices[0].amount
    most = MAX_SUBSCRIPTION_AMOUNT if terms.subscription_period else MAX_AMOUNT
    if not 1 <= amount <= most:
        raise RpcError(400, "CURRENCY_TOTAL_AMOUNT_INVALID")
    return Invoice(
        slug=slug,
        bot_id=bot_id,
        title=media.title,
        description=media.description,
        payload=media.payload,
        label=terms.prices[0].label,
        amount=amount,
        start_param=media.start_param or "",
        subscription_period=terms.subscription_period,
        link=link,
    )


def shown_photo(photo: TLObject | None) -> TLObject | None:
    """The picture of the goods as a viewer gets it: Telegram passes the bot's address on."""
    if photo is None:
        return None
    return T.WebDocumentNoProxy(
        url=photo.url, size=photo.size, mime_type=photo.mime_type, attributes=photo.attributes
    )


def paid_media(media: Media, buyer_id: int, receipt_id: int) -> Media:
    """The invoice of a message after payment: the buyer, and nobody else, sees the receipt's message id."""
    shown = media.seen_by(buyer_id)
    receipt = T.MessageMediaInvoice(
        title=shown.title,
        description=shown.description,
        currency=shown.currency,
        total_amount=shown.total_amount,
        start_param=shown.start_param,
        photo=shown.photo,
        receipt_msg_id=receipt_id,
    )
    return replace(media, raw_for=media.raw_for | {buyer_id: receipt})


def pay_keyboard(amount: int) -> TLObject:
    """The keyboard that Telegram puts under an invoice which came without one."""
    return _keyboard(amount, T.InlineButtonTypeBuy())


def link_keyboard(amount: int, url: str) -> TLObject:
    """The keyboard of a forwarded invoice that has to be paid with the bot itself."""
    return _keyboard(amount, T.InlineButtonTypeUrl(url=url))


def slug_of(link: str) -> str | None:
    """The slug in an invoice link; None if it is none."""
    match = _LINK.fullmatch(link)
    return None if match is None else match["slug"]


def _keyboard(amount: int, action: TLObject) -> TLObject:
    button = T.KeyboardInlineButton(text=f"⭐️ {amount}", type=action)
    return T.ReplyInlineMarkup(rows=[T.KeyboardInlineButtonRow(buttons=[button])])


def _check_currency(terms: TLObject, provider: str | None) -> None:
    # Stars are taken without a provider, any other currency only through one, and there is none here.
    if terms.currency != CURRENCY or provider:
        raise RpcError(400, "PAYMENT_PROVIDER_INVALID")
    if len(terms.prices) != 1:
        raise RpcError(400, "STARS_INVOICE_INVALID")


def _check_texts(media: TLObject) -> None:
    if not 1 <= len(media.payload) <= _MAX_PAYLOAD:
        raise RpcError(400, "INVOICE_PAYLOAD_INVALID")
    if not 1 <= len(media.title) <= _MAX_TITLE or not 1 <= len(media.description) <= _MAX_DESCRIPTION:
        raise RpcError(400, "INVOICE_INVALID")
    start_param = media.start_param or ""
    if len(start_param) > _MAX_START_PARAM:
        raise RpcError(400, "START_PARAM_TOO_LONG")
    if not _START_PARAM.fullmatch(start_param):
        raise RpcError(400, "START_PARAM_INVALID")


def _check_subscription(terms: TLObject, *, link: bool) -> None:
    period = terms.subscription_period
    if period is None:
        return
    if period != SUBSCRIPTION_PERIOD:
        raise RpcError(400, "SUBSCRIPTION_PERIOD_INVALID")
    if not link:
        raise RpcError(400, "SUBSCRIPTION_EXPORT_MISSING")
