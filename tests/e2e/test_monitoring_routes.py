"""Who is told of what: admins, groups and channels that watch, each of its own and once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from support.operators import owner_of
from support.studio_talk import arrive, begin, delivered, said

from core.notifications.notification import NotificationType
from core.plugins.status import Alert
from core.storage.audit import AuditLog
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]
EVERYWHERE, OF_ADMINS, OF_WATCHERS = "To all of them", "To admins alone", "To watchers alone"
STUCK = "4711-stuck"


async def test_a_channel_learns_its_id_from_operators_alone(start_studio: StartStudio) -> None:
    """A post names nobody: where one of the admins is an operator, `/id` is answered, and only that."""
    studio = await start_studio(admins=1)
    admin, guest = await owner_of(studio), await arrive(studio, "Guest")
    own = studio.sandbox.add_channel("Log", [admin, studio.bot], [guest])
    strange = studio.sandbox.add_channel("Strange", [guest, studio.bot], [admin])
    first = await guest.send("/id", to=strange)
    for words in ("/status", "/start", "hello", "/id"):
        await admin.send(words, to=own)
    shown = await admin.expect(str(own.chat_id), chat=own)
    assert str(admin.id) not in shown.text
    strange.add(admin, admin=True)

    async def answered() -> bool:
        await guest.send("/id", to=strange)
        return any(str(strange.chat_id) in message.text for message in guest.messages(chat=strange))

    # The same place is not looked at twice within a second.
    await studio.until(answered)
    for person, channel in ((admin, own), (guest, strange)):
        answers = [each for each in person.messages(chat=channel) if str(channel.chat_id) in each.text]
        assert len(answers) == 1
        assert answers[0].reply_to != first.id
    async with studio.database() as database:
        rows = await AuditLog(database, studio.clock).last(20)
    places = {f"chat:{place.chat_id}" for place in (own, strange)}
    assert {row.actor for row in rows if row.command == "/id"} == places


async def test_each_chat_is_told_what_is_for_it(start_studio: StartStudio) -> None:
    studio = await start_studio(admins=1)
    admin = await owner_of(studio)
    group = studio.sandbox.add_group("Watch", [admin, studio.bot], supergroup=True)
    channel = studio.sandbox.add_channel("Log", [admin, studio.bot])
    await admin.send("/id", to=group)
    await admin.expect(str(group.chat_id), chat=group)
    group.hide(admin)
    await admin.send("/id", to=group)
    shown = await admin.expect(str(group.chat_id), chat=group)
    assert str(admin.id) not in shown.text, "nobody learns who hides"
    await admin.send("/status", to=channel)
    await admin.send("/id", to=channel)
    await admin.expect(str(channel.chat_id), chat=channel)
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
    # What people have made is told of where that is wanted.
    await studio.service.plugins.configure("monitoring", {"everything_made": True})
    person = await arrive(studio, "Maker")
    await begin(person)
    await delivered(person)
    for place in (admin.bot, group, channel):
        await admin.expect("Video ready", chat=place)

    parts = (EVERYWHERE, OF_ADMINS, OF_WATCHERS, STUCK)
    own = [len(said(admin, part)) for part in parts]
    assert own == [1, 1, 0, 1], "what the core tells admins at once is not told them again"
    for chat in (group, channel):
        texts = [message.text for message in admin.messages(chat=chat)]
        assert [sum(part in text for text in texts) for part in parts] == [1, 0, 1, 1]
