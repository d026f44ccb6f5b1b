"""One life of everything that takes payments, on a world that outlives it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from support.generation_world import Killer, World

from core.billing.invoices import Invoices
from core.billing.letters import Letters
from core.billing.offers import Offer, Offers
from core.billing.orders import Order, OrderKind, Orders
from core.billing.paid_generations import PaidGenerations
from core.billing.payment_letters import PaymentLetters
from core.billing.payments import Payments
from core.billing.sales import Sales
from core.errors import PersonUnreachable
from core.generation.model import Quote
from core.i18n import Translator
from core.plugins.status import Alert, CallOutcome, CallResult
from core.storage.database import Database
from core.storage.orders import OrderStore
from core.storage.payments import Paid, PaymentStore
from core.storage.users import UserStore
from core.telegram.types import Invoice, Keyboard, MessageRef, Payment
from core.users import User

SECRET = b"a secret that signs the orders"
PROMPT = "a lighthouse at night"


@dataclass
class Post:
    """What people got: a message for each key, as Telegram refuses a second one."""

    sent: dict[str, str] = field(default_factory=dict)
    invoices: dict[int, tuple[int, Invoice, Keyboard]] = field(default_factory=dict)
    deleted: list[int] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    blocked: bool = False

    async def send_durable(self, key: str, chat_id: int, html: str, *, keyboard: Keyboard = ()) -> MessageRef:
        if self.blocked:
            raise PersonUnreachable(400, "USER_IS_BLOCKED")
        if self.errors:
            raise self.errors.pop(0)
        self.sent.setdefault(key, html)
        return MessageRef(chat_id, 1 + list(self.sent).index(key))

    async def send_invoice(
        self, chat_id: int, invoice: Invoice, *, keyboard: Keyboard = (), random_id: int
    ) -> MessageRef:
        self.invoices.setdefault(random_id, (chat_id, invoice, keyboard))
        return MessageRef(chat_id, 1 + list(self.invoices).index(random_id))

    async def invoice_link(self, invoice: Invoice) -> str:
        self.invoices[len(self.invoices)] = (0, invoice, ())
        return f"https://t.me/$link{len(self.invoices)}"

    async def delete(self, ref: MessageRef) -> None:
        self.deleted.append(ref.message_id)

    def letters(self, charge_id: str) -> list[str]:
        """What was written about a payment and still stands in the chat."""
        return [
            text
            for number, (key, text) in enumerate(self.sent.items(), 1)
            if key.endswith(f":{charge_id}") and number not in self.deleted
        ]


@dataclass
class Counter:
    """A plugin that sells: `outcomes` come one after another, the last one stays."""

    outcomes: list[CallOutcome] = field(default_factory=lambda: [CallOutcome(CallResult.DONE)])
    on: bool = True
    sold: list[str] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[None]] | None = None

    def is_served(self, payload: bytes) -> bool:
        return self.on

    async def sell(self, user: User, paid: Paid) -> CallOutcome:
        self.sold.append(paid.charge_id)
        if self.meanwhile is not None:
            await self.meanwhile()
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


@dataclass
class Outside:
    """What outlives a process: the world, what people got, what admins were told, what a plugin sold."""

    world: World
    database: Database
    post: Post = field(default_factory=Post)
    counter: Counter = field(default_factory=Counter)
    alerts: list[Alert] = field(default_factory=list)

    async def alert(self, alert: Alert) -> None:
        self.alerts.append(alert)

    @property
    def alerted(self) -> list[str]:
        return [alert.key for alert in self.alerts]


class House:
    """One life. A `killer` counts the calls that leave it."""

    def __init__(self, outside: Outside, killer: Killer | None = None, *, name: str = "one") -> None:
        self.outside = outside
        self.world = world = outside.world
        killer = killer or Killer()
        border, clock = killer.around, world.clock
        self.studio = world.studio(killer, name=name)
        self.order_store = OrderStore(outside.database)
        self.store = PaymentStore(outside.database)
        self.users = UserStore(outside.database, clock)
        ledger, post = border("ledger", world.ledger), border("post", outside.post)
        self.orders = Orders(store=border("orders", self.order_store), secret=SECRET, clock=clock, hours=24)
        store = border("payments", self.store)
        letters = PaymentLetters(Letters(post, self.users, world.i18n), ledger, self.translator)
        self.payments = Payments(
            store=store,
            ledger=ledger,
            orders=self.orders,
            generations=PaidGenerations(
                orders=self.orders, maker=lambda: self.studio.generations, messages=post, letters=letters
            ),
            sales=Sales(
                store=store,
                ledger=ledger,
                letters=letters,
                counter=border("plugin", outside.counter),
                alert=outside.alert,
                clock=clock,
            ),
            letters=letters,
            users=self.users,
            alert=outside.alert,
            clock=clock,
        )
        self.heard: list[str] = []
        self.payments.listeners.append(self._hear)
        self.invoices = Invoices(
            orders=self.orders, messages=post, links=post, translators=world.i18n.translator
        )
        self.offers = Offers(
            orders=self.orders,
            ledger=ledger,
            packages=(50, 5, 100),
            title=self.studio.generations.title,
            translator=self.translator,
        )

    @property
    def person(self) -> User:
        return self.world.person

    def translator(self, user: User) -> Translator:
        return self.world.i18n.translator(user.language)

    async def order(self, stars: int = 100, **about: Any) -> Order:
        """An order for the balance."""
        fields: dict[str, Any] = {"key": "k", "plugin": "buy", "kind": OrderKind.STARS, **about}
        return await self.orders.place(user=self.person, chat_id=self.person.id, stars=stars, **fields)

    async def offer(self, request: str = "r1", quote: Quote | None = None) -> Offer:
        """An offer to pay for a generation."""
        quote = quote or self.studio.generations.quote("scripted-one")
        return await self.offers.for_generation(self.person, self.person.id, quote, PROMPT, request)

    def payment(self, order: Order, charge: str = "", **about: Any) -> Payment:
        """What Telegram reports when the order is paid."""
        charge = charge or self.charge
        fields = {"currency": "XTR", "amount": order.stars, "payload": self.orders.payload(order), **about}
        return Payment(charge_id=charge, **fields)

    @property
    def charge(self) -> str:
        """A charge id of this person's."""
        return f"stx{self.world.number}"

    async def take(self, payment: Payment) -> Paid | None:
        """Take what an update tells."""
        return await self.payments.take(self.person, payment, found_by="telegram", plugin="shop")

    async def balance(self) -> int:
        return (await self.world.ledger.balance(self.person.id)).available

    async def credits(self) -> list[int]:
        """What came from Telegram, oldest first."""
        entries = await self.world.ledger.statement(self.person.id, 1000)
        return [entry.amount for entry in reversed(entries) if entry.debit == "telegram:stars"]

    async def assert_sound(self) -> None:
        """The ledger is in order."""
        report = await self.world.ledger.check()
        assert (report.total, report.problems) == (0, ())

    async def _hear(self, paid: Paid) -> None:
        self.heard.append(paid.charge_id)


def sale(house: House, stars: int = 40, charge: str = "") -> Payment:
    """A payment for what a plugin sells."""
    return Payment(charge or house.charge, "XTR", stars, b"shop:hat")


async def advance(house: House, **time: float) -> None:
    """Let time pass."""
    await house.world.clock.advance(timedelta(**time).total_seconds())
