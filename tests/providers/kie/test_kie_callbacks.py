"""Who sent a callback is checked, and nothing of it is believed but which task it is about."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.kie_server import KieServer

from providers.kie.callbacks import WINDOW_SECONDS, read_callback, signature_of
from providers.kie.provider import KieProvider
from starloom.api import (
    CallbackNews,
    CallbackRefused,
    CallbackRequest,
    Category,
    ProviderTask,
    TakesCallbacks,
)
from starloom.testing import ManualClock

Start = Callable[..., Any]
KEY = "webhook-key-of-the-settings-page"
NOW = ManualClock().now()
STAMP = int(NOW.timestamp())
TASK = ProviderTask("job-1", "z-image", Category.IMAGE, "a fox", {}, {}, "https://bot.example/callbacks/kie")


def _request(body: bytes, headers: Mapping[str, str], job_id: str = "") -> CallbackRequest:
    return CallbackRequest({name.lower(): value for name, value in headers.items()}, body, NOW, job_id)


def _signed(task_id: str, *, at: int = STAMP, key: str = KEY) -> dict[str, str]:
    digest = hmac.new(key.encode(), f"{task_id}.{at}".encode(), hashlib.sha256).digest()
    return {"X-Webhook-Timestamp": str(at), "X-Webhook-Signature": base64.b64encode(digest).decode()}


def _body(data: Any) -> bytes:
    return json.dumps({"code": 200, "msg": "done", "data": data}).encode()


@pytest.mark.parametrize("model_id", ["z-image", "veo-3.1-fast", "flux-kontext-pro"])
async def test_a_callback_names_the_task_that_was_ordered(
    server: KieServer, start: Start, model_id: str
) -> None:
    provider: KieProvider = await start(KIE_WEBHOOK_KEY=KEY)
    assert isinstance(provider, TakesCallbacks)
    server.webhook_key = KEY
    task_id = await provider.submit(ProviderTask("job-1", model_id, Category.IMAGE, "a fox", {}))
    (task,) = server.tasks.values()
    body, headers = server.callback(task, timestamp=STAMP)
    news = await provider.verify_callback(_request(body, headers))
    assert news.task_id == task_id
    assert news == await provider.verify_callback(_request(body, headers)), "repetitions are told by their id"
    await provider.poll(news.task_id)


@pytest.mark.parametrize(
    ("data", "task_id"),
    [
        ({"taskId": "t1", "state": "success", "resultJson": "{}"}, "t1"),
        ({"taskId": "t1", "state": "fail", "failCode": "501"}, "t1"),
        ({"taskId": "t1", "promptJson": "{}", "info": {"resultUrls": []}, "fallbackFlag": False}, "veo:t1"),
        ({"taskId": "t1", "fallbackFlag": False}, "veo:t1"),
        ({"taskId": "t1", "info": {"originImageUrl": "x", "resultImageUrl": "y"}}, "flux-kontext:t1"),
        ({"task_id": "t1", "callbackType": "complete", "data": []}, "t1"),
        ({"taskId": "t1"}, "t1"),
    ],
)
def test_the_body_tells_which_api_it_comes_from(data: dict[str, Any], task_id: str) -> None:
    news = read_callback(_request(_body(data), _signed("t1")), key=KEY)
    assert news == CallbackNews(task_id, f"t1.{STAMP}")


def test_another_body_under_the_same_signature_is_the_same_delivery() -> None:
    first = read_callback(_request(_body({"taskId": "t1", "state": "fail"}), _signed("t1")), key=KEY)
    forged = _body({"taskId": "t1", "state": "success", "creditsConsumed": 1e9})
    assert read_callback(_request(forged, _signed("t1")), key=KEY) == first


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Webhook-Timestamp": str(STAMP)},
        {"X-Webhook-Signature": signature_of(KEY, "t1", str(STAMP))},
        _signed("t2"),
        _signed("t1", key="another"),
        _signed("t1", key=""),
        _signed("t1") | {"X-Webhook-Timestamp": str(STAMP + 1)},
        _signed("t1") | {"X-Webhook-Signature": "é"},
        _signed("t1", at=STAMP - WINDOW_SECONDS - 1),
        _signed("t1", at=STAMP + WINDOW_SECONDS + 1),
        _signed("t1", at=-STAMP),
        _signed("t1", at=10**40),
        {"X-Webhook-Timestamp": "", "X-Webhook-Signature": signature_of(KEY, "t1", "")},
        {"X-Webhook-Timestamp": "now", "X-Webhook-Signature": signature_of(KEY, "t1", "now")},
        {"X-Webhook-Timestamp": "٣", "X-Webhook-Signature": signature_of(KEY, "t1", "٣")},
    ],
)
def test_forged_and_stale_callbacks_are_refused(headers: dict[str, str]) -> None:
    for job_id in ("", "job-1"):
        with pytest.raises(CallbackRefused):
            read_callback(_request(_body({"taskId": "t1", "state": "success"}), headers, job_id), key=KEY)


@pytest.mark.parametrize("seconds", [-WINDOW_SECONDS, 0, WINDOW_SECONDS])
async def test_the_time_is_that_of_its_arrival(start: Start, seconds: int) -> None:
    provider = await start(KIE_WEBHOOK_KEY=KEY)
    request = _request(_body({"taskId": "t1"}), _signed("t1", at=STAMP + seconds))
    assert (await provider.verify_callback(request)).task_id == "t1"
    with pytest.raises(CallbackRefused):
        await provider.verify_callback(
            replace(request, received_at=NOW + timedelta(seconds=2 * WINDOW_SECONDS + 1))
        )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html>",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"t1"',
        b"{}",
        b"[" * 200_000,
        b'{"data": ' + b"9" * 5000 + b"}",
        b'{"data": {"taskId": "t1"}}' + b" " * 300_000,
        _body(None),
        _body("t1"),
        _body(["t1"]),
        _body({}),
        _body({"taskId": None}),
        _body({"taskId": ""}),
        _body({"taskId": 1}),
        _body({"taskId": ["t1"]}),
        _body({"taskId": {"$gt": ""}}),
        _body({"taskId": "t" * 5000}),
        _body({"taskId": "t1\nt2"}),
        _body({"taskId": "t1\u202e"}),
        _body({"taskId": "\ud800"}),
        _body({"task_id": 7}),
    ],
)
def test_what_is_no_callback_is_refused(body: bytes) -> None:
    for key, job_id in ((KEY, ""), (KEY, "job-1"), ("", "job-1")):
        with pytest.raises(CallbackRefused):
            read_callback(_request(body, _signed("t1"), job_id), key=key)


def test_without_a_key_the_address_must_carry_our_own_signature() -> None:
    body = _body({"taskId": "t1", "state": "success"})
    with pytest.raises(CallbackRefused):
        read_callback(_request(body, {}), key="")
    with pytest.raises(CallbackRefused):
        read_callback(_request(body, _signed("t1", key="")), key="")
    news = read_callback(_request(body, {}, "job-1"), key="")
    assert news.task_id == "t1"
    assert news.delivery_id == read_callback(_request(body, {}, "job-1"), key="").delivery_id
    other = _body({"taskId": "t2", "state": "success"})
    assert news.delivery_id != read_callback(_request(other, {}, "job-1"), key="").delivery_id


_TEXT = st.text(max_size=40)
_DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_BODIES = st.binary(max_size=200) | st.builds(
    lambda data: json.dumps(data).encode(),
    _DATA
    | st.fixed_dictionaries({"data": _DATA})
    | st.fixed_dictionaries({"data": st.fixed_dictionaries({"taskId": _DATA, "state": _DATA})}),
)
_HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "x-webhook-timestamp": _TEXT | st.integers().map(str) | st.just(str(STAMP)),
        "x-webhook-signature": _TEXT
        | st.binary(max_size=32).map(lambda each: base64.b64encode(each).decode()),
    },
)


@settings(max_examples=80, deadline=None)
@given(body=_BODIES, headers=_HEADERS)
def test_nothing_unsigned_gets_through(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(CallbackRefused):
        read_callback(CallbackRequest(headers, body, NOW), key=KEY)


@settings(max_examples=50, deadline=None)
@given(
    task_id=st.text(st.characters(codec="utf-8"), min_size=1, max_size=200).filter(str.isprintable),
    drift=st.integers(-2 * WINDOW_SECONDS, 2 * WINDOW_SECONDS),
    other=st.text(st.characters(codec="utf-8"), max_size=20),
)
def test_what_is_signed_gets_through_within_its_time_and_for_its_task_alone(
    task_id: str, drift: int, other: str
) -> None:
    headers = {name.lower(): value for name, value in _signed(task_id, at=STAMP + drift).items()}
    request = CallbackRequest(headers, _body({"taskId": task_id, "state": "success"}), NOW)
    late = CallbackRequest(headers, request.body, NOW + timedelta(days=1))
    if abs(drift) <= WINDOW_SECONDS:
        assert read_callback(request, key=KEY).task_id == task_id
        with pytest.raises(CallbackRefused):
            read_callback(late, key=KEY)
    else:
        with pytest.raises(CallbackRefused):
            read_callback(request, key=KEY)
    if other != task_id:
        elsewhere = CallbackRequest(headers, _body({"taskId": other, "state": "success"}), NOW)
        with pytest.raises(CallbackRefused):
            read_callback(elsewhere, key=KEY)
