"""Only Replicate's own webhooks are believed, and no more of them than which prediction has ended."""

from __future__ import annotations

import asyncio
import base64
import string
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.orders import task_for
from support.replicate_server import SECRET, ReplicateServer
from support.scripted_http import answer, lost, page

from providers.replicate.provider import ReplicateProvider
from providers.replicate.webhooks import Webhooks, key_of, signature_of
from sandbox.clock import START, ManualClock
from starloom.api import CallbackNews, CallbackRefused, CallbackRequest, ProviderError, TakesCallbacks

OTHER = "whsec_" + base64.b64encode(b"somebody else's secret").decode()
NOW = int(START.timestamp())


@pytest.fixture
async def genuine(provider: ReplicateProvider, server: ReplicateServer) -> CallbackRequest:
    await provider.submit(task_for("flux-1.1-pro"))
    body, headers = server.webhook(next(iter(server.predictions)), at=NOW)
    return CallbackRequest(headers=headers, body=body, received_at=START)


def signed(
    body: bytes, *, at: object = NOW, delivery: str = "msg_1", secret: str = SECRET
) -> CallbackRequest:
    signature = signature_of(key_of(secret), delivery, str(at), body)
    headers = {"webhook-id": delivery, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}
    return CallbackRequest(headers=headers, body=body, received_at=START)


async def test_a_genuine_webhook_names_its_prediction_and_its_delivery(
    provider: ReplicateProvider, server: ReplicateServer, genuine: CallbackRequest
) -> None:
    assert isinstance(provider, TakesCallbacks)
    task_id = next(iter(server.predictions))
    for _ in range(2):
        assert await provider.verify_callback(genuine) == CallbackNews(task_id, "msg_1")
    assert len(server.requests("/secret")) == 1


@pytest.mark.parametrize("seconds", [-300, -299, 0, 300])
async def test_a_webhook_is_taken_within_five_minutes_of_its_time(
    provider: ReplicateProvider, seconds: int
) -> None:
    assert await provider.verify_callback(signed(b'{"id": "abc"}', at=NOW + seconds)) == CallbackNews(
        "abc", "msg_1"
    )


@pytest.mark.parametrize("at", [NOW - 301, NOW + 301, "", "-5", "1e9", "٣", "9" * 13, 0])
async def test_a_stale_webhook_is_refused(
    provider: ReplicateProvider, server: ReplicateServer, at: object
) -> None:
    with pytest.raises(CallbackRefused):
        await provider.verify_callback(signed(b'{"id": "abc"}', at=at))
    assert server.seen == []


async def test_one_of_several_signatures_is_enough(
    provider: ReplicateProvider, genuine: CallbackRequest
) -> None:
    right = genuine.headers["webhook-signature"]
    for written in (f"v1,AAAA {right}", f"{right} v1,AAAA", f"v2,x {right} v1a,y"):
        headers = {**genuine.headers, "webhook-signature": written}
        assert (await provider.verify_callback(replace(genuine, headers=headers))).delivery_id == "msg_1"


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,bm90IGl0"},
        {"webhook-signature": "v1,\udcff\u0416"},
        {"webhook-signature": "v1,x " * 2000},
        {"webhook-id": ""},
        {"webhook-id": "msg_2"},
        {"webhook-id": "x" * 5000},
        {"webhook-timestamp": str(NOW + 1)},
    ],
)
async def test_a_forged_header_is_refused(
    provider: ReplicateProvider, genuine: CallbackRequest, headers: Mapping[str, str]
) -> None:
    with pytest.raises(CallbackRefused):
        await provider.verify_callback(replace(genuine, headers={**genuine.headers, **headers}))


async def test_the_signature_of_another_version_does_not_count(
    provider: ReplicateProvider, genuine: CallbackRequest
) -> None:
    signature = genuine.headers["webhook-signature"].replace("v1,", "v2,")
    with pytest.raises(CallbackRefused, match="version"):
        await provider.verify_callback(
            replace(genuine, headers={**genuine.headers, "webhook-signature": signature})
        )


async def test_a_changed_body_is_refused(provider: ReplicateProvider, genuine: CallbackRequest) -> None:
    for body in (genuine.body.replace(b"succeeded", b"failed"), genuine.body + b" ", b'{"id": "another"}'):
        with pytest.raises(CallbackRefused):
            await provider.verify_callback(replace(genuine, body=body))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"id"',
        b"{}",
        b'{"id": 7}',
        b'{"id": ""}',
        b'{"id": "a/b"}',
        b"\xff",
        b"[" * 99999,
    ],
)
async def test_a_signed_body_without_a_prediction_is_refused(
    provider: ReplicateProvider, body: bytes
) -> None:
    with pytest.raises(CallbackRefused):
        await provider.verify_callback(signed(body))


async def test_a_huge_body_is_refused_unread(provider: ReplicateProvider, server: ReplicateServer) -> None:
    with pytest.raises(CallbackRefused, match="large"):
        await provider.verify_callback(signed(b'{"id": "abc", "x": "' + b"x" * 300_000 + b'"}'))
    assert server.seen == []


async def test_a_changed_secret_is_noticed_but_forgers_do_not_make_us_ask(
    provider: ReplicateProvider, server: ReplicateServer, genuine: CallbackRequest, clock: ManualClock
) -> None:
    await provider.verify_callback(genuine)
    forged = signed(b'{"id": "abc"}', at=NOW + 290, secret=OTHER)
    for _ in range(5):
        with pytest.raises(CallbackRefused):
            await provider.verify_callback(forged)
    assert len(server.requests("/secret")) == 1
    server.secret = OTHER
    await clock.advance(300)
    assert (await provider.verify_callback(forged)).task_id == "abc"
    assert len(server.requests("/secret")) == 2
    for _ in range(5):
        with pytest.raises(CallbackRefused):
            await provider.verify_callback(signed(b'{"id": "abc"}', at=NOW + 290))
    assert len(server.requests("/secret")) == 2


async def test_many_webhooks_at_once_ask_for_the_secret_once(
    provider: ReplicateProvider, server: ReplicateServer
) -> None:
    requests = [signed(b'{"id": "abc%d"}' % number) for number in range(20)]
    news = await asyncio.gather(*map(provider.verify_callback, requests))
    assert [each.task_id for each in news] == [f"abc{number}" for number in range(20)]
    assert len(server.requests("/secret")) == 1


@pytest.mark.parametrize(
    "said",
    [
        [answer(200, {})],
        [answer(200, {"key": 7})],
        [answer(200, {"key": "no secret"})],
        [answer(200, {"key": "whsec_"})],
        [answer(200, {"key": "whsec_*"})],
        [answer(401, {})],
        [page(200)],
        [lost()] * 6,
    ],
)
async def test_without_the_secret_nothing_is_believed_or_thrown_away(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock, said: list[Any]
) -> None:
    server.next("secret", *said)
    for _ in range(3):
        with pytest.raises(ProviderError) as error:
            await provider.verify_callback(signed(b'{"id": "abc"}'))
        assert not isinstance(error.value, CallbackRefused)
    assert len(server.requests("/secret")) == len(said)
    await clock.advance(10)
    assert (await provider.verify_callback(signed(b'{"id": "abc"}'))).task_id == "abc"


headers = st.dictionaries(
    st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "x"]),
    st.one_of(
        st.text(max_size=30),
        st.just(str(NOW)),
        st.text(string.ascii_letters + string.digits + "+/=", max_size=60).map("v1,{}".format),
    ),
)
bodies = st.one_of(
    st.binary(max_size=80),
    st.just(b'{"id": "abc"}'),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace")),
)


@given(headers=headers, body=bodies)
async def test_nothing_but_the_secret_opens(headers: dict[str, str], body: bytes) -> None:
    async def secret() -> str:
        return SECRET

    webhooks = Webhooks(secret, ManualClock())
    request = CallbackRequest(headers=headers, body=body, received_at=datetime.now(UTC))
    with pytest.raises(CallbackRefused):
        await webhooks.read(request)
