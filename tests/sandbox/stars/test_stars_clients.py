"""Stars through the plain client: each rule that a bot can run into, provoked over the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pyrogram import Client, enums, filters, raw, types
from pyrogram.errors import BadRequest
from pyrogram.handlers import MessageHandler, PreCheckoutQueryHandler, RawUpdateHandler

from sandbox.people.handles import Bot
from sandbox.people.payments import NotEnoughStars, PaymentRefused, PaymentTimedOut
from sandbox.people.person import Person
from sandbox.people.reading import PersonError
from sandbox.server import Sandbox

F, T = raw.functions, raw.types
MONTH = 2_592_000


class Shop:
    """A bot that sells: what it heard, and how it answers pre-checkout queries."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.queries: asyncio.Queue[types.PreCheckoutQuery] = asyncio.Queue()
        self.paid: asyncio.Queue[types.Message] = asyncio.Queue()
        self.refunded: asyncio.Queue[types.Message] = asyncio.Queue()
        self.changes: asyncio.Queue[Any] = asyncio.Queue()
        self.answers = True
        client.add_handler(PreCheckoutQueryHandler(self._query))
        client.add_handler(MessageHandler(self._message, filters.service))
        client.add_handler(RawUpdateHandler(self._raw))

    async def invoice(self, person: Person, amount: int = 50, **more: Any) -> types.Message:
        given: dict[str, Any] = {
            "title": "Stars",
            "description": "A pack",
            "payload": "order-1",
            "currency": "XTR",
            "prices": [types.LabeledPrice(label="Pack", amount=amount)],
        }
        message = await self.client.send_invoice(person.id, **given | more)
        assert message is not None
        return message

    async def link(self, amount: int = 50, **more: Any) -> str:
        return await self.client.create_invoice_link(
            title="Stars",
            description="A pack",
            payload="order-2",
            currency="XTR",
            prices=[types.LabeledPrice(label="Pack", amount=amount)],
            **more,
        )

    async def transactions(self, **more: Any) -> Any:
        given: dict[str, Any] = {"peer": T.InputPeerSelf(), "offset": "", "limit": 100}
        return await self.client.invoke(F.payments.GetStarsTransactions(**given | more))

    async def _query(self, _client: Client, query: types.PreCheckoutQuery) -> None:
        self.queries.put_nowait(query)
        if self.answers:
            await query.answer(ok=True)

    async def _message(self, _client: Client, message: types.Message) -> None:
        if message.successful_payment:
            self.paid.put_nowait(message)
        if message.refunded_payment:
            self.refunded.put_nowait(message)

    async def _raw(self, _client: Client, update: Any, _users: Any, _chats: Any) -> None:
        if isinstance(update, T.UpdateBotStarsSubscription):
            self.changes.put_nowait(update)


@pytest.fixture
def shop(client: Client) -> Shop:
    return Shop(client)


@pytest.fixture
def rich(sandbox: Sandbox, alice: Person) -> Person:
    sandbox.world.stars.grant(alice, 1000)
    return alice


async def refused(call: Awaitable[Any]) -> str:
    with pytest.raises(BadRequest) as error:
        await call
    return str(error.value.ID)


async def test_an_invoice_is_paid_in_the_chat(bot: Bot, rich: Person, shop: Shop) -> None:
    sent = await shop.invoice(rich)
    assert sent.invoice is not None
    assert (sent.invoice.total_amount, sent.invoice.currency) == (50, "XTR")
    shown = await rich.expect(kind="invoice")
    assert [button.kind for row in shown.buttons for button in row] == ["pay"]
    receipt = await rich.pay(shown)
    message = await shop.paid.get()
    payment = message.successful_payment
    assert payment is not None
    assert message.from_user.id == rich.id
    assert payment.telegram_payment_charge_id == receipt.charge_id
    assert (payment.total_amount, payment.currency, payment.invoice_payload) == (50, "XTR", "order-1")
    query = await shop.queries.get()
    assert (query.from_user.id, query.total_amount, query.invoice_payload) == (rich.id, 50, "order-1")
    assert (rich.stars, bot.stars, receipt.amount) == (950, 50, 50)
    paid = rich.refresh(shown)
    assert paid.invoice is not None
    assert paid.invoice.paid
    service = await rich.expect(kind="service")
    assert service.service is not None
    assert (service.service.kind, service.service.amount) == ("payment_sent", 50)


async def test_a_link_is_paid_by_several_people(sandbox: Sandbox, bot: Bot, rich: Person, shop: Shop) -> None:
    link = await shop.link()
    assert link.startswith("https://t.me/$")
    bob = sandbox.add_person("Bob", stars=60)
    receipts = [await person.pay(link) for person in (rich, bob, rich)]
    assert len({receipt.charge_id for receipt in receipts}) == 3
    payers = [(await shop.paid.get()).from_user.id for _ in receipts]
    assert sorted(payers) == sorted([rich.id, bob.id, rich.id])
    assert bot.stars == 150


async def test_one_invoice_approved_twice_before_either_is_paid(rich: Person, shop: Shop) -> None:
    await shop.invoice(rich)
    first, second = await rich.checkout(), await rich.checkout()
    receipts = [await first.confirm(), await second.confirm()]
    payments = [(await shop.paid.get()).successful_payment for _ in receipts]
    charges = {payment.telegram_payment_charge_id for payment in payments if payment}
    assert charges == {receipt.charge_id for receipt in receipts}
    assert len(charges) == 2
    with pytest.raises(PaymentRefused, match="FORM_SUBMIT_DUPLICATE"):
        await first.confirm()


async def test_a_refusal_reaches_the_buyer(rich: Person, shop: Shop) -> None:
    shop.answers = False
    await shop.invoice(rich)
    buying = asyncio.create_task(rich.pay())
    query = await shop.queries.get()
    await query.answer(ok=False, error_message="Sold out")
    with pytest.raises(PaymentRefused) as error:
        await buying
    assert error.value.reason == "Sold out"
    assert rich.stars == 1000


async def test_an_answer_is_given_once_and_says_one_thing(rich: Person, shop: Shop) -> None:
    shop.answers = False
    await shop.invoice(rich)
    buying = asyncio.create_task(rich.pay())
    query = await shop.queries.get()
    number = int(query.id)

    def answer(**given: Any) -> Awaitable[Any]:
        return shop.client.invoke(F.messages.SetBotPrecheckoutResults(query_id=number, **given))

    assert await refused(answer()) == "ERROR_TEXT_EMPTY"
    assert await refused(answer(success=True, error="both")) == "ERROR_TEXT_EMPTY"
    assert await answer(success=True)
    await buying
    assert await refused(answer(success=True)) == "QUERY_ID_INVALID"


async def test_a_bot_that_is_too_slow_sells_nothing(sandbox: Sandbox, rich: Person, shop: Shop) -> None:
    shop.answers = False
    sandbox.world.rules.precheckout_seconds = 0.05
    await shop.invoice(rich)
    with pytest.raises(PaymentTimedOut):
        await rich.pay()
    query = await shop.queries.get()
    assert await refused(query.answer(ok=True)) == "QUERY_ID_INVALID"
    assert rich.stars == 1000


async def test_a_person_gives_up_before_the_bot_does(rich: Person, shop: Shop) -> None:
    shop.answers = False
    await shop.invoice(rich)
    with pytest.raises(PaymentTimedOut):
        await rich.pay(within=0.05)
    query = await shop.queries.get()
    assert await refused(query.answer(ok=True)) == "QUERY_ID_INVALID"


async def test_a_query_made_while_the_bot_is_away_is_never_heard(
    sandbox: Sandbox, rich: Person, shop: Shop
) -> None:
    sandbox.world.rules.precheckout_seconds = 0.05
    await shop.invoice(rich)
    await shop.client.stop(clear_handlers=False)
    with pytest.raises(PaymentTimedOut):
        await rich.pay()
    await shop.client.start()
    sandbox.world.rules.precheckout_seconds = 10
    await rich.pay()
    assert (await shop.queries.get()).total_amount == 50
    assert shop.queries.empty()


async def test_too_few_stars(alice: Person, shop: Shop) -> None:
    await shop.invoice(alice, 1)
    with pytest.raises(NotEnoughStars):
        await alice.pay()
    assert shop.queries.empty()
    bare = await alice.expect(kind="invoice")
    await alice.delete(bare)
    with pytest.raises(PersonError):
        await alice.pay()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"prices": []}, "STARS_INVOICE_INVALID"),
        ({"prices": [types.LabeledPrice(label=x, amount=1) for x in "ab"]}, "STARS_INVOICE_INVALID"),
        ({"payload": ""}, "INVOICE_PAYLOAD_INVALID"),
        ({"payload": "x" * 129}, "INVOICE_PAYLOAD_INVALID"),
        ({"title": ""}, "INVOICE_INVALID"),
        ({"title": "x" * 33}, "INVOICE_INVALID"),
        ({"description": ""}, "INVOICE_INVALID"),
        ({"description": "x" * 256}, "INVOICE_INVALID"),
        ({"prices": [types.LabeledPrice(label="x", amount=0)]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"prices": [types.LabeledPrice(label="x", amount=-5)]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"prices": [types.LabeledPrice(label="x", amount=100_001)]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"provider_token": "1:TEST"}, "PAYMENT_PROVIDER_INVALID"),
        ({"currency": "USD"}, "PAYMENT_PROVIDER_INVALID"),
        ({"start_parameter": "no spaces"}, "START_PARAM_INVALID"),
        ({"start_parameter": "x" * 65}, "START_PARAM_TOO_LONG"),
        ({"subscription_expiration_date": MONTH}, "SUBSCRIPTION_EXPORT_MISSING"),
        ({"subscription_expiration_date": 1}, "SUBSCRIPTION_PERIOD_INVALID"),
    ],
)
async def test_wrong_invoices_are_refused(
    alice: Person, shop: Shop, given: dict[str, Any], error: str
) -> None:
    assert await refused(shop.invoice(alice, **given)) == error
    assert alice.messages()[-1].kind != "invoice"


@pytest.mark.parametrize("given", [{"title": "x" * 32, "payload": "x" * 128}, {"description": "x" * 255}])
async def test_invoices_up_to_the_limits_are_sent(alice: Person, shop: Shop, given: dict[str, Any]) -> None:
    sent = await shop.invoice(alice, 100_000, provider_token="", **given)
    assert sent.invoice is not None
    assert sent.invoice.total_amount == 100_000


async def test_wrong_links_are_refused(shop: Shop) -> None:
    assert await refused(shop.link(0)) == "CURRENCY_TOTAL_AMOUNT_INVALID"
    assert await refused(shop.link(subscription_period=86400)) == "SUBSCRIPTION_PERIOD_INVALID"
    assert await refused(shop.link(10_001, subscription_period=MONTH)) == "CURRENCY_TOTAL_AMOUNT_INVALID"
    media = T.InputMediaEmpty()
    assert (
        await refused(shop.client.invoke(F.payments.ExportInvoice(invoice_media=media))) == "INVOICE_INVALID"
    )


async def test_the_first_button_of_an_invoice_pays(alice: Person, shop: Shop) -> None:
    pay = types.InlineKeyboardButton("Buy now", pay=True)
    other = types.InlineKeyboardButton("Other", callback_data="x")
    await shop.invoice(alice, reply_markup=types.InlineKeyboardMarkup([[pay], [other]]))
    shown = await alice.expect(kind="invoice")
    assert shown.labels == ["Buy now", "Other"]
    wrong = types.InlineKeyboardMarkup([[other]])
    assert await refused(shop.invoice(alice, reply_markup=wrong)) == "REPLY_MARKUP_BUY_EMPTY"


@pytest.mark.parametrize("start_parameter", [None, "buy_1"])
async def test_a_forwarded_invoice(
    sandbox: Sandbox, bot: Bot, rich: Person, shop: Shop, start_parameter: str | None
) -> None:
    sent = await shop.invoice(rich, start_parameter=start_parameter)
    bob = sandbox.add_person("Bob", stars=100)
    await bob.start()
    await shop.client.forward_messages(bob.id, rich.id, sent.id)
    shown = await bob.expect(kind="invoice")
    button = shown.buttons[0][0]
    if start_parameter:
        assert (button.kind, button.url) == ("url", f"https://t.me/{bot.username}?start=buy_1")
        with pytest.raises(PaymentRefused):
            await bob.pay(shown)
        assert shop.queries.empty()
    else:
        assert button.kind == "pay"
        await bob.pay(shown)
        assert (await shop.paid.get()).from_user.id == bob.id
    copied = shop.client.copy_message(bob.id, rich.id, sent.id)
    with pytest.raises((BadRequest, ValueError)):
        await copied


async def test_a_refund_is_whole_and_once(bot: Bot, rich: Person, shop: Shop) -> None:
    await shop.invoice(rich)
    receipt = await rich.pay()
    assert await shop.client.refund_star_payment(rich.id, receipt.charge_id)
    assert (rich.stars, bot.stars) == (1000, 0)
    told = rich.messages()[-1].service
    assert told is not None
    assert (told.kind, told.amount) == ("payment_refunded", 50)
    history = await shop.client.get_messages(rich.id, range(1, 20))
    refunds = [m for m in history if m.service is enums.MessageServiceType.REFUNDED_PAYMENT]
    assert [m.refunded_payment.telegram_payment_charge_id for m in refunds] == [receipt.charge_id]
    assert refunds[0].refunded_payment.invoice_payload == "order-1"
    again = shop.client.refund_star_payment(rich.id, receipt.charge_id)
    assert await refused(again) == "CHARGE_ALREADY_REFUNDED"


@pytest.mark.parametrize(
    ("charge_id", "error"),
    [("", "CHARGE_ID_EMPTY"), ("12345", "CHARGE_ID_INVALID"), ("stx" + "a" * 40, "CHARGE_NOT_FOUND")],
)
async def test_refunds_of_nothing(rich: Person, shop: Shop, charge_id: str, error: str) -> None:
    assert await refused(shop.client.refund_star_payment(rich.id, charge_id)) == error


async def test_refunds_of_what_is_somebody_elses_or_withdrawn(
    sandbox: Sandbox, bot: Bot, rich: Person, shop: Shop
) -> None:
    await shop.invoice(rich)
    receipt = await rich.pay()
    bob = sandbox.add_person("Bob")
    await bob.start()
    assert await refused(shop.client.refund_star_payment(bob.id, receipt.charge_id)) == "CHARGE_NOT_FOUND"
    sandbox.world.stars.withdraw(bot, 50)
    assert await refused(shop.client.refund_star_payment(rich.id, receipt.charge_id)) == "BALANCE_TOO_LOW"


async def test_a_store_refund_reaches_the_bot(sandbox: Sandbox, bot: Bot, rich: Person, shop: Shop) -> None:
    await shop.invoice(rich)
    receipt = await rich.pay()
    sandbox.world.stars.charge_back(receipt.charge_id)
    refund = (await shop.refunded.get()).refunded_payment
    assert refund is not None
    assert (refund.telegram_payment_charge_id, refund.total_amount) == (receipt.charge_id, 50)
    assert (rich.stars, bot.stars) == (950, 0)
    assert (
        await refused(shop.client.refund_star_payment(rich.id, receipt.charge_id))
        == "CHARGE_ALREADY_REFUNDED"
    )


async def test_the_list_of_transactions_is_paged(sandbox: Sandbox, rich: Person, shop: Shop) -> None:
    link = await shop.link(10)
    paid = [(await rich.pay(link)).charge_id for _ in range(5)]
    await shop.client.refund_star_payment(rich.id, paid[0])
    seen: list[tuple[str, int, bool]] = []
    offset, pages = "", 0
    while offset is not None:
        status = await shop.transactions(offset=offset, limit=4)
        seen += [(entry.id, entry.amount.amount, bool(entry.refund)) for entry in status.history or []]
        offset, pages = status.next_offset, pages + 1
    assert pages == 2
    assert seen == [(paid[0], -10, True), *((charge, 10, False) for charge in reversed(paid))]
    assert status.balance.amount == 40
    rising = await shop.transactions(ascending=True, inbound=True)
    assert [entry.id for entry in rising.history] == paid
    assert rising.history[0].bot_payload == b"order-2"
    assert rising.history[0].peer.peer.user_id == rich.id
    assert [user.id for user in rising.users] == [rich.id]
    outbound = await shop.transactions(outbound=True)
    assert [entry.refund for entry in outbound.history] == [True]


async def test_lists_that_cannot_be_had(alice: Person, shop: Shop) -> None:
    for given, error in (
        ({"limit": 0}, "LIMIT_INVALID"),
        ({"limit": 101}, "LIMIT_INVALID"),
        ({"offset": "x"}, "OFFSET_INVALID"),
        ({"subscription_id": "x"}, "SUBSCRIPTION_ID_INVALID"),
        ({"peer": await shop.client.resolve_peer(alice.id)}, "PEER_ID_INVALID"),
    ):
        assert await refused(shop.transactions(**given)) == error
    by_id = F.payments.GetStarsTransactionsByID(peer=T.InputPeerSelf(), id=[T.InputStarsTransaction(id="x")])
    assert await refused(shop.client.invoke(by_id)) == "BOT_METHOD_INVALID"


async def test_the_balance_is_the_bots_own(rich: Person, shop: Shop) -> None:
    await rich.pay(await shop.link(30))
    status = await shop.client.invoke(F.payments.GetStarsStatus(peer=T.InputPeerSelf()))
    assert (status.balance.amount, status.balance.nanos) == (30, 0)
    gram = await shop.client.invoke(F.payments.GetStarsStatus(peer=T.InputPeerSelf(), ton=True))
    assert isinstance(gram.balance, T.StarsTonAmount)


async def test_a_payment_whose_message_is_lost_is_in_the_list(
    sandbox: Sandbox, rich: Person, shop: Shop
) -> None:
    link = await shop.link(10)
    sandbox.world.stars.hide_payments()
    hidden = await rich.pay(link)
    seen = await rich.pay(link)
    payment = (await shop.paid.get()).successful_payment
    assert payment is not None
    assert payment.telegram_payment_charge_id == seen.charge_id
    status = await shop.transactions()
    assert {entry.id for entry in status.history} == {hidden.charge_id, seen.charge_id}


async def test_a_payment_made_while_the_bot_was_off_comes_later(
    sandbox: Sandbox, bot: Bot, rich: Person, log_in: Callable[..., Awaitable[Client]]
) -> None:
    client = await log_in(bot, session="late", skip_updates=False, in_memory=False)
    shop = Shop(client)
    await shop.invoice(rich)
    checkout = await rich.checkout()
    await client.stop(clear_handlers=False)
    receipt = await checkout.confirm()
    await client.start()
    payment = (await shop.paid.get()).successful_payment
    assert payment is not None
    assert payment.telegram_payment_charge_id == receipt.charge_id


async def test_a_subscription_lives_and_ends(sandbox: Sandbox, rich: Person, shop: Shop) -> None:
    stars = sandbox.world.stars
    first = await rich.pay(await shop.link(400, subscription_period=MONTH))
    payment = (await shop.paid.get()).successful_payment
    assert payment is not None
    assert (payment.is_recurring, payment.is_first_recurring) == (True, True)
    assert payment.subscription_expiration_date is not None
    (known,) = rich.subscriptions
    renewed = stars.renew(known)
    assert renewed is not None
    payment = (await shop.paid.get()).successful_payment
    assert payment is not None
    assert payment.telegram_payment_charge_id == renewed.id != first.charge_id
    assert payment.is_recurring
    assert not payment.is_first_recurring
    rich.cancel_subscription()
    assert (await shop.changes.get()).canceled
    rich.resume_subscription()
    assert (await shop.changes.get()).restored
    assert stars.renew(known) is None
    assert (await shop.changes.get()).payment_failed
    stars.grant(rich, 1000)
    edit = shop.client.edit_user_star_subscription
    assert await edit(rich.id, first.charge_id, is_canceled=True)
    assert stars.renew(known) is None
    assert await refused(edit(rich.id, first.charge_id, is_canceled=True)) == "SUBSCRIPTION_NOT_MODIFIED"
    assert await edit(rich.id, first.charge_id, is_canceled=False)
    assert stars.renew(known) is not None
    assert await refused(edit(rich.id, "x", is_canceled=True)) == "CHARGE_ID_INVALID"


async def test_everything_about_stars_outlives_a_restart(
    tmp_path: Any, log_in: Callable[..., Awaitable[Client]]
) -> None:
    async with await Sandbox.start(seed=3, directory=tmp_path / "world") as first:
        bot = first.add_bot()
        carol = first.add_person("Carol", stars=500)
        first.world.stars.book.write(bot.id, 7, id="x", date=0, partner_id=None)
    async with await Sandbox.start(seed=3, directory=tmp_path / "world") as second:
        assert second.add_person("Carol").stars == carol.stars == 500
        assert second.add_bot().stars == 7
