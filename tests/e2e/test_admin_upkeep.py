"""Support's threads, generations put right, and the pause for everybody: by two operators at once."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import pytest_asyncio
from support.money_talk import balance, buy
from support.operators import audited, member, owner_of
from support.studio_talk import (
    IMAGE_PRICE,
    OOPS,
    WELCOME,
    arrive,
    ask,
    begin,
    delivered,
    files,
    project_plugins,
    said,
    shared_studio,
    to_confirmation,
    write_plugin,
)

from core.admin.roles import AdminRole
from core.errors import UserFacingError
from core.storage.leases import WORKER_LEASE, Leases
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

STAGE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) · [^,\n]+(?:, ([\d.,]+) (?:s|с))?$", re.MULTILINE)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory = tmp_path_factory.mktemp("upkeep")
    plugins = project_plugins(directory)
    plugins["plugins"]["oops"] = write_plugin(directory, "oops", OOPS)
    async with shared_studio(database_uri, directory, plugins=plugins) as studio:
        await owner_of(studio)
        yield studio


@pytest.mark.parametrize(("language", "second"), [("en", "has answered already"), ("ru", "уже ответил")])
async def test_a_word_to_support_is_answered_once(studio: Studio, language: str, second: str) -> None:
    support, admin = [await member(studio, role, language) for role in (AdminRole.SUPPORT, AdminRole.ADMIN)]
    viewer = await member(studio, AdminRole.VIEWER, language)
    person = await arrive(studio, "Needy", language)
    await person.press("✍️", await ask(person, "/support"))
    await person.expect(kind="new")
    assert "✅" in (await ask(person, "My <video> is green")).text
    cards = [await each.expect("My <video> is green", kind="new") for each in (support, admin)]
    for each, card in zip((support, admin), cards, strict=True):
        await each.press("↩️", card)
        await each.expect(kind="new")
    assert "✅" in (await ask(support, "We look at it")).text
    assert second in (await ask(admin, "Me too")).text
    assert "We look at it" in (await person.expect("We look at it", kind="new")).text
    assert said(person, "Me too") == []
    assert said(viewer, "green") == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("delivered", "earned", "given back")), ("ru", ("доставлена", "заработана", "возвращена"))],
)
async def test_a_generation_is_found_followed_and_put_right(
    studio: Studio, language: str, words: tuple[str, ...]
) -> None:
    admin, late = [await member(studio, AdminRole.ADMIN, language) for _ in range(2)]
    person = await arrive(studio, f"Maker {language}", language, username=f"maker_{language}")
    await begin(person)
    await delivered(person)
    await studio.settled(person)
    card = await ask(admin, f"/job {person.id}")
    job_id = card.text.split()[1]
    assert words[0] in card.text
    assert words[1] in card.text
    assert f"{IMAGE_PRICE} ⭐" in card.text
    # When each stage began, in order, and how long it took; the last one has no end.
    stages = STAGE.findall(card.text)
    assert len(stages) > 4
    assert [at for at, _ in stages] == sorted(at for at, _ in stages)
    assert [bool(seconds) for _, seconds in stages] == [True] * (len(stages) - 1) + [False]
    job = await studio.service.panel.jobs.get(job_id)
    assert job is not None
    for wanted in (job_id.upper(), job.task_id, f"@maker_{language}", f" {job_id} "):
        assert job_id in (await ask(admin, f"/job {wanted}")).text
    for many in (job.model_id, "delivered"):
        found = await ask(admin, f"/job {many}")
        assert job_id in found.text or any("✅" in label for label in found.labels)
    assert "/cancel" not in (await ask(admin, "/job nosuch")).text
    # Two operators with the same card: what one does is done once, and the other is told.
    theirs = await ask(late, f"/job {job_id}")
    await admin.press("📤", card)
    await person.expect(lambda message: message.media is not None, kind="new")
    assert str(admin.id) in ((await late.press("📤", theirs)).text or "")
    theirs = await late.expect(kind="edit")
    assert len(files(person)) == 2
    assert words[2] in ((await admin.press("↩️", card)).text or "")
    await person.expect(f"{IMAGE_PRICE}", kind="new")
    assert str(admin.id) in ((await late.press("↩️", theirs)).text or "")
    assert (await balance(studio, person)).available == WELCOME
    # Support may deliver again, and sees no way to move Stars.
    support = await member(studio, AdminRole.SUPPORT, language)
    shown = await ask(support, f"/job {job_id}")
    assert [label[0] for label in shown.labels if label[0] in "🔁⏹↩📤"] == ["📤"]
    await support.press("📤", shown)
    await person.expect(lambda message: message.media is not None, kind="new")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("looked at now", "Stopped", "stopped", "cannot be made again", "Its price is back")),
        ("ru", ("проверяется", "Остановлена", "остановлена", "заново нельзя", "Цена уже возвращена")),
    ],
)
async def test_a_generation_that_hangs_is_looked_at_and_stopped(
    studio: Studio, language: str, words: tuple[str, ...]
) -> None:
    admin, late = [await member(studio, AdminRole.ADMIN, language) for _ in range(2)]
    person = await arrive(studio, "Waiting", language)
    await begin(person, "fault:hang a red fox")

    async def is_made() -> bool:
        return any(job.task_id for job in await studio.service.panel.jobs.find(str(person.id)))

    await studio.until(is_made)
    cards = [await ask(each, f"/job {person.id}") for each in (admin, late)]
    assert (await balance(studio, person)).held == IMAGE_PRICE
    for mark, word in (("🔁", words[0]), ("⏹", words[1])):
        assert word in ((await admin.press(mark, cards[0])).text or "")
        assert str(admin.id) in ((await late.press(mark, cards[1])).text or "")
    await studio.settled(person)
    assert (await balance(studio, person)).available == WELCOME
    told = said(person, f"{IMAGE_PRICE} Stars are back", f"{IMAGE_PRICE} звезды вернулись")
    assert len(told) == 1
    # It has left that state as soon as its price is back, and is found by it still.
    assert person.id in [job.user_id for job in await studio.service.panel.jobs.find("cancelled")]
    over = await ask(late, f"/job {person.id}")
    for word in words[2:]:
        assert word in over.text
    assert not any(label[0] in "🔁⏹↩📤" for label in over.labels)
    done = [row.command for row in await audited(studio, admin) if row.command.startswith("jobs.")]
    assert done == ["jobs.retry", "jobs.cancel"]
    assert not [row for row in await audited(studio, late) if row.command.startswith("jobs.")]


NOTICES = {"en": "New <engines> until noon", "ru": "Новые <моторы> до полудня"}


@pytest.mark.parametrize(
    ("language", "second", "works"),
    [
        ("en", "was first", ("talks to people and makes generations", "makes generations", "stands by")),
        ("ru", "Первым успел", ("говорит с людьми и делает генерации", "делает генерации", "наготове")),
    ],
)
async def test_the_pause_is_for_everybody_but_the_team(
    studio: Studio, language: str, second: str, works: tuple[str, ...]
) -> None:
    admin, late = [await member(studio, AdminRole.ADMIN, language) for _ in range(2)]
    viewer = await member(studio, AdminRole.VIEWER, language)
    people = {each: await arrive(studio, "Waiting", each) for each in NOTICES}
    async with _two_more_instances(studio) as duties:
        pages = [await ask(each, "/maintenance") for each in (admin, late)]
        names = [each.name for each in await studio.service.panel.upkeep.instances()]
    lines = [line.split(" — ")[1] for line in pages[0].text.splitlines() if line.startswith("•")]
    assert [line.partition(", ")[0] for line in lines] == [works[duties.get(name, 0)] for name in names]
    assert len(names) == 3
    for each, page in zip((admin, late), pages, strict=True):
        await each.press("⏸", page)
        await each.expect("en: ru:", kind="new")
    try:
        paused = await ask(admin, "\n".join(f"{each}: {words}" for each, words in NOTICES.items()))
        assert all(words in paused.text for words in NOTICES.values())
        await late.send("-")
        await late.expect(second, kind="new")
        told = {each: (await ask(person, "/help")).text for each, person in people.items()}
        assert all(NOTICES[each] in text for each, text in told.items())
        assert not any(NOTICES["en"] in text for text in (told["ru"], (await ask(viewer, "/admin")).text))
    finally:
        await admin.press("▶️", paused)
    await admin.expect(kind="edit")
    assert "engines" not in (await ask(people["en"], "/help")).text


@asynccontextmanager
async def _two_more_instances(studio: Studio) -> AsyncIterator[dict[str, int]]:
    """One that makes generations, and one that only stands by; the place of their duties among the words."""
    duties = {"a-worker": 1, "b-standby": 2}
    async with studio.database() as database:
        rows, leases, now = (
            database.collection("instances"),
            Leases(database, studio.clock),
            studio.clock.now(),
        )
        for name in duties:
            row = {"_id": name, "role": "worker", "since": now, "at": now}
            assert await rows.insert_one({**row, "expires_at": now + timedelta(days=1)})
        lease = await leases.acquire(f"{WORKER_LEASE}a-worker", "a-worker", 600)
        assert lease is not None
        try:
            yield duties
        finally:
            await leases.release(lease)
            await rows.delete_many({"_id": {"$in": list(duties)}})


async def test_errors_are_listed_by_what_people_quote(studio: Studio) -> None:
    admin = await member(studio, AdminRole.ADMIN)
    person = await arrive(studio, "Unlucky")
    shown = (await ask(person, "/oops")).text
    reference = shown.split()[-1]
    assert "tell support this number" in shown

    async def listed() -> bool:
        await admin.press("⚠️", await ask(admin, "/maintenance"))
        text = (await admin.expect(kind="edit")).text
        return reference in text and "ZeroDivisionError" in text

    await studio.until(listed)


async def first_model(operator: Person) -> MessageView:
    """The card of the model that stands first."""
    await operator.press("🧠", await ask(operator, "/admin"))
    screen = await operator.expect(kind="edit")
    await operator.press(screen.labels[0], screen)
    return await operator.expect(kind="edit")


@pytest.mark.parametrize(
    ("language", "off", "second"), [("en", "Switched off", "was first"), ("ru", "Выключена", "Первым успел")]
)
async def test_what_is_decided_of_a_model_counts_at_once(
    studio: Studio, language: str, off: str, second: str
) -> None:
    admin, late = [await member(studio, AdminRole.ADMIN, language) for _ in range(2)]
    model = studio.service.panel.models.all()[0]
    before = studio.service.studio.generations.quote(model.id).stars

    cards = [await first_model(each) for each in (admin, late)]
    await admin.press("💲", cards[0])
    await admin.expect(kind="new")
    assert "77 ⭐" in (await ask(admin, "77")).text
    assert studio.service.studio.generations.quote(model.id).stars == 77
    assert second in ((await late.press("📌", cards[1])).text or "")
    now = await late.expect(kind="edit")
    assert "77 ⭐" in now.text
    await late.press("📌", now)
    assert model.id in studio.service.studio.generations.pins
    now = await late.expect(kind="edit")
    await late.press("⚪", now)
    now = await late.expect(kind="edit")
    assert off in now.text
    assert model.id not in [each.id for each in studio.service.studio.generations.models()]
    for mark in ("🟢", "📌", "💲"):
        await late.press(mark, now)
        if mark != "💲":
            now = await late.expect(kind="edit")
    await late.expect(kind="new")
    await ask(late, "-")
    assert studio.service.studio.generations.quote(model.id).stars == before
    assert not studio.service.studio.generations.pins


@pytest.mark.parametrize(("language", "free"), [("en", "free today"), ("ru", "сегодня бесплатно")])
async def test_a_markup_of_its_own_and_for_nothing_within_the_day(
    studio: Studio, language: str, free: str
) -> None:
    admin = await member(studio, AdminRole.ADMIN, language)
    generations, models = studio.service.studio.generations, studio.service.panel.models
    model = models.all()[0]
    before = generations.quote(model.id).stars
    card = await first_model(admin)
    prices = []
    for markup in ("x30", "х60,0"):
        await admin.press("💲", card)
        await admin.expect(kind="new")
        card = await ask(admin, markup)
        prices.append(generations.quote(model.id).stars)
        assert f"{prices[-1]} ⭐" in card.text
    assert prices[0] > before
    assert 2 * prices[0] - 2 < prices[1] <= 2 * prices[0], "each is rounded up to a whole Star"
    await admin.press("💲", card)
    await admin.expect(kind="new")
    card = await ask(admin, "-")
    assert generations.quote(model.id).stars == before
    # Free within the daily limit: made for nobody's Stars, and at its price again when that is undone.
    at_first = (shown := models.card(model.id)) is not None and shown.free
    for is_free in (not at_first, at_first):
        await admin.press("🎁", card)
        card = await admin.expect(kind="edit")
        saver = await arrive(studio, "Saver", language)
        question = await to_confirmation(saver, model=model.title_in(language))
        assert (free in question.text) is is_free, question.text
    done = [(row.before, row.after) for row in await audited(studio, admin) if row.command == "models.decide"]
    assert [after["markup"] for _, after in done if "markup" in after] == ["30", "60.0", ""]
    assert [after["free"] for _, after in done if "free" in after] == [not at_first, at_first]


@pytest.mark.parametrize(
    ("language", "second"), [("en", "was first and has set ERROR"), ("ru", "Первым успел")]
)
async def test_the_level_of_the_log_is_set_for_all_instances(
    studio: Studio, language: str, second: str
) -> None:
    admin, late = [await member(studio, AdminRole.ADMIN, language) for _ in range(2)]
    page, theirs = [await ask(each, "/maintenance") for each in (admin, late)]
    before = studio.service.panel.upkeep.level
    try:
        await admin.press("ERROR", page)
        page = await admin.expect(kind="edit")
        assert "✓ ERROR" in page.labels
        answer = (await late.press("WARNING", theirs)).text or ""
        assert all(part in answer for part in (second, str(admin.id), "ERROR")), answer
        assert "✓ ERROR" in (await late.expect(kind="edit")).labels
        assert logging.getLogger("core").getEffectiveLevel() == logging.ERROR
    finally:
        await admin.press(before, page)
    assert f"✓ {before}" in (await admin.expect(kind="edit")).labels
    levels = [(row.before, row.after) for row in await audited(studio, admin) if row.command == "log.level"]
    assert levels == [(before, "ERROR"), ("ERROR", before)]
    assert not [row for row in await audited(studio, late) if row.command == "log.level"]


async def test_no_price_is_taken_that_is_none(studio: Studio) -> None:
    model = studio.service.panel.models.all()[0]
    desk, owner = studio.service.panel.models, studio.sandbox.person("Admin 1")
    wrong: list[dict[str, object]] = [
        {"stars": -1},
        {"markup": "0"},
        {"markup": "free"},
        {"markup": "1001"},
        {"markup": "NaN"},
    ]
    for changes in wrong:
        with pytest.raises(UserFacingError):
            await desk.decide(model.id, changes, seen=1000, by=owner.id)
    card = desk.card(model.id)
    assert card is not None
    assert card.policy.stars == 0


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("Today", "This month")), ("ru", ("Сегодня", "В этом месяце"))]
)
async def test_the_page_about_money_joins_what_there_is(
    studio: Studio, language: str, words: tuple[str, ...]
) -> None:
    admin = await member(studio, AdminRole.ADMIN, language)
    person = await arrive(studio, "Payer", stars=1000)
    before = (await studio.service.panel.money.today()).paid
    charge_id = await buy(studio, person, 30, key=f"money{language}")
    await admin.press("💰", await ask(admin, "/admin"))
    page = await admin.expect(kind="edit")
    for each in words:
        assert each in page.text
    assert f"{before + 30} ⭐" in page.text
    await admin.press("📤", page)
    assert (await admin.expect(lambda message: message.media is not None, kind="new")).media is not None
    exported = (await studio.service.panel.money.export(by=admin.id)).decode("utf-8-sig")
    assert charge_id in exported
    for mark in ("🔎", "🧮", "📬"):
        await admin.press(mark, page)
        await admin.expect(kind="new")
