"""Rounds of a series: what two instances do at once happens once; webhooks are asked until they answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from support.listening import listening
from support.sample_jobs import sample_job

from core.billing.ledger import Ledger
from core.errors import UserFacingError
from core.generation.job import Job
from core.generation.model import Quote
from core.generation.ports import NoLargeFiles
from core.notifications.notification import Notification, NotificationType
from core.notifications.queue import NotificationQueue
from core.production.production import Production
from core.production.publishing import SIGNATURE, TIMESTAMP, Publisher, webhook_signature
from core.production.reports import UploadReports
from core.production.run import Run, RunState, UploadState
from core.production.series import Character, Missed, Platform, VideoSeries
from core.storage.database import Database
from core.storage.notifications import NotificationStore
from core.storage.runs import RunStore
from core.timetable.cron import Cron
from sandbox.clock import ManualClock

SECRET = "a secret of sixteen"


class Orders:
    """Generations: each that is asked for is made already, and none is taken unless there is a price."""

    def __init__(self) -> None:
        self.key = "model-off"
        self.usd: Decimal | None = None
        self.asked: list[dict[str, Any]] = []
        """The options of each order."""

    def quote(self, _model: str, options: dict[str, Any]) -> Any:
        self.asked.append(options)
        if self.usd is None:
            raise UserFacingError(self.key)
        return Quote(model_id="model", options={}, usd=self.usd, stars=9)

    async def create(self, *, request_id: str, **_: Any) -> Job:
        assert self.usd is not None
        return replace(sample_job(request_id), cost_usd=self.usd)

    async def get(self, job_id: str) -> Job:
        return sample_job(job_id)


class Site:
    """A platform behind a webhook, which says what a test wants it to say."""

    def __init__(self) -> None:
        self.status, self.reply = 202, b""
        self.bodies: list[dict[str, Any]] = []
        self.timestamps: list[str] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        body, timestamp = await request.read(), request.headers[TIMESTAMP]
        assert request.headers[SIGNATURE] == f"sha256={webhook_signature(SECRET, timestamp, body)}"
        self.bodies.append(json.loads(body))
        self.timestamps.append(timestamp)
        return web.Response(status=self.status, body=self.reply)


class Died(Exception):
    """The process is gone."""


class World:
    """A series with one webhook, and as many instances that make it as a test wants."""

    def __init__(self, database: Database, clock: ManualClock, site: Site) -> None:
        self.clock, self.database = clock, database
        self.runs = RunStore(database)
        self.store = NotificationStore(database, clock)
        self.queue = NotificationQueue(self.store, clock)
        self.site, self.orders = site, Orders()

    def instance(self, *times: str, missed: Missed = Missed.SKIP) -> Production:
        orders: Any = self.orders
        nothing: Any = None
        publisher = Publisher(
            generations=lambda: orders, look=nothing, uploader=nothing, large=NoLargeFiles(), clock=self.clock
        )
        production = Production(
            RunStore(self.database),
            generations=lambda: orders,
            ledger=Ledger(self.database, self.clock),
            publisher=publisher,
            queue=self.queue,
            clock=self.clock,
            zone=ZoneInfo("UTC"),
            leads=True,
        )
        production.series = VideoSeries(
            (Character("Fox", "model", "a fox"), Character("Owl", "model", "an owl")),
            tuple(map(Cron.parse, times)),
            (Platform("tube", url=self.site.url, secret=SECRET),),
            missed=missed,
        )
        return production

    async def publishing(self) -> Run:
        """A run whose video is made and is to be published."""
        now = self.clock.now()
        run = Run("r1", now, now.date().isoformat(), 0, "Fox", RunState.PUBLISHING, job_id="j1")
        uploads = {"tube": UploadState.WAITING}
        assert await self.runs.insert(run)
        assert await self.runs.change(run, run.state, {"uploads": uploads})
        return await self.run()

    async def run(self) -> Run:
        found = await self.runs.get("r1")
        assert found is not None
        return found

    async def told(self, kind: NotificationType) -> list[Notification]:
        return [each for each in await self.store.waiting(1000) if each.type is kind]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    async with listening("/publish", site.take) as site.url:
        yield site


@pytest.fixture
def world(database: Database, clock: ManualClock, site: Site) -> World:
    return World(database, clock, site)


@pytest.mark.parametrize("missed", Missed)
async def test_what_two_instances_plan_at_once_is_planned_once(world: World, missed: Missed) -> None:
    instances = [world.instance("*/30 * * * *", missed=missed) for _ in range(2)]
    begin = world.clock.now() - timedelta(hours=3)
    await world.runs.planned(begin)
    for _ in range(2):
        await asyncio.gather(*(each.look() for each in instances))
    day = world.clock.now().date()
    found = await world.runs.between(day, day)
    assert [run.at for run in found] == [begin + timedelta(minutes=30 * turn) for turn in range(1, 7)]
    late, now = found[:-1], found[-1]
    assert now.state is RunState.FAILED, "nothing is off by itself: what is in time is ordered"
    if missed is Missed.SKIP:
        assert {(run.state, run.reason) for run in late} == {(RunState.SKIPPED, "missed")}
    else:
        assert {run.state for run in late} == {RunState.FAILED}
    skipped = await world.told(NotificationType.SCHEDULER_STATUS)
    failed = await world.told(NotificationType.VIDEO_FAILED)
    assert (len(skipped), len(failed)) == ((5, 1) if missed is Missed.SKIP else (0, 6))


async def test_a_run_that_is_skipped_is_so_from_its_first_write_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever plans may die behind it, and what was missed would be made."""

    async def die(*_: object) -> bool:
        raise Died

    dying = world.instance("0 * * * *")
    begin = world.clock.now() - timedelta(hours=2, minutes=30)
    await world.runs.planned(begin)
    monkeypatch.setattr(dying.runs, "change", die)
    for _ in range(3):
        with contextlib.suppress(Died):
            await dying.look()
    await world.instance("0 * * * *").look()
    day = world.clock.now().date()
    states = [run.state for run in await world.runs.between(day, day)]
    assert states == [RunState.SKIPPED, RunState.SKIPPED, RunState.FAILED]


async def test_who_plans_second_does_not_skip_what_the_first_has_planned(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looked before the first had written the run down, and counted it afterwards."""
    first, second = (world.instance("0 12 * * *") for _ in range(2))
    await world.runs.planned(world.clock.now() - timedelta(minutes=1))

    async def nothing(_ids: list[str]) -> set[str]:
        return set()

    async def no_step(*_: object) -> None: ...

    for each in (first, second):
        assert each.series is not None
        each.series = replace(each.series, daily_target=1)
        monkeypatch.setattr(each.runs, "known", nothing)
        monkeypatch.setattr(each, "_step", no_step)
    for each in (first, second):
        await world.runs.planned(world.clock.now() - timedelta(minutes=1))
        await each.look()
    (run,) = await world.runs.open()
    assert (run.state, run.character) == (RunState.DUE, "Fox")


@pytest.mark.parametrize(("late", "state"), [(300, RunState.FAILED), (301, RunState.SKIPPED)])
async def test_when_a_run_is_missed(world: World, late: int, state: RunState) -> None:
    """Five minutes are still in time; what is in time is ordered, and refused here."""
    production = world.instance("0 12 * * *")
    await world.runs.planned(world.clock.now() - timedelta(minutes=1))
    await world.clock.advance(late)
    await production.look()
    (run,) = await world.runs.between(world.clock.now().date(), world.clock.now().date())
    assert run.state is state


@pytest.mark.parametrize(
    ("key", "reason"), [("budget-reached-day", "budget_reached"), ("model-off", "order_refused")]
)
async def test_why_an_order_is_not_taken(world: World, key: str, reason: str) -> None:
    world.orders.key = key
    production = world.instance("0 12 * * *")
    await world.runs.planned(world.clock.now() - timedelta(minutes=1))
    await production.look()
    (told,) = await world.told(NotificationType.VIDEO_FAILED)
    assert told.details["reason"] == reason


@pytest.mark.parametrize(("limit", "made"), [("day_usd", [2, 1]), ("month_usd", [2, 0])])
async def test_what_is_caught_up_counts_on_the_day_it_is_made(
    world: World, limit: str, made: list[int]
) -> None:
    """Five days were missed: to make them up takes the money of today, not of those days."""
    production = world.instance("0 12 * * *", missed=Missed.CATCH_UP)
    assert production.series is not None
    production.series = replace(production.series, **{limit: Decimal(2)})
    world.orders.usd = Decimal("0.9")
    await world.runs.planned(world.clock.now() - timedelta(days=4, minutes=1))
    days = [world.clock.now().date()]
    for _ in range(2):
        await production.look()
        await world.clock.advance(24 * 3600)
        days.append(world.clock.now().date())
    found = await world.runs.between(days[0] - timedelta(days=5), days[1])
    ordered = [run for run in found if run.state is not RunState.FAILED]
    assert [sum(run.ordered_on == day.isoformat() for run in ordered) for day in days[:2]] == made
    assert {run.reason for run in found if run not in ordered} == {"budget"}


async def test_what_is_next_keeps_to_the_target_of_the_day(world: World) -> None:
    production = world.instance("0 */6 * * *")
    assert production.series is not None
    production.series = replace(production.series, daily_target=2)
    now = world.clock.now()
    taken = Run("r1", now, now.date().isoformat(), 0, "Fox", RunState.DONE)
    assert await world.runs.insert(taken)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = [18, 24, 30, 48, 54]
    assert await production.upcoming(5) == [midnight + timedelta(hours=hour) for hour in hours]
    assert await world.runs.insert(replace(taken, id="r2"))
    assert await production.upcoming(1) == [midnight + timedelta(days=1)]


async def test_what_was_planned_is_held_back_in_a_pause(world: World) -> None:
    """It stands there as due before somebody pauses: nothing is ordered until it goes on."""
    production = world.instance("0 0 31 2 *")
    assert production.series is not None
    fox = replace(production.series.characters[0], options={"size": "large"})
    production.series = replace(production.series, characters=(fox,))
    now = world.clock.now()
    assert await world.runs.insert(Run("r1", now, now.date().isoformat(), 0, "Fox"))
    assert await production.pause("Ann")
    for _ in range(2):
        await production.look()
        await world.clock.advance(3600)
    assert (await world.run()).state is RunState.DUE
    assert world.orders.asked == []
    assert await production.resume("Bob")
    await production.look()
    assert world.orders.asked == [{"size": "large"}], "with the options of its character"
    assert (await world.run()).state is RunState.FAILED, "ordered, and refused here"


async def test_a_webhook_that_is_not_to_be_reached_is_asked_twelve_times(world: World) -> None:
    world.site.status = 503
    await world.publishing()
    production = world.instance("0 0 31 2 *")
    waits: list[int] = []
    while (run := await world.run()).state is RunState.PUBLISHING:
        await production.look()
        await production.look()
        run = await world.run()
        if run.state is RunState.PUBLISHING:
            assert run.retry_at is not None
            waits.append(int((run.retry_at - world.clock.now()).total_seconds()))
            await world.clock.advance(waits[-1])
    assert (run.state, run.uploads) == (RunState.DONE, {"tube": UploadState.FAILED})
    assert len(world.site.bodies) == 12
    assert waits == [15, 60, 300, *[1800] * 8]
    assert {body["run"] for body in world.site.bodies} == {"r1"}, "the same run: it can be told apart"
    assert len(set(world.site.timestamps)) == 12, "each is signed anew"
    (told,) = await world.told(NotificationType.UPLOAD_FAILED)
    assert told.details["reason"] == "not_reached"
    assert len(await world.told(NotificationType.UPLOAD_STARTED)) == 1


async def test_a_report_that_never_comes_is_given_up_after_a_day(world: World) -> None:
    await world.publishing()
    production = world.instance("0 0 31 2 *")
    await production.look()
    await world.clock.advance(24 * 3600)
    await production.look()
    assert (await world.run()).uploads == {"tube": UploadState.SENT}
    await world.clock.advance(1)
    await production.look()
    run = await world.run()
    assert (run.state, run.uploads) == (RunState.DONE, {"tube": UploadState.FAILED})
    (told,) = await world.told(NotificationType.UPLOAD_FAILED)
    assert told.details["reason"] == "webhook_silent"
    assert len(world.site.bodies) == 1
    late = await UploadReports(world.runs).reported("r1", "tube", UploadState.UPLOADED)
    assert not late, "it comes too late"


@pytest.mark.parametrize(
    ("status", "reply", "state"),
    [
        (200, b'{"state": "uploaded"}', UploadState.UPLOADED),
        (200, b'{"state": "failed", "reason": "too long"}', UploadState.FAILED),
        (202, b"", UploadState.SENT),
        (200, b"[]", UploadState.SENT),
        (403, b"", UploadState.FAILED),
        (302, b"", UploadState.WAITING),
        (408, b"", UploadState.WAITING),
        (429, b"", UploadState.WAITING),
        (500, b'{"state": "uploaded"}', UploadState.WAITING),
    ],
)
async def test_what_a_webhook_answers(world: World, status: int, reply: bytes, state: UploadState) -> None:
    world.site.status, world.site.reply = status, reply
    await world.publishing()
    await world.instance("0 0 31 2 *").look()
    assert (await world.run()).uploads == {"tube": state}


async def test_a_report_counts_once(world: World) -> None:
    await world.publishing()
    production = world.instance("0 0 31 2 *")
    await production.look()
    reports, twin = (UploadReports(RunStore(world.database)) for _ in range(2))
    answers = await asyncio.gather(
        reports.reported("r1", "tube", UploadState.UPLOADED), twin.reported("r1", "tube", UploadState.FAILED)
    )
    assert sorted(answers) == [False, True]
    for run, platform in (("r1", "elsewhere"), ("r1", ""), ("r1", "tube.x"), ("r2", "tube")):
        assert not await reports.reported(run, platform, UploadState.UPLOADED)
    await production.look()
    assert (await world.run()).state is RunState.DONE


async def test_whoever_dies_before_a_run_is_written_down_takes_nobody_s_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.orders.usd = Decimal("0.01")
    times = "0 * * * *"
    with monkeypatch.context() as dying:
        dying.setattr(RunStore, "insert", _dies)
        await world.instance(times).look()
        await world.clock.advance(3600)
        with pytest.raises(Died):
            await world.instance(times).look()
    await asyncio.gather(*(world.instance(times).look() for _ in range(2)))
    await world.clock.advance(3600)
    await world.instance(times).look()
    runs = [run for run in await world.runs.ordered_since(world.clock.now().date()) if run.id != "r1"]
    assert sorted(run.number for run in runs) == [0, 1]


async def _dies(_store: RunStore, _run: Run) -> bool:
    raise Died
