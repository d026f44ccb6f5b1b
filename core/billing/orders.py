"""Orders: what somebody may pay for, named by a signed payload, and what is checked before money moves."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from core.billing.settings import MAX_PAYMENT, MAX_PLAN_PAYMENT
from core.clock import Clock
from core.errors import ConfigurationError, UserFacingError
from core.storage.codec import to_milliseconds
from core.storage.orders import Order, OrderKind, OrderStore
from core.telegram.stars import STARS
from core.users import User

__all__ = ["ORDER_PAYLOAD", "Order", "OrderKind", "Orders"]

ORDER_PAYLOAD = b"o:"
"""The beginning of the payloads of orders; other payloads are plugins' own."""
START_PREFIX = "order_"
"""The beginning of the `/start` parameter that a forwarded copy of an invoice leads to."""
_MAC_BYTES = 10
_SECRET_BYTES = 16
_PLACES = 100
"""How many orders one key may come to: each time it is asked for again after the last was paid or expired."""

Discard = Callable[[Sequence[Mapping[str, Any]]], Awaitable[None]]
"""Deletes files that people gave; must not raise."""


async def _no_files(_files: Sequence[Mapping[str, Any]]) -> None:
    """Delete nothing: where no files are given."""


async def _is_not_running(_job_id: str) -> bool:
    return False


class Orders:
    """Places, names and checks orders.

    Payloads are signed with `secret`; those signed with one of `previous` are still accepted. Where nothing
    `sells`, no order is placed, shown or paid.

    Raises:
        ConfigurationError: a secret is shorter than 16 bytes.

    """

    def __init__(
        self,
        *,
        store: OrderStore,
        secret: bytes,
        previous: Sequence[bytes] = (),
        clock: Clock,
        hours: float,
        sells: bool = True,
        discard: Discard = _no_files,
        is_running: Callable[[str], Awaitable[bool]] = _is_not_running,
    ) -> None:
        """`discard` deletes files that people gave; `is_running` tells of a job whether it goes on."""
        self.sells = sells
        self._discard = discard
        self._is_running = is_running
        self._store = store
        self._secrets = (secret, *previous)
        if any(len(known) < _SECRET_BYTES for known in self._secrets):
            raise ConfigurationError(f"The secret that signs orders is shorter than {_SECRET_BYTES} bytes.")
        self._clock = clock
        self._life = timedelta(hours=hours)

    async def place(
        self,
        *,
        key: str,
        user: User,
        chat_id: int,
        plugin: str,
        kind: OrderKind,
        stars: int,
        bonus: int = 0,
        title: str = "",
        plan: str = "",
        draft: Mapping[str, Any] | None = None,
        job_id: str = "",
    ) -> Order:
        """The order of this person under `key`: one, however often it is asked for while it can be paid.

        Raises:
            UserFacingError: `order-amount`: it is not an amount that Telegram lets people pay;
                `order-rehearsal`: no Stars are taken here.
            DatabaseAway: it could not be kept.

        """
        self.must_sell()
        most = MAX_PLAN_PAYMENT if kind is OrderKind.PLAN else MAX_PAYMENT
        if type(stars) is not int or not 1 <= stars <= most:
            raise UserFacingError("order-amount", most=most)
        now = to_milliseconds(self._clock.now())
        for place in range(_PLACES):
            order = Order(
                id=self._id(f"{user.id}:{key}:{place}"),
                user_id=user.id,
                chat_id=chat_id,
                language=user.language or user.telegram_language or "",
                plugin=plugin,
                kind=kind,
                stars=stars,
                bonus=bonus,
                title=title,
                plan=plan,
                draft=draft,
                job_id=job_id,
                created_at=now,
                expires_at=to_milliseconds(now + self._life),
            )
            if await self._store.insert(order):
                return order
            known = await self._store.get(order.id)
            if known is not None and not known.paid and known.expires_at > now:
                return known
        raise UserFacingError("order-unknown")

    def must_sell(self) -> None:
        """Raise UserFacingError (`order-rehearsal`) where no Stars are taken."""
        if not self.sells:
            raise UserFacingError("order-rehearsal")

    async def get(self, order_id: str) -> Order | None:
        """The order of this id, or None."""
        return await self._store.get(order_id)

    def payload(self, order: Order) -> bytes:
        """What an invoice carries to name the order; at most 128 bytes."""
        named = ORDER_PAYLOAD + order.id.encode()
        return named + b":" + _mac(self._secrets[0], named)

    def start_param(self, order: Order) -> str:
        """The `/start` parameter behind the button of a forwarded invoice."""
        return START_PREFIX + order.id

    async def of_payload(self, payload: bytes) -> Order | None:
        """The order that a payload names; None if it names none, or the signature is not ours."""
        order_id = self.id_in(payload)
        return await self._store.get(order_id) if order_id else None

    def id_in(self, payload: bytes) -> str:
        """The id in a payload that we signed; empty for every other payload."""
        named, _, mac = payload.rpartition(b":")
        good = [hmac.compare_digest(mac, _mac(secret, named)) for secret in self._secrets]
        return named.removeprefix(ORDER_PAYLOAD).decode() if any(good) else ""

    async def check(self, payload: bytes, user_id: int, currency: str, amount: int) -> Order:
        """The order, if this person may pay it now.

        Raises:
            UserFacingError: `order-unknown`, `order-foreign`, `order-currency`, `order-changed` (the amount),
                `order-paid`, `order-expired` or `order-rehearsal`.
            DatabaseAway: nobody can tell just now.

        """
        self.must_sell()
        order = await self.of_payload(payload)
        if order is None:
            raise UserFacingError("order-unknown")
        if order.user_id != user_id:
            raise UserFacingError("order-foreign")
        if currency != STARS:
            raise UserFacingError("order-currency")
        if amount != order.stars:
            raise UserFacingError("order-changed")
        if order.paid:
            raise UserFacingError("order-paid")
        if self.has_expired(order):
            raise UserFacingError("order-expired")
        return order

    def has_expired(self, order: Order) -> bool:
        """Whether it cannot be paid any more."""
        return order.expires_at <= self._clock.now()

    async def note_paid(self, order: Order, charge_id: str) -> bool:
        """Note a payment; False when it is not the order's first."""
        return await self._store.set_paid(order.id, charge_id)

    async def finish(self, order: Order) -> None:
        """Note that nothing more is to be done, and forget the generation with the person's words."""
        await self._store.finish(order.id)

    async def forget(self, job_id: str) -> None:
        """Forget the person's words in all orders for a generation that has ended."""
        await self._store.erase_drafts_of(job_id)

    async def sweep(self) -> int:
        """Forget the generations of orders that expired without a payment, with their files; how many."""
        now = self._clock.now()
        expired = await self._store.expired_drafts(now)
        if not expired:
            return 0
        erased = await self._store.erase_expired_drafts(now)
        for order in expired:
            await self._forget_files(order)
        return erased

    async def _forget_files(self, order: Order) -> None:
        """Delete the files of a generation that was not paid for, unless something else has them."""
        inputs = (order.draft or {}).get("inputs", ())
        if not inputs or await self._is_running(order.job_id):
            return
        wanted = await self._store.files_in_drafts([given["ref"] for given in inputs])
        await self._discard([given for given in inputs if given["ref"] not in wanted])

    def _id(self, key: str) -> str:
        digest = hmac.new(self._secrets[0], b"order id:" + key.encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:_MAC_BYTES]).decode().lower()


def _mac(secret: bytes, named: bytes) -> bytes:
    digest = hmac.new(secret, b"order payload:" + named, hashlib.sha256).digest()
    return digest[:_MAC_BYTES].hex().encode()
