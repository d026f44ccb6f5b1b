"""What A2E says of a task, and what that means to a generation."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from support.a2e_server import CONTENT, A2eServer, said
from support.orders import file_of, task_for
from support.scripted_http import broken_off, lost, page, truncated

from core.http.reply import FetchRefused
from providers.a2e.provider import A2eProvider
from starloom.api import (
    Account,
    Failed,
    FailureReason,
    ProviderError,
    Result,
    Running,
    Succeeded,
    Waiting,
)

IMAGE, VIDEO = "a2e-text-to-image", "a2e-image-to-video"
IMAGES, VIDEOS = "userText2Image", "userImage2Video"
FAULT, SAFETY, EXPIRED = FailureReason.PROVIDER_FAULT, FailureReason.SAFETY, FailureReason.EXPIRED
PICTURE = {"image_url": [file_of(b"a cat", url="https://bot.example/inputs/1")]}


async def ordered(provider: A2eProvider, server: A2eServer, *steps: dict[str, Any]) -> str:
    server.plan(*steps)
    return await provider.submit(task_for(IMAGE))


@pytest.mark.parametrize(
    ("model", "inputs", "mime_type", "extension"),
    [(VIDEO, PICTURE, "video/mp4", "mp4"), (IMAGE, {}, "image/png", "png")],
)
async def test_a_task_is_followed_to_its_file(
    provider: A2eProvider,
    server: A2eServer,
    *,
    model: str,
    inputs: Mapping[str, Any],
    mime_type: str,
    extension: str,
) -> None:
    task_id = await provider.submit(task_for(model, inputs=inputs))
    assert [await provider.poll(task_id) for _ in range(2)] == [Waiting(), Running()]
    done = await provider.poll(task_id)
    theirs = next(iter(server.tasks))
    url = server.result(theirs, extension)
    assert done == Succeeded((Result(url=url, mime_type=mime_type, file_name=f"{theirs}.{extension}"),))
    assert b"".join([chunk async for chunk in provider.open(done.results[0])]) == CONTENT
    assert "Authorization" not in server.requests(extension)[0].headers


@pytest.mark.parametrize(
    ("kind", "record", "urls"),
    [
        (VIDEOS, {"video_url": "https://a/1.mp4"}, ["https://a/1.mp4"]),
        (VIDEOS, {"result_url": "", "video_url": "https://a/1.mp4"}, ["https://a/1.mp4"]),
        (VIDEOS, {"result_url": "https://a/1.mp4", "video_url": "https://a/2.mp4"}, ["https://a/1.mp4"]),
        (
            IMAGES,
            {"image_urls": ["https://a/1.png", "https://a/2.png", 7]},
            ["https://a/1.png", "https://a/2.png"],
        ),
        (IMAGES, {"image_urls": [], "result_url": "https://a/1.png"}, ["https://a/1.png"]),
    ],
)
async def test_files_are_found_where_they_may_stand(
    provider: A2eProvider, server: A2eServer, kind: str, record: dict[str, Any], urls: list[str]
) -> None:
    server.next("get", said(0, "", {"_id": "abc", "current_status": "completed", **record}))
    done = await provider.poll(f"{kind}/abc")
    assert isinstance(done, Succeeded)
    assert [result.url for result in done.results] == urls


@pytest.mark.parametrize(
    "record",
    [
        {"current_status": "completed"},
        {"current_status": "completed", "image_url": "https://a/the-input.png"},
        {"current_status": "completed", "image_urls": "file:///etc/passwd"},
        {"current_status": "completed", "image_urls": [None, {"url": "x"}]},
        {"current_status": "queued"},
        {"current_status": None},
        {"current_status": ["failed"]},
        {"current_status": "<b>" * 50},
    ],
)
async def test_what_nobody_understands_is_waited_for_with_a_word_to_the_operator(
    provider: A2eProvider, server: A2eServer, record: dict[str, Any]
) -> None:
    for kind in (IMAGES, VIDEOS):
        server.next("get", said(0, "", {"_id": "abc", **record}))
        status = await provider.poll(f"{kind}/abc")
        assert isinstance(status, Waiting)
        assert 0 < len(status.note) < 60


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, FAULT),
        ({"failed_message": "gpu lost", "failed_code": "E77"}, FAULT),
        ({"failed_message": "NSFW content detected"}, SAFETY),
        ({"failed_message": "contains sensitive words", "failed_code": 402}, SAFETY),
        ({"failed_message": "insufficient coins"}, FailureReason.OUT_OF_CREDIT),
        ({"failed_message": "image size invalid"}, FailureReason.INPUT_REJECTED),
        ({"failed_message": ["nsfw"], "failed_code": {"a": 1}}, FAULT),
    ],
)
async def test_a_failure_has_a_reason_and_quotes_nobody(
    provider: A2eProvider, server: A2eServer, record: dict[str, Any], reason: FailureReason
) -> None:
    failed = await provider.poll(await ordered(provider, server, {"current_status": "failed", **record}))
    assert isinstance(failed, Failed)
    assert failed.reason is reason
    assert failed.detail.startswith("failed with code ")
    assert len(failed.detail) < 30


async def test_an_order_with_several_answers_is_done_when_all_are(
    provider: A2eProvider, server: A2eServer
) -> None:
    server.outputs = 3
    task_id = await provider.submit(task_for(IMAGE))
    first, second, third = server.tasks.values()
    assert task_id == f"{IMAGES}/{first.id},{second.id},{third.id}"
    third.steps.extendleft([{"current_status": "processing"}] * 2)
    steps = [await provider.poll(task_id) for _ in range(4)]
    assert steps == [Running(), Running(), Waiting(), Running()]
    done = await provider.poll(task_id)
    assert isinstance(done, Succeeded)
    assert [result.url for result in done.results] == [server.result(each, "png") for each in server.tasks]
    second.steps.extend([{"current_status": "failed"}])
    second.steps.popleft()
    assert isinstance(await provider.poll(task_id), Failed)


async def test_a_task_that_is_not_found_alone_is_looked_for_among_others(
    provider: A2eProvider, server: A2eServer
) -> None:
    task_id = await provider.submit(task_for(IMAGE))
    server.next("get", page(404), said(1, "record does not exist"), said(0, "", None))
    assert [await provider.poll(task_id) for _ in range(2)] == [Waiting(), Running()]
    assert isinstance(await provider.poll(task_id), Succeeded)


@pytest.mark.parametrize("batch", [[], [page(404)], [said(1, "not found")], [said(0, "", {"list": []})]])
async def test_a_task_that_is_nowhere_has_expired(
    provider: A2eProvider, server: A2eServer, batch: list[Any]
) -> None:
    server.next("batch", *batch)
    assert await provider.poll(f"{IMAGES}/nobody") == Failed(EXPIRED, "A2E has no such task")


@pytest.mark.parametrize(
    "script",
    [
        [page(200)],
        [truncated()],
        [said(0, "", 7)],
        [said(0, "", {"status": "success"})],
        [said(1001, "invalid token")],
        [said(401, "x", status=401)],
        [said(500, "x")] * 3,
        [page(502)] * 3,
        [said(429, "x", status=429)] * 3,
        [lost()] * 6,
        [broken_off()] * 3,
    ],
)
async def test_what_cannot_be_read_is_asked_again_later(
    provider: A2eProvider, server: A2eServer, script: list[Any]
) -> None:
    task_id = await ordered(provider, server, {"current_status": "initialized"})
    server.next("get", *script)
    with pytest.raises(ProviderError):
        await provider.poll(task_id)
    assert await provider.poll(task_id) == Waiting()


@pytest.mark.parametrize(
    "task_id", ["", "abc", "user/abc", f"{IMAGES}/", f"{IMAGES}/../x", f"{IMAGES}/a,", "a/b/c"]
)
async def test_nothing_but_an_id_becomes_an_address(
    provider: A2eProvider, server: A2eServer, task_id: str
) -> None:
    for asked in (provider.poll, provider.cancel):
        with pytest.raises(ProviderError, match="no id"):
            await asked(task_id)
    assert server.seen == []


async def test_only_what_nothing_was_done_for_is_deleted(provider: A2eProvider, server: A2eServer) -> None:
    early = await ordered(provider, server, {"current_status": "initialized"})
    assert await provider.cancel(early)
    assert server.refunded == [early.partition("/")[2]]
    late = await ordered(provider, server, {"current_status": "processing"})
    assert not await provider.cancel(late)
    assert not await provider.cancel(early)
    assert len(server.tasks) == 1
    kept = await ordered(provider, server, {"current_status": "initialized"})
    server.next("delete", said(1, "cannot be deleted"))
    assert not await provider.cancel(kept)


async def test_a_link_that_has_expired_is_an_error(provider: A2eProvider, server: A2eServer) -> None:
    server.expired.add("abc.mp4")
    with pytest.raises(FetchRefused) as refused:
        _ = [chunk async for chunk in provider.open(Result(server.result("abc")))]
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("script", "coins"), [([], "123"), ([said(0, "", 45.5)], "45.5"), ([said(0, "", {"coins": "7"})], "7")]
)
async def test_the_coins_are_told(
    provider: A2eProvider, server: A2eServer, script: list[Any], coins: str
) -> None:
    server.next("coins", *script)
    assert await provider.account() == Account(Decimal(coins), "coins")


@pytest.mark.parametrize(
    "script",
    [
        [said(0, "", None)],
        [said(0, "", {"coins": "many"})],
        [said(0, "", {"coins": "NaN"})],
        [said(0, "", {"coins": True})],
        [said(1001, "invalid token")],
        [page(200)],
        [page(503)] * 3,
    ],
)
async def test_a_balance_that_cannot_be_read_is_none(
    provider: A2eProvider, server: A2eServer, script: list[Any]
) -> None:
    server.next("coins", *script)
    with pytest.raises(ProviderError):
        await provider.account()
