"""Videos of Veo and of Gemini Omni from chat to chat; what a filter takes costs nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from durability.processes import StartStudio
from support.google_orders import order_problems
from support.google_server import API_KEY, OMNI, PROJECT, VEO, GoogleServer, done
from support.studio_talk import arrive, ask

from sandbox.people.person import Person
from sandbox.studio import Studio


@pytest.fixture
async def google() -> AsyncIterator[GoogleServer]:
    async with GoogleServer(lambda: datetime.now(UTC), problems=order_problems).running() as server:
        yield server


@pytest.fixture
async def studio(
    google: GoogleServer, start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> Studio:
    """A bot whose operator has an account with Google."""
    key_file = tmp_path / "key.json"
    key_file.write_text(json.dumps(google.key_file))
    plugins = copy.deepcopy(plugins)
    urls = dict.fromkeys(("vertex_url", "gemini_url", "storage_url"), google.url)
    plugins["providers"]["veo"] |= {**urls, "polls_per_second": 1000}
    return await start_studio(
        plugins=plugins,
        settings={
            "GOOGLE_APPLICATION_CREDENTIALS": str(key_file),
            "GOOGLE_CLOUD_PROJECT_ID": PROJECT,
            "GEMINI_API_KEY": API_KEY,
            "FREE_TIER_MODEL_IDS": ",".join(("demo-video", "demo-image", "demo-audio", VEO[1], OMNI[0])),
        },
    )


async def order(person: Person, model: str, *, prompt: str = "a red fox in the snow") -> str:
    """Order a video with the model's own defaults; what was said before it was confirmed."""
    await ask(person, "/generate")
    await person.press("Video")
    await person.expect(kind="edit")
    await person.press(model)
    await person.expect(kind="edit")
    question = await ask(person, prompt)
    await person.press("✨")
    return question.text


async def test_a_video_comes_to_the_chat(studio: Studio, google: GoogleServer) -> None:
    for model, price in (("Veo 3.1 Lite", 62), ("Omni 1.2 Flash", 87)):
        google.tasks.clear()
        person = await arrive(studio)
        assert f"{price} Stars" in await order(person, model)
        message = await person.expect(lambda each: each.media is not None, within=40)
        await studio.settled(person)
        assert await person.download(message) == google.content
        balance = await studio.running.ledger.balance(person.id)
        assert (balance.available, balance.held) == (192 - price, 0)
        (task,) = google.tasks.values()
        assert "a red fox in the snow" in json.dumps(task.body)
    assert list((studio.settings.data_dir / "providers" / "veo").glob("*")) == []


async def test_what_the_filter_takes_is_told_with_its_reason_and_costs_nothing(
    studio: Studio, google: GoogleServer
) -> None:
    reason = "The video was filtered because it violates the guidelines. Support codes: 61493863"
    google.plan({}, done(raiMediaFilteredCount=1, raiMediaFilteredReasons=[reason]))
    person = await arrive(studio)
    await order(person, "Veo 3.1 Lite")
    notice = await person.expect("safety reasons: violence", kind="new", within=40)
    assert "62" in notice.text
    await studio.settled(person)
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held) == (192, 0)
    report = await studio.running.ledger.check()
    assert (report.total, report.problems) == (0, ())
