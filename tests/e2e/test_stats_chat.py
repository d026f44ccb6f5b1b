"""/stats and /mystats as people walk them: in both languages, with and without anything to show."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image
from support.golden import Golden
from support.studio_talk import (
    IMAGE_PRICE,
    Screen,
    arrive,
    ask,
    assert_readable,
    begin,
    delivered,
    project_plugins,
    shared_studio,
    write_plugin,
)

from core.charts.chart import Chart
from core.charts.easel import ChartNotDrawn
from core.statistics.periods import Period
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAYS = (re.compile(r"^(.*📊 [^·\n]+ · )(?=.*\d).+$", re.MULTILINE), r"\1DAYS")
TIMES = (re.compile(r"\b\d+ (s|с)$", re.MULTILINE), r"N \1")
EXTRA = """
    class Extra(Plugin):
        name = "extra"

        @hookimpl
        async def statistics_section(self, viewer, period):
            t = self.context.catalogue.translator(viewer.language or viewer.telegram_language)
            return Section(t.plain("extra-title"), t("extra-text", period=period.value))
"""
TEXTS = {
    "en": {"extra-title": "Friends", "extra-text": "Invited: <b>12</b>"},
    "ru": {"extra-title": "Друзья", "extra-text": "Приглашено: <b>12</b>"},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    """One studio for all, the first of which are about figures of nothing."""
    directory = tmp_path_factory.mktemp("stats")
    plugins = project_plugins(directory)
    plugins["plugins"]["extra"] = write_plugin(directory, "extra", EXTRA, TEXTS)
    # What monitoring tells operators of its own accord would come between their questions and the answers.
    del plugins["plugins"]["monitoring"]
    async with shared_studio(database_uri, directory, plugins=plugins) as studio:
        yield studio


async def counted(studio: Studio, generations: int) -> None:
    """Wait until so many generations are in the statistics."""

    async def all_there() -> bool:
        statistics = studio.service.statistics
        return (await statistics.of_all(Period.ALL)).generations.count == generations

    await studio.until(all_there)


async def make(studio: Studio, person: Person, model: str = "🖼") -> None:
    """Have something made, and read everything that was said about it."""
    await begin(person, model=model)
    await delivered(person)
    await studio.settled(person)
    for _ in person.unexpected:
        await person.expect()


async def picture(person: Person, message: MessageView) -> Image.Image:
    return Image.open(io.BytesIO(await person.download(message))).convert("RGB")


async def test_figures_are_there_where_nothing_can_be_drawn(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await arrive(studio)

    async def fail(_chart: Chart) -> bytes:
        raise ChartNotDrawn("no pencil")

    with monkeypatch.context() as broken:
        broken.setattr(studio.service.charts, "draw", fail)
        words = await ask(alice, "/stats")
        assert words.media is None
        assert "Nothing was generated" in words.text
    await alice.press("30 days", words)
    shown = await alice.expect("Nothing was generated", kind="edit")
    assert shown.media is not None
    monkeypatch.setattr(studio.service.charts, "draw", fail)
    await alice.press("Today", shown)
    await alice.expect("The picture couldn’t be drawn", kind="edit")


async def test_other_peoples_figures_stay_theirs(studio: Studio) -> None:
    alice, bob = await arrive(studio, "Alice"), await arrive(studio, "Bob")
    group = studio.sandbox.add_group("Friends", [alice, bob, studio.bot])
    await alice.send("/stats", to=group)
    shown = await bob.expect(chat=group, kind="new", match=lambda message: message.media is not None)
    answer = await bob.press("30 days", shown)
    assert "Only Alice can choose here" in (answer.text or "")


async def test_figures_and_pictures(studio: Studio) -> None:
    boris = await arrive(studio, "Борис", "ru")
    alice = await arrive(studio, "Alice")

    nothing = await ask(boris, "/mystats")
    assert "вы ничего не создавали" in nothing.text
    assert nothing.media.kind == "photo"

    for _ in range(2):
        await make(studio, boris)
    await make(studio, alice, model="🎬")
    await counted(studio, 3)
    screens = Screen(boris), Screen(alice)

    shown = await ask(boris, "/stats")
    assert shown.media.kind == "photo"
    for line in ("✅ Готово: 3 (успешно 100 %)", "👥 2 человека, впервые: 2", "💵 Заплачено провайдерам: "):
        assert line in shown.text, shown.text
    assert shown.labels == ["Сегодня", "• 7 дней •", "30 дней", "Всё время", "➕ Друзья"]
    await boris.press("30 дней", shown)
    month = await boris.expect("✅ Готово: 3", kind="edit")
    assert "• 30 дней •" in month.labels
    await boris.press("➕ Друзья", month)
    section = await boris.expect("Приглашено: 12", kind="edit")
    await boris.press("‹ Назад", section)
    await boris.expect("✅ Готово: 3", kind="edit")

    mine = await ask(boris, "/mystats")
    assert "✅ Готово: 2" in mine.text
    assert f"Потрачено: {2 * IMAGE_PRICE} звёзд" in mine.text
    assert (await picture(boris, mine)).width >= 900
    for label in ("Сегодня", "Всё время"):
        await boris.press(label)
        await boris.expect("✅ Готово: 2", kind="edit")

    own = await ask(alice, "/mystats")
    assert "✅ Delivered: 1 (100% success)" in own.text
    admin = studio.sandbox.person("Admin 1")
    await admin.start()
    await admin.expect(kind="new")
    await cost_for(studio, "admins")
    assert "💵" not in (await ask(alice, "/stats")).text
    assert "💵 Paid to providers: $" in (await ask(admin, "/stats")).text
    await cost_for(studio, "everybody")

    for person in (boris, alice):
        golden = Golden(person, passing=(DAYS, TIMES))
        for command in ("/stats", "/mystats"):
            await golden.write(command)
        await golden.tap({"ru": "Всё время", "en": "All time"}[person.language])
        golden.same_as("stats")

    assert await revenue(studio) == await earned(studio, boris, alice)
    await give_back(studio, boris, by=admin)
    await boris.expect("↩️", kind="new")

    async def agree() -> bool:
        return await revenue(studio) == await earned(studio, boris, alice)

    await studio.until(agree)
    assert "Возвращено позже: 3 звезды" in (await ask(boris, "/mystats")).text
    for screen in screens:
        assert_readable(screen, allowed=("Alice", "Борис", "Demo image", "Demo video", "Demo"))


async def cost_for(studio: Studio, audience: str) -> None:
    """Let these people see what providers were paid, as /plugins does it."""
    await studio.service.plugins.configure("stats", {"cost": audience})


async def revenue(studio: Studio) -> int:
    """What generations have brought, as the statistics have it."""
    return (await studio.service.statistics.of_all(Period.ALL)).stars


async def earned(studio: Studio, *people: Person) -> int:
    """The same as the ledger has it."""
    entries = [entry for each in people for entry in await studio.running.ledger.statement(each.id, 50)]
    kept = sum(entry.amount for entry in entries if entry.key.startswith("settle:"))
    return kept - sum(entry.amount for entry in entries if entry.key.startswith("refund-job:"))


async def give_back(studio: Studio, person: Person, *, by: Person) -> None:
    """Let the person ask for the price of their last generation, and an operator agree."""
    service = studio.service
    (newest, *_) = await service.studio.generations.history.recent(person.id)
    billing = service.billing
    assert await billing.refund_cases.ask_for_generation(person.id, newest.job.id, "blurred")
    await billing.cases.decide(f"refund-job:{newest.job.id}", "refund", by.id)
