"""What is told of a result on its way: seldom, only news, and in figures that are true."""

from __future__ import annotations

from typing import Any

from support.generation_world import Plugins, RecordedTelegram, a_job

from core.generation.progress import DeliveryProgress, DeliveryStage
from core.generation.reporting import Report, Reports
from sandbox.clock import ManualClock

MIB = 1024 * 1024


def _told(plugins: Plugins) -> list[Any]:
    assert {hook for hook, _ in plugins.told} == {"delivery_progress"}
    return [arguments["progress"] for _, arguments in plugins.told]


async def test_news_is_told_every_three_seconds_at_most() -> None:
    clock, plugins, telegram = ManualClock(), Plugins(), RecordedTelegram()
    reports = Reports(plugins, telegram, clock)
    async with reports.on(a_job(category="video"), Report(2, 3, total=10 * MIB)) as report:
        await clock.advance(0)
        for _ in range(8):
            report.acknowledged(report.done + MIB)
            await clock.advance(1)
        assert [progress.done for progress in _told(plugins)] == [0, 3 * MIB, 6 * MIB]
        newest = _told(plugins)[-1]
        assert newest.stage is DeliveryStage.UPLOADING
        assert (newest.file, newest.files, newest.percent) == (2, 3, 60)
        assert newest.speed == MIB
        assert newest.seconds_left == 4
        await clock.advance(60)
        assert len(plugins.told) == 4, "nothing new, nothing told"
        assert 13 <= len(telegram.actions) <= 15, "every five seconds"
        assert set(telegram.actions) == {"upload_video"}
    told = len(plugins.told), len(telegram.actions)
    await clock.advance(60)
    assert (len(plugins.told), len(telegram.actions)) == told


async def test_the_next_stage_waits_for_its_turn_too() -> None:
    clock, plugins = ManualClock(), Plugins()
    reports, job = Reports(plugins, RecordedTelegram(), clock), a_job()
    async with reports.on(job, Report()):
        await clock.advance(1)
    async with reports.on(job, Report(stage=DeliveryStage.SENDING)):
        await clock.advance(1.5)
        assert len(plugins.told) == 1
        await clock.advance(1)
    assert [progress.stage.value for progress in _told(plugins)] == ["downloading", "sending"]


async def test_of_an_unknown_size_there_is_neither_percent_nor_end() -> None:
    progress = DeliveryProgress(DeliveryStage.UPLOADING, done=5)
    assert progress.percent is None
    report = Report()
    report.acknowledged(5)
    assert report.at(1.0).seconds_left is None
