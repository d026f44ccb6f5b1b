"""Stars in the world: every movement written once, on both sides, and the deadline kept by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyrogram.raw import types as T

from sandbox.clock import ManualClock
from sandbox.rpc import RpcError
from sandbox.world.checkout import NotEnoughStars, PaymentRefused, PaymentTimedOut
from sandbox.world.invoices import SUBSCRIPTION_PERIOD
from sandbox.world.stars_book import Query, StarsBook
from sandbox.world.state import Account, Draft, StoredMessage
from sandbox.world.world import World


class TalkingWire:
    """A bot's client as the world sees it: it hears updates, and answers pre-checkout queries if told how."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.on_query: Callable[[Any], None] | None = None

    def listens(self, user_id: int, *, besides: bytes | None = None) -> bool:
        return True

    def push(self, user_id: int, updates: Any, *, besides: bytes | None = None) -> None:
        for update in updates.updates:
            self.heard.append(update)
            if isinstance(update, T.UpdateBotPrecheckoutQuery) and self.on_query is not None:
                self.on_query(update)

    def queries(self) -> list[Any]:
        return [update for update in self.heard if isinstance(update, T.UpdateBotPrecheckoutQuery)]

    def actions(self, kind: type[Any]) -> list[Any]:
        messages = [update.message for update in self.heard if isinstance(update, T.UpdateNewMessage)]
        return [m.action for m in messages if isinstance(getattr(m, "action", None), kind)]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def wire() -> TalkingWire:
    return TalkingWire()


@pytest.fixture
def world(tmp_path: Path, clock: ManualClock, wire: TalkingWire) -> World:
    world = World(tmp_path, seed=1, clock=clock)
    world.wire = wire
    return world


@pytest.fixture
def bot(world: World, wire: TalkingWire) -> Account:
    bot = world.add_bot("Shop", username="shop_bot")
    wire.on_query = lambda query: agree(world, bot, query)
    return bot


@pytest.fixture
def alice(world: World) -> Account:
    alice = world.add_person("Alice")
    world.stars.grant(alice, 1000)
    return alice


def agree(world: World, bot: Account, query: Any) -> None:
    world.stars.checkouts.answer(bot.id, query.query_id, success=True, error=None)


def terms(amount: int = 50, *, payload: bytes = b"order", **more: Any) -> Any:
    period = more.pop("subscription_period", None)
    invoice = T.Invoice(
        currency="XTR", prices=[T.LabeledPrice(label="x", amount=amount)], subscription_period=period
    )
    return T.InputMediaInvoice(
        title="Stars",
        description="Fifty of them",
        invoice=invoice,
        payload=payload,
        provider_data=T.DataJSON(data="{}"),
        **more,
    )


def send(world: World, bot: Account, person: Account, media: Any, **more: Any) -> StoredMessage:
    shown = world.stars.invoice_media(bot.id, media)
    return world.post(Draft(sender=bot.peer, peer=person.peer, media=shown, **more))[0].message


def link(world: World, bot: Account, media: Any) -> str:
    return world.stars.invoice_link(bot.id, media)


async def buy(world: World, person: Account, target: StoredMessage | str) -> Any:
    return world.stars.confirm(await world.stars.check_out(person.id, target))


async def test_a_payment_moves_stars_and_tells_both(
    world: World, bot: Account, alice: Account, wire: TalkingWire
) -> None:
    message = send(world, bot, alice, terms())
    charge = await buy(world, alice, message)
    assert (world.stars.balance(alice), world.stars.balance(bot)) == (950, 50)
    (query,) = wire.queries()
    assert (query.user_id, query.payload, query.currency, query.total_amount) == (
        alice.id,
        b"order",
        "XTR",
        50,
    )
    (told,) = wire.actions(T.MessageActionPaymentSentMe)
    assert (told.charge.id, told.payload, told.total_amount) == (charge.id, b"order", 50)
    service = alice.box.messages[max(alice.box.messages)]
    assert isinstance(service.seen_action(alice.id), T.MessageActionPaymentSent)
    assert isinstance(service.seen_action(bot.id), T.MessageActionPaymentSentMe)
    assert service.reply_to == message.key
    assert message.media is not None
    assert message.media.seen_by(alice.id).receipt_msg_id == service.ids[alice.id]
    assert message.media.seen_by(bot.id).receipt_msg_id is None


async def test_one_invoice_approved_twice_before_either_is_paid(
    world: World, bot: Account, alice: Account, wire: TalkingWire
) -> None:
    message = send(world, bot, alice, terms())
    first = await world.stars.check_out(alice.id, message)
    second = await world.stars.check_out(alice.id, message)
    charges = [world.stars.confirm(first), world.stars.confirm(second)]
    assert len({charge.id for charge in charges}) == 2
    assert world.stars.balance(bot) == 100
    assert len(wire.actions(T.MessageActionPaymentSentMe)) == 2
    with pytest.raises(PaymentRefused, match="FORM_SUBMIT_DUPLICATE"):
        world.stars.confirm(first)
    assert world.stars.balance(bot) == 100


async def test_a_refusal_is_shown_and_nothing_moves(
    world: World, bot: Account, alice: Account, wire: TalkingWire
) -> None:
    wire.on_query = lambda query: world.stars.checkouts.answer(
        bot.id, query.query_id, success=False, error="Sold out"
    )
    with pytest.raises(PaymentRefused) as refusal:
        await buy(world, alice, send(world, bot, alice, terms()))
    assert refusal.value.reason == "Sold out"
    assert world.stars.balance(alice) == 1000


async def test_silence_for_ten_seconds_ends_the_purchase(
    world: World, bot: Account, alice: Account, wire: TalkingWire, clock: ManualClock
) -> None:
    wire.on_query = None
    purchase = asyncio.create_task(buy(world, alice, send(world, bot, alice, terms())))
    await clock.until_asleep()
    await clock.advance(9.9)
    assert not purchase.done()
    await clock.advance(0.2)
    with pytest.raises(PaymentTimedOut, match="BOT_PRECHECKOUT_TIMEOUT"):
        await purchase
    (query,) = wire.queries()
    with pytest.raises(RpcError, match="QUERY_ID_INVALID"):
        agree(world, bot, query)
    assert world.stars.balance(alice) == 1000


async def test_an_answer_in_the_last_moment_counts_and_only_once(
    world: World, bot: Account, alice: Account, wire: TalkingWire, clock: ManualClock
) -> None:
    wire.on_query = None
    purchase = asyncio.create_task(buy(world, alice, send(world, bot, alice, terms())))
    await clock.until_asleep()
    await clock.advance(9.9)
    (query,) = wire.queries()
    other = world.add_bot("Other", username="other_bot")
    with pytest.raises(RpcError, match="QUERY_ID_INVALID"):
        agree(world, other, query)
    agree(world, bot, query)
    with pytest.raises(RpcError, match="QUERY_ID_INVALID"):
        agree(world, bot, query)
    assert (await purchase).amount == 50


@pytest.mark.parametrize(("success", "error"), [(False, None), (False, ""), (True, "text")])
async def test_an_answer_is_either_yes_or_a_text(
    world: World, bot: Account, success: bool, error: str | None
) -> None:
    with pytest.raises(RpcError, match="ERROR_TEXT_EMPTY"):
        world.stars.checkouts.answer(bot.id, 1, success=success, error=error)


async def test_who_has_too_few_stars_cannot_even_ask(
    world: World, bot: Account, alice: Account, wire: TalkingWire
) -> None:
    with pytest.raises(NotEnoughStars) as error:
        await world.stars.check_out(alice.id, send(world, bot, alice, terms(1001)))
    assert (error.value.needed, error.value.balance) == (1001, 1000)
    assert wire.queries() == []
    approvals = [await world.stars.check_out(alice.id, send(world, bot, alice, terms(600))) for _ in "ab"]
    world.stars.confirm(approvals[0])
    with pytest.raises(NotEnoughStars):
        world.stars.confirm(approvals[1])
    assert world.stars.balance(alice) == 400


async def test_a_link_is_paid_by_anybody_any_number_of_times(
    world: World, bot: Account, alice: Account
) -> None:
    url = link(world, bot, terms())
    assert url.startswith("https://t.me/$")
    bob = world.add_person("Bob")
    world.stars.grant(bob, 50)
    for person in (alice, bob, alice):
        await buy(world, person, url)
    assert world.stars.balance(bot) == 150
    with pytest.raises(PaymentRefused, match="SLUG_INVALID"):
        await buy(world, alice, url + "x")
    with pytest.raises(PaymentRefused, match="SLUG_INVALID"):
        await buy(world, alice, "https://t.me/shop_bot")


async def test_the_slug_of_a_message_is_no_link(world: World, bot: Account, alice: Account) -> None:
    invoice = world.stars.invoice_in(send(world, bot, alice, terms()))
    assert invoice is not None
    with pytest.raises(PaymentRefused, match="SLUG_INVALID"):
        await buy(world, alice, f"https://t.me/${invoice.slug}")


@pytest.mark.parametrize("start_param", ["", "buy"])
async def test_a_forwarded_invoice_is_payable_in_place_without_start_param_only(
    world: World, bot: Account, alice: Account, start_param: str
) -> None:
    header = T.MessageFwdHeader(date=1, from_id=bot.peer.raw())
    original = send(world, bot, alice, terms(start_param=start_param))
    bob = world.add_person("Bob")
    world.stars.grant(bob, 100)
    draft = Draft(sender=alice.peer, peer=bob.peer, media=original.media, forward=header)
    forwarded = world.post(draft)[0].message
    keyboard = world.stars.forwarded_keyboard(original)
    button = keyboard.rows[0].buttons[0].type
    if start_param:
        assert button.url == "https://t.me/shop_bot?start=buy"
        with pytest.raises(PaymentRefused, match="MESSAGE_ID_INVALID"):
            await buy(world, bob, forwarded)
    else:
        assert isinstance(button, T.InlineButtonTypeBuy)
        await buy(world, bob, forwarded)
        assert world.stars.balance(bob) == 50


async def test_a_refund_gives_back_once(
    world: World, bot: Account, alice: Account, wire: TalkingWire, clock: ManualClock
) -> None:
    charge = await buy(world, alice, send(world, bot, alice, terms()))
    await clock.advance(60)
    world.stars.refund(bot.id, alice.id, charge.id)
    assert (world.stars.balance(alice), world.stars.balance(bot)) == (1000, 0)
    with pytest.raises(RpcError, match="CHARGE_ALREADY_REFUNDED"):
        world.stars.refund(bot.id, alice.id, charge.id)
    page, _ = world.stars.book.page(bot.id, Query(), "", 10)
    assert [(entry.id, entry.amount, entry.refund) for entry in page] == [
        (charge.id, -50, True),
        (charge.id, 50, False),
    ]
    service = alice.box.messages[max(alice.box.messages)]
    for viewer, payload in ((alice.id, None), (bot.id, b"order")):
        action = service.seen_action(viewer)
        assert isinstance(action, T.MessageActionPaymentRefunded)
        assert (action.charge.id, action.total_amount, action.payload) == (charge.id, 50, payload)


async def test_refunds_that_cannot_be(world: World, bot: Account, alice: Account) -> None:
    charge = await buy(world, alice, send(world, bot, alice, terms()))
    bob = world.add_person("Bob")
    other = world.add_bot("Other", username="other_bot")
    cases = [
        (bot, alice, "", "CHARGE_ID_EMPTY"),
        (bot, alice, "nonsense", "CHARGE_ID_INVALID"),
        (bot, alice, "stx" + "a" * 40, "CHARGE_NOT_FOUND"),
        (bot, bob, charge.id, "CHARGE_NOT_FOUND"),
        (other, alice, charge.id, "CHARGE_NOT_FOUND"),
    ]
    for asker, buyer, charge_id, message in cases:
        with pytest.raises(RpcError, match=message):
            world.stars.refund(asker.id, buyer.id, charge_id)
    world.stars.withdraw(bot, 20)
    with pytest.raises(RpcError, match="BALANCE_TOO_LOW"):
        world.stars.refund(bot.id, alice.id, charge.id)
    assert world.stars.balance(alice) == 950


async def test_a_chargeback_asks_nobody(
    world: World, bot: Account, alice: Account, wire: TalkingWire
) -> None:
    charge = await buy(world, alice, send(world, bot, alice, terms()))
    world.stars.withdraw(bot, 50)
    world.stars.charge_back(charge.id)
    assert (world.stars.balance(alice), world.stars.balance(bot)) == (950, -50)
    (told,) = wire.actions(T.MessageActionPaymentRefunded)
    assert told.charge.id == charge.id
    with pytest.raises(ValueError, match="already"):
        world.stars.charge_back(charge.id)


async def test_a_hidden_payment_is_in_the_list_only(
    world: World, bot: Account, alice: Account, wire: TalkingWire
) -> None:
    message = send(world, bot, alice, terms())
    world.stars.hide_payments()
    charge = await buy(world, alice, message)
    assert wire.actions(T.MessageActionPaymentSentMe) == []
    assert [entry.id for entry in world.stars.book.transactions(bot.id)] == [charge.id]
    await buy(world, alice, message)
    assert len(wire.actions(T.MessageActionPaymentSentMe)) == 1


async def subscribe(world: World, bot: Account, person: Account) -> Any:
    url = link(world, bot, terms(400, subscription_period=SUBSCRIPTION_PERIOD))
    return await buy(world, person, url)


async def test_a_subscription_is_charged_again(
    world: World, bot: Account, alice: Account, wire: TalkingWire, clock: ManualClock
) -> None:
    first = await subscribe(world, bot, alice)
    (known,) = world.stars.subscriptions_of(alice.id)
    assert known.until == world.now() + SUBSCRIPTION_PERIOD
    await clock.advance(SUBSCRIPTION_PERIOD)
    second = world.stars.renew(known.id)
    assert second is not None
    assert second.id != first.id
    told = wire.actions(T.MessageActionPaymentSentMe)
    assert [(a.recurring_init, a.recurring_used) for a in told] == [(True, True), (None, True)]
    assert [a.payload for a in told] == [b"order", b"order"]
    assert told[1].subscription_until_date == known.until == world.now() + SUBSCRIPTION_PERIOD
    entries, _ = world.stars.book.page(bot.id, Query(subscription_id=known.id), "", 10)
    assert len(entries) == 2
    assert world.stars.renew(known) is None
    assert known.missing_balance
    assert states(wire) == ["payment_failed"]


def states(wire: TalkingWire) -> list[str]:
    changes = [update for update in wire.heard if isinstance(update, T.UpdateBotStarsSubscription)]
    names = ("canceled", "restored", "payment_failed")
    return [name for update in changes for name in names if getattr(update, name)]


async def test_a_cancelled_subscription_ends(
    world: World, bot: Account, alice: Account, wire: TalkingWire
) -> None:
    charge = await subscribe(world, bot, alice)
    world.stars.cancel(charge.id)
    world.stars.cancel(charge.id)
    assert world.stars.renew(charge.id) is None
    world.stars.resume(charge.id)
    assert states(wire) == ["canceled", "restored"]
    assert world.stars.renew(charge.id) is not None


async def test_a_bot_can_end_a_subscription_and_allow_it_again(
    world: World, bot: Account, alice: Account
) -> None:
    charge = await subscribe(world, bot, alice)
    single = await buy(world, alice, link(world, bot, terms()))
    world.stars.cancel_by_bot(bot.id, alice.id, charge.id, restore=False)
    assert world.stars.renew(charge.id) is None
    for charge_id, restore, message in (
        (charge.id, False, "SUBSCRIPTION_NOT_MODIFIED"),
        (single.id, False, "CHARGE_NOT_FOUND"),
        ("x", False, "CHARGE_ID_INVALID"),
    ):
        with pytest.raises(RpcError, match=message):
            world.stars.cancel_by_bot(bot.id, alice.id, charge_id, restore=restore)
    world.stars.cancel_by_bot(bot.id, alice.id, charge.id, restore=True)
    assert world.stars.renew(charge.id) is not None


def test_pages_stay_right_while_new_transactions_are_written() -> None:
    book = StarsBook()

    def write(number: int) -> None:
        book.write(1, number, id=f"t{number}", date=number, partner_id=2)

    for number in range(1, 8):
        write(number)
    first, offset = book.page(1, Query(), "", 3)
    assert [entry.id for entry in first] == ["t7", "t6", "t5"]
    write(8)
    second, offset = book.page(1, Query(), offset or "", 3)
    assert [entry.id for entry in second] == ["t4", "t3", "t2"]
    third, offset = book.page(1, Query(), offset or "", 3)
    assert ([entry.id for entry in third], offset) == (["t1"], None)
    rising, _ = book.page(1, Query(ascending=True), "", 100)
    assert [entry.amount for entry in rising] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_pages_go_one_way_or_both() -> None:
    book = StarsBook()
    for amount in (5, -3, 4):
        book.write(1, amount, id="t", date=0, partner_id=None)

    def amounts(query: Query) -> list[int]:
        return [entry.amount for entry in book.page(1, query, "", 10)[0]]

    assert amounts(Query(inbound=True)) == [4, 5]
    assert amounts(Query(outbound=True)) == [-3]
    assert amounts(Query(inbound=True, outbound=True)) == [4, -3, 5]
    assert book.balance(1) == 6


@pytest.mark.parametrize(
    ("offset", "limit", "message"),
    [
        ("", 0, "LIMIT_INVALID"),
        ("", 101, "LIMIT_INVALID"),
        ("x", 1, "OFFSET_INVALID"),
        ("٣", 1, "OFFSET_INVALID"),
    ],
)
def test_pages_that_cannot_be(offset: str, limit: int, message: str) -> None:
    with pytest.raises(RpcError, match=message):
        StarsBook().page(1, Query(), offset, limit)


async def test_everything_is_there_after_saving_and_loading(
    world: World, bot: Account, alice: Account, tmp_path: Path
) -> None:
    charge = await subscribe(world, bot, alice)
    again = World(tmp_path / "again", seed=2, clock=world.clock)
    again.stars.load_json(world.stars.to_json())
    assert again.stars.to_json() == world.stars.to_json()
    assert again.stars.balance(alice.id) == 600
    assert again.stars.charges[charge.id].subscription_id in again.stars.subscriptions
    assert not again.stars.charges[charge.id].refunded


@pytest.mark.parametrize("amount", [0, -1])
def test_only_whole_stars_are_granted(world: World, alice: Account, amount: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        world.stars.grant(alice, amount)
    with pytest.raises(ValueError, match="at least one"):
        world.stars.withdraw(alice, amount)
    with pytest.raises(ValueError, match="no more"):
        world.stars.withdraw(alice, 1001)
