"""A budget that is used up: people are told, nothing is charged, and what runs is finished."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.studio_talk import IMAGE_PRICE, Screen, arrive, assert_readable, assert_sound, begin, delivered

from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]


@pytest.mark.parametrize(
    ("language", "told", "warned"),
    [
        ("en", "taken all the orders it can for today. Nothing was charged", "no new order is taken"),
        (
            "ru",
            "взяла столько заказов, сколько могла. Ничего не списано",
            "заказов не беру",
        ),
    ],
)
async def test_orders_beyond_the_budget(
    start_studio: StartStudio, plugins: dict[str, Any], language: str, told: str, warned: str
) -> None:
    # One picture fits into it, a second does not.
    plugins["budgets"] = {"day_usd": "0.03", "providers": {"demo": {"day_usd": "0.03"}}}
    studio = await start_studio(admins=1, plugins=plugins)
    admin = studio.sandbox.person("Admin 1")
    admin.account.language = language
    await admin.start()
    await admin.expect(kind="new")
    person = await arrive(studio, "Алиса" if language == "en" else "Alice", language)
    screen = Screen(person)
    await begin(person)
    await delivered(person)
    await studio.settled(person)
    answer = await begin(person)
    said = answer.text or (await person.expect(told)).text
    assert told in said
    await admin.expect(warned)
    await assert_sound(studio, person, spent=IMAGE_PRICE)
    assert_readable(screen, allowed=(person.name, "a red fox", "Demo image", "Демо-картинка", "png"))
