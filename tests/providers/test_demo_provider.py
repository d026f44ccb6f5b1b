"""The demo provider makes real files, the same for the same words, and goes on after a restart."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image
from support.media_samples import picture, tone

from providers.demo import Config, create
from providers.demo.faults import Fault
from providers.demo.making import Order, make
from sandbox.clock import ManualClock
from starloom.api import (
    Category,
    Failed,
    FailureReason,
    InputFile,
    ProviderError,
    ProviderTask,
    Result,
    Running,
    SubmissionRefused,
    SubmissionUnknown,
    Succeeded,
    Waiting,
)
from starloom.testing import provider_context

SHORT_VIDEO = {"duration": 3, "aspect": "16:9", "resolution": "360p"}
Start = Callable[..., Any]


@pytest.fixture
async def start(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Start]:
    """Starts a provider on one and the same folder, as often as it is called."""
    started = []
    async with contextlib.AsyncExitStack() as stack:

        async def begin(**settings: Any) -> Any:
            context = provider_context("demo", Config(**settings), clock=clock, directory=tmp_path / "demo")
            provider = create(await stack.enter_async_context(context))
            await provider.start()
            started.append(provider)
            return provider

        yield begin
        for provider in started:
            await provider.stop()


def _task(prompt: str = "a cat", *, category: Category = Category.IMAGE, **options: Any) -> ProviderTask:
    return ProviderTask(
        job_id=f"job-{prompt}", model_id="demo-image", category=category, prompt=prompt, options=options
    )


async def _finished(provider: Any, clock: ManualClock, task_id: str) -> Result:
    await clock.advance(60)
    while True:
        status = await provider.poll(task_id)
        if isinstance(status, Succeeded):
            return status.results[0]
        assert status == Running(99)
        await asyncio.sleep(0.01)


async def _bytes(provider: Any, result: Result) -> bytes:
    return b"".join([chunk async for chunk in provider.open(result)])


async def _made(provider: Any, clock: ManualClock, task: ProviderTask) -> tuple[Result, bytes]:
    result = await _finished(provider, clock, await provider.submit(task))
    return result, await _bytes(provider, result)


async def test_offers_models_from_words_and_from_files_at_small_prices(start: Start) -> None:
    offered = (await start()).models()
    assert offered.locked == ()
    assert {model.id: model.category.value for model in offered.models} == {
        "demo-video": "video",
        "demo-image": "image",
        "demo-audio": "audio",
        "demo-animate": "video",
        "demo-edit": "image",
        "demo-talk": "video",
    }


@pytest.mark.parametrize(
    ("aspect", "size"), [("16:9", (640, 360)), ("9:16", (360, 640)), ("1:1", (360, 360))]
)
async def test_a_video_has_the_size_and_duration_it_was_ordered_with(
    start: Start, clock: ManualClock, aspect: str, size: tuple[int, int]
) -> None:
    options = {**SHORT_VIDEO, "aspect": aspect}
    result, content = await _made(await start(), clock, _task(category=Category.VIDEO, **options))
    assert (result.width, result.height, result.duration, result.mime_type) == (*size, 3.0, "video/mp4")
    assert (len(content), hashlib.sha256(content).hexdigest()) == (result.size, result.sha256)
    with av.open(io.BytesIO(content)) as video:
        assert (video.streams.video[0].codec_context.name, video.streams.audio[0].codec_context.name) == (
            "h264",
            "aac",
        )
        assert (video.streams.video[0].width, video.streams.video[0].height) == size
        assert video.duration / av.time_base == pytest.approx(3.0, abs=0.05)
        frames = [frame.to_image() for frame in video.decode(video=0)]
    assert len(frames) == 72
    assert frames[0].tobytes() != frames[40].tobytes(), "nothing moves"
    # The index stands before the media, so that it plays while it loads.
    assert content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize(("form", "name"), [("png", "PNG"), ("webp", "WEBP")])
async def test_an_image_is_of_the_ordered_form(
    start: Start, clock: ManualClock, form: str, name: str
) -> None:
    result, content = await _made(await start(), clock, _task(format=form, aspect="1:1"))
    image = Image.open(io.BytesIO(content))
    image.load()
    assert (image.format, image.size) == (name, (768, 768))
    assert (result.mime_type, result.width, result.height) == (f"image/{form}", 768, 768)


async def test_a_melody_sounds_as_long_as_ordered(start: Start, clock: ManualClock) -> None:
    result, content = await _made(await start(), clock, _task(category=Category.AUDIO, duration=5))
    assert (result.mime_type, result.duration) == ("audio/ogg", 5.0)
    with av.open(io.BytesIO(content)) as audio:
        loudest = 0
        samples = 0
        for frame in audio.decode(audio=0):
            samples += frame.samples
            loudest = max(loudest, *(abs(value) for value in memoryview(bytes(frame.planes[0])).cast("f")))
    assert samples / 48_000 == pytest.approx(5.0, abs=0.05)
    assert loudest > 0.05, "silence"


@pytest.mark.parametrize(
    ("category", "options"),
    [
        (Category.IMAGE, {"format": "png"}),
        (Category.IMAGE, {"format": "webp"}),
        (Category.AUDIO, {"duration": 5}),
        (Category.VIDEO, SHORT_VIDEO),
    ],
)
def test_the_same_words_make_the_same_bytes_and_others_make_others(
    tmp_path: Path, category: Category, options: dict[str, Any]
) -> None:
    made = [
        make(Order(category, prompt, options), tmp_path / str(number)).sha256
        for number, prompt in enumerate(["a cat", "a cat", "a dog"])
    ]
    assert made[0] == made[1]
    assert made[0] != made[2]


async def test_submitting_a_job_twice_is_submitting_it_once(start: Start) -> None:
    provider = await start()
    assert await provider.submit(_task()) == await provider.submit(_task())


async def test_a_task_is_found_by_its_job_and_goes_on_after_a_restart(
    start: Start, clock: ManualClock
) -> None:
    first = await start(seconds=30)
    task_id = await first.submit(_task())
    await clock.advance(15)
    assert await first.poll(task_id) == Running(50)
    # No stop: the process is gone.
    second = await start(seconds=30)
    assert await second.find("job-a cat") == task_id
    assert await second.find("job-unknown") is None
    assert await second.poll(task_id) == Running(50)
    result = await _finished(second, clock, task_id)
    assert len(await _bytes(second, result)) == result.size


async def test_what_was_not_made_before_a_restart_is_made_after_it(
    start: Start, clock: ManualClock, tmp_path: Path
) -> None:
    first = await start()
    first._begin = lambda task: None
    task_id = await first.submit(_task())
    await first.stop()
    assert not (tmp_path / "demo" / f"{task_id}.media").exists()
    second = await start()
    assert (await _finished(second, clock, task_id)).mime_type == "image/png"


async def test_the_prompt_is_not_kept_once_the_file_is_there(
    start: Start, clock: ManualClock, tmp_path: Path
) -> None:
    await _made(await start(), clock, _task("a secret idea"))
    for path in (tmp_path / "demo").glob("*.json"):
        assert "a secret idea" not in path.read_text(encoding="utf-8")


async def test_old_files_are_dropped_at_the_start(start: Start, clock: ManualClock, tmp_path: Path) -> None:
    provider = await start(keep_hours=1)
    result, _ = await _made(provider, clock, _task())
    await clock.advance(3700)
    again = await start(keep_hours=1)
    assert list((tmp_path / "demo").iterdir()) == []
    with pytest.raises(ProviderError):
        await _bytes(again, result)
    assert isinstance(await again.poll("demo-gone"), Failed)


async def test_a_stopped_task_makes_nothing_and_a_finished_one_cannot_be_stopped(
    start: Start, clock: ManualClock
) -> None:
    provider = await start(seconds=30)
    provider._begin = lambda task: None
    task_id = await provider.submit(_task())
    assert await provider.cancel(task_id)
    assert isinstance(await provider.poll(task_id), Failed)
    other = await start()
    result, _ = await _made(other, clock, _task("another"))
    assert not await other.cancel(result.url.removeprefix("demo:"))
    assert not await other.cancel("demo-unknown")


async def test_percent_rises_with_time(start: Start, clock: ManualClock) -> None:
    provider = await start(seconds=10)
    task_id = await provider.submit(_task())
    seen = []
    for _ in range(4):
        seen.append((await provider.poll(task_id)).percent)
        await clock.advance(2)
    assert seen == [0, 20, 40, 60]


async def test_faults_in_words_count_only_where_they_are_allowed(start: Start, clock: ManualClock) -> None:
    provider = await start()
    result, _ = await _made(provider, clock, _task("fault:safety please"))
    assert result.mime_type == "image/png"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.REJECTED, FailureReason.INPUT_REJECTED),
        (Fault.CREDIT, FailureReason.OUT_OF_CREDIT),
        (Fault.BUSY, FailureReason.RATE_LIMITED),
    ],
)
async def test_refuses_when_told_to(start: Start, fault: Fault, reason: FailureReason) -> None:
    provider = await start(faults=True)
    with pytest.raises(SubmissionRefused) as caught:
        await provider.submit(_task(f"please fault:{fault}"))
    assert caught.value.reason is reason
    assert await provider.find(f"job-please fault:{fault}") is None


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(Fault.FAIL, FailureReason.PROVIDER_FAULT), (Fault.SAFETY, FailureReason.SAFETY)],
)
async def test_fails_when_told_to(
    start: Start, clock: ManualClock, fault: Fault, reason: FailureReason
) -> None:
    provider = await start(fault=fault)
    task_id = await provider.submit(_task())
    await clock.advance(60)
    status = await provider.poll(task_id)
    assert isinstance(status, Failed)
    assert status.reason is reason


async def test_loses_the_reply_when_told_to(start: Start) -> None:
    provider = await start(fault="lost")
    with pytest.raises(SubmissionUnknown):
        await provider.submit(_task())
    assert await provider.find("job-a cat") is not None
    unsure = await start(fault="unsure")
    with pytest.raises(SubmissionUnknown):
        await unsure.submit(_task("b"))
    with pytest.raises(SubmissionUnknown):
        await unsure.find("job-b")


async def test_is_slow_hangs_and_talks_nonsense_when_told_to(start: Start, clock: ManualClock) -> None:
    provider = await start(faults=True, seconds=10)
    tasks = {
        fault: await provider.submit(_task(f"fault:{fault}"))
        for fault in (Fault.SLOW, Fault.HANG, Fault.NONSENSE, Fault.CRASH, Fault.UNKNOWN)
    }
    await clock.advance(50)
    assert await provider.poll(tasks[Fault.SLOW]) == Running(50)
    await clock.advance(100_000)
    assert await provider.poll(tasks[Fault.HANG]) == Running(99)
    assert not isinstance(await provider.poll(tasks[Fault.NONSENSE]), Running | Waiting | Succeeded | Failed)
    assert isinstance(await provider.poll(tasks[Fault.UNKNOWN]), Waiting)
    with pytest.raises(RuntimeError):
        await provider.poll(tasks[Fault.CRASH])


async def test_gives_broken_files_when_told_to(start: Start, clock: ManualClock) -> None:
    provider = await start(faults=True)
    empty, content = await _made(provider, clock, _task("fault:empty"))
    assert content == b""
    assert empty.size
    broken = await _finished(provider, clock, await provider.submit(_task("fault:broken")))
    with pytest.raises(ConnectionResetError):
        await _bytes(provider, broken)
    assert len(await _bytes(provider, broken)) == broken.size


async def test_stands_in_for_a_model_it_does_not_know(start: Start, clock: ManualClock) -> None:
    strange = ProviderTask(
        job_id="j",
        model_id="other/model-9",
        category=Category.IMAGE,
        prompt="a cat",
        options={"aspect": "widest", "quality": [1, 2], "duration": "long"},
    )
    result, content = await _made(await start(), clock, strange)
    assert len(content) == result.size


async def test_the_loop_is_free_while_a_video_is_made(start: Start, clock: ManualClock) -> None:
    provider = await start()
    task_id = await provider.submit(_task(category=Category.VIDEO, **SHORT_VIDEO))
    turns = 0
    while provider._making:
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100
    await _finished(provider, clock, task_id)


def _given(content: bytes, mime_type: str) -> InputFile:
    async def read() -> AsyncIterator[bytes]:
        yield content

    return InputFile("input", mime_type, len(content), read)


async def test_a_given_picture_is_what_moves(start: Start, clock: ManualClock, tmp_path: Path) -> None:
    provider = await start()
    task = replace(
        _task(category=Category.VIDEO, duration=3, resolution="360p"),
        inputs={"image_url": (_given(picture((600, 300)), "image/jpeg"),)},
    )
    result, content = await _made(provider, clock, task)
    assert (result.width, result.height) == (720, 360)
    with av.open(io.BytesIO(content)) as container:
        frames = [frame.to_image() for frame in container.decode(video=0)]
    for frame in (frames[0], frames[-1]):
        left, right = frame.getpixel((180, 180)), frame.getpixel((540, 180))
        assert left[0] > 180 > left[2]
        assert right[2] > 180 > right[0]
    assert not list((tmp_path / "demo").glob("*.given"))


async def test_given_pictures_are_edited_side_by_side(start: Start, clock: ManualClock) -> None:
    files = (_given(picture((300, 200)), "image/jpeg"), _given(picture((100, 200)), "image/jpeg"))
    task = replace(_task(), inputs={"image_urls": files})
    result, content = await _made(await start(), clock, task)
    assert (result.width, result.height) == (768 + 384, 768)
    assert Image.open(io.BytesIO(content)).size == (1152, 768)


async def test_a_given_sound_is_what_is_heard_as_long_as_it_is(
    start: Start, clock: ManualClock, tmp_path: Path
) -> None:
    sound = tone(tmp_path / "a.wav", seconds=2, form="wav", codec="pcm_s16le").read_bytes()
    inputs = {
        "image_url": (_given(picture(), "image/jpeg"),),
        "audio_url": (_given(sound, "audio/wav"),),
    }
    result, content = await _made(
        await start(), clock, replace(_task(category=Category.VIDEO), inputs=inputs)
    )
    assert result.duration == 2.0
    with av.open(io.BytesIO(content)) as container:
        samples = b"".join(bytes(frame.planes[0]) for frame in container.decode(audio=0))
    assert any(samples)


async def test_what_was_given_goes_when_a_task_is_stopped(
    start: Start, clock: ManualClock, tmp_path: Path
) -> None:
    provider = await start(fault=Fault.HANG)
    task_id = await provider.submit(
        replace(_task(), inputs={"image_urls": (_given(picture(), "image/jpeg"),)})
    )
    assert await provider.cancel(task_id)
    assert not list((tmp_path / "demo").glob("*.given"))
