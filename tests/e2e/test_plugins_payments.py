"""Before a payment: an answer in time and in the person's language, whatever the plugin does."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from support.studio_talk import WELCOME, arrive, assert_sound, assert_usable, caught_up, said, write_plugin

from core.telegram.random_ids import random_id
from core.telegram.types import Invoice
from sandbox.clock import ManualClock
from sandbox.people.payments import PaymentRefused
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

SHOP = """
    import threading

    class Shop(Plugin):
        name = "shop"

        @command("hang")
        async def hang(self, event):
            await asyncio.Event().wait()

        async def start(self):
            self.blocking = asyncio.Event()

        @command("block")
        async def block(self, event):
            self.blocking.set()
            threading.Event().wait(5)

        @on_pre_checkout("blocked:")
        async def approve_when_blocked(self, event):
            await self.blocking.wait()
            await event.approve()

        @on_pre_checkout("good:")
        async def approve(self, event):
            await event.approve()

        @on_pre_checkout("sold-out:")
        async def refuse(self, event):
            await event.refuse(event.t("sold-out"))

        @on_pre_checkout("short:")
        async def find_short(self, event):
            raise UserFacingError("sold-out")

        @on_pre_checkout("broken:")
        async def break_down(self, event):
            raise RuntimeError("no")

        @on_pre_checkout("late:")
        async def forget(self, event):
            await asyncio.Event().wait()

        @on_pre_checkout("silent:")
        async def say_nothing(self, event):
            pass

        broken = True

        @command("mend")
        async def mend(self, event):
            self.broken = False
            await event.say("sold-out")

        @on_payment("good:none-left")
        async def take_back(self, event):
            raise UserFacingError("sold-out")

        @on_payment("blocked:")
        async def hand_over(self, event):
            await event.say("bought", stars=event.message.payment.amount)

        @on_payment("good:")
        async def take(self, event):
            if event.message.payment.payload == b"good:fails" and self.broken:
                raise RuntimeError("no")
            await event.say("bought", stars=event.message.payment.amount)
"""
TEXTS = {
    "en": {"sold-out": "Sold out.", "bought": "You paid { $stars }."},
    "ru": {"sold-out": "Распродано.", "bought": "Вы заплатили { $stars }."},
}
UNAVAILABLE = {
    "en": "This payment cannot be accepted right now, so nothing was charged.",
    "ru": "Этот платёж сейчас нельзя принять, поэтому ничего не списано.",
}
LATE = {
    "en": "The payment could not be checked in time, so nothing was charged. Please try again.",
    "ru": "Платёж не удалось проверить вовремя, поэтому ничего не списано. Попробуйте ещё раз.",
}
BOUGHT = {"en": "You paid 50.", "ru": "Вы заплатили 50."}
RICH = 500


async def open_shop(
    start_studio: StartStudio, plugins: dict[str, Any], directory: Path, **options: Any
) -> Studio:
    plugins["plugins"]["shop"] = write_plugin(directory, "shop", SHOP, TEXTS)
    plugins["limits"] = {"plugins": options.pop("limits", {})}
    return await start_studio(plugins=plugins, **options)


async def offer(studio: Studio, person: Person, payload: bytes) -> MessageView:
    """The bot sends an invoice over 50 Stars."""
    invoice = Invoice(title="Fifty", description="Fifty Stars", payload=payload, amount=50)
    await studio.service.outbox.send_invoice(
        person.id, invoice, random_id=random_id(f"{person.id}:{payload!r}")
    )
    return await person.expect(kind="invoice")


async def refusal(person: Person, invoice: MessageView) -> str:
    """What the person is told instead of paying."""
    with pytest.raises(PaymentRefused) as refused:
        await person.pay(invoice)
    assert person.stars == RICH
    return refused.value.reason


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_each_way_to_answer(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path, language: str
) -> None:
    studio = await open_shop(start_studio, plugins, tmp_path, limits={"pre_checkout_seconds": 0.2})
    person = await arrive(studio, language=language, stars=RICH)
    for payload, reason in (
        (b"sold-out:1", TEXTS[language]["sold-out"]),
        (b"short:1", TEXTS[language]["sold-out"]),
        (b"broken:1", UNAVAILABLE[language]),
        (b"late:1", UNAVAILABLE[language]),
        (b"silent:1", UNAVAILABLE[language]),
        (b"nobody's", UNAVAILABLE[language]),
        (b"\xff\xfe", UNAVAILABLE[language]),
    ):
        assert await refusal(person, await offer(studio, person, payload)) == reason, payload
    await person.pay(await offer(studio, person, b"good:1"))
    await person.expect(BOUGHT[language], kind="text")
    assert person.stars == RICH - 50
    await assert_sound(studio, person)


async def test_a_hanging_handler_does_not_delay_a_payment(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    """Neither the person's own, in whose queue everything else waits, nor anybody else's."""
    limits = {"drain_seconds": 0.1, "cancel_seconds": 0.1}
    studio = await open_shop(start_studio, plugins, tmp_path, limits=limits)
    stuck = await arrive(studio, "Stuck", stars=RICH)
    other = await arrive(studio, "Саша", "ru", stars=RICH)
    invoices = [await offer(studio, person, b"good:1") for person in (stuck, other)]
    await stuck.send("/hang")
    await stuck.send("/help")
    for person, invoice in zip((stuck, other), invoices, strict=True):
        await person.pay(invoice)
        assert person.stars == RICH - 50
    await other.expect(BOUGHT["ru"], kind="text")
    await assert_usable(studio, other)
    assert stuck.unexpected[-1].kind == "service"
    # What was paid is told as soon as what hangs is gone.
    await studio.service.plugins.disable("shop")
    await studio.service.plugins.enable("shop")
    await stuck.expect("This feature is off")
    await stuck.expect("/generate")


async def test_a_payment_is_in_time_while_a_handler_holds_everybody_up(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    """Nothing can be answered meanwhile; what was asked before is answered as soon as it is over."""
    studio = await open_shop(start_studio, plugins, tmp_path)
    blocker, buyer = [await arrive(studio, name, stars=RICH) for name in ("Blocker", "Buyer")]
    invoice = await offer(studio, buyer, b"blocked:1")
    began = time.monotonic()
    await asyncio.gather(blocker.send("/block"), buyer.pay(invoice))
    took = time.monotonic() - began
    assert 5 <= took < 10, "Telegram itself waits 10 seconds"
    await buyer.expect(BOUGHT["en"], kind="text")
    assert buyer.stars == RICH - 50
    (shop,) = [each for each in studio.service.plugins.states() if each.name == "shop"]
    lines = (tmp_path / "shop" / "__init__.py").read_text(encoding="utf-8").splitlines()
    line = next(number for number, line in enumerate(lines, 1) if "Event().wait(5)" in line)
    assert re.search(
        rf"held everything up for [5-9]\.\d s at shop/__init__\.py:{line} block", shop.last_error
    )
    await assert_sound(studio, buyer)


async def test_a_late_answer_is_a_refusal_by_the_clock(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    """8 s by the bot's clock, so that it is there before Telegram's own 10 s are over."""
    clock = ManualClock()
    limits = {"pre_checkout_seconds": 60, "cancel_seconds": 0.1}
    studio = await open_shop(start_studio, plugins, tmp_path, limits=limits, clock=clock)
    people = [await arrive(studio, "Alex", stars=RICH), await arrive(studio, "Саша", "ru", stars=RICH)]
    invoices = [await offer(studio, person, b"late:1") for person in people]
    paying = [
        asyncio.create_task(refusal(person, invoice))
        for person, invoice in zip(people, invoices, strict=True)
    ]

    async def both_are_asked() -> bool:
        return sum("forget" in task.get_name() for task in asyncio.all_tasks()) == 2

    await studio.until(both_are_asked)
    await clock.advance(7.9)
    assert not any(task.done() for task in paying)
    await clock.advance(0.2)
    assert await asyncio.gather(*paying) == [LATE["en"], LATE["ru"]]


async def test_a_shop_that_is_off_takes_no_money(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    studio = await open_shop(start_studio, plugins, tmp_path)
    person = await arrive(studio, stars=RICH)
    invoice = await offer(studio, person, b"good:1")
    await studio.service.plugins.disable("shop")
    assert await refusal(person, invoice) == UNAVAILABLE["en"]
    await studio.service.plugins.enable("shop")
    await person.pay(invoice)
    await person.expect(BOUGHT["en"], kind="text")


async def test_a_payment_whose_shop_went_off_in_between_stays_on_the_balance(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    """Telegram has the money by then; the person may spend it, and nothing is sold later unasked."""
    studio = await open_shop(start_studio, plugins, tmp_path, admins=1)
    person = await arrive(studio, stars=RICH)
    invoice = await offer(studio, person, b"good:1")
    checkout = await person.checkout(invoice)
    await studio.service.plugins.disable("shop")
    await checkout.confirm()
    await person.expect(f"Your balance is {WELCOME + 50} ⭐ now", kind="text")
    await studio.service.plugins.enable("shop")
    await studio.restart()
    await caught_up(person)
    assert said(person, BOUGHT["en"]) == []
    await assert_sound(studio, person, spent=-50)


async def test_a_payment_whose_handler_fails_is_handed_over_again(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    """The Stars are held meanwhile, and earned once."""
    studio = await open_shop(start_studio, plugins, tmp_path)
    person = await arrive(studio, stars=RICH)
    await person.pay(await offer(studio, person, b"good:fails"))
    await caught_up(person)
    assert (await studio.running.ledger.balance(person.id)).held == 50
    assert said(person, BOUGHT["en"]) == []
    await person.send("/mend")
    await person.expect("Sold out.")
    await studio.service.billing.payments.sweep()
    await person.expect(BOUGHT["en"], kind="text")
    await studio.service.billing.payments.sweep()
    await caught_up(person)
    assert said(person, BOUGHT["en"]) == [BOUGHT["en"]]
    await assert_sound(studio, person)


async def test_a_handler_that_refuses_leaves_the_stars_and_says_why(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    studio = await open_shop(start_studio, plugins, tmp_path)
    person = await arrive(studio, "Саша", "ru", stars=RICH)
    await person.pay(await offer(studio, person, b"good:none-left"))
    letter = await person.expect(TEXTS["ru"]["sold-out"], kind="text")
    assert f"Теперь на балансе {WELCOME + 50} ⭐" in letter.text
    await assert_sound(studio, person, spent=-50)
