"""Generations that have ended, as the job store keeps them, and what they come to by plain counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.clock import Clock
from core.generation.job import Job
from core.statistics.counter import Counter as StatisticsCounter
from core.statistics.periods import Period
from core.statistics.record import record_of
from core.statistics.rows import added_by
from core.statistics.sections import Section
from core.statistics.statistics import StatisticsBook
from core.storage.database import Database
from core.storage.generations import JobStore, job_document
from core.storage.rollups import Batch, RollupStore
from core.users import User

TODAY = date(2026, 11, 21)
MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass(frozen=True)
class Ended:
    """A generation that has ended: `ago` days and `minute` minutes of the day, by UTC."""

    ago: int = 0
    minute: int = 720
    user: int = 1
    model: str = "alpha"
    provider: str = "demo"
    category: str = "image"
    outcome: str = "delivered"
    price: int = 3
    free: bool = False
    usd: str = "0.04"
    tokens: int = 7
    enhanced: int = 0
    duration: float = 0.0
    wait: int = 20
    made: bool = True

    @property
    def at(self) -> datetime:
        begin = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
        return begin - timedelta(days=self.ago) + timedelta(minutes=self.minute)

    def job(self, number: int) -> Job:
        ordered = self.at - timedelta(seconds=self.wait)
        timings = {"created": ordered, "held": ordered, "submitted": ordered, self.outcome: self.at}
        if self.made or self.outcome == "delivered":
            timings["ready"] = ordered + timedelta(seconds=self.wait / 2)
        if self.outcome != "delivered":
            timings["released"] = self.at + timedelta(seconds=1)
        return Job(
            id=f"job{number}",
            user_id=self.user,
            chat_id=self.user,
            language="en",
            username=f"person{self.user}",
            model_id=self.model,
            provider=self.provider,
            price=self.price,
            cost_usd=Decimal(self.usd),
            prompt="",
            options={},
            category=self.category,
            created_at=ordered,
            timings=timings,
            results=({"url": "", "duration": self.duration, "width": 640, "height": 360},),
            free="daily" if self.free else "",
            prompt_tokens=self.tokens,
            enhanced_prompt_tokens=self.enhanced,
            state="delivered" if self.outcome == "delivered" else "released",
        )


async def put(database: Database, ended: Sequence[Ended], *, first: int = 0, counted: bool = False) -> None:
    """Keep generations as they are when they have just ended, or as they are once they are counted."""
    mark = "counted" if counted else "uncounted"
    rows = [{**job_document(each.job(first + number)), mark: True} for number, each in enumerate(ended)]
    for row in rows:
        row["state"] = str(row["state"])
    if rows:
        await database.collection("generations").insert_many(rows)


async def put_counted(database: Database, ended: Sequence[Ended], *, zone: ZoneInfo = MOSCOW) -> None:
    """Keep generations that were counted long ago, and the rows that they came to, all in one batch."""
    for first in range(0, len(ended), 1000):
        await put(database, ended[first : first + 1000], first=first, counted=True)
    records = [record for each in ended if (record := record_of(each.job(0))) is not None]
    changes = added_by(records, (), known_days={}, zone=zone)
    rollups = RollupStore(database)
    await rollups.open()
    named = sorted(changes)
    for first in range(0, len(named), 1000):
        part = {row: changes[row] for row in named[first : first + 1000]}
        await rollups.apply(Batch(1, changes=part))
    assert await rollups.begin(Batch(1))
    await rollups.finish(Batch(1))


async def nothing(_viewer: User, _period: Period) -> tuple[Section, ...]:
    return ()


def counter(
    database: Database, clock: Clock, *, at_once: int = 50, zone: ZoneInfo = MOSCOW
) -> StatisticsCounter:
    return StatisticsCounter(JobStore(database, clock), RollupStore(database), clock, zone, at_once=at_once)


def statistics(database: Database, clock: Clock, *, zone: ZoneInfo = MOSCOW) -> StatisticsBook:
    return StatisticsBook(RollupStore(database), clock, zone, nothing)


async def clear(database: Database) -> None:
    for name in ("generations", "statistics", "corrections"):
        await database.collection(name).delete_many({})


Sums = Mapping[tuple[str, str, str, str], Mapping[str, int]]


def counted(ended: Iterable[Ended]) -> Sums:
    """What generations come to, by plain counting."""
    sums: dict[tuple[str, str, str, str], Counter[str]] = {}
    for each in ended:
        cell = sums.setdefault((each.category, each.provider, each.model, each.outcome), Counter())
        delivered = each.outcome == "delivered"
        cell["count"] += 1
        cell["stars"] += each.price if delivered and not each.free else 0
        cell["given"] += each.price if delivered and each.free else 0
        made = each.made or delivered
        cell["nano_usd"] += int(Decimal(each.usd) * 10**9) if made else 0
        cell["prompt_tokens"] += each.tokens
        cell["enhanced_tokens"] += each.enhanced
        cell["duration_ms"] += int(each.duration * 1000) if delivered else 0
        cell["produced_ms"] += each.wait * 500 if made else 0
        cell["waited_ms"] += each.wait * 1000 if delivered else 0
    return {cell: +figures for cell, figures in sums.items()}


def local_day(each: Ended, zone: ZoneInfo = MOSCOW) -> date:
    return each.at.astimezone(zone).date()
