"""The panel's front page, figure by figure, over a world in which each of them is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from statistics_world import Ended, put_counted, statistics
from support.sample_jobs import sample_job

from core.admin.overview import Overview
from core.admin.presence import Presence
from core.generation.accounts import Accounts
from core.generation.job import JobState
from core.generation.provider import Account
from core.i18n import I18n
from core.observability.metrics import Metrics
from core.storage.database import Database
from core.storage.generations import JobStore
from core.storage.people_search import PeopleSearch
from plugins.admin.front import words_of
from sandbox.clock import ManualClock

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
UP = timedelta(days=2, hours=3, minutes=4)
ENDED = [
    *(Ended(minute=300, price=10, usd="0.02") for _ in range(3)),
    Ended(minute=300, price=10, usd="0.02", free=True),
    Ended(minute=300, outcome="failed", made=False),
    Ended(minute=300, outcome="cancelled", made=False),
    Ended(ago=3, price=5, usd="0.04"),
    Ended(ago=9, price=1000, usd="9"),
]
"""Today 4 of 5 that nobody stopped came, for 30 Stars and $0.08; within the week it is 35 and $0.12."""
SAID = {
    "en": (
        "🎛 <b>Panel</b>",
        "👥 People: <b>4</b>, here today 2, now 3",
        "⚙️ Being made: <b>2</b>, waiting in queues 1",
        "✅ Ended today: 6, of them successful <b>80 %</b>",
        "⭐ Today: <b>30 ⭐</b> = $0.30 when withdrawn, providers took $0.08, margin <b>$0.22</b>",
        "📅 7 days: 35 ⭐ = $0.35, margin $0.23",
        "🏦 kie: 2,000 credits ($10.00)",
        "🟠 7 errors in 24 hours, on duty for 2 d 3 h",
    ),
    "ru": (
        "🎛 <b>Панель</b>",
        "👥 Людей: <b>4</b>, сегодня были 2, сейчас 3",
        "⚙️ Делается: <b>2</b>, ждёт в очередях 1",
        "✅ Завершено сегодня: 6, из них успешно <b>80 %</b>",
        "⭐ Сегодня: <b>30 ⭐</b> = $0,30 при выводе, провайдерам $0,08, остаётся <b>$0,22</b>",
        "📅 7 дней: 35 ⭐ = $0,35, остаётся $0,23",
        "🏦 kie: 2 000 credits ($10,00)",
        "🟠 За 24 часа 7 ошибок, на посту 2 д 3 ч",
    ),
}


class Kie:
    """A provider that tells what is left."""

    name = "kie"

    async def account(self) -> Account:
        return Account(Decimal(2000), "credits", usd=Decimal(10))


class Errors:
    """Seven of the last 24 hours."""

    async def count_since(self, moment: datetime) -> int:
        assert moment == NOW - timedelta(days=1)
        return 7


@pytest.fixture
async def overview(database: Database) -> Overview:
    clock, provider, errors = ManualClock(NOW - UP), Kie(), Errors()
    sources: dict[str, Any] = {"errors": errors}
    asked: Any = [provider]
    presence, accounts = Presence(clock), Accounts(lambda: asked, clock=clock, metrics=Metrics())
    overview = Overview(
        people=PeopleSearch(database, clock, lambda *_: "en"),
        jobs=JobStore(database, clock),
        statistics=statistics(database, clock),
        accounts=accounts,
        presence=presence,
        star_usd=lambda: Decimal("0.01"),
        clock=clock,
        **sources,
    )
    presence.note(9)
    await clock.advance(UP.total_seconds())
    for person in (1, 2, 3, 3):
        presence.note(person)
    await accounts.read()
    days = ["2026-11-21", "2026-11-21", "2026-11-20", "2026-01-01"]
    people = [{"_id": each, "arrived": True, "seen_on": day} for each, day in enumerate(days, 1)]
    await database.collection("users").insert_many([*people, {"_id": 9}])
    for number, state in enumerate((JobState.SUBMITTED, JobState.READY, JobState.QUEUED)):
        assert await JobStore(database, clock).insert(sample_job(f"live{number}", state=state))
    await put_counted(database, ENDED)
    return overview


@pytest.mark.parametrize("language", SAID)
async def test_each_figure_is_that_of_the_world(overview: Overview, language: str) -> None:
    texts = I18n()
    texts.add("core", ROOT / "locales")
    texts.add("admin", ROOT / "plugins" / "admin" / "locales")
    words = words_of(texts.translator(language), await overview.now(), UP)
    assert tuple(words.replace("\u00a0", " ").replace("\u202f", " ").splitlines()) == SAID[language]
