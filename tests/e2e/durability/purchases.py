"""Flows with money that comes from Telegram and goes back there, each one person's way through the bot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from durability.books import assert_sound, received
from durability.customers import Customer, Wish

from core.billing.ledger import Balance, Ledger
from core.billing.order_gate import TERMS_ACCEPTED
from core.clock import SystemClock
from core.storage.payments import PaymentStore
from core.storage.refunds import RefundState, RefundStore
from core.storage.users import UserStore
from sandbox.people.payments import Receipt
from sandbox.people.person import Person
from sandbox.people.views import MessageView

RICH = 1000
"""Stars that a person has in Telegram."""
PACKAGE = 100


@dataclass(slots=True)
class Buying:
    """Somebody buys a package, from the menu to the letter."""

    customer: Customer
    receipt: Receipt | None = None
    seen: list[MessageView] = field(default_factory=list)

    @property
    def person(self) -> Person:
        return self.customer.person

    @property
    def charge(self) -> str:
        assert self.receipt is not None
        return self.receipt.charge_id

    async def prepare(self) -> None:
        await self.customer.arrive()
        users = UserStore(self.customer.database, SystemClock())
        await users.set_setting(self.person.id, TERMS_ACCEPTED, "1")
        await self.person.send("/buy")
        self.seen.append(await self.person.expect(lambda message: bool(message.labels), kind="new"))

    async def act(self) -> None:
        invoice = await self.customer.insist(
            f"{PACKAGE} ⭐", self.seen[0], lambda message: message.invoice is not None, "new"
        )
        self.receipt = await self.customer.pay(invoice)
        await self.person.expect(_is_thanks, kind="new", within=60)

    async def check(self) -> None:
        await self.assert_bought()
        assert await self.entries() == [f"stars:{self.charge}"]
        assert await self.balance() == Balance(PACKAGE, 0)

    async def assert_bought(self) -> None:
        """Paid once, served once, told once, and the letter is true."""
        await assert_sound(self.customer.database)
        paid = await PaymentStore(self.customer.database).get(self.charge)
        assert paid is not None
        assert (paid.user_id, paid.stars, paid.served) == (self.person.id, PACKAGE, True)
        assert self.person.stars == RICH - PACKAGE
        [letter] = self.letters("Thank you")
        assert f"You paid {PACKAGE} ⭐. Your balance is {PACKAGE} ⭐ now." in letter

    def paid_back(self) -> list[str]:
        """The charges of the person that Telegram gave back."""
        charges = self.customer.bot.studio.sandbox.world.stars.charges.values()
        return [charge.id for charge in charges if charge.buyer_id == self.person.id and charge.refunded]

    def letters(self, part: str) -> list[str]:
        """What stands in the chat from the bot and has `part` in it."""
        return [message.text for message in received(self.person) if part in message.text]

    async def entries(self) -> list[str]:
        """The keys of the person's entries, oldest first."""
        entries = await Ledger(self.customer.database, SystemClock()).statement(self.person.id, 100)
        return [entry.key for entry in reversed(entries)]

    async def balance(self) -> Balance:
        return await Ledger(self.customer.database, SystemClock()).balance(self.person.id)


@dataclass(slots=True)
class PayingForOne(Buying):
    """Somebody has nothing, pays for exactly one generation, and it goes on by itself."""

    async def prepare(self) -> None:
        await self.customer.arrive()
        users = UserStore(self.customer.database, SystemClock())
        await users.set_setting(self.person.id, TERMS_ACCEPTED, "1")
        offer = await self.customer.propose(Wish.RESULT)
        self.seen.append(await self.customer.insist("✨", offer, _can_be_paid, "edit"))

    async def act(self) -> None:
        invoice = await self.customer.insist(
            "and start", self.seen[0], lambda message: message.invoice is not None, "new"
        )
        self.receipt = await self.customer.pay(invoice)
        file = await self.person.expect(
            lambda message: message.media is not None and message.invoice is None, kind="new", within=60
        )
        self.customer.outcomes.append(file)

    async def check(self) -> None:
        database = self.customer.database
        await assert_sound(database)
        paid = await PaymentStore(database).get(self.charge)
        assert paid is not None
        assert (paid.user_id, paid.served) == (self.person.id, True)
        assert self.person.stars == RICH - paid.stars
        job = await database.collection("generations").find({"user_id": self.person.id}, fields=["_id"])
        [held] = [row["_id"] for row in job]
        assert await self.entries() == [
            f"stars:{self.charge}",
            f"hold:{self.person.id}:{held}",
            f"settle:{self.person.id}:{held}",
        ]
        assert await self.balance() == Balance(0, 0)
        files = [
            message
            for message in received(self.person)
            if message.media is not None and message.invoice is None
        ]
        assert [message.id for message in files] == [self.customer.outcomes[0].id]
        assert f"{paid.stars} Stars" in files[0].text
        assert self.letters("✅") == []


@dataclass(slots=True)
class Refunding(Buying):
    """An operator gives a payment back that is still there."""

    admin: Person | None = None
    label: ClassVar[str] = "Refund"

    async def prepare(self) -> None:
        await Buying.prepare(self)
        await Buying.act(self)
        await self.spend()
        operator = self.operator
        await operator.send(f"/payment {self.charge}")
        self.seen.append(
            await operator.expect(lambda message: self.charge in message.text, kind="new", within=60)
        )

    @property
    def operator(self) -> Person:
        assert self.admin is not None
        return self.admin

    async def spend(self) -> None:
        """What the person does with the Stars first."""

    async def act(self) -> None:
        await self.decide()
        await self.person.expect(_is_refund, kind="new", within=60)

    async def decide(self) -> None:
        """The operator presses until the card says that a refund was begun."""
        by = Customer(self.operator, self.customer.bot, self.customer.database)
        await by.insist(self.label, self.seen[-1], lambda message: "Refund: " in message.text, "edit")

    async def check(self) -> None:
        await assert_sound(self.customer.database)
        assert await self.entries() == [f"stars:{self.charge}", f"refund:{self.charge}:1"]
        assert await self.balance() == Balance(0, 0)
        await self.assert_given_back(RICH)

    async def assert_given_back(self, stars: int) -> None:
        """Telegram has given the payment back, the ledger knows it, and one letter says so."""
        refund = await RefundStore(self.customer.database).get(self.charge)
        assert refund is not None
        assert (refund.state, refund.attempt) == (RefundState.DONE, 1)
        assert self.paid_back() == [self.charge]
        assert self.person.stars == stars
        [letter] = self.letters("↩️")
        balance = await self.balance()
        assert f"payment of {PACKAGE} ⭐" in letter
        assert f"Taken from your balance here: {refund.taken} ⭐. It is now {balance.available} ⭐" in letter
        assert (f"You owe {balance.owed} ⭐" in letter) is (balance.owed > 0)


@dataclass(slots=True)
class RefundingSpent(Refunding):
    """An operator gives a payment back of which some was spent, and lets the person owe that."""

    label: ClassVar[str] = "become a debt"

    async def spend(self) -> None:
        await self.customer.generate()

    async def check(self) -> None:
        database = self.customer.database
        await assert_sound(database)
        spent = self.customer.outcomes[0].text
        owed = (await self.balance()).owed
        assert f"{owed} Star" in spent
        assert await self.balance() == Balance(0, 0, owed)
        key = f"refund:{self.charge}:1"
        assert sorted((await self.entries())[3:]) == [key, f"{key}#debt"]
        await self.assert_given_back(RICH)


@dataclass(slots=True)
class RefundingInVain(Refunding):
    """Telegram refuses to give a payment back, as the bot's own Stars were taken out."""

    async def spend(self) -> None:
        studio = self.customer.bot.studio
        stars = studio.sandbox.world.stars
        stars.withdraw(studio.bot.id, stars.balance(studio.bot.id))

    async def act(self) -> None:
        await self.decide()

    async def check(self) -> None:
        await assert_sound(self.customer.database)
        entries = await self.entries()
        attempts = [
            (f"refund:{self.charge}:{number}", f"refund:{self.charge}:{number}:undone") for number in (1, 2)
        ]
        assert entries[1:] in ([*attempts[0]], [*attempts[0], *attempts[1]])
        assert await self.balance() == Balance(PACKAGE, 0)
        assert self.person.stars == RICH - PACKAGE
        assert self.paid_back() == []
        assert self.letters("↩️") == []


@dataclass(slots=True)
class ChargingBack(Refunding):
    """The store takes a payment back of which some was spent."""

    async def spend(self) -> None:
        await self.customer.generate()

    async def act(self) -> None:
        self.customer.bot.studio.sandbox.world.stars.charge_back(self.charge)
        await self.person.expect(_is_refund, kind="new", within=60)

    async def check(self) -> None:
        database = self.customer.database
        await assert_sound(database)
        owed = (await self.balance()).owed
        assert await self.balance() == Balance(0, 0, owed)
        key = f"refund:{self.charge}:1"
        assert sorted((await self.entries())[3:]) == [key, f"{key}#debt"]
        await self.assert_given_back(RICH - PACKAGE)
        cases = await database.collection("cases").find({"kind": "debt", "user_id": self.person.id})
        assert [case["_id"] for case in cases] == [f"debt:{self.charge}"]


@dataclass(slots=True)
class Losing(Buying):
    """The message about a payment is lost; the comparison with Telegram's list finds it."""

    admin: Person | None = None

    async def act(self) -> None:
        invoice = await self.customer.insist(
            f"{PACKAGE} ⭐", self.seen[0], lambda message: message.invoice is not None, "new"
        )
        self.customer.bot.studio.sandbox.world.stars.hide_payments()
        self.receipt = await self.customer.pay(invoice)
        assert self.admin is not None
        await self.admin.send("/reconcile")
        await self.person.expect(_is_thanks, kind="new", within=60)


def _is_thanks(message: MessageView) -> bool:
    return "Thank you" in message.text


def _is_refund(message: MessageView) -> bool:
    return "↩️" in message.text


def _can_be_paid(message: MessageView) -> bool:
    return any("and start" in label for label in message.labels)
