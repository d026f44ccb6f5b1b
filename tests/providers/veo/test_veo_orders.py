"""What is ordered of Veo and of Gemini Omni, and what becomes of an order that goes wrong."""

from __future__ import annotations

import asyncio
import base64
from decimal import Decimal
from typing import Any

import pytest
from support.google_server import API_KEY, OMNI, VEO, GoogleServer, google_error
from support.orders import every_value, file_of, task_for
from support.scripted_http import Scripted, answer, broken_off, held, lost, never_arrived, page, truncated

from core.generation.schema import example_body, example_input
from providers.veo.provider import VeoProvider
from providers.veo.sdk import stand_in
from starloom.api import FailureReason, SubmissionRefused, SubmissionUnknown

QUALITY, FAST, LITE = VEO
OMNI_1_1, OMNI_1_2 = OMNI
pytest_plugins: list[str] = []


def _models(provider: VeoProvider) -> dict[str, Any]:
    return {model.id: model for model in provider.models().models}


def _usd(provider: VeoProvider, model_id: str, **options: Any) -> Decimal:
    model = _models(provider)[model_id]
    return model.price.usd_for(model.check_options(options))


async def test_prices_are_the_documented_ones_for_each_second(provider: VeoProvider) -> None:
    rates = {
        QUALITY: {"720p": "0.40", "1080p": "0.40", "4k": "0.60"},
        FAST: {"720p": "0.10", "1080p": "0.12", "4k": "0.30"},
        LITE: {"720p": "0.05", "1080p": "0.08"},
    }
    for model_id, by_resolution in rates.items():
        assert list(_models(provider)[model_id].option("resolution").choices) == list(by_resolution)
        for resolution, rate in by_resolution.items():
            for seconds in (4, 6, 8):
                price = _usd(provider, model_id, resolution=resolution, duration=seconds)
                assert price == Decimal(rate) * seconds
    assert _usd(provider, OMNI_1_1, duration=10) == Decimal("1.00")
    assert _usd(provider, OMNI_1_2, duration=15) == Decimal("1.05")


async def test_only_confirmed_prices_are_offered(provider: VeoProvider) -> None:
    offered = _models(provider)
    assert all(model.confirmed for model in offered.values())
    for model_id in OMNI:
        assert offered[model_id].option("resolution") is None
        assert offered[model_id].fixed["resolution"] == "720p"
    for model_id in VEO:
        assert offered[model_id].option("generate_audio") is None
        assert offered[model_id].fixed["generate_audio"] is True


async def test_every_value_of_every_option_is_sent_and_fits_the_documented_request(
    start: Any, server: GoogleServer
) -> None:
    provider = await start(orders_per_minute=1000)
    for model in provider.models().models:
        for options in every_value(model):
            task_id = await provider.submit(task_for(model, options=options))
            body = server.tasks[task_id.removeprefix("interactions/")].body
            for name, value in options.items():
                assert _sent(body, name) == value


def _sent(body: dict[str, Any], name: str) -> Any:
    """What an order says of an option, in whichever of the APIs' ways."""
    if "instances" in body:
        names = {
            "duration": "durationSeconds",
            "aspect_ratio": "aspectRatio",
            "negative_prompt": "negativePrompt",
        }
        return body["parameters"][names.get(name, name)]
    if name == "duration":
        return int(body["response_format"]["duration"].removesuffix("s"))
    return {**body["response_format"], **body["generation_config"]}[name]


async def test_an_order_of_veo_is_what_the_documentation_shows(
    provider: VeoProvider, server: GoogleServer
) -> None:
    task_id = await provider.submit(task_for(QUALITY, options={"seed": 7, "resolution": "4k"}))
    assert server.orders() == [
        {
            "instances": [{"prompt": "a red fox"}],
            "parameters": {
                "aspectRatio": "16:9",
                "durationSeconds": 8,
                "generateAudio": True,
                "personGeneration": "allow_adult",
                "resolution": "4k",
                "sampleCount": 1,
                "seed": 7,
            },
        }
    ]
    assert task_id in server.tasks


async def test_an_order_of_omni_is_what_the_documentation_shows(
    provider: VeoProvider, server: GoogleServer
) -> None:
    task_id = await provider.submit(task_for(OMNI_1_2, options={"duration": 15}))
    assert server.requests("/interactions")[0].headers["x-goog-api-key"] == API_KEY
    assert server.tasks[task_id.removeprefix("interactions/")].body == {
        "model": OMNI_1_2,
        "input": [{"type": "text", "text": "a red fox"}],
        "background": True,
        "store": True,
        "response_format": {
            "type": "video",
            "aspect_ratio": "16:9",
            "resolution": "720p",
            "duration": "15s",
            "delivery": "uri",
        },
        "generation_config": {"video_config": {"task": "text_to_video"}},
    }


async def test_the_request_that_is_shown_of_a_model_is_the_one_that_is_sent(
    provider: VeoProvider, server: GoogleServer
) -> None:
    api = provider.models().api
    assert api is not None
    for model in provider.models().models:
        endpoint = api.endpoint_of(model)
        assert endpoint is not None
        shown = example_body(model, endpoint)
        task_id = await provider.submit(task_for(model, prompt=example_input(model)["prompt"]))
        assert server.tasks[task_id.removeprefix("interactions/")].body == shown


async def test_results_go_to_the_bucket_where_one_is_set(
    start: Any, server: GoogleServer, secrets: dict[str, str]
) -> None:
    provider = await start({**secrets, "VEO_OUTPUT_GCS_URI": "gs://films/new"})
    await provider.submit(task_for(LITE))
    assert server.orders()[0]["parameters"]["storageUri"] == "gs://films/new"


async def test_frames_and_references_stand_in_the_order_with_their_types(
    provider: VeoProvider, server: GoogleServer
) -> None:
    first, last = file_of(b"first"), file_of(b"last one", mime_type="image/jpeg")
    await provider.submit(task_for(QUALITY, inputs={"image": [first], "last_frame": [last]}))
    references = [file_of(b"one"), file_of(b"two"), file_of(b"three", mime_type="image/webp")]
    await provider.submit(task_for(FAST, inputs={"reference_images": references}))
    frames, referenced = (order["instances"][0] for order in server.orders())
    assert frames["image"] == {"bytesBase64Encoded": _base64(b"first"), "mimeType": "image/png"}
    assert frames["lastFrame"] == {"bytesBase64Encoded": _base64(b"last one"), "mimeType": "image/jpeg"}
    assert [each["image"] for each in referenced["referenceImages"]] == [
        {"bytesBase64Encoded": _base64(b"one"), "mimeType": "image/png"},
        {"bytesBase64Encoded": _base64(b"two"), "mimeType": "image/png"},
        {"bytesBase64Encoded": _base64(b"three"), "mimeType": "image/webp"},
    ]


async def test_words_that_look_like_a_picture_stay_words(provider: VeoProvider, server: GoogleServer) -> None:
    words = f'"bytesBase64Encoded": "{_base64(stand_in(0))}"'
    order = task_for(FAST, prompt=words, inputs={"image": [file_of(stand_in(1))]})
    await provider.submit(order)
    (sent,) = server.orders()
    assert sent["instances"][0]["prompt"] == words
    assert sent["instances"][0]["image"]["bytesBase64Encoded"] == _base64(stand_in(1))


async def test_nothing_is_ordered_with_a_picture_that_could_not_be_put_in(
    provider: VeoProvider, server: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.veo.sdk._FIELD", b'"bytes":"%s"')
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(FAST, inputs={"image": [file_of(b"first")]}))
    assert refused.value.reason is FailureReason.PROVIDER_FAULT
    assert server.orders() == []


async def test_omni_is_told_what_the_images_are_for(provider: VeoProvider, server: GoogleServer) -> None:
    task_id = await provider.submit(task_for(OMNI_1_1, inputs={"image": [file_of(b"first")]}))
    references = [file_of(bytes([number])) for number in range(6)]
    other_id = await provider.submit(task_for(OMNI_1_2, inputs={"reference_images": references}))
    one, six = (server.tasks[each.removeprefix("interactions/")].body for each in (task_id, other_id))
    assert one["generation_config"]["video_config"] == {"task": "image_to_video"}
    assert one["input"][1] == {"type": "image", "data": _base64(b"first"), "mime_type": "image/png"}
    assert six["generation_config"]["video_config"] == {"task": "reference_to_video"}
    assert len(six["input"]) == 7


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    ("model", "options", "given"),
    [
        (QUALITY, {}, {"last_frame": 1}),
        (QUALITY, {}, {"image": 1, "reference_images": 1}),
        (FAST, {}, {"image": 1, "last_frame": 1, "reference_images": 1}),
        (FAST, {"duration": 6}, {"reference_images": 1}),
        (FAST, {}, {"reference_images": 4}),
        (LITE, {"resolution": "4k"}, {}),
        (LITE, {}, {"reference_images": 1}),
        (QUALITY, {"duration": 5}, {}),
        (OMNI_1_1, {"duration": 11}, {}),
        (OMNI_1_2, {"duration": 11}, {"image": 1}),
        (OMNI_1_2, {}, {"image": 1, "reference_images": 1}),
    ],
)
async def test_what_google_would_not_take_is_not_sent(
    provider: VeoProvider, server: GoogleServer, model: str, options: dict[str, Any], given: dict[str, int]
) -> None:
    inputs = {field: [file_of(b"x")] * count for field, count in given.items()}
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(model, options=options, inputs=inputs))
    assert refused.value.reason is FailureReason.INPUT_REJECTED
    assert server.tasks == {}


@pytest.mark.parametrize("wanted", ["{}s", "{}"])
async def test_seconds_are_written_in_the_way_that_google_takes(
    provider: VeoProvider, server: GoogleServer, wanted: str
) -> None:
    server.duration = wanted
    for number in range(2):
        await provider.submit(task_for(OMNI_1_1, f"job{number}"))
    asked = [seen.json()["response_format"]["duration"] for seen in server.requests("/interactions", "POST")]
    # Once it is known, no question is lost on the other way.
    assert asked == (["8s", "8s"] if wanted == "{}s" else ["8s", "8", "8"])
    assert len(server.tasks) == 2


async def test_a_length_that_google_does_not_take_in_either_way_is_refused(
    provider: VeoProvider, server: GoogleServer
) -> None:
    refusal = google_error(400, "INVALID_ARGUMENT", "response_format.duration is out of range")
    server.next("interact", refusal, refusal)
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(OMNI_1_1))
    assert refused.value.reason is FailureReason.INPUT_REJECTED


_BILLING = {"reason": "BILLING_DISABLED"}
_REFUSALS = [
    (google_error(400, "INVALID_ARGUMENT", "bad field"), FailureReason.INPUT_REJECTED),
    (google_error(400, "FAILED_PRECONDITION", "not in your country"), FailureReason.UNAVAILABLE),
    (
        google_error(400, "INVALID_ARGUMENT", "violates Google's usage guidelines. Support codes: 61493863"),
        FailureReason.SAFETY,
    ),
    (google_error(400, "INVALID_ARGUMENT", "API key not valid. Please pass"), FailureReason.UNAUTHORIZED),
    (google_error(402, "PAYMENT_REQUIRED"), FailureReason.OUT_OF_CREDIT),
    (google_error(403, "PERMISSION_DENIED", "the API is off"), FailureReason.UNAUTHORIZED),
    (google_error(403, "PERMISSION_DENIED", "no", [_BILLING]), FailureReason.OUT_OF_CREDIT),
    (google_error(404, "NOT_FOUND", "model"), FailureReason.UNAVAILABLE),
    (google_error(409, "ABORTED"), FailureReason.PROVIDER_FAULT),
    (page(413), FailureReason.INPUT_REJECTED),
    (google_error(429, "RESOURCE_EXHAUSTED", "Quota exceeded"), FailureReason.RATE_LIMITED),
    (page(429), FailureReason.RATE_LIMITED),
    (google_error(503, "UNAVAILABLE"), FailureReason.UNAVAILABLE),
    (answer(404, [{"error": {"code": 404, "status": "NOT_FOUND"}}]), FailureReason.UNAVAILABLE),
]
_UNSURE = [
    google_error(499, "CANCELLED"),
    google_error(500, "INTERNAL"),
    google_error(504, "DEADLINE_EXCEEDED"),
    page(502),
    page(503),
    page(200),
    truncated(),
    broken_off(),
    lost(),
    never_arrived(),
    answer(200, {}),
    answer(200, []),
    answer(200, {"name": 5, "id": 5}),
    answer(200, {"name": "", "id": ""}),
    answer(200, {"name": "../x", "id": "../x"}),
    answer(302, {}, headers={"Location": "http://127.0.0.1:1/"}),
]


@pytest.mark.parametrize(("scripted", "reason"), _REFUSALS)
async def test_a_refusal_has_its_reason_and_is_not_asked_for_again(
    provider: VeoProvider, server: GoogleServer, scripted: Scripted, reason: FailureReason
) -> None:
    for model in (FAST, OMNI_1_1):
        server.next(_route(model), scripted)
        with pytest.raises(SubmissionRefused) as refused:
            await provider.submit(task_for(model, prompt="a very secret fox"))
        assert refused.value.reason is reason
        assert "fox" not in refused.value.detail
        assert refused.value.safety == ("violence" if reason is FailureReason.SAFETY else None)
    assert server.tasks == {}


@pytest.mark.parametrize("scripted", _UNSURE)
async def test_after_a_reply_that_says_nothing_nobody_knows_and_nothing_is_ordered_twice(
    provider: VeoProvider, server: GoogleServer, scripted: Scripted
) -> None:
    for model in (FAST, OMNI_1_1):
        before = len(server.seen)
        server.next(_route(model), scripted)
        with pytest.raises(SubmissionUnknown):
            await provider.submit(task_for(model))
        assert len(server.seen) == before + 1
    with pytest.raises(SubmissionUnknown):
        await provider.find("jobjobjobjob")


def _route(model: str) -> str:
    return "order" if model in VEO else "interact"


@pytest.mark.parametrize("model", [FAST, OMNI_1_1])
async def test_where_nobody_listens_nothing_was_ordered(
    provider: VeoProvider, server: GoogleServer, model: str
) -> None:
    await server.go_away()
    asking = asyncio.ensure_future(provider.submit(task_for(model)))
    with pytest.raises(SubmissionRefused) as refused:
        await asking
    assert refused.value.reason is FailureReason.UNAVAILABLE


@pytest.mark.parametrize("model", [FAST, OMNI_1_1])
async def test_too_many_orders_a_minute_are_refused_as_too_many(
    start: Any, server: GoogleServer, model: str
) -> None:
    provider = await start(orders_per_minute=1)
    await provider.submit(task_for(model))
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(model))
    assert refused.value.reason is FailureReason.RATE_LIMITED
    assert len(server.tasks) == 1


async def test_an_order_that_is_broken_off_ends_as_cancelled(
    provider: VeoProvider, server: GoogleServer
) -> None:
    begun, go = asyncio.Event(), asyncio.Event()
    server.next("order", held(begun, go))
    ordering = asyncio.ensure_future(provider.submit(task_for(FAST)))
    await begun.wait()
    ordering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ordering
    go.set()


async def test_a_model_that_was_retired_while_running_is_locked_from_then_on(
    provider: VeoProvider, server: GoogleServer
) -> None:
    server.alive.discard(FAST)
    for _ in range(2):
        with pytest.raises(SubmissionRefused) as refused:
            await provider.submit(task_for(FAST))
        assert refused.value.reason is FailureReason.UNAVAILABLE
        assert refused.value.gone
    assert len(server.orders()) == 1
    assert {each.id: each.reason for each in provider.models().locked} == {FAST: "retired by Google"}


async def test_a_model_that_nobody_knows_is_refused(provider: VeoProvider) -> None:
    with pytest.raises(SubmissionRefused):
        await provider.submit(task_for("veo-9"))
