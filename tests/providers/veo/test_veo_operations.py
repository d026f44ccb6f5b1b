"""What becomes of an operation of Veo: its video, the filters that strike, the errors it ends with."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.google_server import VEO, GoogleServer, done, google_error, inline
from support.orders import task_for
from support.scripted_http import Scripted, answer, broken_off, held, page, truncated

from providers.veo.failures import SUPPORT_CODES
from providers.veo.provider import VeoProvider
from sandbox.clock import ManualClock
from starloom.api import (
    Failed,
    FailureReason,
    ProviderError,
    Result,
    Running,
    SafetyFilter,
    Status,
    Succeeded,
)

QUALITY, FAST, LITE = VEO

# The table of the documentation, once more and by itself.
CATEGORIES = {
    "child": ["58061214", "17301594"],
    "celebrity": ["29310472", "15236754"],
    "general": ["64151117", "42237218", "74803281", "29578790", "42876398"],
    "dangerous": ["62263041"],
    "hate": ["57734940", "22137204"],
    "prohibited": ["89371032", "49114662", "63429089", "72817394", "60599140"],
    "third_party": ["35561574", "35561575"],
    "sexual": ["90789179", "43188360"],
    "toxic": ["78610348"],
    "violence": ["61493863", "56562880"],
    "vulgar": ["32635315"],
}


def _filter(category: str) -> SafetyFilter | None:
    return None if category in ("general", "unknown") else SafetyFilter(category)


async def _ended(provider: VeoProvider, task_id: str) -> Status:
    while isinstance(status := await provider.poll(task_id), Running):
        pass
    return status


async def _made(provider: VeoProvider, server: GoogleServer, *steps: dict[str, Any]) -> tuple[str, Status]:
    server.plan(*steps)
    task_id = await provider.submit(task_for(FAST))
    return task_id, await provider.poll(task_id)


async def _result(provider: VeoProvider) -> tuple[str, Result]:
    task_id = await provider.submit(task_for(FAST))
    status = await _ended(provider, task_id)
    assert isinstance(status, Succeeded)
    return task_id, status.results[0]


async def _content(provider: VeoProvider, result: Result) -> bytes:
    return b"".join([chunk async for chunk in provider.open(result)])


def _files(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "veo").glob("*"))


async def test_a_video_that_comes_inside_the_reply_lies_on_disk_until_it_is_delivered(
    provider: VeoProvider, server: GoogleServer, tmp_path: Path
) -> None:
    task_id = await provider.submit(task_for(FAST))
    assert [await provider.poll(task_id) for _ in range(2)] == [Running(), Running()]
    status = await provider.poll(task_id)
    assert isinstance(status, Succeeded)
    (result,) = status.results
    assert (result.mime_type, result.size) == ("video/mp4", len(server.content))
    assert [path.read_bytes() for path in _files(tmp_path)] == [server.content]
    assert await _content(provider, result) == server.content
    assert _files(tmp_path) == []


async def test_a_video_is_asked_for_again_when_the_copy_is_gone(
    start: Any, provider: VeoProvider, server: GoogleServer
) -> None:
    _, result = await _result(provider)
    another = await start()
    for reader in (provider, provider, another):
        assert await _content(reader, result) == server.content


async def test_a_delivery_that_stops_half_way_leaves_the_copy(
    provider: VeoProvider, server: GoogleServer, tmp_path: Path
) -> None:
    server.content *= 20
    _, result = await _result(provider)
    fetches = len(server.requests(":fetchPredictOperation"))
    reading = provider.open(result)
    assert await anext(reading) == server.content[: 256 * 1024]
    assert isinstance(reading, AsyncGenerator)
    await reading.aclose()
    assert await _content(provider, result) == server.content
    assert len(server.requests(":fetchPredictOperation")) == fetches
    assert _files(tmp_path) == []


async def test_copies_go_when_the_provider_stops_and_when_they_are_old(
    start: Any, server: GoogleServer, clock: ManualClock, tmp_path: Path
) -> None:
    first = await start()
    await _result(first)
    await first.stop()
    assert _files(tmp_path) == []
    second = await start(keep_minutes=10)
    await _result(second)
    await clock.advance(601)
    assert len(_files(tmp_path)) == 1
    await _result(second)
    assert len(_files(tmp_path)) == 1


async def test_copies_of_a_process_that_was_killed_go_at_the_next_start(
    start: Any, clock: ManualClock, tmp_path: Path
) -> None:
    left = tmp_path / "veo" / "0123-0.mp4"
    left.parent.mkdir()
    left.write_bytes(b"x")
    left.with_suffix(".part").write_bytes(b"x")
    (left.parent / "somebody's.txt").write_bytes(b"x")
    await start()
    assert [path.name for path in _files(tmp_path)] == ["somebody's.txt"]


async def test_a_video_in_the_bucket_is_read_with_the_token(
    start: Any, server: GoogleServer, secrets: dict[str, str]
) -> None:
    provider = await start({**secrets, "VEO_OUTPUT_GCS_URI": "gs://films/the new/"})
    _, result = await _result(provider)
    assert result.url.startswith("gs://films/the new/")
    assert await _content(provider, result) == server.content
    server.objects.clear()
    with pytest.raises(ProviderError):
        await _content(provider, result)


async def test_memory_holds_no_video(provider: VeoProvider, server: GoogleServer) -> None:
    server.content = bytes(range(256)) * 4 * 8192
    body = done(videos=[inline(server.content)])
    server.plan(body)
    task_id = await provider.submit(task_for(FAST))
    server.next("fetch", _streamed(body))
    tracemalloc.start()
    try:
        status = await provider.poll(task_id)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(status, Succeeded)
    assert status.results[0].size == len(server.content) == 8 * 1024 * 1024
    assert most < 3 * 1024 * 1024
    assert await _content(provider, status.results[0]) == server.content


def _streamed(body: Mapping[str, Any]) -> Scripted:
    import json

    from aiohttp import web

    text = json.dumps(body).encode()

    async def reply(request: web.Request, _: Any) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for start in range(0, len(text), 100_001):
            await response.write(text[start : start + 100_001])
        return response

    return reply


async def test_a_slow_reply_is_waited_for(provider: VeoProvider, server: GoogleServer) -> None:
    server.plan({}, done(videos=[inline(server.content)]))
    task_id = await provider.submit(task_for(FAST))
    await provider.poll(task_id)
    begun, go = asyncio.Event(), asyncio.Event()
    server.next("fetch", held(begun, go))
    polling = asyncio.ensure_future(provider.poll(task_id))
    await begun.wait()
    go.set()
    assert isinstance(await polling, Succeeded)


async def test_every_filter_has_its_category(provider: VeoProvider, server: GoogleServer) -> None:
    assert {
        code: _filter(category) for category, codes in CATEGORIES.items() for code in codes
    } == SUPPORT_CODES
    for category, codes in CATEGORIES.items():
        for code in codes:
            reason = f"'a fox' could not be made: it violates the guidelines. Support codes: {code}"
            _, status = await _made(
                provider, server, done(raiMediaFilteredCount=1, raiMediaFilteredReasons=[reason])
            )
            assert status == Failed(FailureReason.SAFETY, f"{category} ({code})", _filter(category))


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"raiMediaFilteredCount": 1}, Failed(FailureReason.SAFETY, "filtered")),
        ({"raiMediaFilteredReasons": ["no"]}, Failed(FailureReason.SAFETY, "filtered")),
        ({"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": "61493863"}, "violence (61493863)"),
        (
            {"raiMediaFilteredCount": 2, "raiMediaFilteredReasons": ["a 61493863, 78610348", "b 61493863"]},
            "violence (61493863), toxic (78610348)",
        ),
        ({"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": ["12345678"]}, "unknown (12345678)"),
        ({}, Failed(FailureReason.PROVIDER_FAULT, "done without a video")),
        ({"videos": []}, Failed(FailureReason.PROVIDER_FAULT, "done without a video")),
        ({"videos": "x"}, Failed(FailureReason.PROVIDER_FAULT, "done without a video")),
        (
            {"videos": [None, {}, {"gcsUri": "http://x"}]},
            Failed(FailureReason.PROVIDER_FAULT, "done without a video"),
        ),
    ],
)
async def test_without_a_video_there_is_a_reason(
    provider: VeoProvider, server: GoogleServer, response: dict[str, Any], expected: Failed | str
) -> None:
    _, status = await _made(provider, server, done(**response))
    if isinstance(expected, str):
        expected = Failed(FailureReason.SAFETY, expected, _filter(expected.split()[0]))
    assert status == expected


async def test_a_video_that_passed_is_delivered_though_another_was_filtered(
    provider: VeoProvider, server: GoogleServer
) -> None:
    videos = [{**inline(b"one"), "mimeType": "image/gif"}, inline(b"two")]
    _, status = await _made(provider, server, done(videos=videos, raiMediaFilteredCount=1))
    assert isinstance(status, Succeeded)
    assert [await _content(provider, result) for result in status.results] == [b"one", b"two"]
    assert {result.mime_type for result in status.results} == {"video/mp4"}


_POLICY = "The prompt 'a fox' could not be submitted: it violates Vertex AI's usage guidelines."
_CODES = {
    1: FailureReason.PROVIDER_FAULT,
    2: FailureReason.PROVIDER_FAULT,
    3: FailureReason.INPUT_REJECTED,
    4: FailureReason.PROVIDER_FAULT,
    5: FailureReason.PROVIDER_FAULT,
    7: FailureReason.UNAUTHORIZED,
    8: FailureReason.RATE_LIMITED,
    9: FailureReason.PROVIDER_FAULT,
    11: FailureReason.INPUT_REJECTED,
    13: FailureReason.PROVIDER_FAULT,
    14: FailureReason.UNAVAILABLE,
    16: FailureReason.UNAUTHORIZED,
}


async def test_every_error_of_an_operation_has_its_reason(
    provider: VeoProvider, server: GoogleServer
) -> None:
    for code, reason in _CODES.items():
        _, status = await _made(provider, server, {"done": True, "error": {"code": code, "message": "a fox"}})
        assert status == Failed(reason, f"operation error {code}")
    odd: Any
    for odd in ({"code": "3", "message": _POLICY}, {}, {"code": None}):
        _, status = await _made(provider, server, {"done": True, "error": odd})
        assert status == Failed(FailureReason.PROVIDER_FAULT, "operation error 0")


@pytest.mark.parametrize(
    ("message", "detail", "safety"),
    [
        (_POLICY, "operation error 3", None),
        (f"{_POLICY} Support codes: 42876398, 43188360", "general (42876398), sexual (43188360)", "sexual"),
        ("Support code 62263041", "dangerous (62263041)", "dangerous"),
        ("The request was blocked by safety settings", "operation error 3", None),
    ],
)
async def test_a_prompt_that_breaks_the_rules_is_told_from_one_that_is_wrong(
    provider: VeoProvider, server: GoogleServer, message: str, detail: str, safety: str | None
) -> None:
    _, status = await _made(provider, server, {"done": True, "error": {"code": 3, "message": message}})
    assert status == Failed(FailureReason.SAFETY, detail, SafetyFilter(safety) if safety else None)


@pytest.mark.parametrize(
    "scripted",
    [
        google_error(400, "INVALID_ARGUMENT"),
        google_error(403, "PERMISSION_DENIED"),
        google_error(429, "RESOURCE_EXHAUSTED"),
        google_error(500, "INTERNAL"),
        google_error(503, "UNAVAILABLE"),
        google_error(504, "DEADLINE_EXCEEDED"),
        page(502),
        page(200),
        truncated(),
        broken_off(),
        answer(200, []),
        answer(200, {"done": True}),
        answer(200, {"done": True, "response": []}),
        answer(200, {"done": True, "response": {"videos": [{"bytesBase64Encoded": "no*base64"}]}}),
    ],
)
async def test_a_reply_that_says_nothing_of_the_task_is_asked_for_again(
    provider: VeoProvider, server: GoogleServer, clock: ManualClock, tmp_path: Path, scripted: Scripted
) -> None:
    server.plan(done(videos=[inline(server.content)]))
    task_id = await provider.submit(task_for(FAST))
    server.next("fetch", scripted, scripted, scripted)
    with pytest.raises(ProviderError):
        await provider.poll(task_id)
    assert _files(tmp_path) == []
    server.script.clear()
    assert isinstance(await provider.poll(task_id), Succeeded)


@pytest.mark.parametrize("done_told", [None, False, "true", 1])
async def test_what_is_not_said_to_be_done_is_running(
    provider: VeoProvider, server: GoogleServer, done_told: Any
) -> None:
    _, status = await _made(provider, server, {"done": done_told, "metadata": {"any": "thing"}})
    assert status == Running()


async def test_an_operation_that_google_has_forgotten_has_expired(
    provider: VeoProvider, server: GoogleServer
) -> None:
    task_id = await provider.submit(task_for(FAST))
    server.tasks.clear()
    assert await provider.poll(task_id) == Failed(FailureReason.EXPIRED, "no such operation")
    assert await provider.poll("no name at all") == Failed(FailureReason.EXPIRED, "no name of an operation")


async def test_a_video_that_google_has_forgotten_is_not_there(
    provider: VeoProvider, server: GoogleServer
) -> None:
    _, result = await _result(provider)
    await _content(provider, result)
    server.tasks.clear()
    with pytest.raises(ProviderError):
        await _content(provider, result)
    for url in ("spool:", "spool:x:y", "spool:0:", "spool:0:no name"):
        with pytest.raises(ProviderError):
            await _content(provider, Result(url))


async def test_veo_stops_nothing(provider: VeoProvider) -> None:
    assert await provider.cancel(await provider.submit(task_for(FAST))) is False


async def test_an_operation_is_asked_about_where_it_runs(
    start: Any, server: GoogleServer, secrets: dict[str, str]
) -> None:
    task_id = await (await start()).submit(task_for(FAST))
    moved = await start(location="europe-west4")
    assert isinstance(await _ended(moved, task_id), Succeeded)
