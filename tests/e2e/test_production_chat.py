"""A series: made at its times, once, published on its platforms, stopped and shown in the chat."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from support.listening import listening
from support.operators import audited
from support.studio_talk import Screen, assert_readable

from core.production.account import PRODUCTION_ID
from core.production.production import Production
from core.production.publishing import SIGNATURE, TIMESTAMP, webhook_signature
from core.production.run import RunState
from core.storage.runs import RunStore
from sandbox.people.person import Person
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]
SECRET, TOKEN = "a secret of sixteen", "a token of sixteen"


class Outside:
    """A platform that takes what it is sent and reports back later."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.status = 202
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        signature = webhook_signature(SECRET, request.headers[TIMESTAMP], body)
        assert request.headers[SIGNATURE] == f"sha256={signature}"
        if self.status < 300:
            self.taken.append(json.loads(body))
        return web.Response(status=self.status)


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    outside = Outside()
    async with listening("/publish", outside.take) as outside.url:
        yield outside


def series(channel: int, url: str, **more: Any) -> dict[str, Any]:
    return {
        "characters": [
            {"name": "Фокс", "model": "demo-image", "prompt": "a {hue} fox", "variables": {"hue": ["red"]}},
            {"name": "Owl", "model": "demo-image", "prompt": "an owl {number}"},
        ],
        "times": ["* * * * *"],
        "platforms": [
            {"name": "channel", "chat_id": channel},
            {"name": "outside", "url": url, "secret": SECRET},
        ],
        "daily_target": 2,
        "missed": "catch_up",
        **more,
    }


async def launched(studio: Studio, **series_of: Any) -> tuple[Person, Any]:
    """Let the bot have a series; the admin, and the channel it is published in."""
    admin = studio.sandbox.person("Admin 1")
    # A bot can write where it has seen something: it runs when it is made an admin of the channel.
    channel = studio.sandbox.add_channel("Show", [studio.bot], [admin])
    await admin.start()
    await admin.expect(kind="new")
    await studio.service.plugins.configure("production", series(channel.chat_id, **series_of))
    await begun(studio)
    return admin, channel


async def begun(studio: Studio) -> None:
    """Wait until the series is the one that was declared, and has looked what is due for the first time."""
    production = studio.service.production

    async def has_looked() -> bool:
        return production.series is not None and (await production.switched()).planned_until is not None

    await studio.until(has_looked)


async def due(studio: Studio, minutes: int) -> None:
    """Let the times of the last minutes be planned, unless there is a pause."""
    production, since = studio.service.production, datetime.now(UTC) - timedelta(minutes=minutes)

    async def are_planned() -> bool:
        # The bot looks by itself, too, and may note in between that it has.
        await production.runs.planned(since)
        await production.look()
        paused = (await production.switched()).paused
        planned = [run for run in await runs_in(studio, *RunState) if run.at > since]
        return paused or len(planned) >= minutes - 1

    await studio.until(are_planned)


async def runs_in(studio: Studio, *states: RunState) -> list[Any]:
    today = studio.service.production.today
    found = await studio.service.production.runs.between(today - timedelta(days=1), today)
    return [run for run in found if run.state in states]


async def test_a_series_from_its_times_to_its_platforms(start_studio: StartStudio, outside: Outside) -> None:
    settings = {"MONITORING_TOKEN": TOKEN, "WEBHOOK_URL": "https://bot.example.com"}
    studio = await start_studio(admins=1, settings=settings)
    admin, channel = await launched(studio, url=outside.url)
    # Several that plan at once, as two instances might for a while, make each run once.
    twin = twin_of(studio)
    await studio.service.production.runs.planned(datetime.now(UTC) - timedelta(minutes=4))
    await asyncio.gather(studio.service.production.look(), twin.look())

    async def published() -> bool:
        await studio.service.production.look()
        return len(outside.taken) == 2

    await studio.until(published)
    for told in ("Video started", "Video ready", "Upload started", "Published"):
        await admin.expect(told)
    assert len(await runs_in(studio, RunState.PUBLISHING)) == 2
    assert len(await runs_in(studio, RunState.SKIPPED)) >= 1, "the target of the day is 2"
    shown = [message for message in admin.messages(chat=channel) if message.media is not None]
    assert len(shown) == 2
    assert all(not message.text and not message.labels for message in shown), "no price, no buttons"
    assert {each["character"] for each in outside.taken} <= {"Фокс", "Owl"}
    assert all(each["file_url"].startswith("https://bot.example.com/") for each in outside.taken)

    from starloom.monitoring_client import MonitoringClient

    client = MonitoringClient(f"http://127.0.0.1:{studio.running.port}", token=TOKEN)
    first, second = (each["run"] for each in outside.taken)
    await asyncio.to_thread(client.event, "upload_completed", "e-1", run=first, platform="outside")
    await asyncio.to_thread(client.event, "upload_failed", "e-2", run=second, platform="outside")

    async def done() -> bool:
        await studio.service.production.look()
        return len(await runs_in(studio, RunState.DONE)) == 2

    await studio.until(done)
    await studio.restart()
    await due(studio, 5)
    assert len(await runs_in(studio, RunState.DONE)) == 2
    assert len(outside.taken) == 2
    statement = await studio.running.ledger.statement(PRODUCTION_ID, 50)
    assert sum(entry.key.startswith("production:") for entry in statement) == 2
    balance = await studio.running.ledger.balance(PRODUCTION_ID)
    assert (balance.available, balance.held) == (0, 0)
    assert (await studio.running.ledger.check()).problems == ()
    await admin.send("/platform")
    await admin.expect("outside: ✅ 1, ❌ 1")


def twin_of(studio: Studio) -> Production:
    own = studio.service.production
    twin = Production(
        RunStore(studio.running.database),
        generations=own._generations,
        ledger=studio.running.ledger,
        publisher=own._publisher,
        queue=studio.service.notifications,
        clock=studio.clock,
        zone=own.zone,
        leads=True,
    )
    twin.series = own.series
    return twin


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                *("Paused", "already: Admin 1", "goes on", "goes on already: Admin 1", "What is next"),
                *("the series is paused", "the series goes on"),
            ),
        ),
        (
            "ru",
            (
                *("Пауза", "уже стоит: Admin 1", "продолжается", "уже продолжается: Admin 1", "Что дальше"),
                *("серия на паузе", "серия продолжается"),
            ),
        ),
    ],
)
async def test_pause_and_resume(
    start_studio: StartStudio, outside: Outside, language: str, words: tuple[str, ...]
) -> None:
    studio = await start_studio(admins=2)
    for name in ("Admin 1", "Admin 2"):
        studio.sandbox.person(name).account.language = language
    admin, _ = await launched(studio, url=outside.url, missed="skip")
    second = studio.sandbox.person("Admin 2")
    await second.start()
    await second.expect(kind="new")
    screen = Screen(second)
    await admin.send("/pause")
    await admin.expect(words[0])
    assert "Admin 1" in (await second.expect(words[5])).text, "the others hear of it"
    await studio.restart()
    await second.send("/schedule")
    shown = await second.expect(words[4])
    assert words[0] in shown.text
    # Whose turns the next six are, each with its time, two a day.
    turns = re.findall(r"\d:\d\d.*?(Фокс|Owl)", shown.text)
    assert turns == ["Фокс", "Owl"] * 3
    await second.send("/pause")
    await second.expect(words[1])
    await due(studio, 30)
    assert await runs_in(studio, *RunState) == [], "nothing is even planned in a pause"
    await admin.send("/resume")
    await admin.expect(words[2])
    assert "Admin 1" in (await second.expect(words[6])).text
    await second.send("/resume")
    await second.expect(words[3])
    await due(studio, 30)
    changes = [
        (row.before, row.after)
        for person in (admin, second)
        for row in await audited(studio, person)
        if row.command == "production.switch"
    ]
    assert changes == [({"paused": False}, {"paused": True}), ({"paused": True}, {"paused": False})]
    assert len(await runs_in(studio, RunState.SKIPPED)) >= 20, "what was missed is skipped"
    # Runs of the minutes that pass meanwhile are told of by their generations' numbers.
    screen.texts = [re.sub(r"\b[a-z2-7]{12}\b", "", text) for text in screen.texts]
    assert_readable(screen, allowed=("Admin 1", "Admin 2", "Фокс", "Owl", "Starloom", "Stars", "demo"))


async def test_a_budget_that_is_used_up_and_a_webhook_that_refuses(
    start_studio: StartStudio, outside: Outside
) -> None:
    studio = await start_studio(admins=1)
    admin, _ = await launched(studio, url=outside.url, day_usd="0.001", daily_target=1)
    await due(studio, 2)

    async def refused() -> bool:
        return bool(await runs_in(studio, RunState.FAILED))

    await studio.until(refused)
    assert {run.reason for run in await runs_in(studio, RunState.FAILED)} == {"budget"}
    assert await studio.running.ledger.statement(PRODUCTION_ID) == []
    await admin.expect("Budget")

    outside.status = 403
    await studio.service.plugins.configure("production", {"day_usd": None})
    await begun(studio)
    await due(studio, 5)

    async def done() -> bool:
        await studio.service.production.look()
        return len(await runs_in(studio, RunState.DONE)) == 1

    await studio.until(done)
    await admin.expect("Upload failed")
    assert outside.taken == []
