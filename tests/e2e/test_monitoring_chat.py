"""What operators are told, in their chats: grouped, switched, taken, and kept over restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.operators import audited
from support.studio_talk import Screen, arrive, ask, assert_readable, caught_up

from core.notifications.notification import NotificationType, Severity
from sandbox.people.person import Person
from sandbox.studio import Studio
from starloom.monitoring_client import MonitoringClient

StartStudio = Callable[..., Awaitable[Studio]]
TOKEN = "a token of sixteen"


async def queue(studio: Studio, kind: NotificationType, title: str = "", **more: Any) -> int:
    """Queue a notification as a source outside would; how many were new."""
    notifications = studio.service.notifications
    return await notifications.put([notifications.made(kind, title, source="test", **more)])


async def admin_of(studio: Studio, language: str = "en") -> Person:
    admin = studio.sandbox.person("Admin 1")
    admin.account.language = language
    await admin.start()
    await admin.expect(kind="new")
    return admin


def told(person: Person, part: str) -> list[str]:
    return [message.text for message in person.messages() if part in message.text and not message.out]


async def test_equal_ones_are_one_message_and_a_restart_loses_none(start_studio: StartStudio) -> None:
    studio = await start_studio(admins=1)
    admin = await admin_of(studio)
    notifications = studio.service.notifications
    made = [
        notifications.made("system_error", "Disk <b>full</b>", source="test", key=f"disk-{number}")
        for number in range(60)
    ]
    for part in (made[:1], made[1:]):
        await notifications.put(part)
    assert await queue(studio, NotificationType.SYSTEM_ERROR, "Disk <b>full</b>", key="disk-7") == 0
    await admin.expect(lambda message: "60 times" in message.text, within=30)
    shown = told(admin, "Disk")
    assert len(shown) == 1
    assert "Disk <b>full</b>" in shown[0], "what others write is no markup"

    await studio.shut()
    async with studio.database() as database:
        from core.clock import SystemClock
        from core.notifications.queue import NotificationQueue
        from core.storage.notifications import NotificationStore

        asleep = NotificationQueue(NotificationStore(database, SystemClock()), SystemClock())
        await asleep.put([asleep.made("upload_failed", "While you slept", source="test", key="once")])
    await studio.launch()
    await admin.expect("While you slept", kind="new")
    await studio.restart()
    await queue(studio, NotificationType.VIDEO_STARTED, "The last one")
    await admin.expect("The last one", kind="new")
    assert len(told(admin, "While you slept")) == 1

    odd = {"at": "tomorrow", "day": "never", "reason": "<b>", "x" * 64: 10**30, "nan": float("nan")}
    await queue(studio, NotificationType.DAILY_SUMMARY, details=odd)
    shown = await admin.expect("tomorrow", kind="new")
    assert "The day in figures" in shown.text
    assert "<b>" in shown.text


async def test_a_thousand_events_are_a_few_messages_within_the_limits(
    start_studio: StartStudio, plugins: dict[str, Any]
) -> None:
    """From a system outside to the chat, by a Telegram that refuses what comes too fast."""
    plugins["limits"] = {"sending": {"chat_messages_per_second": 10, "chat_burst": 3}}
    studio = await start_studio(admins=1, plugins=plugins, settings={"MONITORING_TOKEN": TOKEN})
    admin = await admin_of(studio)
    studio.sandbox.world.rules.flood.per_chat = (20, 1)
    client = MonitoringClient(f"http://127.0.0.1:{studio.running.port}", token=TOKEN)
    equal = [
        {"type": "upload_failed", "id": f"e{number}", "data": {"error": "disk"}} for number in range(600)
    ]
    different = [
        {"type": "video_failed", "id": f"d{number}", "data": {"error": f"scene {number}"}}
        for number in range(400)
    ]
    answer = await asyncio.to_thread(client.events, equal + different)
    assert (answer.accepted, answer.repeated) == (1000, 0)
    await admin.expect("600 times", within=40)
    await admin.expect("380 different ones", within=40)
    assert len(told(admin, "disk")) == 1
    assert len(told(admin, "scene")) == 21
    assert 'result="flood_wait"' not in studio.running.metrics.exposition().decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            {
                "take": "I look after it",
                "taken": "Admin 1 looks after it",
                "already": "Admin 1 looks after it already",
                "mute": "Mute for 8 hours",
                "switch": "Errors: all",
                "switched": "Errors: off",
                "test": "Send a test",
                "arrived": "everything that is to reach this chat does",
            },
        ),
        (
            "ru",
            {
                "take": "Займусь",
                "taken": "Занимается: Admin 1",
                "already": "Этим уже занимается Admin 1",
                "mute": "Молчать 8 часов",
                "switch": "Ошибки: всем",
                "switched": "Ошибки: никому",
                "test": "Отправить проверку",
                "arrived": "всё, что должно приходить в этот чат, приходит",
            },
        ),
    ],
)
async def test_the_buttons_of_admins(
    start_studio: StartStudio, plugins: dict[str, Any], language: str, words: dict[str, str]
) -> None:
    plugins["plugins"]["monitoring"]["language"] = language
    studio = await start_studio(admins=2, plugins=plugins)
    admin = await admin_of(studio, language)
    second = studio.sandbox.person("Admin 2")
    second.account.language = language
    await second.start()
    await second.expect(kind="new")
    screens = Screen(admin), Screen(second)

    await queue(studio, NotificationType.VIDEO_FAILED, details={"model": "A", "reason": "safety"})
    mine, theirs = [await person.expect(kind="new") for person in (admin, second)]
    await admin.press(words["take"], mine)
    await admin.expect(words["taken"], kind="edit")
    answer = await second.press(words["take"], theirs)
    assert (answer.text or "") in (words["already"], words["already"] + ".")
    await second.expect(words["taken"], kind="edit")

    muted = await admin.press(words["mute"])
    assert muted.alert
    late = await second.press(words["mute"])
    assert late.alert
    assert "Admin 1" in (late.text or "")
    old = await ask(second, "/notifications")
    page = await ask(admin, "/notifications")
    await admin.press(words["switch"], page)
    await admin.expect(lambda message: words["switched"] in "".join(message.labels), kind="edit")
    late = await second.press(words["switch"], old)
    assert "Admin 1" in (late.text or "")
    rows = {row.command: (row.before, row.after) for row in await audited(studio, admin)}
    assert rows["notifications.switch"] == (
        {"type": "system_error", "to": "all"},
        {"type": "system_error", "to": "nobody"},
    )
    assert [rows["notifications.take"][turn]["by"] for turn in (0, 1)] == [None, "Admin 1"]
    before, after = (each["until"] for each in rows["notifications.mute"])
    assert before is None
    assert after is not None
    late_rows = {row.command for row in await audited(studio, second)}
    assert not late_rows & rows.keys() & {f"notifications.{what}" for what in ("switch", "take", "mute")}
    await admin.press(words["test"])
    await admin.expect(words["arrived"])
    await second.expect(words["arrived"])
    await admin.send("/id")
    await admin.expect(str(admin.id))
    for screen in screens:
        assert_readable(screen, allowed=("Admin 1", "Admin 2", "A"))


async def test_people_learn_nothing_of_it(start_studio: StartStudio) -> None:
    studio = await start_studio(admins=1)
    admin, guest = await admin_of(studio), await arrive(studio, "Guest")
    group = studio.sandbox.add_group("Watch", [admin, guest, studio.bot])
    unknown = (await ask(guest, "/nonsense")).text[:15]
    for command in ("/id", "/notifications", "/testnotification"):
        assert (await ask(guest, command)).text.startswith(unknown), guest.transcript()
    assert not any(name in ("id", "notifications") for name, _ in guest.commands())
    await queue(studio, NotificationType.SYSTEM_ERROR, "In the group", chat_ids=[group.chat_id])
    shown = await guest.expect("In the group", chat=group)
    assert "looks after" not in ((await guest.press("I look after it", shown)).text or "")
    await caught_up(guest)
    taken = [message for message in guest.messages(chat=group) if "looks after it" in message.text]
    assert taken == []


async def test_a_deleted_chat_and_quiet_hours(
    start_studio: StartStudio, plugins: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    begin, end = now - timedelta(hours=2), now + timedelta(hours=2)
    studio = await start_studio(admins=1, running=False)
    admin, other = studio.sandbox.person("Admin 1"), studio.person("Other")
    lost = studio.sandbox.add_group("Lost", [other, studio.bot])
    plugins["plugins"]["monitoring"] |= {
        "monitoring_chat_ids": [lost.chat_id],
        "quiet_from": f"{begin:%H:%M}",
        "quiet_until": f"{end:%H:%M}",
        "timezone": "UTC",
    }
    from core.plugins_file import PluginsFile
    from sandbox.studio import lifted

    data = {**plugins, "limits": lifted(plugins.get("limits", {}))}
    studio.file = PluginsFile.of(data, directory=studio.file.directory)
    await studio.launch()
    await admin.start()
    await admin.expect(kind="new")
    lost.remove(studio.bot)
    await queue(studio, NotificationType.VIDEO_STARTED, "Not at night")
    await queue(studio, NotificationType.CREDITS_CRITICAL, "At any hour")
    await admin.expect("At any hour", kind="new")
    assert told(admin, "Not at night") == []
    await queue(studio, NotificationType.SYSTEM_ERROR, "Quite bad", severity=Severity.CRITICAL)
    await admin.expect("Quite bad", kind="new")

    async def known() -> bool:
        store = studio.service.notifications.store
        waiting = [each.newest.details.get("chat") for each in await store.unfinished()]
        return str(lost.chat_id) in waiting

    # That the chat is gone is no reason to wake anybody: it waits for the morning, with the rest.
    await studio.until(known)
