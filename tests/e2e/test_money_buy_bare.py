"""What people meet about their Stars where the operator has set nothing but the bot itself."""

from __future__ import annotations

import pytest
from support.studio_talk import arrive, ask, caught_up

from sandbox.studio import Studio

NOTHING = {
    "en": ("Another amount", "reaches the people who run this bot", "no bonus", "none is on sale"),
    "ru": (
        "Другое количество",
        "дойдёт до людей, которые ведут",
        "бонуса за приглашения нет",
        "не продаются",
    ),
}


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_only_what_there_is_is_offered(studio: Studio, language: str) -> None:
    another, nobody, no_bonus, no_plan = NOTHING[language]
    person = await arrive(studio, language=language)
    shop = await ask(person, "/buy")
    assert len(shop.labels) == 7
    assert another in shop.labels[-1]
    assert nobody in (await ask(person, "/support")).text
    assert nobody in (await ask(person, "/paysupport")).text
    assert no_bonus in (await ask(person, "/invite")).text
    plans = await ask(person, "/plan")
    assert no_plan in plans.text
    assert plans.labels == []


async def test_a_promo_code_is_offered_once_there_is_one(studio: Studio) -> None:
    person = await arrive(studio)
    promo = studio.service.billing.promo
    await promo.create(5, 1, by=1, request="r", name="ONE")
    assert any("promo code" in label for label in (await ask(person, "/buy")).labels)
    await promo.end("ONE", by=1)
    assert not any("promo code" in label for label in (await ask(person, "/buy")).labels)


async def test_a_link_of_nobody_is_no_trouble(studio: Studio) -> None:
    person = studio.person("Alex")
    await person.start("ref_nobody")
    await person.expect("Hello, Alex!", kind="new")
    await person.start("order_nothing")
    await person.expect("I don’t know this invoice", kind="new")
    await person.expect("Good to see you", kind="new")
    await caught_up(person)
