"""Settings, history, privacy and paying inside an order, as people read them in both languages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.golden import Golden
from support.studio_talk import (
    IMAGE_PRICE,
    WELCOME,
    arrive,
    begin,
    delivered,
    shared_studio,
    spend,
    to_confirmation,
)

from core.billing.ledger import Balance
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")
both_languages = pytest.mark.parametrize("language", ["en", "ru"])
FOX = {"en": "a red fox in the snow", "ru": "рыжая лиса на снегу"}
CLOCK = (re.compile(r"(?<=: )\d+:\d\d(?:\s[AP]M)?(?= \(UTC)"), "H:MM")
MOMENT = (re.compile(r"[^·\n ][^·\n]*, \d+:\d\d(?:\s[AP]M)?$", re.MULTILINE), "DAY, H:MM")
REQUEST = (re.compile(r"^  [a-z0-9]{12}$", re.MULTILINE), "  REQUEST")
TODAY = (re.compile(r"\d{4}-\d\d-\d\d"), "TODAY")
TOOK = (re.compile(r"\b\d+ (s|с)$", re.MULTILINE), r"N \1")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    async with shared_studio(database_uri, tmp_path_factory.mktemp("texts")) as studio:
        yield studio


@both_languages
async def test_settings(studio: Studio, language: str) -> None:
    golden = Golden(await arrive(studio, language=language), passing=(CLOCK,))
    await golden.write("/settings")
    for way in ("🎨", "🖼"):
        await golden.tap(way)
    await golden.tap({"en": "Demo image", "ru": "Демо-картинка"}[language])
    for way in ("🎛", "‹", "⭐", "‹", "🔔", "‹", "📝", "📝", "📝", "🗑"):
        await golden.tap(way)
    await golden.write("/reset")
    await golden.tap("↺")
    golden.same_as("settings")


@both_languages
async def test_history(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    await begin(person, FOX[language])
    await delivered(person)
    await studio.settled(person)
    golden = Golden(person, passing=(MOMENT, REQUEST, TOOK))
    await golden.write("/history")
    for way in ("1", "☆", "↩", "⭐", "📚", "1", "🗑", "↩", "🗑", "🗑"):
        await golden.tap(way)
    golden.same_as("history")


@both_languages
async def test_privacy_from_the_copy_to_the_erasure(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    golden = Golden(person, passing=(TODAY,))
    overview = await golden.write("/privacy")
    await golden.tap("📦", shows="new")
    for way in ("💬", "🗑", "↩️", "🗑"):
        question = await golden.tap(way, on=person.refresh(overview))
    question = await golden.tap(question.labels[0], on=question)
    await golden.tap("🗑", on=question)
    golden.same_as("privacy")


@both_languages
async def test_paying_inside_an_order_after_a_look_at_the_terms(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language, stars=100)
    ledger = studio.running.ledger
    await spend(studio, person, WELCOME - 2)
    confirmation = await to_confirmation(person, FOX[language])
    golden = Golden(person)
    await golden.tap("✨", on=confirmation)
    for way in ("⭐", "↩️ " + {"en": "Back", "ru": "Назад"}[language], "⭐"):
        await golden.tap(way)
    await golden.tap("✅", shows=None)
    invoice = await person.expect(kind="invoice")
    await person.expect("🧾", kind="edit")
    await (await person.checkout(invoice)).confirm()
    assert (await golden.result()).media is not None
    await studio.settled(person)
    golden.same_as("paying")
    assert person.stars == 100 - (IMAGE_PRICE - 2)
    assert await ledger.balance(person.id) == Balance(0, 0)
