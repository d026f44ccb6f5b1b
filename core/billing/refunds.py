"""Refunds of Stars payments: the ledger takes the Stars back, Telegram gives them back, people are told.

An attempt is kept in its payment's document and moved on by conditional updates; what each step does has a
key with the attempt's number. So whoever finds an attempt goes on with it where it stands, after a crash too.
A refund that Telegram made by itself takes the same way without the question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from weakref import WeakValueDictionary

import structlog

from core.billing.ledger import Ledger
from core.billing.operations import PROMO, REFUND
from core.billing.refund_ending import RefundEnding
from core.billing.refund_outcome import RefundOutcome, RefundPreview, RefundResult
from core.clock import Clock
from core.errors import StarloomError, TelegramError, UserFacingError
from core.storage.codec import to_milliseconds
from core.storage.payments import Paid
from core.storage.refunds import GIVEN_BACK, Refund, RefundState, RefundStore, Shortage
from core.telegram.stars import STARS
from core.telegram.types import Payment
from core.users import User

__all__ = ["RefundOutcome", "RefundPreview", "RefundResult", "Refunds", "Shortage"]

_log = structlog.stdlib.get_logger(__name__)

TELEGRAM = "telegram"
"""Who refunds when Telegram does it by itself."""
_SWEEP_SECONDS = 60.0
_SKEW = timedelta(minutes=10)
"""How far Telegram's clock and ours may be apart."""
_ALREADY = "CHARGE_ALREADY_REFUNDED"
_NOT_A_REFUSAL = frozenset({401, 420})
"""A session that is not logged in, and a wait: the refund itself was not refused."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Stars that came with a payment and go back with it."""

    amount: int
    target: str
    key: str


class StarsRefunds(Protocol):
    """The calls to Telegram that a refund needs."""

    async def refund(self, user_id: int, charge_id: str) -> None:
        """Give a payment back."""
        ...

    async def was_refunded(self, charge_id: str, *, since: datetime) -> bool:
        """Whether the list of transactions has the payment's refund, looking back to `since`."""
        ...


class Charges(Protocol):
    """The payments that were recorded."""

    async def get(self, charge_id: str) -> Paid | None:
        """The payment with this charge id."""
        ...


class Refunds:
    """Gives payments back, whole, once.

    `record` credits and records a payment that only its refund tells of. `listeners` are told of each payment
    that was given back, at least once.

    Raises:
        DatabaseAway: by every method; what had begun is finished by the sweep.

    """

    def __init__(
        self,
        *,
        payments: Charges,
        store: RefundStore,
        ledger: Ledger,
        telegram: StarsRefunds,
        ending: RefundEnding,
        record: Callable[[User, Payment], Awaitable[Paid]],
        clock: Clock,
    ) -> None:
        self._payments = payments
        self._store = store
        self._ledger = ledger
        self._telegram = telegram
        self._ending = ending
        self._record = record
        self._clock = clock
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def listeners(self) -> list[Callable[[Paid], Awaitable[None]]]:
        """Who is told of each payment that was given back; what they do must be the same when done twice."""
        return self._ending.listeners

    async def preview(self, charge_id: str) -> RefundPreview:
        """What a refund would take, and how far one is.

        Raises:
            UserFacingError: `refund-charge-unknown`.

        """
        paid = await self._known(charge_id)
        balance = await self._ledger.balance(paid.user_id)
        wanted = paid.stars + paid.bonus
        missing = max(0, wanted - balance.available)
        refund = await self._store.get(charge_id)
        return RefundPreview(paid, wanted, balance.available, balance.held, missing, refund)

    async def refund(self, charge_id: str, *, actor: str, reason: str, shortage: Shortage) -> RefundOutcome:
        """Give a payment back, unless that was done or begun before.

        Raises:
            UserFacingError: `refund-charge-unknown`.

        """
        paid = await self._known(charge_id)
        before = await self._store.get(charge_id)
        if before is None or before.state is RefundState.REFUSED:
            mine = self._attempt(charge_id, before, actor, reason, shortage)
            if await self._store.begin(mine):
                return self._outcome(paid, await self._go_on(paid), mine)
            before = await self._store.get(charge_id) or mine
        return self._outcome(paid, before, None)

    async def take(self, user: User, payment: Payment) -> None:
        """Book what Telegram says it has given back; that may be told any number of times.

        A refund that comes before its payment is known credits the payment first.
        """
        if payment.currency != STARS:
            _log.error("refund in another currency than Stars left alone")
            return
        paid = await self._payments.get(payment.charge_id) or await self._record(user, payment)
        while not await self._note(paid):
            await self._go_on(paid)
        await self._go_on(paid)

    async def sweep(self) -> int:
        """Go on with every attempt that has not ended; how many there were."""
        found = await self._store.open_ones()
        for refund in found:
            paid = await self._payments.get(refund.charge_id)
            if paid is not None:
                await self._swept(paid)
        return len(found)

    async def run(self) -> None:
        """Sweep now and every minute, until cancelled."""
        while True:
            try:
                await self.sweep()
            except StarloomError as error:
                _log.warning("refunds not swept", error=type(error).__name__)
            except Exception:
                _log.exception("refunds not swept")
            await self._clock.sleep(_SWEEP_SECONDS)

    async def _swept(self, paid: Paid) -> None:
        """One attempt that cannot be gone on with must not keep the others waiting."""
        try:
            await self._go_on(paid)
        except Exception:
            _log.exception("refund not finished yet")

    async def _note(self, paid: Paid) -> bool:
        """Note Telegram's word; False when an attempt is in the way that has to end first."""
        if await self._store.confirm(paid.charge_id):
            return True
        before = await self._store.get(paid.charge_id)
        if before is not None and before.state is not RefundState.REFUSED:
            return before.state is not RefundState.UNDOING
        return await self._store.begin(
            self._attempt(
                paid.charge_id, before, TELEGRAM, "refunded by Telegram", Shortage.DEBT, by_telegram=True
            )
        )

    def _attempt(
        self,
        charge_id: str,
        before: Refund | None,
        actor: str,
        reason: str,
        shortage: Shortage,
        *,
        by_telegram: bool = False,
    ) -> Refund:
        return Refund(
            charge_id=charge_id,
            attempt=before.attempt + 1 if before else 1,
            state=RefundState.BEGUN,
            actor=actor,
            reason=reason,
            shortage=shortage,
            begun_at=self._now(),
            by_telegram=by_telegram,
            confirmed=by_telegram,
        )

    async def _go_on(self, paid: Paid) -> Refund:
        """Bring the newest attempt as far as it goes now; the attempt then."""
        async with self._turn(paid.charge_id):
            while True:
                refund = await self._store.get(paid.charge_id)
                if refund is None:
                    raise StarloomError("the refund is gone from its payment's record")
                if refund.ended or not await self._step(paid, refund):
                    return refund

    async def _step(self, paid: Paid, refund: Refund) -> bool:
        """Do what the state asks for; False when it has to wait."""
        match refund.state:
            case RefundState.BEGUN:
                await self._check(paid, refund)
            case RefundState.TAKING:
                return await self._take_back(paid, refund)
            case RefundState.ASKING:
                return await self._ask(paid, refund, asked_before=True)
            case RefundState.UNDOING:
                await self._undo(paid, refund)
            case RefundState.REFUNDED:
                return await self._ending.end(await self._payments.get(paid.charge_id) or paid, refund)
        return True

    async def _check(self, paid: Paid, refund: Refund) -> None:
        """Stop here if the person has spent some of the Stars and the operator wants that."""
        if refund.shortage is Shortage.STOP and not refund.confirmed:
            available = (await self._ledger.balance(paid.user_id)).available
            missing = paid.stars + paid.bonus - available
            if missing > 0:
                await self._store.move(
                    refund, RefundState.REFUSED, unless_confirmed=True, missing=missing, ended_at=self._now()
                )
                return
        await self._store.move(refund, RefundState.TAKING)

    async def _take_back(self, paid: Paid, refund: Refund) -> bool:
        taken = owed = 0
        for part in _parts(paid, refund):
            clawed = await self._ledger.claw_back(
                paid.user_id,
                part.amount,
                target=part.target,
                key=part.key,
                reference=paid.charge_id,
                actor=refund.actor,
                reason=refund.reason,
            )
            taken, owed = taken + clawed.taken, owed + clawed.owed
        if owed and refund.shortage is Shortage.STOP and not refund.confirmed:
            # Spent between the check and here.
            await self._store.move(refund, RefundState.UNDOING, unless_confirmed=True, missing=owed)
            return True
        asking = await self._store.move(
            refund, RefundState.ASKING, taken=taken, owed=owed, asked_at=self._now()
        )
        return asking is None or await self._ask(paid, asking, asked_before=False)

    async def _ask(self, paid: Paid, refund: Refund, *, asked_before: bool) -> bool:
        """Ask Telegram; False when there is no answer.

        A question that was asked before and whose answer nobody knows is not asked again before the list of
        transactions was looked at.
        """
        try:
            refusal = ""
            if not refund.confirmed and not (asked_before and await self._listed(refund)):
                refusal = await self._refusal(paid, refund)
        except TelegramError as error:
            _log.warning("refund waits for Telegram", error=error.name)
            now = await self._store.get(paid.charge_id)
            return now is not None and (now.confirmed or now.state is not refund.state)
        if refusal:
            await self._store.move(refund, RefundState.UNDOING, unless_confirmed=True, error=refusal)
        else:
            await self._store.move(refund, RefundState.REFUNDED)
        return True

    async def _refusal(self, paid: Paid, refund: Refund) -> str:
        """Ask; the name of Telegram's refusal, or nothing if the Stars were given back, now or before.

        Raises:
            TelegramError: there is no answer, and the transactions do not tell.

        """
        try:
            await self._telegram.refund(paid.user_id, paid.charge_id)
        except TelegramError as error:
            # A refusal, too, may be the answer to a repetition of a question whose answer was lost.
            if error.name == _ALREADY or await self._listed(refund):
                return ""
            if not 400 <= error.code < 500 or error.code in _NOT_A_REFUSAL:
                raise
            return error.name
        return ""

    async def _listed(self, refund: Refund) -> bool:
        since = (refund.asked_at or refund.begun_at) - _SKEW
        return await self._telegram.was_refunded(refund.charge_id, since=since)

    async def _undo(self, paid: Paid, refund: Refund) -> None:
        """Put back what was taken. A credit repays debt first, so it also undoes what was booked as debt."""
        for part in _parts(paid, refund):
            await self._ledger.credit(
                paid.user_id,
                part.amount,
                source=part.target,
                key=f"{part.key}:undone",
                reference=paid.charge_id,
                actor=refund.actor,
                reason="refund undone",
            )
        await self._store.move(refund, RefundState.REFUSED, taken=0, owed=0, ended_at=self._now())

    def _outcome(self, paid: Paid, refund: Refund, mine: Refund | None) -> RefundOutcome:
        own = mine is not None and mine.attempt == refund.attempt
        if refund.state in GIVEN_BACK:
            result = RefundResult.DONE if own else RefundResult.BEFORE
        elif refund.state is RefundState.REFUSED:
            result = RefundResult.SHORT if refund.missing else RefundResult.REFUSED
        else:
            result = RefundResult.WAITING if own else RefundResult.UNDER_WAY
        return RefundOutcome(result, paid, refund)

    async def _known(self, charge_id: str) -> Paid:
        paid = await self._payments.get(charge_id)
        if paid is None:
            raise UserFacingError("refund-charge-unknown", charge=charge_id)
        return paid

    def _turn(self, charge_id: str) -> asyncio.Lock:
        lock = self._turns.get(charge_id)
        if lock is None:
            lock = self._turns[charge_id] = asyncio.Lock()
        return lock

    def _now(self) -> datetime:
        return to_milliseconds(self._clock.now())


def _parts(paid: Paid, refund: Refund) -> Sequence[_Part]:
    key = f"refund:{paid.charge_id}:{refund.attempt}"
    parts = [_Part(paid.stars, REFUND, key)]
    if paid.bonus > 0:
        parts.append(_Part(paid.bonus, PROMO, f"{key}:bonus"))
    return parts
