"""A word to many, from the draft to the last person: whom it is for, how it looks, and steered by two."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from pyrogram.raw import types as T
from support.media_samples import picture
from support.money_talk import balance
from support.operators import audited, member, owner_of
from support.studio_talk import arrive, ask, files, said, shared_studio

from core.admin.roles import AdminRole
from core.storage.broadcasts import Broadcast, BroadcastStore
from sandbox.faults import Fault, FaultKind
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = "We are <b>open</b> & glad"
CROWD = 23
"""More people than are written to at the same time."""
HANDFUL = 20
LONG_AGO = timedelta(days=40)
COUNT = re.compile(r"— (\d+)")
"""Of a draft's card: how many people it is for."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory = tmp_path_factory.mktemp("broadcasts")
    async with shared_studio(database_uri, directory, settings={"WELCOME_BALANCE_RUB": "0"}) as studio:
        await owner_of(studio)
        yield studio


async def drafted(admin: Person, text: str = TEXT, way: str = "➕", **details: Any) -> MessageView:
    """The card of a new draft."""
    await admin.press(way, await ask(admin, "/broadcast"))
    await admin.expect(kind="new")
    await admin.send(text, **details)
    return await admin.expect("📣", kind="new")


async def pressed(admin: Person, label: str, card: MessageView) -> MessageView:
    """The card after a button."""
    await admin.press(label, card)
    return await admin.expect(kind="edit")


def count_of(card: MessageView) -> int:
    """How many people a draft is for."""
    found = COUNT.search(card.text)
    assert found is not None, card.text
    return int(found[1])


async def begun(admin: Person, card: MessageView) -> MessageView:
    return await pressed(admin, "📣", await pressed(admin, "📣", card))


async def over(studio: Studio) -> Broadcast:
    """The newest broadcast, once its author was told that it is over."""
    async with studio.database() as database:
        store = BroadcastStore(database, studio.clock)

        async def holds() -> bool:
            return not await store.live()

        await studio.until(holds)
        return (await store.last(1))[0]


async def was_here(studio: Studio, person: Person, ago: timedelta) -> None:
    """Let somebody have been here last so long ago."""
    day = (studio.clock.now() - ago).date().isoformat()
    async with studio.database() as database:
        await database.collection("users").update_one({"_id": person.id}, {"$set": {"seen_on": day}})


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Arrived: 2, have blocked the bot: 1", "over")),
        ("ru", ("Дошло: 2, заблокировали бота: 1", "законч")),
    ],
)
async def test_from_the_draft_to_the_last_person(
    studio: Studio, language: str, words: tuple[str, ...]
) -> None:
    admin, other = [await member(studio, AdminRole.ADMIN, "en") for _ in range(2)]
    await studio.service.panel.desk.set_language(admin.id, language, seen="en", by=other.id)
    people = [await arrive(studio, f"P{number}", each) for number, each in enumerate(("en", "ru", "ru"))]
    left, blocked = await arrive(studio, "Left", "ru"), await arrive(studio, "Gone", "ru")
    for each in (*people, left, blocked):
        await was_here(studio, each, LONG_AGO)
    blocked.block()

    async def is_known() -> bool:
        return (await studio.service.panel.people.find(str(blocked.id), 1))[0].blocked_bot

    await studio.until(is_known)
    card = await drafted(admin, TEXT, formatting=[T.MessageEntityItalic(offset=0, length=6)])
    assert TEXT in card.text
    await admin.press("🧪", card)
    shown = await admin.expect(kind="new")
    assert (shown.text, [each.kind for each in shown.entities]) == (TEXT, ["italic"])
    card = await pressed(
        admin, {"en": "Away", "ru": "Не были"}[language], await pressed(admin, "Русский", card)
    )
    left.leave()
    await begun(admin, card)
    told = await admin.expect(words[1], kind="new")
    assert words[0] in told.text
    done = await over(studio)
    assert (done.sent, done.blocked, done.failed, done.total) == (2, 1, 0, 3)
    assert [len(said(person, TEXT)) for person in (*people, blocked, other)] == [0, 1, 1, 0, 0]
    assert [each.kind for each in people[1].messages()[-1].entities] == ["italic"]
    # Who was found to be gone is left out of the next one.
    assert (await studio.service.panel.people.find(str(left.id), 1))[0].blocked_bot
    for each in people:
        await was_here(studio, each, timedelta(0))


async def test_who_it_is_for(studio: Studio) -> None:
    admin = await member(studio, AdminRole.ADMIN)

    async def counts() -> dict[str, int]:
        card = await drafted(admin)
        found = {}
        for label in ("Here in 7", "Here in 30", "Away", "Everybody"):
            card = await pressed(admin, label, card)
            found[label] = count_of(card)
        await pressed(admin, "Stop", card)
        return found

    before = await counts()
    for ago in (0, 6, 7, 29, 30, 400):
        await was_here(studio, await arrive(studio, f"D{ago}"), timedelta(days=ago))
    risen = {label: count - before[label] for label, count in (await counts()).items()}
    assert risen == {"Here in 7": 2, "Here in 30": 4, "Away": 2, "Everybody": 6}


async def test_a_picture_with_its_caption(studio: Studio) -> None:
    admin = await member(studio, AdminRole.ADMIN)
    person = await arrive(studio, "Viewer")
    await admin.press("➕", await ask(admin, "/broadcast"))
    await admin.expect(kind="new")
    await admin.send_album([picture(), picture((200, 100))])
    assert "album" in (await admin.expect(kind="new")).text
    await admin.send_photo(picture(), "See this")
    card = await admin.expect(kind="new")
    assert "with a photo" in card.text
    await admin.press("🧪", card)
    assert (await admin.expect(kind="photo")).text == "See this"
    # The reference of a file that waited for long has expired: the message it was written with has another.
    expired = Fault(
        kind=FaultKind.ERROR, method="messages.SendMedia", code=400, message="FILE_REFERENCE_EXPIRED", times=1
    )
    with studio.sandbox.faults.add(expired):
        await begun(admin, card)
        done = await over(studio)
    assert done.failed == 0
    (shown,) = files(person)
    assert (shown.kind, shown.text) == ("photo", "See this")
    assert [each.text for each in files(admin)] == ["See this"] * 2


async def test_stars_for_many(studio: Studio) -> None:
    admin = await member(studio, AdminRole.ADMIN)
    people = [await arrive(studio, f"G{number}") for number in range(3)]
    before = [(await balance(studio, person)).available for person in people]
    card = await drafted(admin, "7 sorry for the outage", "🎁")
    await admin.press("🧪", card)
    assert "sorry for the outage" in (await admin.expect("7", kind="new")).text
    question = await pressed(admin, "📣", card)
    assert "Each gets 7 ⭐" in question.text
    await pressed(admin, "📣", question)
    done = await over(studio)
    assert (done.sent, done.failed) == (done.total - done.blocked, 0)
    for person, had in zip(people, before, strict=True):
        assert (await balance(studio, person)).available == had + 7
        assert len(said(person, "sorry for the outage")) == 1


async def test_paused_and_gone_on_with_and_stopped(studio: Studio) -> None:
    """One goes on, steered in English, another one is stopped in Russian."""
    other = await member(studio, AdminRole.ADMIN)
    crowd = await asyncio.gather(*(arrive(studio, f"C{number}", "ru") for number in range(CROWD)))
    slow = Fault(kind=FaultKind.ERROR, method="messages.SendMessage", code=420, message="FLOOD_WAIT_1")
    for way, label, language, progress in (("go on", "⏸", "en", "{} of {}"), ("stop", "⏹", "ru", "{} из {}")):
        admin, words = await member(studio, AdminRole.ADMIN, language), f"{TEXT}: {way}"
        card = await pressed(admin, "Русский", await drafted(admin, words))
        total = count_of(card)
        with studio.sandbox.faults.add(slow):
            card = await begun(admin, card)
            card = await pressed(admin, label, card)
        done = await over(studio)
        assert (done.reached, done.total) == (HANDFUL, total)
        card = await pressed(admin, "🔄", card)
        assert progress.format(HANDFUL, total) in card.text
        if way == "go on":
            theirs = await pressed(other, "⏸", await ask(other, "/broadcast"))
            await pressed(other, "▶️", theirs)
            assert str(other.id) in ((await admin.press("▶️", card)).text or "")
            await admin.expect(kind="edit")
            await admin.expect("over", kind="new")
            assert (await over(studio)).reached == total
            assert [len(said(person, words)) for person in crowd] == [1] * CROWD
        else:
            assert "Остановлена" in (await admin.expect("закончилась", kind="new")).text
            assert sum(len(said(person, words)) for person in crowd) <= HANDFUL


async def test_two_operators_steer_one_broadcast(studio: Studio) -> None:
    """One of them in English, the other one in Russian."""
    admin, other = [await member(studio, AdminRole.ADMIN, language) for language in ("en", "ru")]
    card = await drafted(admin)
    theirs = await pressed(other, "✏️", await ask(other, "/broadcast"))
    # Asked about some people, while another operator chooses others: nobody is written to.
    question = await pressed(admin, "📣", await pressed(admin, "Русский", card))
    await pressed(other, "English", theirs)
    answer = await admin.press("📣", question)
    assert str(other.id) in (answer.text or "")
    assert "other people" in (answer.text or "")
    card = await admin.expect(kind="edit")
    assert "Stopped" in (await pressed(admin, "Stop", card)).text
    answer = await other.press("⏹", theirs)
    assert str(admin.id) in (answer.text or "")
    assert "рассылка остановлена" in (answer.text or "")
    assert "Остановлена" in (await other.expect(kind="edit")).text
    await over(studio)
    assert TEXT not in said(other, TEXT)
    changes = [(row.command, row.before, row.after) for row in await audited(studio, admin)]
    (stopped,) = [(before, after) for what, before, after in changes if what == "broadcast"]
    assert [each["state"] for each in stopped] == ["draft", "stopped"]
