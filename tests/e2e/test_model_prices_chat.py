"""What a provider changes about its prices, in the chats of two operators."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from durability.processes import StartStudio
from support.kie_catalogue import KieCatalogueServer
from support.kie_server import KEY
from support.studio_talk import ask

from core.billing.pricing import Pricing
from core.clock import SystemClock
from core.generation.registry import Registry
from core.generation.sync_assembly import build_synchronising
from core.generation.sync_upstream import ReadingSettings
from providers.kie import Config, create
from sandbox.people.person import Person
from sandbox.studio import Studio
from starloom.testing import provider_context


@pytest.fixture
async def server() -> AsyncIterator[KieCatalogueServer]:
    async with KieCatalogueServer().running() as server:
        yield server


@pytest.fixture
async def studio(server: KieCatalogueServer, start_studio: StartStudio, plugins: dict[str, Any]) -> Studio:
    """A bot with an account at Kie.ai, and two operators who have pressed Start, one of them in Russian."""
    plugins = copy.deepcopy(plugins)
    plugins.setdefault("limits", {}).setdefault("plugins", {})["follow_seconds"] = 0.02
    studio = await start_studio(
        plugins=plugins, settings={"KIE_API_KEY": KEY, "KIE_BASE_URL": server.url}, admins=2
    )
    operators(studio)[1].account.language = "ru"
    for admin in operators(studio):
        await admin.start()
        await admin.expect(kind="new")
    return studio


def operators(studio: Studio) -> tuple[Person, Person]:
    return studio.sandbox.person("Admin 1"), studio.sandbox.person("Admin 2")


async def synchronise(studio: Studio, server: KieCatalogueServer, directory: Path) -> None:
    """What `models sync` does, in another process than the bot's."""
    clock = SystemClock()
    secrets = {"KIE_API_KEY": KEY, "KIE_BASE_URL": server.url}
    async with (
        provider_context("kie", Config(), clock=clock, directory=directory, secrets=secrets) as context,
        studio.database() as database,
    ):
        registry = Registry(Pricing(Decimal(1), Decimal("0.01")))
        registry.add(create(context))
        parts = build_synchronising(registry, database, clock, reading=ReadingSettings(), follow_seconds=1.0)
        await parts.follower.read()
        (provider,) = parts.sync.listers()
        outcome = await parts.sync.synchronise(provider, ReadingSettings(force=True))
        assert outcome.alarm == ""


async def test_two_operators_are_told_and_one_decides(
    studio: Studio, server: KieCatalogueServer, tmp_path: Path
) -> None:
    first, second = operators(studio)
    assert "No price" in (await ask(first, "/models_changes")).text
    server.replace("google/imagen4", "8 credits per image ($0.04)", "6 credits per image ($0.03)")
    server.replace("kling-2.6/text-to-video", "220 credits ($1.10)", "240 credits ($1.20)")
    await synchronise(studio, server, tmp_path)
    for admin, head, change in (
        (first, "kie: models and prices", "$0.04 → $0.03, waits for your word"),
        (second, "kie: модели и цены", "$0.04 → $0.03, ждёт вашего решения"),
    ):
        told = await admin.expect(head, kind="new")
        assert "Kling 2.6" in told.text
        assert change in told.text.replace("0,0", "0.0")

    async def dearer() -> bool:
        quote = studio.service.studio.generations.quote(
            "kling-2.6/text-to-video", {"sound": True, "duration": "10"}
        )
        return quote.usd == Decimal("1.2")

    await studio.until(dearer)
    cards = [await ask(admin, "/models_changes") for admin in (first, second)]
    assert all("Imagen 4" in card.text for card in cards)
    await first.press("🧠", await ask(first, "/admin"))
    assert any(
        label.startswith("🏷") and label.endswith(": 1") for label in (await first.expect(kind="edit")).labels
    )
    toasts = await asyncio.gather(first.press("✅", cards[0]), second.press("✋", cards[1]))
    done = [bool(toast.text and toast.text.startswith(("Done", "Готово"))) for toast in toasts]
    assert sorted(done) == [False, True]
    late = toasts[done.index(False)].text or ""
    assert any(words in late for words in ("decided already", "уже решено"))
    for admin, none, kept, by in (
        (first, "No price", "the price stays", "by operator"),
        (second, "Ни одна цена", "цена остаётся прежней", "решение оператора"),
    ):
        assert none in (await admin.expect(kind="edit")).text
        told = await admin.expect(by, kind="new")
        assert ("$0.04 → $0.03" if done[0] else kept) in told.text.replace("0,0", "0.0")
        assert str((first, second)[done.index(True)].id) in told.text, "who was first"


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("I am reading", "🔄 kie: ")), ("ru", ("Читаю", "🔄 kie: "))]
)
async def test_the_lists_are_looked_at_from_the_panel(
    studio: Studio, server: KieCatalogueServer, language: str, words: tuple[str, ...]
) -> None:
    admin, _ = operators(studio)
    await studio.service.panel.desk.set_language(admin.id, language, seen="en", by=admin.id)
    await admin.press("🧠", await ask(admin, "/admin"))
    page = await admin.expect(kind="edit")
    server.replace("kling-2.6/text-to-video", "220 credits ($1.10)", "240 credits ($1.20)")
    assert words[0] in ((await admin.press("🔄", page)).text or "")
    told = await admin.expect(words[1], kind="new", within=60)
    assert "1" in told.text, told.text

    async def dearer() -> bool:
        options = {"sound": True, "duration": "10"}
        return studio.service.studio.generations.quote("kling-2.6/text-to-video", options).usd == Decimal(
            "1.2"
        )

    await studio.until(dearer)
