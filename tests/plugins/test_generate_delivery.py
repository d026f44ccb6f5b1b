"""What the person reads while their result is on its way, in both languages, and when they can stop it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.generation_world import World
from support.plugin_chat import PluginChat

from core.generation.job import Job, JobState
from core.generation.progress import DeliveryProgress, DeliveryStage
from core.storage.database import Database
from sandbox.clock import ManualClock

_UPLOADING = DeliveryProgress(DeliveryStage.UPLOADING, 6_300_000, 10_000_000, 1_540_000.0, 75.0)
_EN = "📤 <b>Scripted</b> is done! Sending it to you…"
_RU = "📤 <b>По сценарию</b>: готово! Отправляю вам…"


async def _under_way(database: Database, clock: ManualClock, language: str) -> tuple[PluginChat, Job]:
    world = World(database, clock)
    await world.pay(25)
    chat = PluginChat(world, language=language)
    await chat.say("/generate a fox")
    await chat.press("Scripted" if language == "en" else "По сценарию")
    await chat.press("Make it" if language == "en" else "Создать за")
    (job,) = await world.all_jobs()
    return chat, job


@pytest.mark.parametrize(
    ("language", "stop", "shown"),
    [
        (
            "en",
            "🛑 Stop",
            [
                f"{_EN}\n\nFetching it…",
                f"{_EN}\n\n▰▰▰▰▰▰▱▱▱▱ 63%\n1.5 MB/s\nabout 1 minute left",
                f"{_EN}\n\n6.3 MB",
                "📤 <b>Scripted</b> is done! Sending file 2 of 3…\n\n▰▰▰▰▰▰▱▱▱▱ 63%",
                f"{_EN}\n\nOne moment…",
            ],
        ),
        (
            "ru",
            "🛑 Остановить",
            [
                f"{_RU}\n\nЗабираю готовое…",
                f"{_RU}\n\n▰▰▰▰▰▰▱▱▱▱ 63 %\n1,5 МБ/с\nОсталось около 1 минуты",
                f"{_RU}\n\n6,3 МБ",
                "📤 <b>По сценарию</b>: готово! Отправляю файл 2 из 3…\n\n▰▰▰▰▰▰▱▱▱▱ 63 %",
                f"{_RU}\n\nЕщё мгновение…",
            ],
        ),
    ],
)
async def test_how_far_a_result_is(
    database: Database, clock: ManualClock, language: str, stop: str, shown: list[str]
) -> None:
    chat, job = await _under_way(database, clock, language)
    stages = [
        DeliveryProgress(DeliveryStage.DOWNLOADING),
        _UPLOADING,
        DeliveryProgress(DeliveryStage.UPLOADING, 6_300_000),
        DeliveryProgress(DeliveryStage.UPLOADING, 6_300_000, 10_000_000, file=2, files=3),
        DeliveryProgress(DeliveryStage.SENDING),
    ]
    for progress, text in zip(stages, shown, strict=True):
        await chat.generate.delivery_progress(job, progress)
        assert chat.last.text == text
        # What is being sent may be there already.
        assert chat.last.buttons == ([] if progress.stage is DeliveryStage.SENDING else [stop])


async def test_what_is_being_sent_has_no_button_that_stops_it(database: Database, clock: ManualClock) -> None:
    chat, job = await _under_way(database, clock, "en")
    ready = replace(job, state=JobState.READY)
    await chat.generate.generation_changed(ready)
    assert (chat.last.text, chat.last.buttons) == (_EN, ["🛑 Stop"])
    now = clock.now()
    sending = replace(ready, state=JobState.DELIVERING, timings={JobState.DELIVERING.value: now})
    await chat.generate.generation_changed(sending)
    assert chat.last.buttons == []
    await chat.generate.delivery_progress(sending, _UPLOADING)
    assert chat.last.buttons == []
