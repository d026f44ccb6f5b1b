"""What Kie.ai makes comes to the chat, what it does not make costs nothing, and nothing is ordered twice."""

from __future__ import annotations

import asyncio
import copy
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from support.catalogue_talk import choose
from support.golden import Golden
from support.kie_schemas import problems
from support.kie_server import KEY, KieServer, Task, envelope
from support.media_samples import clip, picture, tone
from support.scripted_http import lost, page
from support.studio_talk import (
    WELCOME,
    arrive,
    ask,
    assert_sound,
    delivered,
    files,
    project_plugins,
    shared_studio,
)

from core.generation.job import JobState
from core.storage.generations import JobStore
from sandbox.people.person import Person
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")
PUBLIC = "https://bot.example"
WEBHOOK_KEY = "webhook-key-of-the-settings-page"
SEEDREAM = "Seedream 4.5 ·"
KLING = "Kling 2.1 image"
PRICE = 5
SONGS = 10


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kie() -> AsyncIterator[KieServer]:
    async with KieServer(problems=problems, webhook_key=WEBHOOK_KEY).running() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(
    database_uri: str, tmp_path_factory: pytest.TempPathFactory, kie: KieServer
) -> AsyncIterator[Studio]:
    """A bot whose operator has an account at Kie.ai alone, and which the internet can reach."""
    directory: Path = tmp_path_factory.mktemp("kie")
    plugins = copy.deepcopy(project_plugins(directory))
    plugins["providers"] = {"kie": {"module": "providers.kie", "upload_url": kie.url, "new_tasks": 1000}}
    plugins["billing"] = {"free_per_day": 0}
    settings = {
        "KIE_API_KEY": KEY,
        "KIE_BASE_URL": kie.url,
        "KIE_WEBHOOK_KEY": WEBHOOK_KEY,
        "WEBHOOK_URL": PUBLIC,
    }
    async with shared_studio(database_uri, directory, plugins=plugins, settings=settings) as studio:
        yield studio


@pytest.fixture(autouse=True)
def as_new(kie: KieServer) -> None:
    """Each test finds the server as it was at first, and makes pictures."""
    kie.tasks.clear()
    kie.seen.clear()
    kie.script.clear()
    kie.expired.clear()
    kie.forgotten.clear()
    kie.plan_as_usual()
    kie.content, kie.extension = picture((320, 240), form="PNG"), "png"


async def order(studio: Studio) -> Person:
    """Order a picture."""
    person = await arrive(studio)
    await choose(person, SEEDREAM)
    question = await ask(person, "a red fox in the snow")
    assert "5 Stars" in question.text
    await person.press("✨")
    return person


async def taken(studio: Studio, kie: KieServer) -> Task:
    """The one task that was ordered."""

    async def ordered() -> bool:
        return bool(kie.tasks)

    await studio.until(ordered)
    (task,) = kie.tasks.values()
    return task


async def call_back(studio: Studio, kie: KieServer, task: Task, *, at: int = 0, **forged: Any) -> int:
    """Bring a callback to the bot by the address that it gave; the HTTP status of its answer."""
    address = urlsplit(task.callback_url)
    assert f"{address.scheme}://{address.netloc}" == PUBLIC
    local = f"http://127.0.0.1:{studio.running.port}{address.path}?{address.query}"
    now = int(studio.clock.now().timestamp())
    return await kie.call_back(task, url=local, timestamp=now + at, **forged)


async def notice(person: Person, words: str) -> None:
    """The person is told what happened, and that the price is theirs again."""
    told = await person.expect(words, kind="new", within=40)
    assert f"{PRICE} Stars" in told.text


async def test_a_picture_comes_to_the_chat(studio: Studio, kie: KieServer) -> None:
    person = await order(studio)
    message = await delivered(person)
    assert message.media is not None
    assert message.media.kind == "photo"
    await assert_sound(studio, person, spent=PRICE)
    task = await taken(studio, kie)
    assert task.input == {"prompt": "a red fox in the snow", "aspect_ratio": "1:1", "quality": "basic"}
    (entry,) = [
        each for each in await studio.running.ledger.statement(person.id, 50) if each.credit == "revenue"
    ]
    job = await JobStore(studio.running.database, studio.clock).get(entry.reference)
    assert job is not None
    assert (job.state, job.prompt, job.task_id) == (JobState.DELIVERED, "", task.id)


async def test_a_photo_is_uploaded_and_becomes_a_video(
    studio: Studio, kie: KieServer, tmp_path: Path
) -> None:
    kie.content, kie.extension = clip(tmp_path / "made.mp4").read_bytes(), "mp4"
    person = await arrive(studio)
    await choose(person, KLING)
    await person.send_photo(picture((640, 640)), "a red fox")
    await person.expect(lambda message: message.service is None, kind="new")
    await person.press("✨")
    message = await delivered(person)
    assert await person.download(message) == kie.content
    await assert_sound(studio, person, spent=20)
    task = await taken(studio, kie)
    assert task.input["prompt"] == "a red fox"
    uploaded = kie.uploads[task.input["image_url"].rpartition("/")[2]]
    assert uploaded[:3] == b"\xff\xd8\xff"
    assert list((studio.settings.data_dir / "inputs").iterdir()) == []


async def test_a_song_is_made_anew_from_a_given_one(studio: Studio, kie: KieServer, tmp_path: Path) -> None:
    sung = kie.content = _song(tmp_path)
    kie.extension = "mp3"
    person = await arrive(studio, language="ru")
    await choose(person, "Suno кавер")
    await person.send_audio(sung, name="sung.mp3")
    await person.expect(lambda message: message.service is None, kind="new")
    await ask(person, "спокойное фортепиано")
    await person.press("✨")
    await delivered(person)
    await assert_sound(studio, person, spent=SONGS)
    assert [song.media.kind for song in files(person) if song.media] == ["audio", "audio"]
    assert await person.download(files(person)[1]) == sung
    task = await taken(studio, kie)
    # The names in its tags are not handed on; its sound is.
    uploaded = task.input.pop("upload_url").rpartition("/")[2]
    assert kie.uploads[uploaded].endswith(sung[-4096:])
    assert task.input == {"prompt": "спокойное фортепиано", "instrumental": False, "model": "V6"}


async def test_two_songs_become_one(studio: Studio, kie: KieServer, tmp_path: Path) -> None:
    sung = kie.content = _song(tmp_path)
    kie.extension = "mp3"
    person = await arrive(studio)
    await choose(person, "Suno instrumental mashup")
    for name in ("a.mp3", "b.mp3"):
        await person.send_audio(sung, name=name)
        await person.expect(lambda message: message.service is None, kind="new")
    await ask(person, "jazz")
    await person.press("✨")
    await delivered(person)
    await assert_sound(studio, person, spent=SONGS)
    task = await taken(studio, kie)
    assert len(set(task.input["upload_url_list"])) == 2
    assert (task.input["style"], task.input["instrumental"]) == ("jazz", True)


FILE = (re.compile(r"\b[a-z2-7]{12}\.mp4"), "FILE.mp4")
ONWARDS = {
    "en": ("a paper boat", "Extend", "it sails on", "Options", "Seconds more", "Done"),
    "ru": ("бумажный кораблик", "Продолжить", "он плывёт", "Настройки", "Добавить секунд", "Готово"),
}


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_video_goes_on_from_its_last_second(
    studio: Studio, kie: KieServer, tmp_path: Path, language: str
) -> None:
    idea, extend, more, options, longer, done = ONWARDS[language]
    kie.content, kie.extension = clip(tmp_path / "made.mp4").read_bytes(), "mp4"
    person = await arrive(studio, language=language)
    await choose(person, "Grok Imagine ·")
    await ask(person, idea)
    await person.press("✨")
    await delivered(person)
    await studio.settled(person)
    golden = Golden(person, passing=(FILE,))
    await golden.tap(extend, shows="new")
    await golden.write(more)
    await golden.tap(options)
    await golden.tap(longer)
    await golden.tap("10")
    await golden.tap(done)
    await golden.tap("✨", shows=None)
    await golden.result()
    await studio.settled(person)
    golden.same_as("goes_on_from_a_video")
    source, task = kie.tasks.values()
    sent = {"task_id": source.id, "prompt": more, "extend_times": 10, "extend_at": 2}
    assert (task.model, task.input) == ("grok-imagine/extend", sent)


async def test_what_kie_has_forgotten_costs_nothing_and_is_told_as_it_is(
    studio: Studio, kie: KieServer, tmp_path: Path
) -> None:
    kie.content, kie.extension = clip(tmp_path / "made.mp4").read_bytes(), "mp4"
    person = await arrive(studio)
    await choose(person, "Veo 3.1 Lite ·")
    await ask(person, "a paper boat")
    await person.press("✨")
    video = await delivered(person)
    assert [label for label in video.labels if label[0] in "⏩📺🖥"] == ["⏩ Extend", "📺 In 1080p", "🖥 In 4K"]
    await studio.settled(person)
    await person.press("In 1080p", video)
    await person.expect(lambda message: "From your result: Veo 3.1 Lite" in message.text, kind="new")
    await person.press("✨")
    await delivered(person)
    source, task = kie.tasks.values()
    assert (task.model, task.input) == ("veo/get-1080p-video", {"taskId": source.id, "index": "0"})
    kie.forgotten.add(source.id)
    await studio.settled(person)
    await person.press("In 4K", video)
    await person.expect(lambda message: "From your result" in message.text, kind="new")
    await person.press("✨")
    told = await person.expect("does not keep the result any more", kind="new", within=40)
    assert "Stars are back" in told.text
    assert len(kie.tasks) == 2


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("goes on from a finished result of Suno, Suno own lyrics", "It can’t be the model")),
        ("ru", ("продолжает готовый результат Suno, Suno со своим текстом", "быть не может")),
    ],
)
async def test_what_goes_on_from_a_result_is_nothing_to_begin_with(
    studio: Studio, language: str, words: tuple[str, str]
) -> None:
    person = await arrive(studio, language=language)
    await person.start("model_suno-wav")
    linked = await person.expect(kind="new")
    assert words[0] in linked.text
    assert words[1] in (await ask(person, "/setmodel suno/wav")).text
    found = await ask(person, "/setmodel suno")
    assert "WAV" not in str(found.labels)


async def test_one_of_two_songs_becomes_a_wav(studio: Studio, kie: KieServer, tmp_path: Path) -> None:
    kie.content, kie.extension = _song(tmp_path), "mp3"
    person = await arrive(studio)
    await choose(person, "Suno ·")
    await ask(person, "a sea shanty")
    await person.press("✨")
    await delivered(person)
    await studio.settled(person)
    below = next(message for message in reversed(person.messages()) if "💿 Get WAV" in message.labels)
    assert {"⏩ Extend", "✂️ Replace a part", "🎬 Music video", "🎤 Separate the voice"} <= set(below.labels)
    await person.press("Get WAV", below)
    which = await person.expect(lambda message: "2 files" in message.text, kind="new")
    await person.press("2", which)
    await person.expect(lambda message: "Suno, file 2" in message.text, kind="edit")
    await person.press("✨")
    await delivered(person)
    await assert_sound(studio, person, spent=SONGS + 1)
    source, task = kie.tasks.values()
    sent = {"task_id": source.id, "audio_id": f"{source.id}-song-2"}
    assert (task.model, task.input) == ("ai-music-api/convert-to-wav-format", sent)


def _song(directory: Path) -> bytes:
    return tone(directory / "sung.mp3", form="mp3", codec="libmp3lame").read_bytes()


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        ("400", "Your prompt was flagged by Website as violating content policies.", "safety"),
        ("501", "Internal Error, Please try again later.", "failed"),
        ("422", "The image is too small", "accept"),
    ],
)
async def test_a_task_that_fails_costs_nothing(
    studio: Studio, kie: KieServer, code: str, message: str, words: str
) -> None:
    kie.plan({"state": "generating"}, {"state": "fail", "failCode": code, "failMsg": message})
    person = await order(studio)
    await notice(person, words)
    await assert_sound(studio, person)


async def test_maintenance_is_told_and_costs_nothing(studio: Studio, kie: KieServer) -> None:
    kie.next("create", envelope(455, "The server is under maintenance"))
    person = await order(studio)
    await notice(person, "balance")
    await assert_sound(studio, person)
    assert (kie.tasks, len(kie.requests("createTask"))) == ({}, 1)


async def test_a_link_that_has_expired_is_no_loss(studio: Studio, kie: KieServer) -> None:
    kie.next("file", page(403))
    person = await order(studio)
    await delivered(person)
    await assert_sound(studio, person, spent=PRICE)
    assert kie.fresh_links == [f"{kie.url}/results/{(await taken(studio, kie)).id}.png?fresh=1"]


async def test_a_lost_order_is_found_by_its_callback_and_never_made_twice(
    studio: Studio, kie: KieServer
) -> None:
    kie.next("create", lost())
    person = await order(studio)
    task = await taken(studio, kie)
    task.steps[0] = {"state": "generating"}
    assert await call_back(studio, kie, task, key="forged") == 401
    assert await call_back(studio, kie, task, at=-400) == 401
    assert await call_back(studio, kie, task) == 200
    await delivered(person)
    assert await call_back(studio, kie, task) == 200
    await assert_sound(studio, person, spent=PRICE)
    assert len(kie.requests("createTask")) == 1


async def test_callbacks_may_come_twice_and_in_any_order(studio: Studio, kie: KieServer) -> None:
    kie.plan({"state": "generating"})
    person = await order(studio)
    task = await taken(studio, kie)
    early = {"taskId": task.id, "state": "success", "resultJson": '{"resultUrls": ["http://127.0.0.1/x"]}'}
    assert await call_back(studio, kie, task, data=early) == 200
    assert await call_back(studio, kie, task, data={**early, "taskId": "task_99999999"}) == 401
    assert all(message.media is None for message in person.messages()), "what a callback says is not believed"
    task.steps[0] = kie.success(task.id)
    assert await asyncio.gather(*(call_back(studio, kie, task, at=2) for _ in range(3))) == [200] * 3
    await delivered(person)
    await assert_sound(studio, person, spent=PRICE)
    assert len([message for message in person.messages() if message.media is not None]) == 1


async def test_an_unsigned_address_is_turned_away(studio: Studio, kie: KieServer) -> None:
    kie.plan({"state": "generating"}, {"state": "fail", "failCode": "501", "failMsg": "x"})
    person = await order(studio)
    task = await taken(studio, kie)
    body, headers = kie.callback(task, timestamp=int(studio.clock.now().timestamp()))
    async with ClientSession() as session:
        bare = f"http://127.0.0.1:{studio.running.port}/callbacks/kie"
        async with session.post(bare, data=body, headers=headers) as reply:
            assert reply.status == 403
    await notice(person, "balance")
    await assert_sound(studio, person)
    assert (await studio.running.ledger.balance(person.id)).available == WELCOME
