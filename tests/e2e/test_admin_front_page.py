"""The panel's front page over a day that a whole bot has had: each figure is the one that everybody saw."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from support.operators import member, owner_of
from support.studio_talk import OOPS, arrive, ask, begin, delivered, write_plugin

from core.admin.roles import AdminRole
from core.generation.accounts import AccountReading
from core.generation.job import JobState
from core.generation.provider import Account
from core.statistics.periods import Period
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]
SAID = {
    "en": (
        "🎛 Panel",
        "👥 People: 4, here today 4, now 4",
        "⚙️ Being made: 1, waiting in queues 1",
        "✅ Ended today: 3, of them successful 67 %",
        "⭐ Today: 6 ⭐ = $0.08 when withdrawn, providers took $0.04, margin $0.04",
        "📅 7 days: 6 ⭐ = $0.08, margin $0.04",
        "🏦 kie: 2,000 credits ($10.00)",
        "🟠 1 error in 24 hours, on duty for 0 h 0 min",
    ),
    "ru": (
        "🎛 Панель",
        "👥 Людей: 4, сегодня были 4, сейчас 4",
        "⚙️ Делается: 1, ждёт в очередях 1",
        "✅ Завершено сегодня: 3, из них успешно 67 %",
        "⭐ Сегодня: 6 ⭐ = $0,08 при выводе, провайдерам $0,04, остаётся $0,04",
        "📅 7 дней: 6 ⭐ = $0,08, остаётся $0,04",
        "🏦 kie: 2 000 credits ($10,00)",
        "🟠 За 24 часа 1 ошибка, на посту 0 ч 0 мин",
    ),
}


async def test_each_figure_is_that_of_the_day(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    """Two made, one failed, one on its way and one behind it; one handler broke; one provider has credits."""
    plugins["plugins"]["oops"] = write_plugin(tmp_path, "oops", OOPS)
    studio = await start_studio(admins=1, plugins=plugins)
    readers = {"en": await owner_of(studio), "ru": await member(studio, AdminRole.VIEWER, "ru")}
    alice, bob = await arrive(studio, "Alice"), await arrive(studio, "Bob")
    for person in (alice, bob):
        await begin(person)
        await delivered(person)
    await ask(bob, "/oops")
    await begin(bob, "fault:fail a red fox")
    await begin(alice, "fault:hang a red fox")
    await begin(alice, "a blue whale")
    account = Account(Decimal(2000), "credits", usd=Decimal(10))
    studio.service.foundation.accounts._keep(AccountReading("kie", account, datetime.now(UTC)))

    async def is_written_down() -> bool:
        glance = await studio.service.panel.overview.now()
        ended = (await studio.service.statistics.of_all(Period.TODAY)).generations.count
        waiting = dict(glance.active) == {JobState.RUNNING: 1, JobState.QUEUED: 1}
        return (ended, glance.errors, waiting) == (3, 1, True)

    await studio.until(is_written_down)
    for language, reader in readers.items():
        await reader.send("/admin")
        # The owner is told of what failed, too.
        page = await reader.expect(SAID[language][0], kind="new")
        text = page.text.replace("\u00a0", " ").replace("\u202f", " ")
        assert tuple(text.splitlines()) == SAID[language]
