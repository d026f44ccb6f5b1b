"""What operators see of people and do to them, in both languages; and what support may not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.money_talk import balance, buy
from support.operators import audited, member, owner_of
from support.studio_talk import IMAGE_PRICE, arrive, ask, begin, delivered, said, shared_studio

from core.admin.people import PersonFigures, people_csv
from core.admin.roles import AdminRole
from core.storage.people_search import PersonRow
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

RICH = 1000
COLUMNS = ["id", "name", "generations", "last on", "payments", "⭐"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory = tmp_path_factory.mktemp("people")
    settings = {"WELCOME_BALANCE_RUB": "0"}
    async with shared_studio(database_uri, directory, settings=settings) as studio:
        await owner_of(studio)
        yield studio


async def card_of(operator: Person, person: Person) -> MessageView:
    return await ask(operator, f"/user {person.id}")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                *("Payments: 1, 100 ⭐", "cannot use this bot", "people behind"),
                *("Balance: 90 ⭐, set aside 10 ⭐", "Generations: 0", "Nothing has been made"),
            ),
        ),
        (
            "ru",
            (
                *("Платежей: 1, 100 ⭐", "не можете", "люди, которые"),
                *("Баланс: 90 ⭐, отложено 10 ⭐", "Генераций: 0", "ещё ничего не делали"),
            ),
        ),
    ],
)
async def test_found_written_to_shut_out_and_let_in(
    studio: Studio, language: str, words: tuple[str, ...]
) -> None:
    admin, late = [await member(studio, AdminRole.ADMIN, language) for _ in range(2)]
    person = await arrive(studio, f"Quentin {language}", language, username=f"quentin_{language}", stars=RICH)
    await buy(studio, person, 100, key=f"k{language}")
    assert words[0] in (await ask(admin, f"/user @QUENTIN_{language}")).text
    assert words[0] in (await ask(admin, f"/user quentin {language}")).text
    await studio.running.ledger.hold(person.id, f"aside-{language}", 10, actor="test", reason="aside")
    card, theirs = await card_of(admin, person), await card_of(late, person)
    for part in (words[0], words[3], words[4]):
        assert part in card.text
    await admin.press("🎬", card)
    nothing = await admin.expect(kind="edit")
    assert words[5] in nothing.text
    await admin.press("‹", nothing)
    assert words[3] in (await admin.expect(kind="edit")).text
    await admin.press("📒", card)
    assert "100 ⭐" in (await admin.expect(kind="edit")).text
    card = await card_of(admin, person)
    # A word.
    await admin.press("✉️", card)
    await admin.expect(kind="new")
    await ask(admin, "<b>Hello</b> from us")
    assert words[2] in (await person.expect("<b>Hello</b> from us", kind="new")).text
    # Two operators shut the same person out.
    questions = []
    for each, seen in ((admin, card), (late, theirs)):
        await each.press("⛔", seen)
        questions.append(await each.expect(kind="new"))
    assert "UTC" in (await ask(admin, "7d too good")).text
    assert str(admin.id) in (await ask(late, "for good")).text
    assert words[1] in (await ask(person, "/help")).text
    assert "too good" in (shown := (await card_of(late, person)).text), shown
    (banned,) = [row for row in await audited(studio, admin) if row.command == "people.ban"]
    before, after = banned.before, banned.after
    assert before == {"of": f"user:{person.id}", "was": None}
    assert isinstance(after, dict)
    assert after["is"]["reason"] == "too good"
    await late.press("✅", await card_of(late, person))
    await late.expect(kind="edit")
    await person.send("/help")
    assert words[1] not in (await person.expect(kind="new")).text


@pytest.mark.parametrize(("language", "given"), [("en", "50 Stars"), ("ru", "50 звёзд")])
async def test_given_with_a_reason_from_the_card(studio: Studio, language: str, given: str) -> None:
    admin = await member(studio, AdminRole.ADMIN, language)
    person = await arrive(studio, "Gina", language)
    await admin.press("🎁", await card_of(admin, person))
    await admin.expect(kind="new")
    await admin.press("✅", await ask(admin, "50 sorry for the delay"))
    await admin.expect(kind="edit")
    assert (await balance(studio, person)).available == 50
    assert "sorry for the delay" in (await person.expect(given, kind="new")).text


@pytest.mark.parametrize(("language", "other"), [("en", "Русский"), ("ru", "English")])
async def test_support_helps_and_moves_nothing(studio: Studio, language: str, other: str) -> None:
    support = await member(studio, AdminRole.SUPPORT, language)
    admin = await member(studio, AdminRole.ADMIN, language)
    person = await arrive(studio, "Sam", language)
    theirs = (await ask(person, "/help")).text
    card = await card_of(support, person)
    assert not any(mark in label for label in card.labels for mark in ("⛔", "🎁"))
    panel = await ask(support, "/admin")
    await support.press("👥", panel)
    assert not any("📋" in label for label in (await support.expect(kind="edit")).labels)
    # Pressed while they were an admin's, when they are support's: nothing.
    full = await card_of(admin, person)
    owner = studio.sandbox.person("Admin 1")
    await studio.service.team.appoint(admin.id, AdminRole.SUPPORT, seen=AdminRole.ADMIN, by=owner.id)
    for mark in ("⛔", "🎁"):
        await admin.press(mark, full)
    assert not studio.service.team.role_of(person.id)
    assert (await balance(studio, person)).available == 0
    await support.press(other, card)
    assert other in (await support.expect(kind="edit")).text
    assert (await ask(person, "/help")).text != theirs


@pytest.mark.parametrize(
    ("language", "other", "second"),
    [("en", "Русский", "was first and has chosen Русский"), ("ru", "English", "Первым успел")],
)
async def test_whose_word_about_a_language_counts(
    studio: Studio, language: str, other: str, second: str
) -> None:
    admin, late = [await member(studio, AdminRole.ADMIN, language) for _ in range(2)]
    person = await arrive(studio, "Sam", language)
    card, theirs = [await card_of(each, person) for each in (admin, late)]
    await admin.press(other, card)
    await admin.expect(kind="edit")
    answer = (await late.press(other, theirs)).text or ""
    assert all(part in answer for part in (second, str(admin.id), other)), answer
    assert other not in (await late.expect(kind="edit")).labels
    changes = [[row.command for row in await audited(studio, each)] for each in (admin, late)]
    assert [commands.count("people.language") for commands in changes] == [1, 0]


async def test_an_operator_is_not_shut_out(studio: Studio) -> None:
    admin, other = [await member(studio, AdminRole.ADMIN) for _ in range(2)]
    await admin.press("⛔", await card_of(admin, other))
    await admin.expect(kind="new")
    assert "operates the bot" in (await ask(admin, "spam")).text


async def test_the_table_of_all_is_harmless_in_a_spreadsheet(studio: Studio) -> None:
    admin = await member(studio, AdminRole.ADMIN)
    evil = await arrive(studio, '=HYPERLINK("http://x|y")', username="plus_minus", stars=RICH)
    await buy(studio, evil, 100, key="evil")
    await begin(evil)
    await delivered(evil)
    await studio.settled(evil)
    # The chat shows fifteen of the latest: only the one who matters, and who asks for it, are of today.
    async with studio.database() as database:
        others = {"_id": {"$ne": evil.id}}
        await database.collection("users").update_many(others, {"$set": {"seen_on": "2020-01-01"}})
    await admin.press("👥", await ask(admin, "/admin"))
    await admin.press("📋", await admin.expect(kind="edit"))
    listed = await admin.expect("in the file", kind="new")
    head, rule, *lines = listed.text.splitlines()[1:5]
    line = next(each for each in lines if str(evil.id) in each)
    assert [cell.strip() for cell in head.strip("| ").split(" | ")] == COLUMNS
    assert re.fullmatch(r"(\|-+){6}\|", rule), "a Markdown table"
    assert len(head) == len(rule) == len(line), "its borders stand below each other"
    today = studio.clock.now().date().isoformat()
    cells = [str(evil.id), '=HYPERLINK("http://…', "1", today, "1", "100"]
    assert [cell.strip() for cell in line.strip("| ").split(" | ")] == cells
    file = await admin.expect(lambda message: message.media is not None, kind="new")
    assert file.media is not None
    people = [each async for each in studio.service.panel.desk.figures()]
    rows = list(csv.DictReader(io.StringIO(people_csv(people).decode("utf-8-sig"))))
    row = next(row for row in rows if row["id"] == str(evil.id))
    assert row["name"] == '\'=HYPERLINK("http://x|y")'
    known = {name: row[name] for name in ("username", "language", "since", "last_seen")}
    assert known == {"username": "plus_minus", "language": "en", "since": today, "last_seen": today}
    figures = [row[name] for name in ("generations", "delivered", "stars_spent", "payments", "stars_paid")]
    assert figures == ["1", "1", str(IMAGE_PRICE), "1", "100"]
    assert (row["banned"], row["blocked_bot"]) == ("", "")
    # From the card to the one generation.
    await admin.press("🎬", await card_of(admin, evil))
    made = await admin.expect(kind="edit")
    await admin.press(made.labels[0], made)
    assert "HYPERLINK" in (await admin.expect(kind="edit")).text
    assert len(rows) == len(people)
    assert said(evil, "file") == []


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@cmd", "\t=1", "\r=1", " =1", "'=1", "Ann"])
async def test_no_cell_is_a_formula(name: str) -> None:
    person = PersonRow(1, name, "", "en", None, None, False, False)
    cell = next(csv.DictReader(io.StringIO(people_csv([PersonFigures(person)]).decode("utf-8-sig"))))["name"]
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert cell.endswith(name)
