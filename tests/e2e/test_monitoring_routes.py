"""Who is told of what: admins, groups and channels that watch, each of its own and once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from support.operators import owner_of
from support.studio_talk import said

from core.notifications.notification import NotificationType
from core.plugins.status import Alert
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]
EVERYWHERE, OF_ADMINS, OF_WATCHERS = "To all of them", "To admins alone", "To watchers alone"
STUCK = "4711-stuck"


async def test_each_chat_is_told_what_is_for_it(start_studio: StartStudio) -> None:
    studio = await start_studio(admins=1)
    admin = await owner_of(studio)
    group = studio.sandbox.add_group("Watch", [admin, studio.bot], supergroup=True)
    channel = studio.sandbox.add_channel("Log", [studio.bot], [admin])
    await admin.send("/id", to=group)
    await admin.expect(str(group.chat_id), chat=group)
    await studio.service.plugins.configure(
        "monitoring",
        {
            "monitoring_chat_ids": [group.chat_id, channel.chat_id],
            "routes": {"upload_started": "admins", "upload_completed": "monitoring"},
        },
    )
    notifications = studio.service.notifications

    async def everywhere(title: str) -> None:
        await notifications.put([notifications.made(NotificationType.VIDEO_STARTED, title, source="test")])
        for chat in (admin.bot, group, channel):
            await admin.expect(title, chat=chat, within=30)

    await everywhere(EVERYWHERE)
    await studio.service.foundation.alerts.tell(Alert("alert-payment-stuck", {"charge": STUCK, "stars": 100}))
    for kind, title in (("upload_started", OF_ADMINS), ("upload_completed", OF_WATCHERS)):
        await notifications.put([notifications.made(kind, title, source="test")])
    await admin.expect(OF_ADMINS)
    for chat in (group, channel):
        await admin.expect(STUCK, chat=chat)
        await admin.expect(OF_WATCHERS, chat=chat)
    await admin.expect(STUCK)
    await everywhere("The last one")

    parts = (EVERYWHERE, OF_ADMINS, OF_WATCHERS, STUCK)
    own = [len(said(admin, part)) for part in parts]
    assert own == [1, 1, 0, 1], "what the core tells admins at once is not told them again"
    for chat in (group, channel):
        texts = [message.text for message in admin.messages(chat=chat)]
        assert [sum(part in text for text in texts) for part in parts] == [1, 0, 1, 1]
