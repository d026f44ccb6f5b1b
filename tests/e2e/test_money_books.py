"""The operators' side of the books, from the chat: where what there is in all matters, and over a restart."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.money_talk import ask_back, balance, buy
from support.operators import two_owners_of
from support.studio_talk import arrive, ask

from core.billing.ledger import Balance
from core.storage.users import UserStore
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

RICH = 1000
SOUND = {"en": "is sound", "ru": "Учёт сходится"}


@pytest.fixture
async def studio(start_studio: StartStudio, plugins: dict[str, Any]) -> Studio:
    """A bot with two operators, and no welcome balance."""
    return await start_studio(plugins=plugins, settings={"WELCOME_BALANCE_RUB": "0"}, admins=2)


async def test_the_books_on_demand_and_a_difference_told_exactly(studio: Studio) -> None:
    admin, _ = await two_owners_of(studio)
    assert "Nobody owes" in (await ask(admin, "/debts")).text
    assert "Nothing waits" in (await ask(admin, "/inbox")).text
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    await studio.running.ledger.copy()
    for language, sound in SOUND.items():
        async with studio.database() as database:
            await UserStore(database, studio.clock).set_language(admin.id, language)
        checked = (await ask(admin, "/ledger check")).text
        assert sound in checked
        assert re.search(r": 1\..*: 1\..*: 0\..*: 0\.", checked), checked
        await admin.press("🧮", await ask(admin, "/ledger"))
        assert (await admin.expect(kind="new")).text == checked
        statement = (await ask(admin, f"/ledger {person.id}")).text
        assert f"stars:{charge_id}" in statement
        assert "100 ⭐ · Telegram →" in statement
        report = (await ask(admin, "/reconcile")).text
        assert ": 0 (0 ⭐)" in report

    async with studio.database() as database:
        await UserStore(database, studio.clock).set_language(admin.id, "en")
        rows = database.collection("accounts")
        await rows.update_one({"_id": f"user:{person.id}"}, {"$inc": {"balance": 7}})
    wrong = (await ask(admin, "/ledger check")).text
    assert "not sound" in wrong
    assert f"user:{person.id}: balance is 107, its entries make 100: +7" in wrong
    assert "all accounts together make 7, not 0" in wrong


async def test_what_waits_is_there_after_a_restart_and_for_operators_alone(studio: Studio) -> None:
    """Buttons and dialogues of somebody who is no operator any more do nothing."""
    first, second = await two_owners_of(studio)
    person = await arrive(studio, stars=RICH)
    charges = [await buy(studio, person, stars, key=f"k{stars}") for stars in (10, 20)]
    for charge_id in charges:
        await ask_back(studio, person, charge_id, f"about {charge_id}")
        await first.expect(f"about {charge_id}", kind="new")
        card = await second.expect(f"about {charge_id}", kind="new")
    question = await ask(second, f"/grant {person.id} 50 gift")
    studio.settings = studio.settings.model_copy(update={"admin_ids": (first.id,)})
    await studio.restart()
    for message in (card, question):
        for label in message.labels:
            assert "no longer works" in ((await second.press(label, message)).text or "")
    assert "not sure what to do" in (await ask(second, "yes")).text
    assert await balance(studio, person) == Balance(30, 0)
    assert person.stars == RICH - 30

    await first.send("/inbox")
    await first.expect("2 requests wait", kind="new")
    await first.expect(f"about {charges[0]}", kind="new")
    card = await first.expect(f"about {charges[1]}", kind="new")
    await first.press("❌", card)
    await first.expect("declined", kind="edit")
    await person.expect("could not agree", kind="new")
    await first.send("/inbox")
    await first.expect("1 request waits", kind="new")
