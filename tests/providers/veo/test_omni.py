"""What becomes of an interaction with Gemini Omni."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from support.google_server import API_KEY, OMNI, GoogleServer, completed, google_error
from support.orders import task_for
from support.scripted_http import Scripted, answer, broken_off, page, truncated

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
    Waiting,
)

MODEL = OMNI[1]


@pytest.fixture
async def provider(start: Any) -> VeoProvider:
    """With an API key alone."""
    omni: VeoProvider = await start({"GEMINI_API_KEY": API_KEY})
    return omni


async def _told(provider: VeoProvider, server: GoogleServer, *steps: dict[str, Any]) -> tuple[str, Status]:
    server.plan(*steps)
    task_id = await provider.submit(task_for(MODEL))
    return task_id, await provider.poll(task_id)


async def _content(provider: VeoProvider, result: Result) -> bytes:
    return b"".join([chunk async for chunk in provider.open(result)])


def _video(content: bytes) -> dict[str, str]:
    return {"type": "video", "mime_type": "video/mp4", "data": base64.b64encode(content).decode()}


async def test_an_interaction_goes_from_waiting_to_its_video(
    provider: VeoProvider, server: GoogleServer
) -> None:
    task_id = await provider.submit(task_for(MODEL))
    assert task_id.startswith("interactions/v1_")
    assert [await provider.poll(task_id) for _ in range(2)] == [Waiting(), Running()]
    for _ in range(2):
        status = await provider.poll(task_id)
        assert isinstance(status, Succeeded)
        assert status.metadata == {"prompt_tokens": 12, "output_tokens": 46336}
        assert await _content(provider, status.results[0]) == server.content


async def test_a_video_inside_the_reply_goes_to_disk(
    provider: VeoProvider, server: GoogleServer, tmp_path: Path
) -> None:
    _, status = await _told(provider, server, completed(_video(b"a fox")))
    assert isinstance(status, Succeeded)
    assert len(list((tmp_path / "veo").iterdir())) == 1
    assert status.results[0].size == 5
    for _ in range(2):
        assert await _content(provider, status.results[0]) == b"a fox"


async def test_the_key_is_shown_to_google_alone(provider: VeoProvider, server: GoogleServer) -> None:
    async with GoogleServer(ManualClock().now).running() as other:
        other.files["a"] = b"from elsewhere"
        elsewhere = {"type": "video", "uri": f"{other.url}/v1beta/files/a:download?alt=media"}
        _, status = await _told(provider, server, completed(elsewhere))
        assert isinstance(status, Succeeded)
        with pytest.raises(ProviderError):
            await _content(provider, status.results[0])
        assert "x-goog-api-key" not in other.seen[0].headers


async def test_a_link_is_taken_as_it_is_where_it_is_one_to_the_file(
    provider: VeoProvider, server: GoogleServer
) -> None:
    server.files["a"] = b"a fox"
    uri = f"{server.file_address('a')}:download?alt=media"
    _, status = await _told(provider, server, completed({"type": "video", "uri": uri}))
    assert isinstance(status, Succeeded)
    assert await _content(provider, status.results[0]) == b"a fox"
    server.files.clear()
    with pytest.raises(ProviderError):
        await _content(provider, status.results[0])


_TEXT = {"type": "text", "text": "I cannot make a fox"}
_SAFE = Failed(FailureReason.SAFETY, "violence (61493863)", SafetyFilter.VIOLENCE)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"status": "queued"}, Waiting()),
        ({"status": "in_progress"}, Running()),
        ({"status": "requires_action"}, Waiting("status requires_action")),
        ({"status": "requires_continuation"}, Waiting("status requires_continuation")),
        ({"status": "dreaming"}, Waiting("status dreaming")),
        ({"status": "a fox!"}, Waiting("status unreadable")),
        ({"status": None}, Waiting("status unreadable")),
        ({}, Waiting("status unreadable")),
        ({"status": "cancelled"}, Failed(FailureReason.PROVIDER_FAULT, "cancelled")),
        ({"status": "budget_exceeded"}, Failed(FailureReason.PROVIDER_FAULT, "budget exceeded")),
        ({"status": "failed"}, Failed(FailureReason.PROVIDER_FAULT, "failed")),
        ({"status": "failed", "errors": "x"}, Failed(FailureReason.PROVIDER_FAULT, "failed")),
        (
            {"status": "failed", "errors": [{"message": "boom"}]},
            Failed(FailureReason.PROVIDER_FAULT, "failed"),
        ),
        ({"status": "failed", "errors": [{"message": "code 61493863"}]}, _SAFE),
        (
            {"status": "failed", "errors": [{"code": "errors/safety", "message": "a fox"}]},
            Failed(FailureReason.SAFETY, "failed"),
        ),
        (
            {"status": "failed", "errors": [None, {"code": "https://google/invalid-argument"}]},
            Failed(FailureReason.INPUT_REJECTED, "failed"),
        ),
        (
            {"status": "failed", "errors": [{"code": "RESOURCE_EXHAUSTED"}]},
            Failed(FailureReason.RATE_LIMITED, "failed"),
        ),
        (completed(), Failed(FailureReason.PROVIDER_FAULT, "completed without a video")),
        (completed(_TEXT), Failed(FailureReason.INPUT_REJECTED, "completed with words only")),
        (completed(status="incomplete"), Failed(FailureReason.PROVIDER_FAULT, "incomplete without a video")),
        (completed(errors=[{"message": "61493863"}]), _SAFE),
        (completed({"type": "video"}), Failed(FailureReason.PROVIDER_FAULT, "completed without a video")),
        (
            completed({"type": "video", "uri": "file:///etc/passwd"}),
            Failed(FailureReason.PROVIDER_FAULT, "completed without a video"),
        ),
        (
            {"status": "completed", "steps": 1},
            Failed(FailureReason.PROVIDER_FAULT, "completed without a video"),
        ),
        (
            {"status": "completed", "steps": [1, {"type": "model_output", "content": [2]}]},
            Failed(FailureReason.PROVIDER_FAULT, "completed without a video"),
        ),
    ],
)
async def test_every_status_has_its_meaning(
    provider: VeoProvider, server: GoogleServer, told: dict[str, Any], expected: Status
) -> None:
    _, status = await _told(provider, server, told)
    assert status == expected


async def test_a_video_is_delivered_though_the_rest_is_missing(
    provider: VeoProvider, server: GoogleServer
) -> None:
    told = completed(_TEXT, _video(b"half"), status="incomplete", usage={"total_input_tokens": "x"})
    _, status = await _told(provider, server, told)
    assert isinstance(status, Succeeded)
    assert status.metadata == {}


@pytest.mark.parametrize(
    "scripted",
    [
        google_error(400, "INVALID_ARGUMENT", "API key not valid"),
        google_error(403, "PERMISSION_DENIED"),
        google_error(429, "RESOURCE_EXHAUSTED"),
        google_error(500, "INTERNAL"),
        google_error(503, "UNAVAILABLE"),
        page(502),
        page(200),
        truncated(),
        broken_off(),
        answer(200, "x"),
    ],
)
async def test_a_reply_that_says_nothing_of_the_task_is_asked_for_again(
    provider: VeoProvider, server: GoogleServer, scripted: Scripted
) -> None:
    server.plan(completed(_video(b"a fox")))
    task_id = await provider.submit(task_for(MODEL))
    server.next("look", scripted, scripted, scripted)
    with pytest.raises(ProviderError):
        await provider.poll(task_id)
    server.script.clear()
    assert isinstance(await provider.poll(task_id), Succeeded)


async def test_an_interaction_that_google_has_forgotten_has_expired(provider: VeoProvider) -> None:
    assert await provider.poll("interactions/gone") == Failed(FailureReason.EXPIRED, "no such interaction")
    for strange in ("interactions/", "interactions/../models", "interactions/a?b"):
        with pytest.raises(ProviderError):
            await provider.poll(strange)


async def test_it_is_stopped_as_long_as_it_has_made_nothing(
    provider: VeoProvider, server: GoogleServer
) -> None:
    task_id = await provider.submit(task_for(MODEL))
    assert await provider.cancel(task_id) is True
    assert await provider.poll(task_id) == Failed(FailureReason.PROVIDER_FAULT, "cancelled")
    done_id, _ = await _told(provider, server, completed(_video(b"a fox")))
    assert await provider.cancel(done_id) is False
    assert await provider.cancel("interactions/gone") is False
    server.next("cancel", *[page(500)] * 3)
    assert await provider.cancel(task_id) is False


async def test_google_tells_nobody_what_remains(provider: VeoProvider) -> None:
    provider_account: Any = provider.account()
    assert await provider_account is None
