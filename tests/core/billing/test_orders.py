"""Orders: placed once, named so that nobody can make one up, and refused in words where they do not fit."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from payment_house import PROMPT, SECRET, House, Outside, advance
from support.generation_world import PERSON, PRICE, World

from core.billing.orders import OrderKind, Orders
from core.config import Settings
from core.errors import ConfigurationError, UserFacingError
from core.storage.database import Database
from core.storage.orders import OrderStore
from core.telegram.types import Button
from sandbox.clock import ManualClock


@pytest.fixture
def house(database: Database, clock: ManualClock) -> House:
    return House(Outside(World(database, clock), database))


async def test_ten_taps_place_one_order(house: House) -> None:
    placed = await asyncio.gather(*(house.order() for _ in range(10)))
    assert len({order.id for order in placed}) == 1
    assert len(await house.order_store._rows.find({})) == 1
    assert (await house.order(key="other")).id != placed[0].id


async def test_an_order_is_placed_anew_once_it_was_paid_or_has_expired(house: House) -> None:
    first = await house.order()
    await house.take(house.payment(first))
    second = await house.order()
    assert second.id != first.id
    await advance(house, hours=25)
    third = await house.order()
    assert third.id not in {first.id, second.id}
    assert await house.order() == third


@pytest.mark.parametrize("stars", [0, -1, 100_001, 10**9, True, 1.5])
async def test_amounts_that_cannot_be_paid(house: House, stars: Any) -> None:
    with pytest.raises(UserFacingError, match="order-amount"):
        await house.order(stars)


@pytest.mark.parametrize(("stars", "kind"), [(1, "stars"), (100_000, "stars"), (10_000, "plan")])
async def test_the_largest_and_the_smallest_amount(house: House, stars: int, kind: str) -> None:
    assert (await house.order(stars, kind=OrderKind(kind))).stars == stars


async def test_a_plan_has_a_smaller_limit(house: House) -> None:
    with pytest.raises(UserFacingError, match="order-amount"):
        await house.order(10_001, kind=OrderKind.PLAN)


async def test_payload_and_start_parameter_fit_telegram(house: House) -> None:
    order = await house.order()
    assert len(house.orders.payload(order)) <= 128
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", house.orders.start_param(order))


async def test_who_may_pay(house: House) -> None:
    order = await house.order()
    payload = house.orders.payload(order)
    assert (await house.orders.check(payload, house.person.id, "XTR", 100)).id == order.id


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"payload": b"o:nobody:00"}, "order-unknown"),
        ({"payload": b"o:"}, "order-unknown"),
        ({"payload": b"\xff\xfe:\xff"}, "order-unknown"),
        ({"payload": b""}, "order-unknown"),
        ({"user_id": 5}, "order-foreign"),
        ({"currency": "USD"}, "order-currency"),
        ({"amount": 99}, "order-changed"),
        ({"amount": 101}, "order-changed"),
    ],
)
async def test_what_does_not_fit_is_refused(house: House, change: dict[str, Any], reason: str) -> None:
    order = await house.order()
    asked: dict[str, Any] = {
        "payload": house.orders.payload(order),
        "user_id": house.person.id,
        "currency": "XTR",
        "amount": 100,
    }
    with pytest.raises(UserFacingError, match=reason):
        await house.orders.check(**{**asked, **change})


async def test_every_changed_byte_of_a_payload_is_noticed(house: House) -> None:
    payload = house.orders.payload(await house.order())
    for place in range(len(payload)):
        forged = bytearray(payload)
        forged[place] ^= 1
        assert await house.orders.of_payload(bytes(forged)) is None


async def test_an_id_alone_is_no_payload(house: House) -> None:
    order = await house.order()
    other = Orders(
        store=house.order_store, secret=b"another secret than ours", clock=house.world.clock, hours=1
    )
    assert await house.orders.of_payload(other.payload(order)) is None


async def test_the_previous_secret_still_counts(house: House) -> None:
    order = await house.order()
    changed = Orders(
        store=house.order_store,
        secret=b"the operator's own secret",
        previous=[SECRET],
        clock=house.world.clock,
        hours=1,
    )
    assert await changed.of_payload(house.orders.payload(order)) == order


async def test_a_short_secret_is_an_error(database: Database, clock: ManualClock) -> None:
    with pytest.raises(ConfigurationError):
        Orders(store=OrderStore(database), secret=b"short", clock=clock, hours=1)


async def test_an_order_can_be_paid_until_it_expires_and_once(house: House) -> None:
    order = await house.order()
    payload = house.orders.payload(order)
    await advance(house, hours=23.9)
    await house.orders.check(payload, house.person.id, "XTR", 100)
    await house.take(house.payment(order))
    with pytest.raises(UserFacingError, match="order-paid"):
        await house.orders.check(payload, house.person.id, "XTR", 100)


async def test_an_expired_order_is_refused_and_its_words_are_forgotten(house: House) -> None:
    offer = await house.offer()
    await advance(house, hours=24)
    with pytest.raises(UserFacingError, match="order-expired"):
        await house.orders.check(house.orders.payload(offer.exact), house.person.id, "XTR", PRICE)
    assert await house.orders.sweep() == 2
    kept = str(await house.order_store._rows.find({}))
    assert offer.exact.id in kept
    assert PROMPT not in kept


async def test_words_are_kept_while_the_order_can_be_paid(house: House) -> None:
    offer = await house.offer()
    await advance(house, hours=23)
    assert await house.orders.sweep() == 0
    kept = await house.orders.get(offer.exact.id)
    assert kept is not None
    assert kept.draft is not None
    assert PROMPT not in repr(kept)


@pytest.mark.parametrize(
    ("balance", "exact", "package"),
    [(0, 10, 50), (1, 9, 50), (5, 5, None), (9, 1, 5)],
)
async def test_an_offer_is_what_is_missing_and_the_smallest_package_above(
    house: House, balance: int, exact: int, package: int | None
) -> None:
    if balance:
        await house.world.pay(balance)
    offer = await house.offer()
    assert offer.exact.stars == exact
    assert (offer.package.stars if offer.package else None) == package
    assert await house.offer() == offer
    for order in (offer.exact, offer.package):
        assert order is None or order.kind is OrderKind.GENERATION


async def test_a_debt_is_part_of_what_is_missing(house: House) -> None:
    await house.world.ledger.claw_back(
        house.person.id, 7, target="refund", key="c", reference="", actor="t", reason="t"
    )
    assert (await house.offer()).exact.stars == PRICE + 7


async def test_an_offer_above_all_packages_is_exact_alone(house: House) -> None:
    quote = house.studio.generations.quote("scripted-one").model_copy(update={"stars": 101})
    offer = await house.offer(quote=quote)
    assert (offer.exact.stars, offer.package) == (101, None)


async def test_an_invoice_fits_telegram_and_leads_copies_to_the_bot(house: House) -> None:
    order = await house.order(title="A very long name of a model that nobody can remember", bonus=5)
    below = Button("Other", url="https://example.org")
    await house.invoices.send(order, keyboard_below=((below,),))
    await house.invoices.send(order, keyboard_below=((below,),))
    ((chat_id, invoice, keyboard),) = house.outside.post.invoices.values()
    assert chat_id == house.person.id
    assert len(invoice.title) <= 32
    assert len(invoice.description) <= 255
    assert "105 Stars" in invoice.description
    assert (invoice.amount, invoice.payload) == (100, house.orders.payload(order))
    assert invoice.start_param == f"order_{order.id}"
    assert keyboard[0][0].pay
    assert keyboard[1] == (below,)


async def test_a_plan_is_sold_by_a_link_for_thirty_days(house: House) -> None:
    order = await house.order(kind=OrderKind.PLAN, plan="monthly")
    assert (await house.invoices.link(order)).startswith("https://t.me/$")
    ((_, invoice, _),) = house.outside.post.invoices.values()
    assert (invoice.subscription_period, invoice.title) == (2_592_000, "100 Stars")


async def test_the_link_of_a_forwarded_copy(house: House) -> None:
    order = await house.order()
    link = house.orders.start_param(order)
    opened = house.invoices.open_again
    assert await opened(link, 5, key="m:1") == "order-link-foreign"
    assert await opened("order_nobody", house.person.id, key="m:1") == "order-link-unknown"
    assert house.outside.post.invoices == {}
    assert await opened(link, house.person.id, key="m:1") == ""
    assert await opened(link, house.person.id, key="m:1") == ""
    assert len(house.outside.post.invoices) == 1
    assert await opened(link, house.person.id, key="m:2") == ""
    assert len(house.outside.post.invoices) == 2
    await advance(house, hours=25)
    assert await opened(link, house.person.id, key="m:3") == "order-link-expired"
    await house.take(house.payment(order))
    assert await opened(link, house.person.id, key="m:4") == "order-link-paid"


async def test_people_do_not_share_orders(house: House) -> None:
    first = await house.order()
    stranger = replace(house.person, id=house.person.id + 1)
    second = await house.orders.place(
        key="k", user=stranger, chat_id=stranger.id, plugin="buy", kind=OrderKind.STARS, stars=100
    )
    assert first.id != second.id


async def test_where_nothing_is_sold_no_order_is_placed_shown_or_paid(house: House) -> None:
    """Not even one that was placed before."""
    order = await house.order()
    house.orders.sells = False
    with pytest.raises(UserFacingError, match="order-rehearsal"):
        await house.order(key="another")
    with pytest.raises(UserFacingError, match="order-rehearsal"):
        await house.offer()
    with pytest.raises(UserFacingError, match="order-rehearsal"):
        await house.invoices.send(order)
    with pytest.raises(UserFacingError, match="order-rehearsal"):
        await house.invoices.link(order)
    with pytest.raises(UserFacingError, match="order-rehearsal"):
        await house.orders.check(house.orders.payload(order), house.person.id, "XTR", 100)


LOCAL = '{"host": "127.0.0.1", "port": 1, "modulus": "0xff"}'


@pytest.mark.parametrize("name", ["KIE_STUB", "TEST_MODE", "DRY_RUN"])
def test_real_stars_are_not_sold_while_nothing_real_is_made(name: str) -> None:
    assert Settings.load(env={}).sells_stars
    assert not Settings.load(env={name: "1"}).sells_stars
    assert Settings.load(env={name: "1", "BOT_TOKEN": "1:a", "TELEGRAM_ENDPOINT": LOCAL}).sells_stars


async def test_the_files_of_an_order_that_nobody_paid_are_deleted_unless_something_else_has_them(
    database: Database, clock: ManualClock
) -> None:
    gone: list[str] = []
    running = set[str]()

    async def discard(files: Sequence[Mapping[str, Any]]) -> None:
        gone.extend(given["ref"] for given in files)

    async def is_running(job_id: str) -> bool:
        return job_id in running

    orders = Orders(
        store=OrderStore(database),
        secret=SECRET,
        clock=clock,
        hours=24,
        discard=discard,
        is_running=is_running,
    )

    async def place(key: str, *refs: str) -> None:
        await orders.place(
            key=key,
            user=PERSON,
            chat_id=1,
            plugin="generate",
            kind=OrderKind.GENERATION,
            stars=5,
            draft={"inputs": [{"ref": ref} for ref in refs]},
            job_id=f"job-{key}",
        )

    await place("one", "own", "shared")
    await place("two", "working")
    running.add("job-two")
    await clock.advance(12 * 3600)
    await place("three", "shared")
    await clock.advance(13 * 3600)
    assert await orders.sweep() == 2
    assert gone == ["own"]
    await clock.advance(24 * 3600)
    assert await orders.sweep() == 1
    assert gone == ["own", "shared"]
    assert await orders.sweep() == 0
