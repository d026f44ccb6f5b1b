"""/privacy: everything that names a person is told and erased, and the books still add up."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from support.money_talk import balance, buy, credited
from support.studio_talk import (
    FOREIGN_NAME,
    FOREIGN_WORDS,
    WELCOME,
    Screen,
    all_read,
    arrive,
    ask,
    assert_readable,
    assert_usable,
    begin,
    delivered,
    pressed,
    project_plugins,
    shared_studio,
)

from core.billing.orders import OrderKind
from core.storage.database import Database
from core.storage.personal import HOLDINGS, OPERATORS_LOG, Fate
from core.users import User
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")
both_languages = pytest.mark.parametrize("language", ["en", "ru"])

LOST = {"en": "189 Stars, and they would be lost", "ru": "189 звёзд, и они пропадут"}
ERASED = {"en": "is being erased right now", "ru": "стирается прямо сейчас"}
RUNNING = {"en": "still being made for you", "ru": "ещё что-то делается"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory = tmp_path_factory.mktemp("privacy")
    plugins = project_plugins(directory)
    plan = {"stars": 100, "grant": 120, "title": {"en": "Basic", "ru": "Базовый"}}
    plugins["billing"] = {"plans": {"basic": plan}, "referral_bonus": 50}
    async with shared_studio(database_uri, directory, plugins=plugins) as studio:
        yield studio


async def live(studio: Studio, person: Person) -> str:
    """Do something of everything that leaves a trace; the request id of what was made."""
    await ask(person, "/privacy")
    await person.press("💬")
    await person.expect(kind="edit")
    await begin(person, FOREIGN_WORDS[person.language])
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
    person = await arrive(studio, FOREIGN_NAME[language], language, username=f"walker_{language}")
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
        assert told["profile"][0]["first_name"] == FOREIGN_NAME[language]
        assert told["generations"][0]["kept_prompt"] == FOREIGN_WORDS[language]
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
    assert_readable(
        screen, allowed=(FOREIGN_NAME[language], FOREIGN_WORDS[language], request, "png", "Telegram")
    )


async def deal(studio: Studio, person: Person, code: str) -> Person:
    """Pay, order, subscribe, redeem, invite, and ask for something back; the friend who was invited."""
    language, billing = person.language, studio.service.billing
    operator = studio.sandbox.person("Admin 1")
    await operator.send("/start")
    await operator.send(f"/promos new 7 5 - {code}")
    await all_read(operator)
    await ask(person, f"/promo {code}")
    charge_id = await buy(studio, person, 30, key="one")
    await all_read(person)
    await billing.orders.place(
        key="never paid",
        user=User(person.id, telegram_language=language),
        chat_id=person.id,
        plugin="start",
        kind=OrderKind.STARS,
        stars=40,
        title="Stars",
    )
    await ask(person, "/buy")
    await person.press("🔁")
    await person.expect("🔁", kind="edit")
    link = (await person.press("🔁")).url
    assert link is not None
    await credited(studio, (await person.pay(link)).charge_id)
    assert await billing.refund_cases.ask_for_payment(person.id, charge_id, "please")
    await billing.cases.decide(f"refund:{charge_id}", "decline", operator.id)
    await all_read(person)
    found = re.search(r"start=(ref_\w+)", (await ask(person, "/invite")).text)
    assert found is not None
    friend = studio.person(FOREIGN_NAME[language], language, stars=1000)
    await friend.start(found[1])
    await friend.expect(kind="new")
    await buy(studio, friend, 10, key="two")
    await all_read(friend)
    await studio.until(lambda: _has(studio, person, WELCOME + 7 + 30 + 120 + 50))
    await all_read(person)
    return friend


async def amounts(database: Database) -> Counter[int]:
    """The amounts in the ledger, and how often each is there."""
    return Counter(
        [row["amount"] async for rows in database.collection("entries").batches({}) for row in rows]
    )


async def _has(studio: Studio, person: Person, stars: int) -> bool:
    return (await studio.running.ledger.balance(person.id)).available == stars


@both_languages
async def test_who_has_paid_ordered_subscribed_and_invited_is_told_all_and_erased(
    studio: Studio, language: str
) -> None:
    person = await arrive(studio, FOREIGN_NAME[language], language, stars=1000, username=f"payer_{language}")
    friend = await deal(studio, person, {"en": "SPRING", "ru": "ВЕСНА"}[language])
    money = {
        "payments",
        "orders",
        "subscriptions",
        "cases",
        "promo_uses",
        "referrals",
        "referral_links",
        "entries",
        "entry_keys",
        "accounts",
    }
    async with studio.database() as database:
        await studio.running.ledger.copy()
        before = await collections_with(database, person.id)
        assert set(before) <= {holding.collection for holding in HOLDINGS} | {OPERATORS_LOG}
        assert money <= set(before)
        overview = await ask(person, "/privacy")
        await person.press("📦", overview)
        told = json.loads(
            await person.download(await person.expect(lambda seen: seen.media is not None, kind="new"))
        )
        assert sorted(payment["stars"] for payment in told["payments"]) == [30, 100]
        assert 40 in [order["stars"] for order in told["orders"]]
        assert len(told["plans"]) == len(told["requests"]) == len(told["promo_codes"]) == 1
        assert len(told["invitations"]) == len(told["invitation_link"]) == 1
        assert str(friend.id) not in json.dumps(told), "whose payment it was is the friend’s own"
        await friend.press("📦", await ask(friend, "/privacy"))
        theirs = await friend.expect(lambda seen: seen.media is not None, kind="new")
        assert str(person.id) not in (await friend.download(theirs)).decode()

        booked = await amounts(database)
        assert "399" in (await pressed(person, "🗑", overview)).text
        assert ERASED[language] in (await erase(person)).text
        await studio.until(lambda: gone(database))
        expiring = {holding.collection for holding in HOLDINGS if holding.fate is Fate.EXPIRES}
        assert set(await collections_with(database, person.id)) <= expiring
        # All that was booked is in the books still, and what was given up beside it.
        assert await amounts(database) - booked == Counter({399: 1})
    assert [plan.goes_on for plan in person.subscriptions] == [False]
    assert (await balance(studio, person)).available == 0
    assert (await balance(studio, friend)).available == WELCOME + 10


async def gone(database: Database) -> bool:
    return await database.collection("erasures").find_one({}) is None


@both_languages
async def test_nothing_is_erased_while_something_is_made(studio: Studio, language: str) -> None:
    person = await arrive(studio, FOREIGN_NAME[language], language)
    await begin(person, "fault:hang " + FOREIGN_WORDS[language])
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
    await operator.send("/start")
    await all_read(operator)
    refused = await pressed(operator, "🗑", await ask(operator, "/privacy"))
    assert "ADMIN_IDS" in refused.text
