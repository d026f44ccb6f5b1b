"""A person's message goes on to others; changes of subscriptions made in Telegram itself are heard once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pyrogram.raw import functions as F
from pyrogram.raw import types as T
from telegram_house import Build, House

from core.errors import MessageGone, PersonUnreachable
from core.telegram.boxes import Arrival
from core.telegram.client import ClientTiming
from core.telegram.parse import Incoming, IncomingSubscription, incoming_of
from core.telegram.payloads import incoming_from, payload_of
from core.telegram.types import MessageRef, SubscriptionChange
from sandbox.faults import Fault, FaultKind
from sandbox.people.person import Person
from sandbox.server import Sandbox

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
QUICK = ClientTiming(call=0.3, attempts=6, pause=0.02, connect=10.0, own=2.0)


async def receipt_of(alice: Person) -> MessageRef:
    await alice.start()
    await alice.expect("hello")
    sent = await alice.send_document(JPEG, "receipt.jpg", "image/jpeg", "I paid")
    return MessageRef(alice.id, sent.id)


async def operator(sandbox: Sandbox) -> Person:
    ann = sandbox.add_person("Ann")
    await ann.start()
    await ann.expect("hello")
    return ann


async def test_a_message_goes_on_with_its_file_and_its_author(
    house: House, sandbox: Sandbox, alice: Person
) -> None:
    receipt, ann = await receipt_of(alice), await operator(sandbox)
    await house.outbox.forward(receipt, ann.id, random_id=5)
    shown = await ann.expect("I paid")
    assert shown.media is not None
    (stored,) = [message for message in sandbox.world.messages.values() if message.forward is not None]
    assert stored.forward.from_id.user_id == alice.id


@pytest.mark.parametrize("answer", ["original", 400])
async def test_a_forward_whose_answer_is_lost_makes_one_message(
    build: Build, sandbox: Sandbox, alice: Person, answer: str | int
) -> None:
    house = await build(timing=QUICK)
    if answer != "original":
        sandbox.world.rules.duplicate_random_id = "error"
        sandbox.world.rules.duplicate_random_id_code = int(answer)
    receipt, ann = await receipt_of(alice), await operator(sandbox)
    lost = Fault(kind=FaultKind.LOSE_REPLY, method="messages.ForwardMessages", times=1)
    with sandbox.faults.add(lost) as struck:
        await house.outbox.forward(receipt, ann.id, random_id=5)
        assert struck.hits == 1
    assert [message.text for message in ann.messages()].count("I paid") == 1


async def test_what_was_deleted_and_who_blocked_the_bot_are_told_apart(
    house: House, sandbox: Sandbox, alice: Person
) -> None:
    receipt, ann = await receipt_of(alice), await operator(sandbox)
    ann.block()
    with pytest.raises(PersonUnreachable):
        await house.outbox.forward(receipt, ann.id, random_id=5)
    ann.unblock()
    await alice.delete(receipt.message_id)
    with pytest.raises(MessageGone):
        await house.outbox.forward(receipt, ann.id, random_id=6)


class Ear:
    """Takes every update and keeps those about subscriptions."""

    def __init__(self) -> None:
        self.heard: list[IncomingSubscription] = []
        self.more = asyncio.Condition()

    async def __call__(self, incoming: Incoming) -> bool:
        async with self.more:
            if isinstance(incoming, IncomingSubscription):
                self.heard.append(incoming)
            self.more.notify_all()
        return True

    async def count(self, number: int) -> list[SubscriptionChange]:
        async with asyncio.timeout(10), self.more:
            await self.more.wait_for(lambda: len(self.heard) >= number)
        return [each.change for each in self.heard]


async def subscribe(house: House, alice: Person) -> None:
    """Alice buys a month for 30 Stars by a link."""
    link = await house.client.invoke(
        F.payments.ExportInvoice(
            invoice_media=T.InputMediaInvoice(
                title="Plan",
                description="Every month",
                invoice=T.Invoice(
                    currency="XTR",
                    prices=[T.LabeledPrice(label="Plan", amount=30)],
                    subscription_period=2_592_000,
                ),
                payload=b"ok:plan",
                provider_data=T.DataJSON(data="{}"),
            )
        )
    )
    await alice.pay(link.url)


async def test_each_change_of_a_subscription_is_heard_also_over_a_stop(
    build: Build, sandbox: Sandbox, alice: Person
) -> None:
    ear = Ear()
    house = await build(handle=ear)
    await alice.start()
    await subscribe(house, alice)
    alice.cancel_subscription()
    assert await ear.count(1) == [SubscriptionChange.CANCELED]
    await house.stop()
    alice.resume_subscription()
    (bought,) = alice.subscriptions
    sandbox.world.stars.book.write(alice.id, -60, id="spent", date=sandbox.world.now(), partner_id=None)
    assert sandbox.world.stars.renew(bought) is None
    await build(handle=ear)
    changes = [SubscriptionChange.CANCELED, SubscriptionChange.RESTORED, SubscriptionChange.PAYMENT_FAILED]
    assert await ear.count(3) == changes
    assert {(each.user_id, each.payload) for each in ear.heard} == {(alice.id, b"ok:plan")}
    assert len({each.key for each in ear.heard}) == 3


def test_a_kept_change_can_be_read_again() -> None:
    update: Any = T.UpdateBotStarsSubscription(user_id=7, payload=b"o:1", qts=3, payment_failed=True)
    incoming = incoming_of(update, {}, {})
    assert isinstance(incoming, IncomingSubscription)
    assert incoming.change is SubscriptionChange.PAYMENT_FAILED
    again = incoming_from(payload_of(Arrival(update), incoming))
    assert again is not None
    assert again[1] == incoming


def test_a_change_of_an_unknown_kind_is_left_out() -> None:
    assert incoming_of(T.UpdateBotStarsSubscription(user_id=7, payload=b"o:1", qts=3), {}, {}) is None
