"""Monthly plans from /buy over renewals to their end, as a person sees them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.money_talk import accept_terms, balance
from support.studio_talk import WELCOME, arrive, ask, caught_up, said

from core.clock import SystemClock
from core.storage.refunds import Shortage
from core.storage.subscriptions import SubscriptionState
from sandbox.people.person import Person
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

BEGUN = {
    "en": "has begun: you paid 100 ⭐, and 120 ⭐ came",
    "ru": "началась: вы заплатили 100 ⭐, на счёт пришло 120 ⭐",
}
RENEWED = {"en": "was renewed", "ru": "продлена"}
FAILED = {"en": "could not charge 100 ⭐", "ru": "не смог списать 100 ⭐"}
CANCELED = {"en": "You cancelled your plan Basic", "ru": "Вы отменили подписку Базовый"}
RESTORED = {"en": "Your plan Basic goes on", "ru": "Подписка Базовый продолжается"}


@dataclass
class Telegrams(SystemClock):
    """Telegram's time, so many months ahead of the bot's."""

    months: int

    def now(self) -> datetime:
        return SystemClock().now() + self.months * timedelta(days=30)


@pytest.fixture
async def studio(start_studio: StartStudio, plugins: dict[str, Any]) -> Studio:
    """A bot that sells one plan."""
    plugins["plugins"]["buy"] = {"module": "plugins.buy", "grants": ["billing"]}
    plan = {"stars": 100, "grant": 120, "title": {"en": "Basic", "ru": "Базовый"}}
    plugins["billing"] = {"plans": {"basic": plan}}
    return await start_studio(plugins=plugins)


async def link_of(studio: Studio, person: Person) -> str:
    """From /buy to the link of the plan."""
    await accept_terms(studio, person)
    await ask(person, "/buy")
    await person.press("🔁")
    answer = await person.press("🔁")
    assert answer.url is not None
    return answer.url


async def subscribe(studio: Studio, person: Person) -> str:
    """Begin the plan and read the letter; the charge id."""
    receipt = await person.pay(await link_of(studio, person))
    await person.expect(BEGUN[person.language], kind="new")
    return receipt.charge_id


async def available(studio: Studio, person: Person) -> int:
    """What the person has beside the welcome balance."""
    return (await balance(studio, person)).available - WELCOME


async def in_state(studio: Studio, person: Person, state: SubscriptionState) -> None:
    async def holds() -> bool:
        return [plan.state for plan in await studio.service.billing.subscriptions.of_user(person.id)] == [
            state
        ]

    await studio.until(holds)


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_from_the_link_over_renewals_to_a_month_that_cannot_be_paid(
    studio: Studio, language: str
) -> None:
    person = await arrive(studio, language=language, stars=250)
    await subscribe(studio, person)
    assert await available(studio, person) == 120
    (bought,) = person.subscriptions
    studio.sandbox.world.stars.renew(bought)
    await person.expect(RENEWED[language], kind="new")
    assert (await available(studio, person), person.stars) == (240, 50)
    studio.sandbox.world.stars.renew(bought)
    await person.expect(FAILED[language], kind="new")
    assert (await available(studio, person), person.stars) == (240, 50)
    await in_state(studio, person, SubscriptionState.FAILED)
    studio.sandbox.world.stars.grant(person.id, 100)
    studio.sandbox.world.stars.renew(bought)
    await person.expect(RENEWED[language], kind="new")
    assert (await available(studio, person), person.stars) == (360, 50)
    await in_state(studio, person, SubscriptionState.ACTIVE)


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_cancelled_and_resumed_in_telegram_and_with_the_bot(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language, stars=500)
    await subscribe(studio, person)
    person.cancel_subscription()
    await person.expect(CANCELED[language], kind="new")
    await in_state(studio, person, SubscriptionState.CANCELED)
    person.resume_subscription()
    await person.expect(RESTORED[language], kind="new")
    await in_state(studio, person, SubscriptionState.ACTIVE)
    shown = await ask(person, "/plan")
    await person.press("✖️", shown)
    await person.expect(lambda message: message.id == shown.id, kind="edit")
    (bought,) = person.subscriptions
    assert bought.bot_canceled
    assert studio.sandbox.world.stars.renew(bought) is None
    await in_state(studio, person, SubscriptionState.CANCELED)
    await person.press("🔁", shown)
    assert bought.goes_on
    await in_state(studio, person, SubscriptionState.ACTIVE)
    assert await available(studio, person) == 120


async def test_what_happened_while_the_bot_was_off_is_made_good(studio: Studio) -> None:
    """A renewal that is told later, one that nobody tells of, and a cancelling."""
    person = await arrive(studio, stars=500)
    await subscribe(studio, person)
    (bought,) = person.subscriptions
    await studio.shut()
    studio.sandbox.world.clock = Telegrams(1)
    studio.sandbox.world.stars.renew(bought)
    studio.sandbox.world.clock = Telegrams(2)
    studio.sandbox.world.stars.hide_payments()
    studio.sandbox.world.stars.renew(bought)
    person.cancel_subscription()
    await studio.launch()
    for _ in range(2):
        await person.expect(RENEWED["en"], kind="new")
    await person.expect(CANCELED["en"], kind="new")
    assert (await available(studio, person), person.stars) == (360, 200)
    (known,) = await studio.service.billing.subscriptions.of_user(person.id)
    assert abs(known.until.timestamp() - bought.until) < 60
    assert len(known.charges) == 3
    await studio.restart()
    await caught_up(person)
    assert len(said(person, "was renewed", "You cancelled", "goes on")) == 3
    assert await available(studio, person) == 360


async def test_the_refund_of_a_month_takes_its_grant_back(studio: Studio) -> None:
    person = await arrive(studio, stars=500)
    await subscribe(studio, person)
    (bought,) = person.subscriptions
    charge = studio.sandbox.world.stars.renew(bought)
    assert charge is not None
    await person.expect(RENEWED["en"], kind="new")
    refunds = studio.service.billing.refunds
    await refunds.refund(charge.id, actor="admin:1", reason="test", shortage=Shortage.STOP)
    await person.expect("100", kind="new")
    assert (await available(studio, person), person.stars) == (120, 400)
    studio.sandbox.world.stars.renew(bought)
    await person.expect(RENEWED["en"], kind="new")
    assert (await available(studio, person), person.stars) == (240, 300)


async def test_a_plan_taken_out_of_the_file_goes_on(
    start_studio: StartStudio, studio: Studio, plugins: dict[str, Any]
) -> None:
    person = await arrive(studio, stars=500)
    link = await link_of(studio, person)
    await person.pay(link)
    await person.expect(BEGUN["en"], kind="new")
    await studio.shut()
    del plugins["billing"]
    studio.file = studio.file.of(plugins, directory=studio.file.directory)
    await studio.launch()
    # A second month within the hour is a second plan to whoever reads Telegram's list.
    await studio.service.billing.reconciler.run_now()
    (bought,) = person.subscriptions
    studio.sandbox.world.stars.renew(bought)
    await person.expect(RENEWED["en"], kind="new")
    assert await available(studio, person) == 240
