"""How people pay and are paid back in tests on the whole bot, and what an accountant then sees."""

from __future__ import annotations

from core.billing.ledger import Balance
from core.billing.order_gate import TERMS_ACCEPTED
from core.billing.orders import OrderKind
from core.storage.payments import PaymentStore
from core.storage.refunds import Refund, RefundStore
from core.storage.users import UserStore
from core.users import User
from sandbox.people.payments import Checkout
from sandbox.people.person import Person
from sandbox.studio import Studio


async def accept_terms(studio: Studio, person: Person) -> None:
    """The person has accepted the terms before."""
    async with studio.database() as database:
        await UserStore(database, studio.clock).set_setting(person.id, TERMS_ACCEPTED, "1")


async def approved(studio: Studio, person: Person, stars: int, *, bonus: int = 0, key: str = "k") -> Checkout:
    """A purchase of Stars that waits for the person's last tap."""
    await accept_terms(studio, person)
    billing = studio.service.billing
    order = await billing.orders.place(
        key=f"{key}:{person.id}",
        user=User(person.id, telegram_language=person.language),
        chat_id=person.id,
        plugin="start",
        kind=OrderKind.STARS,
        stars=stars,
        bonus=bonus,
        title="Stars",
    )
    await billing.invoices.send(order)
    return await person.checkout(await person.expect(kind="invoice"))


async def buy(studio: Studio, person: Person, stars: int, *, bonus: int = 0, key: str = "k") -> str:
    """Buy Stars and read the letter about it; the charge id."""
    receipt = await (await approved(studio, person, stars, bonus=bonus, key=key)).confirm()
    await credited(studio, receipt.charge_id)
    await person.expect(lambda message: message.service is None and f"{stars} ⭐" in message.text, kind="new")
    return receipt.charge_id


async def credited(studio: Studio, charge_id: str) -> None:
    """Wait until a payment is recorded and served."""
    async with studio.database() as database:
        payments = PaymentStore(database)

        async def holds() -> bool:
            paid = await payments.get(charge_id)
            return paid is not None and paid.served

        await studio.until(holds)


async def refund_ended(studio: Studio, charge_id: str) -> Refund:
    """Wait until the newest attempt to give a payment back has ended; that attempt."""
    async with studio.database() as database:
        refunds = RefundStore(database)

        async def holds() -> bool:
            refund = await refunds.get(charge_id)
            return refund is not None and refund.ended

        await studio.until(holds)
        refund = await refunds.get(charge_id)
    assert refund is not None
    return refund


async def balance(studio: Studio, person: Person) -> Balance:
    """What the person has, after the whole ledger was proved."""
    report = await studio.running.ledger.check()
    assert (report.total, report.problems) == (0, ())
    return await studio.running.ledger.balance(person.id)


async def ask_back(studio: Studio, person: Person, charge_id: str, words: str) -> None:
    """The person asks for a payment back, as /refund does."""
    assert await studio.service.billing.refund_cases.ask_for_payment(person.id, charge_id, words)


async def spend(studio: Studio, person: Person, stars: int) -> None:
    await studio.running.ledger.debit(
        person.id,
        stars,
        target="revenue",
        key=f"spent:{person.id}",
        reference="",
        actor="test",
        reason="test",
    )
