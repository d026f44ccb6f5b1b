"""Only callbacks that bring the token of their own job are believed, and no more than their task's id."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.a2e_server import KEY

from providers.a2e.callbacks import HEADER, read_callback, token_of
from providers.a2e.provider import A2eProvider
from sandbox.clock import START
from starloom.api import (
    CallbackNews,
    CallbackRefused,
    CallbackRequest,
    TakesCallbacks,
)

Start = Callable[..., Any]
IMAGES, VIDEOS = "userText2Image", "userImage2Video"


def callback(body: Any, *, job_id: str = "job1", kind: str = IMAGES, key: str = KEY) -> CallbackRequest:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {HEADER: token_of(key, job_id, kind)}
    return CallbackRequest(headers=headers, body=content, received_at=START, job_id=job_id)


@pytest.mark.parametrize(
    "body",
    [
        {"event": "task.completed", "_id": "abc"},
        {"event": "task.failed", "task_id": "abc"},
        {"data": {"_id": "abc"}},
        {"data": [{"_id": "abc"}, {"_id": "def"}]},
        {"_id": 7, "data": {"task_id": "abc"}},
        [{"_id": "abc"}],
    ],
)
async def test_a_callback_names_its_task_wherever_the_id_stands(provider: A2eProvider, body: Any) -> None:
    assert isinstance(provider, TakesCallbacks)
    for kind in (IMAGES, VIDEOS):
        news = await provider.verify_callback(callback(body, kind=kind))
        assert news.task_id == f"{kind}/abc"
        assert news == await provider.verify_callback(callback(body, kind=kind))


async def test_a_callback_needs_the_token_of_its_own_job(provider: A2eProvider) -> None:
    genuine = callback({"_id": "abc"})
    refused: list[CallbackRequest] = [
        callback({"_id": "abc"}, key="another key"),
        CallbackRequest(headers={}, body=genuine.body, received_at=START, job_id="job1"),
        CallbackRequest(headers=genuine.headers, body=genuine.body, received_at=START, job_id="job2"),
        CallbackRequest(headers=genuine.headers, body=genuine.body, received_at=START, job_id=""),
        CallbackRequest(headers={HEADER: "\udcffЖ"}, body=genuine.body, received_at=START, job_id="job1"),
    ]
    for request in refused:
        with pytest.raises(CallbackRefused):
            await provider.verify_callback(request)


async def test_without_a_key_no_callback_is_believed(start: Start) -> None:
    provider = await start({})
    with pytest.raises(CallbackRefused):
        await provider.verify_callback(callback({"_id": "abc"}, key=""))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 99999,
        b'{"_id": "' + b"x" * 300_000 + b'"}',
        [],
        {},
        7,
        None,
        {"_id": "a/b"},
        {"data": ["abc"]},
    ],
)
async def test_a_body_without_a_task_is_refused(provider: A2eProvider, body: Any) -> None:
    with pytest.raises(CallbackRefused):
        await provider.verify_callback(callback(body))


@given(
    headers=st.dictionaries(st.sampled_from([HEADER, "x"]), st.text(max_size=80)),
    body=st.one_of(st.binary(max_size=60), st.just(b'{"_id": "abc"}')),
    job_id=st.text(max_size=12),
)
def test_nothing_but_the_token_opens(headers: dict[str, str], body: bytes, job_id: str) -> None:
    request = CallbackRequest(headers=headers, body=body, received_at=START, job_id=job_id)
    with pytest.raises(CallbackRefused):
        read_callback(request, key=KEY)


@given(
    body=st.recursive(
        st.one_of(st.none(), st.integers(), st.text(max_size=9)),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["_id", "data", "task_id", "x"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_a_genuine_token_with_any_body_is_news_or_refused(body: Any) -> None:
    try:
        news = read_callback(callback(body), key=KEY)
    except CallbackRefused:
        return
    assert isinstance(news, CallbackNews)
    assert news.task_id.startswith(f"{IMAGES}/")
