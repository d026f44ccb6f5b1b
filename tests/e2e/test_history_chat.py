"""/history and sharing as a person walks them: pages, details, favourites, deleting, kept words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from support.sample_jobs import sample_job
from support.studio_talk import (
    FOREIGN_NAME,
    FOREIGN_WORDS,
    IMAGE_PRICE,
    Screen,
    arrive,
    ask,
    assert_readable,
    assert_sound,
    begin,
    delivered,
    pressed,
    shared_studio,
)

from core.generation.job import JobState
from core.storage.codec import stored
from core.storage.collection import Document
from core.storage.generations import JobStore
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")
both_languages = pytest.mark.parametrize("language", ["en", "ru"])

CHARGED = {"en": "💰 3 Stars were charged.", "ru": "💰 Списаны 3 звезды."}
RETURNED = {"en": "3 Stars are back on your balance.", "ru": "3 звезды вернулись на баланс."}
NOTHING_TO_SHARE = {"en": "Nothing to share yet: make something", "ru": "Пока нечем поделиться: создайте!"}
NO_MATCH = {"en": "Nothing found: open the bot", "ru": "Ничего не нашлось: открыть бота"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    async with shared_studio(database_uri, tmp_path_factory.mktemp("history")) as studio:
        studio.bot.allow_inline("what you made")
        yield studio


async def make(studio: Studio, person: Person, words: str, model: str = "🖼") -> MessageView:
    await begin(person, words, model)
    found = await delivered(person)
    await studio.settled(person)
    return found


async def fail(studio: Studio, person: Person, words: str) -> None:
    await begin(person, f"fault:fail {words}")
    await person.expect("😕", kind="new")
    await studio.settled(person)


@both_languages
async def test_what_was_made_is_found_opened_marked_and_deleted(studio: Studio, language: str) -> None:
    person = await arrive(studio, FOREIGN_NAME[language], language)
    screen = Screen(person)
    empty = await ask(person, "/history")
    assert len(empty.labels) == 1
    result = await make(studio, person, FOREIGN_WORDS[language])
    await fail(studio, person, FOREIGN_WORDS[language])

    shown = await ask(person, "/history")
    assert [label.strip("#№ ") for label in shown.labels[:2]] == ["2", "1"]
    details = await pressed(person, shown.labels[1], shown)
    assert CHARGED[language] in details.text
    assert FOREIGN_WORDS[language] not in details.text
    await screen.press("☆", details)
    details = await person.expect(lambda seen: seen.id == details.id, kind="edit")
    assert "⭐" in details.text.splitlines()[0]

    await screen.press("🔁", details)
    again = await person.expect(lambda seen: seen.media is not None, kind="new")
    assert again.media == result.media

    back = await pressed(person, "↩️", details)
    failed = await pressed(person, back.labels[0], back)
    assert RETURNED[language] in failed.text
    requests = [each.text.splitlines()[-1] for each in (details, failed)]
    question = await pressed(person, "🗑", failed)
    kept = await pressed(person, "↩️", question)
    assert RETURNED[language] in kept.text
    question = await pressed(person, "🗑", kept)
    left = await pressed(person, "🗑", question)
    assert [label.strip("#№ ") for label in left.labels] == ["1", left.labels[-1].strip("#№ ")]

    favourites = await pressed(person, "⭐", left)
    assert "1" in favourites.labels[0]
    await screen.press("⭐", result)
    await pressed(person, favourites.labels[-1], favourites)
    assert "⭐" not in (await ask(person, "/history")).text.splitlines()[2]
    assert_readable(
        screen, allowed=(FOREIGN_NAME[language], FOREIGN_WORDS[language], *requests, "fault:fail", "png")
    )
    await assert_sound(studio, person, spent=IMAGE_PRICE)


ROWS = {
    "en": """📚 What you’ve made

#5 Demo video
✅ sent · 21 ⭐ · Mar 5, 2:06 PM

#4 Demo melody
⚠️ didn’t work out · not charged · Mar 5, 2:05 PM

#3 Demo image
🛑 stopped · not charged · Mar 1, 12:00 AM

#2 Demo image
✅ sent · free · December 31, 2024, 11:59 PM

#1 Demo image
✅ sent · 1 ⭐ · February 29, 2024, 9:00 AM""",
    "ru": """📚 Что вы создали

№ 5 Демо-видео
✅ готово · 21 ⭐ · 5 мар., 14:06

№ 4 Демо-мелодия
⚠️ не получилось · не списано · 5 мар., 14:05

№ 3 Демо-картинка
🛑 остановлено · не списано · 1 мар., 00:00

№ 2 Демо-картинка
✅ готово · бесплатно · 31 декабря 2024 г., 23:59

№ 1 Демо-картинка
✅ готово · 1 ⭐ · 29 февраля 2024 г., 09:00""",
}


@both_languages
async def test_a_row_tells_the_model_how_it_ended_what_it_cost_and_when(
    studio: Studio, language: str
) -> None:
    person = await arrive(studio, language=language)
    jobs, year = JobStore(studio.running.database, studio.clock), studio.clock.now().year
    made: list[tuple[str, JobState, int, datetime, str]] = [
        ("demo-image", JobState.DELIVERED, 1, datetime(2024, 2, 29, 9, tzinfo=UTC), ""),
        ("demo-image", JobState.DELIVERED, 3, datetime(2024, 12, 31, 23, 59, tzinfo=UTC), "daily"),
        ("demo-image", JobState.CANCELLED, 3, datetime(year, 3, 1, tzinfo=UTC), ""),
        ("demo-audio", JobState.FAILED, 2, datetime(year, 3, 5, 14, 5, tzinfo=UTC), ""),
        ("demo-video", JobState.DELIVERED, 21, datetime(year, 3, 5, 14, 6, tzinfo=UTC), ""),
    ]
    for model_id, end, price, at, free in made:
        number = await jobs.next_number(person.id)
        own = {"user_id": person.id, "chat_id": person.id, "model_id": model_id, "number": number}
        state = end if end is JobState.DELIVERED else JobState.RELEASED
        told = {"state": state, "timings": {end.value: at}, "price": price, "created_at": at, "free": free}
        assert await jobs.insert(sample_job(f"row-{language}-{number}", **own, **told))
    shown = (await ask(person, "/history")).text
    assert re.sub(r"[\u00a0\u202f]", " ", shown) == ROWS[language]


OLDER = {"en": "Older ›", "ru": "Раньше ›"}
NEWER = {"en": "‹ Newer", "ru": "‹ Новее"}
NUMBER = {"en": "#{}", "ru": "№ {}"}


@both_languages
async def test_pages_are_turned_by_number_whatever_was_deleted(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    history, jobs = studio.service.studio.generations.history, JobStore(studio.running.database, studio.clock)
    for _ in range(12):
        number = await jobs.next_number(person.id)
        own = {"user_id": person.id, "chat_id": person.id, "model_id": "demo-image", "number": number}
        assert await jobs.insert(sample_job(f"{language}-{number}", state=JobState.DELIVERED, **own))

    def labels(*numbers: int) -> list[str]:
        return [NUMBER[language].format(number) for number in numbers]

    older, newer = OLDER[language], NEWER[language]
    newest = await ask(person, "/history")
    assert newest.labels[:6] == [*labels(12, 11, 10, 9, 8), older]
    shown = await pressed(person, older, newest)
    assert shown.labels[:7] == [*labels(7, 6, 5, 4, 3), newer, older]
    oldest = await pressed(person, older, shown)
    assert oldest.labels[:3] == [*labels(2, 1), newer]
    for row in (await history.page(person.id, before=12, limit=9)).rows:
        assert await history.remove(person.id, row.job.id)
    middle = await pressed(person, newer, oldest)
    assert middle.labels[:2] == [*labels(12), older]
    assert (await pressed(person, older, middle)).labels[:3] == [*labels(2, 1), newer]


@both_languages
async def test_words_are_kept_only_while_the_person_wants_it(studio: Studio, language: str) -> None:
    person = await arrive(studio, FOREIGN_NAME[language], language)
    screen = Screen(person)
    await make(studio, person, FOREIGN_WORDS[language])
    privacy = await ask(person, "/privacy")
    await screen.press("💬", privacy)
    await person.expect(lambda seen: seen.id == privacy.id, kind="edit")
    await make(studio, person, FOREIGN_WORDS[language])
    await fail(studio, person, FOREIGN_WORDS[language])
    shown = await ask(person, "/history")
    details = await pressed(person, shown.labels[1], shown)
    assert FOREIGN_WORDS[language] in details.text
    details = await pressed(person, "🧽", details)
    assert FOREIGN_WORDS[language] not in details.text
    shown = await pressed(person, "↩️", details)
    assert FOREIGN_WORDS[language] in (await pressed(person, shown.labels[0], shown)).text
    await screen.press("🧽", await ask(person, "/privacy"))
    shown = await ask(person, "/history")
    requests = []
    for label in shown.labels[:3]:
        details = await pressed(person, label, shown)
        assert FOREIGN_WORDS[language] not in details.text
        requests.append(details.text.splitlines()[-1])
        await pressed(person, "↩️", shown)
    assert_readable(
        screen,
        allowed=(FOREIGN_NAME[language], FOREIGN_WORDS[language], *requests, "fault:fail", "png", "Telegram"),
    )


FORGOTTEN = {"en": "I don’t have your words any more", "ru": "Вашего описания у меня больше нет"}


@both_languages
async def test_words_that_are_erased_are_gone_from_the_buttons_of_a_result_too(
    studio: Studio, language: str
) -> None:
    person = await arrive(studio, FOREIGN_NAME[language], language)
    words = FOREIGN_WORDS[language]

    async def again(result: MessageView) -> str:
        await person.press("🔁", result)
        return (await person.expect(lambda seen: seen.service is None, kind="new")).text

    first, second = await make(studio, person, words), await make(studio, person, words)
    shown = await ask(person, "/history")
    question = await pressed(person, "🗑", await pressed(person, shown.labels[1], shown))
    await pressed(person, "🗑", question)
    assert FORGOTTEN[language] in await again(first)
    assert words in await again(second)

    await person.press("💬", await ask(person, "/privacy"))
    await person.expect(kind="edit")
    third = await make(studio, person, words)
    shown = await ask(person, "/history")
    await pressed(person, "🧽", await pressed(person, shown.labels[0], shown))
    assert FORGOTTEN[language] in await again(third)
    assert words in await again(second)

    privacy = await ask(person, "/privacy")
    await pressed(person, "🧽", privacy)
    assert FORGOTTEN[language] in await again(second)
    assert await notes_of(studio, person) == []

    last = await make(studio, person, words)
    assert words in await again(last)
    await pressed(person, "↺", await ask(person, "/reset"))
    assert FORGOTTEN[language] in await again(last)
    assert await notes_of(studio, person) == []


async def notes_of(studio: Studio, person: Person) -> list[Document]:
    """What plugins remember of a person."""
    async with studio.database() as database:
        return await database.collection("notes").find({"user_id": stored(person.id)})


@both_languages
async def test_results_are_shared_in_any_chat_by_their_maker_alone(studio: Studio, language: str) -> None:
    maker = await arrive(studio, FOREIGN_NAME[language], language)
    friend = studio.person("Bob")
    empty = await maker.inline_query("")
    assert (empty.results, empty.button) == ((), NOTHING_TO_SHARE[language])
    maker.follow(empty)
    await maker.expect(kind="new")
    await ask(maker, "/privacy")
    await maker.press("💬")
    await maker.expect(kind="edit")
    await make(studio, maker, FOREIGN_WORDS[language])
    film = await make(studio, maker, FOREIGN_WORDS[language], "🎬")
    await fail(studio, maker, FOREIGN_WORDS[language])

    offered = await maker.inline_query("")
    assert [result.kind for result in offered.results] == ["video", "photo"]
    assert (offered.private, offered.cache_seconds, offered.button) == (True, 0, None)
    sent = maker.choose(offered.results[0], to=friend)
    assert sent.media is not None
    assert film.media is not None
    assert (sent.media.kind, sent.media.size) == ("video", film.media.size)
    assert (sent.text, sent.via) == ("", studio.bot.username)
    seen = await friend.expect(chat=maker)
    assert (seen.kind, seen.via) == ("video", studio.bot.username)

    assert len((await maker.inline_query(FOREIGN_WORDS[language].split()[1].upper())).results) == 2
    missed = await maker.inline_query("submarine")
    assert (missed.results, missed.button) == ((), NO_MATCH[language])
    stranger = await friend.inline_query("")
    assert (stranger.results, stranger.button) == ((), NOTHING_TO_SHARE["en"])
    async with studio.database() as database:
        assert await database.collection("users").find_one({"_id": friend.id}) is None
