"""/privacy: everything that names a person is told and erased, and the books still add up."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from support.studio_talk import (
    WELCOME,
    Screen,
    arrive,
    ask,
    assert_readable,
    assert_usable,
    begin,
    delivered,
    shared_studio,
)

from core.storage.database import Database
from core.storage.personal import HOLDINGS, OPERATORS_LOG, Fate
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")
both_languages = pytest.mark.parametrize("language", ["en", "ru"])

NAME = {"en": "Алиса", "ru": "Alice"}
WORDS = {"en": "рыжая лиса", "ru": "red fox"}
LOST = {"en": "189 Stars, and they would be lost", "ru": "189 звёзд, и они пропадут"}
ERASED = {"en": "is being erased right now", "ru": "стирается прямо сейчас"}
RUNNING = {"en": "still being made for you", "ru": "ещё что-то делается"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    async with shared_studio(database_uri, tmp_path_factory.mktemp("privacy")) as studio:
        yield studio


async def pressed(person: Person, label: str, message: MessageView) -> MessageView:
    await person.press(label, message)
    return await person.expect(lambda seen: seen.id == message.id, kind="edit")


async def live(studio: Studio, person: Person) -> str:
    """Do something of everything that leaves a trace; the request id of what was made."""
    await ask(person, "/privacy")
    await person.press("💬")
    await person.expect(kind="edit")
    await begin(person, WORDS[person.language])
    await delivered(person)
    await studio.settled(person)
    shown = await ask(person, "/history")
    details = await pressed(person, "☆", await pressed(person, shown.labels[0], shown))
    return details.text.splitlines()[-1]


async def collections_with(database: Database, user_id: int) -> dict[str, list[Any]]:
    """The ids of all documents that name a person, by collection."""
    named = re.compile(rf"(?<!\d){user_id}(?!\d)")
    found: dict[str, list[Any]] = {}
    for name in await database._database.list_collection_names():
        async for batch in database.collection(name).batches({}):
            for row in batch:
                if named.search(repr(row)):
                    found.setdefault(name, []).append(row["_id"])
    return found


async def erase(person: Person) -> MessageView:
    """Walk through both questions."""
    overview = await ask(person, "/privacy")
    first = await pressed(person, "🗑", overview)
    last = await pressed(person, first.labels[0], first)
    return await pressed(person, "🗑", last)


@both_languages
async def test_what_is_held_is_told_and_erased_and_the_person_comes_again(
    studio: Studio, language: str
) -> None:
    person = await arrive(studio, NAME[language], language, username=f"walker_{language}")
    screen = Screen(person)
    request = await live(studio, person)
    async with studio.database() as database:
        await studio.running.ledger.copy()
        before = await collections_with(database, person.id)
        assert set(before) <= {holding.collection for holding in HOLDINGS} | {OPERATORS_LOG}
        assert {"users", "generations", "accounts", "entries", "entry_keys"} <= set(before)

        overview = await ask(person, "/privacy")
        await screen.press("📦", overview)
        document = await person.expect(lambda seen: seen.media is not None)
        told = json.loads(await person.download(document))
        assert told["telegram_id"] == person.id
        assert told["profile"][0]["first_name"] == NAME[language]
        assert told["generations"][0]["kept_prompt"] == WORDS[language]
        assert [entry["amount"] for entry in told["ledger"]] == [WELCOME, 3, 3]
        assert told["balance"][0]["balance"] == WELCOME - 3

        question = await pressed(person, "🗑", overview)
        assert LOST[language] in question.text
        kept = await pressed(person, "↩️", question)
        farewell = await erase(person)
        assert ERASED[language] in farewell.text
        assert not farewell.labels

        await studio.until(lambda: gone(database))
        expiring = {holding.collection for holding in HOLDINGS if holding.fate is Fate.EXPIRES}
        left = await collections_with(database, person.id)
        assert set(left) <= expiring
        assert await database.collection("erased").find_one({}) is not None
    await studio.running.ledger.copy()
    report = await studio.running.ledger.check()
    assert (report.total, report.problems) == (0, ())
    assert kept.labels

    await ask(person, "/start")
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held, balance.owed) == (0, 0, 0)
    assert len((await ask(person, "/history")).labels) == 1
    assert_readable(screen, allowed=(NAME[language], WORDS[language], request, "png", "Telegram"))


async def gone(database: Database) -> bool:
    return await database.collection("erasures").find_one({}) is None


@both_languages
async def test_nothing_is_erased_while_something_is_made(studio: Studio, language: str) -> None:
    person = await arrive(studio, NAME[language], language)
    await begin(person, "fault:hang " + WORDS[language])
    refused = await pressed(person, "🗑", await ask(person, "/privacy"))
    assert RUNNING[language] in refused.text
    await person.send("/cancel")
    for _ in ("it is being stopped", "it is stopped"):
        await person.expect("🛑", kind="new")
    await studio.settled(person)
    assert ERASED[language] in (await erase(person)).text


async def test_more_stars_than_were_told_of_are_never_lost(studio: Studio) -> None:
    person = await arrive(studio)
    overview = await ask(person, "/privacy")
    first = await pressed(person, "🗑", overview)
    last = await pressed(person, first.labels[0], first)
    ledger = studio.running.ledger
    await ledger.credit(person.id, 5, source="manual", key="late", reference="", actor="test", reason="")
    refused = await person.press("🗑", last)
    assert "Something has changed" in refused.text
    assert (await ledger.balance(person.id)).available == WELCOME + 5
    await assert_usable(studio, person)


async def test_an_operator_is_told_what_to_do_first(studio: Studio) -> None:
    operator = studio.sandbox.person("Admin 1")
    await operator.start()
    await operator.expect(kind="new")
    refused = await pressed(operator, "🗑", await ask(operator, "/privacy"))
    assert "ADMIN_IDS" in refused.text
