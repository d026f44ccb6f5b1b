"""What Telegram tells a bot about Stars, and what the bot may ask of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pyrogram.raw import types as T
from telegram_house import House

from core.errors import PersonUnreachable, TelegramError
from core.telegram.stars import TelegramStars, transaction_of
from core.telegram.types import Invoice
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox


@pytest.fixture
def stars(house: House) -> TelegramStars:
    return TelegramStars(house.client)


async def _pay(house: House, person: Person, payload: bytes, amount: int = 5) -> str:
    await person.send("/start")
    await person.expect("hello")
    await house.invoice(person, payload, amount)
    await person.expect(kind="invoice")
    return (await person.pay()).charge_id


async def test_payments_come_in_pages_oldest_first(house: House, stars: TelegramStars, alice: Person) -> None:
    charges = [await _pay(house, alice, b"ok:%d" % number, 3 + number) for number in range(5)]
    pages = [await stars.transactions("", 2)]
    while pages[-1].next_offset:
        pages.append(await stars.transactions(pages[-1].next_offset, 2))
    assert [len(page.transactions) for page in pages] == [2, 2, 1]
    found = [each for page in pages for each in page.transactions]
    assert [(each.charge_id, each.stars, each.payload) for each in found] == [
        (charge, 3 + number, b"ok:%d" % number) for number, charge in enumerate(charges)
    ]
    assert {each.user_id for each in found} == {alice.id}
    assert not any(each.refund or each.pending or each.failed or each.nanos for each in found)
    assert await stars.balance() == sum(each.stars for each in found)


async def test_a_refund_is_listed_under_the_same_charge(
    house: House, stars: TelegramStars, alice: Person
) -> None:
    charge = await _pay(house, alice, b"ok")
    since = (await stars.transactions()).transactions[0].at - timedelta(seconds=1)
    assert not await stars.was_refunded(charge, since=since)
    await stars.refund(alice.id, charge)
    assert alice.stars == 100
    assert await stars.balance() == 0
    assert await stars.was_refunded(charge, since=since)
    assert not await stars.was_refunded("stxother", since=since)
    paid, refunded = (await stars.transactions()).transactions
    assert (refunded.charge_id, refunded.stars, refunded.refund) == (charge, -paid.stars, True)
    assert refunded.payload == b"ok"


@pytest.mark.parametrize(
    ("charge", "name"),
    [("", "CHARGE_ID_EMPTY"), ("nonsense", "CHARGE_ID_INVALID"), (f"stx{'A' * 40}", "CHARGE_NOT_FOUND")],
)
async def test_what_cannot_be_refunded(
    house: House, stars: TelegramStars, alice: Person, charge: str, name: str
) -> None:
    await _pay(house, alice, b"ok")
    with pytest.raises(TelegramError) as refused:
        await stars.refund(alice.id, charge)
    assert refused.value.name == name


async def test_a_second_refund_says_so(house: House, stars: TelegramStars, alice: Person) -> None:
    charge = await _pay(house, alice, b"ok")
    await stars.refund(alice.id, charge)
    with pytest.raises(TelegramError) as refused:
        await stars.refund(alice.id, charge)
    assert refused.value.name == "CHARGE_ALREADY_REFUNDED"


async def test_nobody_can_be_refunded_whom_telegram_does_not_know(stars: TelegramStars) -> None:
    with pytest.raises(PersonUnreachable):
        await stars.refund(987_654_321, f"stx{'A' * 40}")


async def test_a_plan_is_sold_by_a_link_ended_and_allowed_again(
    house: House, stars: TelegramStars, alice: Person
) -> None:
    await alice.start()
    link = await stars.invoice_link(Invoice("Plan", "Thirty days", b"ok", 20, subscription_period=2_592_000))
    receipt = await alice.pay(link)
    (subscription,) = alice.subscriptions
    assert subscription.goes_on
    await stars.cancel_subscription(alice.id, receipt.charge_id)
    assert not subscription.goes_on
    await stars.cancel_subscription(alice.id, receipt.charge_id, restore=True)
    assert subscription.goes_on
    (listed,) = (await stars.transactions()).transactions
    assert listed.subscription_period == 2_592_000


async def test_money_that_is_nobodys(house: House, stars: TelegramStars, bot: Bot, sandbox: Sandbox) -> None:
    """Stars that the owner put in: Telegram names no person."""
    sandbox.world.stars.grant(bot.id, 50)
    (granted,) = (await stars.transactions()).transactions
    assert (granted.user_id, granted.stars, granted.payload) == (None, 50, b"")


def _raw(**changes: object) -> T.StarsTransaction:
    fields: dict[str, object] = {
        "id": "stx1",
        "amount": T.StarsAmount(amount=5, nanos=0),
        "date": 1_900_000_000,
        "peer": T.StarsTransactionPeer(peer=T.PeerUser(user_id=7)),
    }
    return T.StarsTransaction(**{**fields, **changes})


@pytest.mark.parametrize(
    "peer",
    [
        T.StarsTransactionPeerUnsupported(),
        T.StarsTransactionPeerAppStore(),
        T.StarsTransactionPeerFragment(),
        T.StarsTransactionPeer(peer=T.PeerChannel(channel_id=7)),
    ],
)
def test_the_other_side_need_not_be_a_person(peer: object) -> None:
    transaction = transaction_of(_raw(peer=peer))
    assert transaction is not None
    assert transaction.user_id is None


def test_parts_of_stars_are_kept_apart() -> None:
    transaction = transaction_of(_raw(amount=T.StarsAmount(amount=-3, nanos=-500_000_000)))
    assert transaction is not None
    assert (transaction.stars, transaction.nanos) == (-3, -500_000_000)


def test_what_is_not_in_stars_is_left_out() -> None:
    assert transaction_of(_raw(amount=T.StarsTonAmount(amount=5))) is None


def test_what_has_not_gone_through_says_so() -> None:
    pending = transaction_of(_raw(pending=True))
    failed = transaction_of(_raw(failed=True))
    assert pending is not None
    assert failed is not None
    assert (pending.pending, pending.failed, failed.failed) == (True, False, True)
