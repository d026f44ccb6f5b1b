"""Choosing among many models, answering what a model must be told, and how far the provider says it is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.file_provider import FileProvider
from support.golden import Golden
from support.media_samples import picture
from support.sample_jobs import sample_job
from support.studio_talk import (
    WELCOME,
    Screen,
    arrive,
    ask,
    assert_readable,
    delivered,
    pressed,
    shared_studio,
    spend,
    to_confirmation,
)

from core.billing.ledger import Balance
from core.generation.job import JobState
from core.statistics.periods import Period
from core.storage.generations import JobStore
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")
both_languages = pytest.mark.parametrize("language", ["en", "ru"])

ENOUGH = 20
"""Results from which on a model is called popular."""
COFFEE = {
    "id": "coffee",
    "emoji": "☕",
    "title": {"en": "Our coffee", "ru": "Наш кофе"},
    "prompts": [
        {
            "about": {"en": "A cup in the morning sun", "ru": "Чашка в утреннем солнце"},
            "prompt": "A cup of cappuccino on a cafe table in the morning sun",
        }
    ],
}
"""An idea of the operator's own."""
FOX = {"en": "a red fox", "ru": "рыжая лиса"}
LAKE = {"en": "a quiet lake", "ru": "тихое озеро"}
FILES = {"en": "Files", "ru": "Файлы"}
CHOOSY_ID = "files-asks"
LEFT = {"en": "we’ve left it. Nothing was charged", "ru": "выходим. Ничего не списано"}
CHOOSY = {"en": "Choosy", "ru": "Разборчивая"}
PERCENT = {"en": "▰▰▰▰▱▱▱▱▱▱ 40%", "ru": "▰▰▰▰▱▱▱▱▱▱ 40 %"}
FARTHER = {"en": "▰▰▰▰▰▰▰▱▱▱ 75%", "ru": "▰▰▰▰▰▰▰▱▱▱ 75 %"}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> FileProvider:
    return FileProvider(tmp_path_factory.mktemp("choice"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, provider: FileProvider) -> AsyncIterator[Studio]:
    """A studio whose people have used some models often, and one of them not quite often enough."""
    plugins = provider.beside_demo()
    plugins["plugins"]["generate"]["presets"] = [COFFEE]
    async with shared_studio(database_uri, provider.directory, plugins=plugins) as studio:
        jobs, now = JobStore(studio.running.database, studio.clock), studio.clock.now()
        ended = {"state": JobState.DELIVERED, "timings": dict.fromkeys(("created", "held", "delivered"), now)}
        used = {"demo-audio": ENOUGH, "demo-video": ENOUGH + 1, "demo-image": ENOUGH - 1}
        for model_id, count in used.items():
            for number in range(count):
                assert await jobs.insert(sample_job(f"{model_id}-{number}", model_id=model_id, **ended))
        await jobs.mark_ended()

        async def counted() -> bool:
            told = await studio.service.statistics.of_all(Period.MONTH)
            return told.generations.count == sum(used.values())

        await studio.until(counted)
        yield studio


@both_languages
async def test_what_people_use_comes_first_and_what_is_free_says_so(studio: Studio, language: str) -> None:
    golden = Golden(await arrive(studio, language=language))
    await golden.write("/generate")
    for way in ("🖼", "⬆️", "💡", "☕", "🎵"):
        await golden.tap(way)
    golden.same_as("choice")


@both_languages
async def test_a_model_is_told_what_it_must_know_and_each_question_has_a_way_back(
    studio: Studio, provider: FileProvider, language: str
) -> None:
    provider.lay_down(LAKE[language], {"1.png": picture(form="PNG")})
    person = await arrive(studio, language=language)
    golden = Golden(person)
    await golden.write("/generate")
    await golden.tap(CHOOSY[language], on=await golden.write(CHOOSY[language]))
    await golden.write(LAKE[language])
    await golden.tap("↩️")
    await golden.tap(CHOOSY[language], on=await golden.write(CHOOSY[language]))
    for way in ("1:1", "↩️"):
        await golden.tap(way)
    for value in ("9:16", "10", "7"):
        await golden.write(value)
    await golden.tap("✨", shows=None)
    await golden.result()
    await studio.settled(person)
    golden.same_as("told_first")


@both_languages
async def test_how_far_the_provider_says_it_is_stands_in_the_chat(
    studio: Studio, provider: FileProvider, language: str
) -> None:
    person = await arrive(studio, language=language)
    screen = Screen(person)
    order = provider.lay_down(FOX[language], {"1.png": picture(form="PNG"), "percent": b"40"})
    confirmation = await to_confirmation(person, FOX[language], ("🖼", FILES[language]))
    await person.press("✨", confirmation)
    await person.expect(PERCENT[language], kind="edit")
    (order / "percent").write_text("75")
    await person.expect(FARTHER[language], kind="edit")
    (order / "percent").unlink()
    await delivered(person)
    await studio.settled(person)
    assert_readable(screen, allowed=("Alex", FILES[language], FOX[language]))


async def test_a_restart_at_a_question_loses_nothing(studio: Studio) -> None:
    """At the search, a value that is to be written, the terms, and the invoice, in either language."""

    async def arrived(stars: int = 0) -> list[Person]:
        return [await arrive(studio, language=language, stars=stars) for language in FOX]

    searching, writing, reading, paying = await arrived(), await arrived(), await arrived(9), await arrived(9)
    for person in searching:
        await pressed(person, "🔎", await ask(person, "/generate"))
    for person in writing:
        await ask(person, f"/setmodel {CHOOSY_ID}")
        await pressed(person, "9:16", await ask(person, FOX[person.language]))
    for person in (*reading, *paying):
        await spend(studio, person, WELCOME - 2)
        short = await pressed(person, "✨", await to_confirmation(person, FOX[person.language], ("🖼", "🖼")))
        await pressed(person, "⭐", short)
    invoices = [await _invoice(person) for person in paying]
    await studio.restart()
    for person in searching:
        assert any(CHOOSY[person.language] in label for label in (await ask(person, CHOOSY_ID)).labels)
    for person in writing:
        assert ": 7\n" in (await ask(person, "7")).text
        assert LEFT[person.language] in (await ask(person, "/cancel")).text
    invoices = [*[await _invoice(person) for person in reading], *invoices]
    for person, invoice in zip((*reading, *paying), invoices, strict=True):
        await (await person.checkout(invoice)).confirm()
        await delivered(person)
        await studio.settled(person)
        assert await studio.running.ledger.balance(person.id) == Balance(0, 0)


async def _invoice(person: Person) -> MessageView:
    """Accept the terms; the invoice."""
    await person.press("✅")
    return await person.expect(kind="invoice")
