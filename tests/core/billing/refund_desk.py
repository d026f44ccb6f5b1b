"""What the tests of refunds and of the comparison share: a Telegram with its list, and an instance."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ledger_tools import assert_sound, no_pause

from core.billing.cases import Cases
from core.billing.ledger import Balance, Ledger
from core.billing.refund_cases import RefundCases
from core.billing.refund_ending import RefundEnding
from core.billing.refunds import RefundOutcome, Refunds
from core.clock import Clock
from core.errors import TelegramError
from core.i18n import I18n
from core.plugins.status import Alert
from core.storage.payments import Paid, PaymentStore
from core.storage.refunds import Refund, RefundStore, Shortage
from core.telegram.stars import StarsPage, StarsTransaction
from core.telegram.types import Payment
from core.users import User

ALICE = 5_000_000_001
ANN, BEN = "admin:6000000001", "admin:6000000002"
"""Two operators."""
CHARGE = "stxALICE1"

I18N = I18n()
I18N.add("core", Path(__file__).parents[3] / "locales")


class Killed(BaseException):
    """The process is gone in this moment."""


@dataclass
class LocalStars:
    """Telegram's side: its list, newest last, and what it does with the next refunds.

    `before` and `after` are raised (or called) around the refund itself, `refusal` instead of it; `away`
    lets every call go unanswered.
    """

    clock: Clock
    listed: list[StarsTransaction] = field(default_factory=list)
    asked: int = 0
    looked: int = 0
    refusal: str = ""
    before: Callable[[], Awaitable[None]] | None = None
    after: Callable[[], Awaitable[None]] | None = None
    away: bool = False

    def pay(self, user_id: int, charge_id: str, stars: int, payload: bytes = b"o:1:x", **about: Any) -> None:
        """A person pays."""
        self.listed.append(
            StarsTransaction(charge_id, user_id, stars, self.clock.now(), payload=payload, **about)
        )

    def give_back(self, charge_id: str) -> None:
        """The Stars go back, whoever wanted that."""
        paid = next(each for each in self.listed if each.charge_id == charge_id)
        self.listed.append(replace(paid, stars=-paid.stars, refund=True, at=self.clock.now()))

    def gave_back(self, charge_id: str) -> int:
        """How often the Stars went back."""
        return sum(each.charge_id == charge_id and each.refund for each in self.listed)

    async def refund(self, user_id: int, charge_id: str) -> None:
        self.asked += 1
        self._answer()
        if self.before is not None:
            await self.before()
        if self.refusal:
            raise TelegramError(400, self.refusal)
        if self.gave_back(charge_id):
            raise TelegramError(400, "CHARGE_ALREADY_REFUNDED")
        if not any(each.charge_id == charge_id and each.user_id == user_id for each in self.listed):
            raise TelegramError(400, "CHARGE_NOT_FOUND")
        self.give_back(charge_id)
        if self.after is not None:
            await self.after()

    async def was_refunded(self, charge_id: str, *, since: datetime) -> bool:
        self.looked += 1
        self._answer()
        return any(each.charge_id == charge_id and each.refund and each.at >= since for each in self.listed)

    async def transactions(self, offset: str, limit: int) -> StarsPage:
        self.looked += 1
        self._answer()
        if offset and not offset.isdigit():
            raise TelegramError(400, "OFFSET_INVALID")
        begin = int(offset or 0)
        found = self.listed[begin : begin + limit]
        following = str(begin + limit) if len(self.listed) > begin + limit else ""
        return StarsPage(tuple(found), following)

    def _answer(self) -> None:
        if self.away:
            raise TelegramError(503, "NO_ANSWER")


@dataclass(frozen=True)
class Letter:
    """A letter as it was sent."""

    user_id: int
    key: str
    variables: dict[str, Any]
    english: str
    russian: str


@dataclass
class Mailbox:
    """Letters by what they are about: the first of each is the one that is sent."""

    sent: dict[str, Letter] = field(default_factory=dict)
    error: Exception | None = None

    async def write(self, user_id: int, key: str, *, about: str, **variables: object) -> None:
        if self.error is not None:
            raise self.error
        texts = [I18N.translator(language)(key, **variables) for language in ("en", "ru")]
        assert all("{" not in text and key not in text for text in texts)
        self.sent.setdefault(about, Letter(user_id, key, dict(variables), *texts))


@dataclass
class World:
    """What outlives a process: the database is the test's, Telegram and the mail are here."""

    clock: Clock
    telegram: LocalStars
    mail: Mailbox = field(default_factory=Mailbox)
    alerts: list[Alert] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    corrected: list[tuple[str, str, int]] = field(default_factory=list)

    @classmethod
    def begin(cls, clock: Clock) -> World:
        return cls(clock, LocalStars(clock))

    def outside(self) -> object:
        """How much has happened beside the database."""
        happened = (self.telegram.listed, self.mail.sent, self.alerts, self.heard, self.corrected)
        return [self.telegram.asked, *map(len, happened)]

    async def alarm(self, alert: Alert) -> None:
        self.alerts.append(alert)
        I18N.translator("ru")(alert.key, **alert.variables)


class Desk:
    """One instance of the bot, as far as refunds go."""

    def __init__(self, database: Any, world: World) -> None:
        self.world = world
        self.telegram = world.telegram
        self.ledger = Ledger(database, world.clock, chance=random.Random(3), pause=no_pause)
        self.payments = PaymentStore(database)
        self.store = RefundStore(database)
        self.cases = Cases(database=database, clock=world.clock, alert=world.alarm)
        self.ending = RefundEnding(
            store=self.store, ledger=self.ledger, letters=world.mail, cases=self.cases, clock=world.clock
        )
        self.refunds = Refunds(
            payments=self.payments,
            store=self.store,
            ledger=self.ledger,
            telegram=world.telegram,
            ending=self.ending,
            record=self.record,
            clock=world.clock,
        )
        self.refund_cases = RefundCases(
            refunds=self.refunds,
            ledger=self.ledger,
            letters=world.mail,
            cases=self.cases,
            correct=self.correct,
        )
        self.refunds.listeners.append(self.hear)

    async def hear(self, paid: Paid) -> None:
        self.world.heard.append(paid.charge_id)

    async def correct(self, job_id: str, key: str, stars: int) -> None:
        self.world.corrected.append((job_id, key, stars))

    async def record(self, user: User, payment: Payment) -> Paid:
        """Credit and record, as the payments' own part does."""
        return await self.credit(payment.charge_id, payment.amount, user_id=user.id)

    async def credit(
        self,
        charge_id: str = CHARGE,
        stars: int = 100,
        *,
        bonus: int = 0,
        user_id: int = ALICE,
        served: bool = True,
    ) -> Paid:
        """A payment was taken: credited and recorded."""
        note = {"reference": charge_id, "actor": "telegram", "reason": "payment"}
        await self.ledger.credit(user_id, stars, source="telegram:stars", key=f"stars:{charge_id}", **note)
        if bonus:
            await self.ledger.credit(user_id, bonus, source="promo", key=f"bonus:{charge_id}", **note)
        paid = Paid(
            charge_id,
            user_id,
            stars,
            b"o:1:x",
            self.world.clock.now().replace(microsecond=0),
            "telegram",
            bonus=bonus,
            served=served,
        )
        await self.payments.insert(paid)
        return paid

    async def pay(self, charge_id: str = CHARGE, stars: int = 100, *, bonus: int = 0) -> Paid:
        """Somebody pays and has the Stars on the balance."""
        self.telegram.pay(ALICE, charge_id, stars)
        return await self.credit(charge_id, stars, bonus=bonus)

    async def spend(self, stars: int, job: str = "job1") -> None:
        """A generation was made and paid."""
        await self.hold(stars, job)
        await self.ledger.settle(ALICE, job, actor="test", reason="test")

    async def hold(self, stars: int, job: str = "job1") -> None:
        """A generation runs."""
        await self.ledger.hold(ALICE, job, stars, actor="test", reason="test")

    async def refund(
        self, charge_id: str = CHARGE, shortage: Shortage = Shortage.STOP, by: str = ANN
    ) -> RefundOutcome:
        """An operator's command."""
        return await self.refunds.refund(charge_id, actor=by, reason="test", shortage=shortage)

    async def told_by_telegram(self, charge_id: str = CHARGE, stars: int = 100) -> None:
        """Telegram's message about a refund."""
        await self.refunds.take(User(ALICE, "Alice"), Payment(charge_id, "XTR", stars, b"o:1:x"))

    async def state(self, charge_id: str = CHARGE) -> Refund:
        refund = await self.store.get(charge_id)
        assert refund is not None
        return refund

    async def balance(self) -> Balance:
        """Alice's, after the whole ledger was proved."""
        await assert_sound(self.ledger)
        return await self.ledger.balance(ALICE)

    @property
    def letter(self) -> Letter:
        """The letter about the payment."""
        return self.world.mail.sent[f"refund:{CHARGE}"]
