"""What Replicate says of a prediction, and what that means to a generation."""

from __future__ import annotations

from typing import Any

import pytest
from support.orders import task_for
from support.replicate_server import ReplicateServer
from support.scripted_http import answer, broken_off, lost, page, truncated

from core.generation.provider import Provider
from core.http.reply import FetchRefused
from providers.replicate.provider import ReplicateProvider
from sandbox.clock import ManualClock
from starloom.api import (
    Failed,
    FailureReason,
    ProviderError,
    Result,
    Running,
    Succeeded,
    Waiting,
)

FLUX = "flux-1.1-pro"
FAULT, SAFETY, EXPIRED = FailureReason.PROVIDER_FAULT, FailureReason.SAFETY, FailureReason.EXPIRED
FILE = "https://replicate.delivery/xezq/abc/out-0"


async def poll(provider: ReplicateProvider, server: ReplicateServer, **step: Any) -> Any:
    server.plan(step)
    return await provider.poll(await provider.submit(task_for(FLUX)))


async def test_a_prediction_is_followed_to_its_file(
    provider: ReplicateProvider, server: ReplicateServer
) -> None:
    task_id = await provider.submit(task_for(FLUX))
    assert [await provider.poll(task_id) for _ in range(2)] == [Waiting(), Running()]
    done = await provider.poll(task_id)
    url = server.output(task_id)
    expected = Result(url=url, mime_type="image/webp", file_name=f"{task_id}-out.webp")
    assert done == Succeeded((expected,), {"predict_time": 4.1})
    assert b"".join([chunk async for chunk in provider.open(done.results[0])]) == server.content
    assert "Authorization" not in server.requests(".webp")[0].headers


@pytest.mark.parametrize(
    ("output", "files"),
    [
        (f"{FILE}.png", [("image/png", "out-0.png")]),
        ([f"{FILE}.jpg", f"{FILE}.jpg?sig=1"], [("image/jpeg", "out-0.jpg")] * 2),
        ([f"{FILE}.webp", f"{FILE}.webp"], [("image/webp", "out-0.webp")]),
        (
            {"video": f"{FILE}.mp4", "seed": 5, "more": [f"{FILE}.wav"]},
            [("video/mp4", "out-0.mp4"), ("audio/wav", "out-0.wav")],
        ),
        (FILE, [("", "")]),
        ([f"{FILE}.png?n={n}" for n in range(12)], [("image/png", "out-0.png")] * 10),
    ],
)
async def test_files_are_found_in_every_shape_of_output(
    provider: ReplicateProvider, server: ReplicateServer, output: Any, files: list[tuple[str, str]]
) -> None:
    done = await poll(provider, server, status="succeeded", output=output)
    assert [(result.mime_type, result.file_name) for result in done.results] == files
    assert done.metadata == {}


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({"status": "succeeded", "output": None}, FAULT),
        ({"status": "succeeded", "output": []}, FAULT),
        ({"status": "succeeded", "output": "just text"}, FAULT),
        ({"status": "succeeded", "output": [[[[[f"{FILE}.png"]]]]]}, FAULT),
        ({"status": "succeeded", "output": 7}, FAULT),
        ({"status": "succeeded", "output": None, "data_removed": True}, EXPIRED),
        ({"status": "succeeded", "output": f"{FILE}.png", "data_removed": True}, EXPIRED),
        ({"status": "failed", "error": "CUDA out of memory"}, FAULT),
        ({"status": "failed", "error": None}, FAULT),
        ({"status": "failed", "error": {"code": "E005"}}, FAULT),
        ({"status": "failed", "error": "NSFW content detected. Try another prompt."}, SAFETY),
        ({"status": "failed", "error": "The input or output was flagged as sensitive. (E005)"}, SAFETY),
        ({"status": "failed", "error": "E005"}, SAFETY),
        ({"status": "failed", "error": "Content moderated"}, SAFETY),
        ({"status": "canceled"}, FAULT),
        ({"status": "aborted"}, FAULT),
    ],
)
async def test_an_end_without_a_file_has_a_reason(
    provider: ReplicateProvider, server: ReplicateServer, step: dict[str, Any], expected: FailureReason
) -> None:
    failed = await poll(provider, server, **step)
    assert isinstance(failed, Failed)
    assert failed.reason is expected
    assert "prompt" not in failed.detail


@pytest.mark.parametrize(
    ("status", "note"),
    [
        ("queued", "status queued"),
        ("", "status unreadable"),
        (None, "status unreadable"),
        (["failed"], "status unreadable"),
        ("<b>" * 50, "status unreadable"),
    ],
)
async def test_a_status_that_nobody_knows_is_one_of_waiting(
    provider: ReplicateProvider, server: ReplicateServer, status: Any, note: str
) -> None:
    assert await poll(provider, server, status=status) == Waiting(note)


async def test_a_prediction_that_is_gone_has_expired(provider: ReplicateProvider) -> None:
    assert await provider.poll("nobody") == Failed(EXPIRED, "Replicate has no such prediction")


@pytest.mark.parametrize(
    "said",
    [
        [page(200)],
        [truncated()],
        [answer(200, ["id"])],
        [answer(401, {})],
        [answer(402, {})],
        [page(403)],
        [page(502)] * 3,
        [answer(429, {})] * 3,
        [lost()] * 6,
        [broken_off()] * 3,
    ],
)
async def test_what_cannot_be_read_is_asked_again_later(
    provider: ReplicateProvider, server: ReplicateServer, said: list[Any]
) -> None:
    server.plan({"status": "starting"})
    task_id = await provider.submit(task_for(FLUX))
    server.next("get", *said)
    with pytest.raises(ProviderError):
        await provider.poll(task_id)
    assert await provider.poll(task_id) == Waiting()


@pytest.mark.parametrize("task_id", ["", "../account", "a b", "x" * 200, "x?y=1"])
async def test_nothing_but_an_id_becomes_an_address(
    provider: ReplicateProvider, server: ReplicateServer, task_id: str
) -> None:
    for asked in (provider.poll, provider.cancel):
        with pytest.raises(ProviderError, match="no id"):
            await asked(task_id)
    assert server.seen == []


@pytest.mark.parametrize(
    ("step", "free"),
    [
        ({"status": "starting"}, True),
        ({"status": "processing"}, False),
        ({"status": "aborted"}, True),
        ({"status": "canceled", "started_at": None}, True),
        ({"status": "canceled", "started_at": "2030-01-01T12:00:00Z"}, False),
        ({"status": "succeeded"}, False),
        ({"status": "failed"}, False),
    ],
)
async def test_stopping_tells_whether_anything_is_billed(
    provider: ReplicateProvider, server: ReplicateServer, step: dict[str, Any], free: bool
) -> None:
    server.plan(step)
    assert await provider.cancel(await provider.submit(task_for(FLUX))) is free


async def test_a_stop_that_is_still_on_its_way_is_no_promise(
    provider: ReplicateProvider, server: ReplicateServer
) -> None:
    task_id = await provider.submit(task_for(FLUX))
    server.next("cancel", answer(200, {"id": task_id, "status": "processing"}))
    assert not await provider.cancel(task_id)
    server.next("cancel", answer(200, {"id": task_id, "status": "canceled"}))
    assert not await provider.cancel(task_id)
    with pytest.raises(ProviderError):
        await provider.cancel("nobody")


async def test_a_file_that_has_expired_is_not_there(
    provider: ReplicateProvider, server: ReplicateServer
) -> None:
    task_id = await provider.submit(task_for(FLUX))
    server.expired.add(f"{task_id}-out.webp")
    with pytest.raises(FetchRefused) as refused:
        _ = [chunk async for chunk in provider.open(Result(server.output(task_id)))]
    assert refused.value.status == 404


async def test_replicate_does_not_tell_what_remains(provider: ReplicateProvider) -> None:
    asked: Provider = provider
    assert await asked.account() is None


async def test_polls_stay_within_what_replicate_allows(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock
) -> None:
    assert provider.polls_per_second * 60 < 3000
    task_id = await provider.submit(task_for(FLUX))
    for _ in range(5):
        await provider.poll(task_id)
    assert clock.sleepers == 0
