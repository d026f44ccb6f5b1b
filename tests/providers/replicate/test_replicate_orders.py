"""What is ordered at Replicate, and what becomes of an order that goes wrong."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from support.orders import every_value, file_of, task_for
from support.replicate_server import KEY, ReplicateServer
from support.schema_check import schemas_of
from support.scripted_http import Scripted, answer, broken_off, held, lost, never_arrived, page, truncated

from core.generation.model import LockedModel
from providers.replicate.provider import ReplicateProvider
from providers.replicate.search import seed_of
from sandbox.clock import ManualClock
from starloom.api import FailureReason, SubmissionRefused, SubmissionUnknown

CALLBACK = "https://bot.example/callbacks/replicate?job=1&sig=2"
FLUX = "flux-1.1-pro"
Start = Callable[..., Any]


async def test_flux_pro_has_the_defaults_that_were_decided(provider: ReplicateProvider) -> None:
    models = {model.id: model for model in provider.models().models}
    flux = models[FLUX]
    assert flux.defaults() == {
        "aspect_ratio": "1:1",
        "output_format": "webp",
        "prompt_upsampling": True,
        "safety_tolerance": 2,
        "output_quality": 80,
    }
    assert flux.price.usd_for(flux.defaults()) == Decimal("0.04")
    assert (flux.confirmed, flux.product) == (True, FLUX)
    assert not models["flux-1.1-pro-ultra"].confirmed
    assert provider.models().locked == ()


async def test_without_a_token_every_model_is_locked_with_the_one_reason(start: Start) -> None:
    provider = await start({})
    offered = provider.models()
    assert offered.models == ()
    assert offered.locked == tuple(
        LockedModel(model, "REPLICATE_API_TOKEN is not set") for model in (FLUX, "flux-1.1-pro-ultra")
    )
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(FLUX))
    assert refused.value.reason is FailureReason.UNAUTHORIZED


async def test_every_value_of_every_option_is_sent_and_fits_the_documented_input(
    provider: ReplicateProvider, server: ReplicateServer
) -> None:
    for model in provider.models().models:
        sent: set[str] = set()
        orders = [task_for(model, options=options) for options in every_value(model)]
        orders.append(task_for(model, inputs={"image_prompt": [file_of(b"a cat")]}))
        for order in orders:
            prediction = server.predictions[await provider.submit(order)]
            assert prediction.model == model.upstream
            assert order.options.items() <= prediction.input.items()
            sent |= set(prediction.input)
        assert sent == set(schemas_of("replicate")[model.upstream]["offered"])


async def test_an_order_asks_for_the_one_callback_and_for_an_end_in_time(
    start: Start, server: ReplicateServer
) -> None:
    provider = await start(run_minutes=12)
    task_id = await provider.submit(task_for(FLUX, "jobaaaaaaaaa", callback_url=CALLBACK))
    assert server.predictions[task_id].body == {
        "input": {
            "prompt": "a red fox",
            "seed": seed_of("jobaaaaaaaaa"),
            "aspect_ratio": "1:1",
            "output_format": "webp",
            "prompt_upsampling": True,
            "safety_tolerance": 2,
            "output_quality": 80,
        },
        "webhook": CALLBACK,
        "webhook_events_filter": ["completed"],
    }
    headers = server.requests("/predictions")[0].headers
    assert (headers["Cancel-After"], headers["Authorization"]) == ("12m", f"Bearer {KEY}")


@pytest.mark.parametrize("address", ["", "http://bot.example/callbacks/replicate"])
async def test_no_callback_is_asked_for_where_replicate_would_not_call(
    provider: ReplicateProvider, server: ReplicateServer, address: str
) -> None:
    task_id = await provider.submit(task_for(FLUX, callback_url=address))
    assert set(server.predictions[task_id].body) == {"input"}


async def test_a_small_file_stands_in_the_order_and_a_large_one_is_uploaded(
    provider: ReplicateProvider, server: ReplicateServer
) -> None:
    small, large = bytes(range(250)) * 1024, b"\x00\r\n--" * 64_001
    task_id = await provider.submit(task_for(FLUX, inputs={"image_prompt": [file_of(small)]}))
    inline = server.predictions[task_id].input["image_prompt"]
    assert inline == "data:image/png;base64," + base64.b64encode(small).decode()
    assert server.files == {}
    named = file_of(large, name='кот "1".jpg', mime_type="image/jpeg")
    task_id = await provider.submit(task_for(FLUX, "joblarge", inputs={"image_prompt": [named]}))
    assert server.predictions[task_id].input["image_prompt"] == f"{server.base}/files/file1"
    assert server.files["file1"] == {
        "content": large,
        "filename": "_1_.jpg",
        "type": "image/jpeg",
        "sent_as": ("_1_.jpg", "image/jpeg"),
    }


async def test_more_files_than_the_model_takes_are_refused_before_anything_is_sent(
    provider: ReplicateProvider, server: ReplicateServer
) -> None:
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(FLUX, inputs={"image_prompt": [file_of(b"1"), file_of(b"2")]}))
    assert refused.value.reason is FailureReason.INPUT_REJECTED
    assert server.seen == []


@pytest.mark.parametrize(
    ("model", "options", "reason"),
    [
        ("flux-9", {}, FailureReason.UNAVAILABLE),
        (FLUX, {"aspect_ratio": "custom"}, FailureReason.INPUT_REJECTED),
        (FLUX, {"go_fast": True}, FailureReason.INPUT_REJECTED),
    ],
)
async def test_what_is_not_in_the_catalogue_is_not_asked_for(
    provider: ReplicateProvider,
    server: ReplicateServer,
    model: str,
    options: dict[str, Any],
    reason: FailureReason,
) -> None:
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(model, options=options))
    assert refused.value.reason is reason
    assert server.seen == []


def problem(status: int, title: str, detail: str) -> Scripted:
    return answer(status, {"title": title, "detail": detail, "status": status})


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (problem(400, "Bad request", "…"), FailureReason.INPUT_REJECTED),
        (problem(401, "Unauthenticated", "…"), FailureReason.UNAUTHORIZED),
        (problem(402, "Insufficient credit", "You have insufficient…"), FailureReason.OUT_OF_CREDIT),
        (problem(403, "Forbidden", "…"), FailureReason.UNAUTHORIZED),
        (problem(404, "Not found", "model"), FailureReason.UNAVAILABLE),
        (problem(410, "Gone", "model"), FailureReason.UNAVAILABLE),
        (problem(413, "Too large", "…"), FailureReason.INPUT_REJECTED),
        (problem(422, "Input validation failed", "input.seed"), FailureReason.INPUT_REJECTED),
        (answer(429, {"detail": "Request was throttled."}), FailureReason.RATE_LIMITED),
        (problem(418, "Teapot", "…"), FailureReason.PROVIDER_FAULT),
        (page(402), FailureReason.OUT_OF_CREDIT),
        (answer(422, ["no", "object"]), FailureReason.INPUT_REJECTED),
    ],
)
async def test_a_refusal_says_that_nothing_runs_and_quotes_nobody(
    provider: ReplicateProvider, server: ReplicateServer, said: Scripted, reason: FailureReason
) -> None:
    server.next("create", said)
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(FLUX))
    assert refused.value.reason is reason
    assert refused.value.gone is (reason is FailureReason.UNAVAILABLE)
    assert "…" not in str(refused.value)
    assert (server.predictions, len(server.requests("/predictions"))) == ({}, 1)


@pytest.mark.parametrize(
    "said",
    [
        problem(408, "Timeout", ""),
        problem(500, "Internal", ""),
        page(502),
        page(503),
        problem(504, "Gateway", ""),
        page(200),
        answer(201, {"status": "starting"}),
        answer(201, {"id": 7}),
        answer(201, {"id": "../account"}),
        answer(201, ["id"]),
        answer(302, {}, headers={"Location": "/v1/elsewhere"}),
        truncated(),
        broken_off(),
        lost(),
        never_arrived(),
    ],
)
async def test_an_order_is_never_repeated_where_nobody_knows_whether_it_was_taken(
    provider: ReplicateProvider, server: ReplicateServer, said: Scripted
) -> None:
    server.next("create", said)
    with pytest.raises(SubmissionUnknown):
        await provider.submit(task_for(FLUX))
    assert len(server.requests("/predictions")) == 1


async def test_a_slow_reply_is_waited_for(provider: ReplicateProvider, server: ReplicateServer) -> None:
    begun, go = asyncio.Event(), asyncio.Event()
    server.next("create", held(begun, go))
    submitting = asyncio.create_task(provider.submit(task_for(FLUX)))
    await begun.wait()
    assert not submitting.done()
    go.set()
    assert await submitting in server.predictions


async def test_a_throttled_order_holds_the_others_back_for_as_long_as_its_text_says(
    provider: ReplicateProvider, server: ReplicateServer, clock: ManualClock
) -> None:
    text = "Request was throttled. Your rate limit resets in ~25s."
    server.next("create", answer(429, {"detail": text}))
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(FLUX))
    assert refused.value.reason is FailureReason.RATE_LIMITED
    later = asyncio.create_task(provider.submit(task_for(FLUX, "joblater")))
    await clock.until_asleep()
    await clock.advance(24)
    assert server.predictions == {}
    await clock.advance(2)
    assert await later in server.predictions


async def test_an_order_that_would_wait_too_long_for_its_turn_is_refused_as_early(
    provider: ReplicateProvider, server: ReplicateServer
) -> None:
    text = "Request was throttled. Your rate limit resets in ~4000s."
    server.next("create", answer(429, {"detail": text}))
    for _ in range(2):
        with pytest.raises(SubmissionRefused) as refused:
            await provider.submit(task_for(FLUX))
        assert refused.value.reason is FailureReason.RATE_LIMITED
    assert len(server.requests("/predictions")) == 1


async def test_nothing_is_ordered_where_nobody_answers(start: Start) -> None:
    provider = await start(base_url="http://127.0.0.1:9/v1")
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(FLUX))
    assert refused.value.reason is FailureReason.UNAVAILABLE


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([problem(402, "Insufficient credit", "")], FailureReason.OUT_OF_CREDIT),
        ([problem(401, "Unauthenticated", "")], FailureReason.UNAUTHORIZED),
        ([problem(413, "Too large", "")], FailureReason.INPUT_REJECTED),
        ([page(502)] * 3, FailureReason.UNAVAILABLE),
        ([lost()] * 3, FailureReason.UNAVAILABLE),
        ([page(200)], FailureReason.UNAVAILABLE),
        ([answer(201, {"urls": {"get": "file:///etc/passwd"}})], FailureReason.UNAVAILABLE),
        ([answer(201, {"urls": ["get"]})], FailureReason.UNAVAILABLE),
    ],
)
async def test_an_upload_that_fails_orders_nothing(
    provider: ReplicateProvider, server: ReplicateServer, said: list[Scripted], reason: FailureReason
) -> None:
    server.next("upload", *said)
    order = task_for(FLUX, inputs={"image_prompt": [file_of(b"x" * 300_000)]})
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(order)
    assert refused.value.reason is reason
    assert server.predictions == {}


async def test_an_upload_is_tried_again_as_it_costs_nothing(
    provider: ReplicateProvider, server: ReplicateServer
) -> None:
    server.next("upload", page(503), lost())
    order = task_for(FLUX, inputs={"image_prompt": [file_of(b"x" * 300_000)]})
    assert await provider.submit(order) in server.predictions
    assert len(server.requests("/files")) == 3
