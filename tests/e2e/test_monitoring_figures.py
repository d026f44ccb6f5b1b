"""What operators ask for: each command in both languages, by role, with nothing and with much to tell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from babel.dates import format_date
from support.operators import member, owner_of, two_owners_of
from support.studio_talk import Screen, arrive, ask, assert_readable, begin, delivered

from core.admin.roles import AdminRole
from core.generation.accounts import AccountReading
from core.generation.provider import Account
from core.notifications.notification import NotificationType
from core.production.run import Run, RunState, UploadState
from plugins.monitoring.config import MonitoringConfig
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

COMMANDS = ("status", "credits", "daily", "weekly", "character", "platform", "budget")
SAID = {
    "en": {
        "status": (
            *("The series runs", "2 of 3", "Success: 66%", "WARNING"),
            *("2,000 credits left", "Used: 8,000 (80%)"),
        ),
        "credits": (
            "2,000 credits left",
            "Used: 8,000 (80%)",
            "Plan: Studio, 9,900 a month, 100 a day",
        ),
        "daily": (
            *("Ready: 2, failed: 1", "Fox: ✅ 2, ❌ 1", "channel: ✅ 1, ❌ 1", "$0.30"),
            "60 s each, 2 min in all",
        ),
        "weekly": ("Ready: 2, failed: 1",),
        "character": ("Fox: ✅ 2, ❌ 1", "Owl: ✅ 0"),
        "platform": ("channel: ✅ 1, ❌ 1",),
        "budget": ("All providers, today", "HEALTHY", "Series this month: $0.30"),
        "restart": ("Restart the bot?", "Restarting", "I am back after"),
    },
    "ru": {
        "status": (
            *("Серия идёт", "2 из 3", "Успешно: 66", "ВНИМАНИЕ"),
            *("осталось 2 000 credits", "Израсходовано: 8 000 (80 %)"),
        ),
        "credits": ("осталось 2 000 credits", "Израсходовано: 8 000 (80 %)", "Тариф: Studio"),
        "daily": (
            *("Готово: 2, не получилось: 1", "Fox: ✅ 2, ❌ 1", "channel: ✅ 1, ❌ 1", "0,30"),
            "В среднем 60 с, всего 2 мин",
        ),
        "weekly": ("Готово: 2, не получилось: 1",),
        "character": ("Fox: ✅ 2, ❌ 1", "Owl: ✅ 0"),
        "platform": ("channel: ✅ 1, ❌ 1",),
        "budget": ("Все провайдеры, сегодня", "В НОРМЕ", "Серия в этом месяце"),
        "restart": ("Перезапустить бота?", "Перезапускаюсь", "Я вернулся через"),
    },
}
NOTHING = {
    "en": {"daily": "Nothing happened", "credits": "No provider tells", "budget": "No budget is set"},
    "ru": {"daily": "Ничего не происходило", "credits": "ни один провайдер", "budget": "Бюджет не задан"},
}
SERIES = {
    "module": "plugins.production",
    "grants": ["operations"],
    "characters": [
        {"name": "Fox", "model": "demo-image", "prompt": "a fox"},
        {"name": "Owl", "model": "demo-image", "prompt": "an owl"},
    ],
    # 31 February: nothing is made by itself while figures are looked at.
    "times": ["0 0 31 2 *"],
}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


async def filled(studio: Studio) -> None:
    """Runs of today, and a provider that tells of its credits."""
    production = studio.service.production
    day, now = production.today.isoformat(), datetime.now(UTC)
    made = {"cost_usd": Decimal("0.1"), "ordered_on": day, "seconds": 60.0, "ended_at": now}
    runs = [
        Run("r1", now, day, 0, "Fox", RunState.DONE, uploads={"channel": UploadState.UPLOADED}, **made),
        Run("r2", now, day, 1, "Fox", RunState.DONE, uploads={"channel": UploadState.FAILED}, **made),
        Run("r3", now, day, 2, "Fox", RunState.FAILED, cost_usd=Decimal("0.1"), ordered_on=day),
    ]
    for run in runs:
        assert await production.runs.insert(run)
        assert await production.runs.change(run, run.state, {"state": run.state})
    reading = AccountReading("kie", Account(Decimal(2000), "credits"), now)
    studio.service.foundation.accounts._keep(reading)


async def test_each_command(
    start_studio: StartStudio, plugins: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins["plugins"]["monitoring"]["plans"] = {
        "kie": {"name": "Studio", "monthly": 9900, "daily_bonus": 100}
    }
    plugins["plugins"]["production"] = SERIES
    plugins["budgets"] = {"day_usd": 10}
    studio = await start_studio(admins=2, plugins=plugins)
    studio.sandbox.person("Admin 2").account.language = "ru"
    owners = dict(zip(SAID, await two_owners_of(studio), strict=True))
    viewers = {language: await member(studio, AdminRole.VIEWER, language) for language in SAID}
    await filled(studio)
    # No series' times come today; the target is what these three were to be.
    from plugins.monitoring.figures import Gathering

    monkeypatch.setattr(Gathering, "target", lambda _self, _span: 3)
    screens = [Screen(person) for person in (*owners.values(), *viewers.values())]
    for language, viewer in viewers.items():
        guest = await arrive(studio, "Guest", language)
        # Whatever else is said, a near miss of another command say, begins like this.
        unknown = (await ask(guest, "/nonsense")).text[:20]
        for command in COMMANDS:
            answer = await ask(viewer, f"/{command}")
            for part in SAID[language][command]:
                assert part in plain(answer.text), (command, answer.text)
            if command == "status":
                today = studio.service.production.today
                assert plain(format_date(today, "long", locale=language)) in plain(answer.text), answer.text
            else:
                assert answer.media is not None, f"/{command} has a picture"
            hint = (await ask(guest, f"/{command}")).text
            assert hint.startswith(unknown)
            assert f"/{command}" not in hint
        assert "Nobody" in (await ask(viewer, "/character Nobody")).text
        assert (await ask(viewer, "/restart")).text.startswith(unknown)

    # That credits are low may be told in between. How it goes in Russian is walked with a real process.
    for language, owner in owners.items():
        await owner.send("/restart")
        await owner.expect(SAID[language]["restart"][0], kind="new")
    owner, (asked, goes, back) = owners["en"], SAID["en"]["restart"]
    await owner.send("/restart")
    question = await owner.expect(asked, kind="new")
    await owner.press("🔄", question)
    await owner.expect(goes, kind="edit")
    assert studio.running.restart_wanted.is_set()
    for late in owners.values():
        answer = await late.press("🔄")
        assert answer.alert, "the other questions are answered with who was first"
    await studio.restart()
    await owner.expect(back, kind="new")
    allowed = (
        "Admin 1",
        "Admin 2",
        "The viewer",
        "Fox",
        "Owl",
        "kie",
        "credits",
        "channel",
        "Studio",
        "Nobody",
    )
    for screen in screens:
        assert_readable(screen, allowed=allowed)


async def test_a_day_with_nothing(start_studio: StartStudio) -> None:
    studio = await start_studio(admins=1)
    for language, answers in NOTHING.items():
        viewer = await member(studio, AdminRole.VIEWER, language)
        for command, words in answers.items():
            assert words in (await ask(viewer, f"/{command}")).text


async def test_reports_come_once_at_their_times(start_studio: StartStudio) -> None:
    studio = await start_studio(admins=1)
    owner = await owner_of(studio)
    await begin(owner)
    await delivered(owner)
    at = datetime.now(UTC) + timedelta(seconds=2)
    time = at.time().replace(tzinfo=None).isoformat()
    await studio.service.plugins.configure(
        "monitoring",
        {
            "daily_summary_time": time,
            "weekly_report_time": time,
            "weekly_report_day": f"{at:%A}".lower(),
            "timezone": "UTC",
        },
    )
    await owner.expect("The week in figures", within=40)
    await owner.expect("The day in figures", within=40)
    await owner.expect("everything that is to reach this chat does")
    await studio.restart()
    store = studio.service.notifications.store

    async def quiet() -> bool:
        return await store.oldest_waiting() is None and not await store.unfinished()

    await studio.until(quiet)
    texts = [message.text for message in owner.messages()]
    for title in ("The week in figures", "The day in figures"):
        assert sum(title in text for text in texts) == 1


def test_the_settings_say_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="quiet_from and quiet_until belong together"):
        MonitoringConfig(quiet_from="22:00")
    with pytest.raises(ValueError, match="Europe/Moscow"):
        MonitoringConfig(timezone="Moscow")
    off = MonitoringConfig(notify_on_video_started=False, routes={"system_error": "admins"})
    assert off.audience(NotificationType.VIDEO_STARTED) == "nobody"
    assert off.audience(NotificationType.SYSTEM_ERROR) == "admins"
