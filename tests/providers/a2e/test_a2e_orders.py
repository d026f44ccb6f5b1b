"""What is ordered at A2E, and what becomes of an order that goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.a2e_server import A2eServer, said
from support.orders import every_value, file_of, task_for
from support.scripted_http import Scripted, answer, broken_off, held, lost, never_arrived, page, truncated

from core.billing.pricing import PriceOverride, Pricing
from core.generation.model import LockedModel
from core.generation.registry import Registry
from core.plugins_file import PluginsFile
from providers.a2e.callbacks import token_of
from providers.a2e.provider import A2eProvider
from starloom.api import FailureReason, Model, ProviderTask, SubmissionRefused, SubmissionUnknown

Start = Callable[..., Any]
CALLBACK = "https://bot.example/callbacks/a2e?job=1&sig=2"
IMAGE, VIDEO = "a2e-text-to-image", "a2e-image-to-video"
ROOT = Path(__file__).parent.parent.parent.parent
PICTURE = file_of(b"a cat", url="https://bot.example/inputs/1")


def order(model: Model, **given: Any) -> ProviderTask:
    """A task with every file that the model needs."""
    needed = {each.field: [PICTURE] for each in model.media if each.required}
    return task_for(model, inputs={**needed, **given.pop("inputs", {})}, **given)


def models(provider: A2eProvider) -> dict[str, Model]:
    return {model.id: model for model in provider.models().models}


async def test_nothing_is_offered_before_the_operator_says_what_it_costs(provider: A2eProvider) -> None:
    pricing = Pricing(markup=Decimal(1), star_usd=Decimal("0.013"))
    registry = Registry(pricing)
    registry.add(provider)
    assert registry.models() == ()
    assert len(registry.locked) == len(provider.models().models) == 6
    assert all("[prices]" in locked.reason for locked in registry.locked)
    told = replace(pricing, overrides={VIDEO: PriceOverride(usd=Decimal("0.5"), confirmed=True)})
    registry = Registry(told)
    registry.add(provider)
    assert [model.id for model in registry.models()] == [VIDEO]
    assert registry.quote(VIDEO).usd == Decimal("0.5")
    assert registry.quote(VIDEO, {"extend_prompt": False}).stars == 39


async def test_without_a_key_every_model_is_locked_with_the_one_reason(start: Start) -> None:
    provider = await start({})
    offered = provider.models()
    assert offered.models == ()
    assert set(offered.locked) == {
        LockedModel(locked.id, "A2E_API_KEY is not set") for locked in offered.locked
    }
    assert len(offered.locked) == 6
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(IMAGE))
    assert refused.value.reason is FailureReason.UNAUTHORIZED


def test_it_is_off_unless_the_operator_switches_it_on() -> None:
    assert not PluginsFile.load(ROOT / "plugins.toml").providers["a2e"].enabled


async def test_every_value_of_every_option_is_sent_and_fits_what_is_described(
    provider: A2eProvider, server: A2eServer
) -> None:
    for model in provider.models().models:
        for number, options in enumerate([{}, *every_value(model)]):
            asked = order(model, job_id=f"{model.id}-{number}", options=options)
            task_id = await provider.submit(asked)
            task = list(server.tasks.values())[-1]
            assert task_id == f"{model.endpoint}/{task.id}"
            assert {**options, **model.fixed, "name": asked.job_id}.items() <= task.body.items()
            assert "webhook_url" not in task.body


async def test_versions_and_frames_are_models_of_their_own(provider: A2eProvider, server: A2eServer) -> None:
    for model in provider.models().models:
        await provider.submit(order(model))
    sent = [(task.body["model_type"], task.body.get("model_version")) for task in server.tasks.values()]
    assert sent == [
        ("GENERAL", "a2e"),
        ("GENERAL", "a2e-v2"),
        ("GENERAL", "a2e-v2-flash"),
        ("FLF2V", "a2e"),
        ("a2e", None),
        ("seedream", None),
    ]
    frames = list(server.tasks.values())[3].body
    assert (frames["image_url"], frames["end_image_url"]) == (PICTURE.url, PICTURE.url)


async def test_what_changes_the_coins_is_no_option(provider: A2eProvider) -> None:
    costly = {"video_time", "number_of_images", "max_images", "model_version", "model_type"}
    for model in provider.models().models:
        assert not costly & {option.field for option in model.options}
        assert len(costly & set(model.fixed)) >= 2


async def test_an_order_brings_the_callback_and_the_jobs_own_token(
    provider: A2eProvider, server: A2eServer
) -> None:
    tokens = set()
    for model, job_id in ((VIDEO, "job1"), (IMAGE, "job1"), (IMAGE, "job2")):
        await provider.submit(order(models(provider)[model], job_id=job_id, callback_url=CALLBACK))
        body = list(server.tasks.values())[-1].body
        assert (body["webhook_url"], len(body["webhook_token"])) == (CALLBACK, 64)
        tokens.add(body["webhook_token"])
    assert len(tokens) == 3
    await provider.submit(order(models(provider)[IMAGE], callback_url=CALLBACK + "x" * 2048))
    assert "webhook_url" not in list(server.tasks.values())[-1].body


async def test_an_empty_prompt_is_left_out(provider: A2eProvider, server: A2eServer) -> None:
    await provider.submit(order(models(provider)[VIDEO], prompt=""))
    assert "prompt" not in list(server.tasks.values())[-1].body


async def test_files_on_our_public_server_are_named_and_others_are_brought_to_a2e(
    provider: A2eProvider, server: A2eServer
) -> None:
    private = [file_of(b"one", name="секрет.PNG"), file_of(b"two", name="b", url="http://10.0.0.1/x")]
    model = models(provider)["a2e-seedream"]
    await provider.submit(order(model, inputs={"input_images": [PICTURE, *private]}))
    sent = list(server.tasks.values())[-1].body["input_images"]
    assert sent[0] == PICTURE.url
    assert [server.stored[address] for address in sent[1:]] == [b"one", b"two"]
    assert sent[1].endswith(".png")
    assert len(set(sent)) == 3
    asked = server.requests("presigned_url", "POST")[0].json()
    assert (asked["contentType"], asked["contentLength"]) == ("image/png", 3)


async def test_the_upload_is_asked_for_at_both_addresses(provider: A2eProvider, server: A2eServer) -> None:
    server.upload_path = "/r2/upload-presigned-url"
    model = models(provider)[VIDEO]
    for job_id in ("job1", "job2"):
        await provider.submit(order(model, job_id=job_id, inputs={"image_url": [file_of(b"one")]}))
    asked = [seen.path.rpartition("/")[2] for seen in server.seen if "/r2/" in seen.path]
    assert asked == ["get_upload_presigned_url", "upload-presigned-url", "upload-presigned-url"]


INSIDE = "http://169.254.169.254/latest/meta-data/"
"""An address of the operator's own network."""


@pytest.mark.parametrize(
    ("route", "script", "reason"),
    [
        ("place", [said(1001, "invalid token")], FailureReason.UNAUTHORIZED),
        ("place", [said(3, "insufficient coins")], FailureReason.OUT_OF_CREDIT),
        ("place", [page(404), page(404)], FailureReason.UNAVAILABLE),
        ("place", [page(200)], FailureReason.UNAVAILABLE),
        ("place", [page(502)] * 3, FailureReason.UNAVAILABLE),
        (
            "place",
            [said(0, "", {"uploadUrl": "ftp://x/y", "cdnUrl": "https://x/y"})],
            FailureReason.UNAVAILABLE,
        ),
        ("place", [said(0, "", {"uploadUrl": "https://x/y"})], FailureReason.UNAVAILABLE),
        ("place", [said(0, "", {"uploadUrl": INSIDE, "cdnUrl": "https://x/y"})], FailureReason.UNAVAILABLE),
        ("place", [said(0, "", ["uploadUrl"])], FailureReason.UNAVAILABLE),
        ("store", [answer(403, {})], FailureReason.UNAVAILABLE),
        ("store", [lost()] * 6, FailureReason.UNAVAILABLE),
    ],
)
async def test_an_upload_that_fails_orders_nothing(
    provider: A2eProvider, server: A2eServer, route: str, script: list[Scripted], reason: FailureReason
) -> None:
    server.next(route, *script)
    asked = order(models(provider)[VIDEO], inputs={"image_url": [file_of(b"one")]})
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(asked)
    assert refused.value.reason is reason
    assert server.tasks == {}


@pytest.mark.parametrize(
    ("model", "options", "inputs", "reason"),
    [
        ("a2e-v9", {}, {}, FailureReason.UNAVAILABLE),
        (IMAGE, {"aspect_ratio": "5:4"}, {}, FailureReason.INPUT_REJECTED),
        (IMAGE, {}, {"input_images": [PICTURE] * 3}, FailureReason.INPUT_REJECTED),
        (VIDEO, {}, {}, FailureReason.INPUT_REJECTED),
    ],
)
async def test_what_is_not_in_the_catalogue_is_not_asked_for(
    provider: A2eProvider,
    server: A2eServer,
    *,
    model: str,
    options: dict[str, Any],
    inputs: dict[str, Any],
    reason: FailureReason,
) -> None:
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(model, options=options, inputs=inputs))
    assert refused.value.reason is reason
    assert server.seen == []


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (said(400, "bad", status=400), FailureReason.INPUT_REJECTED),
        (said(401, "x", status=401), FailureReason.UNAUTHORIZED),
        (said(403, "x", status=403), FailureReason.UNAUTHORIZED),
        (said(404, "x", status=404), FailureReason.UNAVAILABLE),
        (said(429, "x", status=429), FailureReason.RATE_LIMITED),
        (page(403), FailureReason.UNAUTHORIZED),
        (page(429), FailureReason.RATE_LIMITED),
        (answer(401, ["x"]), FailureReason.UNAUTHORIZED),
        (said(401, "x"), FailureReason.UNAUTHORIZED),
        (said(402, "x"), FailureReason.OUT_OF_CREDIT),
        (said(429, "x"), FailureReason.RATE_LIMITED),
        (said(1001, "Invalid token"), FailureReason.UNAUTHORIZED),
        (said(-1, "Insufficient coins, please top up"), FailureReason.OUT_OF_CREDIT),
        (said(7, "Too many concurrent tasks"), FailureReason.RATE_LIMITED),
        (said(7, "The image contains NSFW content"), FailureReason.SAFETY),
        (said(400, "content violates our rules", status=400), FailureReason.SAFETY),
        (said(7, "image_url is required"), FailureReason.INPUT_REJECTED),
        (said(7, "上传失败"), FailureReason.PROVIDER_FAULT),
        (said(7, ""), FailureReason.PROVIDER_FAULT),
        (answer(200, {"code": 9, "message": "not enough credits"}), FailureReason.OUT_OF_CREDIT),
    ],
)
async def test_a_refusal_says_that_nothing_runs_and_quotes_nobody(
    provider: A2eProvider, server: A2eServer, script: Scripted, reason: FailureReason
) -> None:
    server.next("start", script)
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(IMAGE))
    assert refused.value.reason is reason
    assert refused.value.detail.startswith("code ")
    assert len(refused.value.detail) < 12
    assert len(server.requests("/start")) == 1


@pytest.mark.parametrize(
    "script",
    [
        said(500, "x", status=500),
        page(502),
        said(500, "x"),
        said(503, "busy"),
        said(408, "x", status=408),
        answer(302, {}, headers={"Location": "/elsewhere"}),
        page(200),
        answer(200, []),
        answer(200, {"data": {"_id": "abc"}}),
        answer(200, {"code": "0", "data": {"_id": "abc"}}),
        answer(200, {"code": True, "data": {"_id": "abc"}}),
        said(0, "", None),
        said(0, "", {}),
        said(0, "", []),
        said(0, "", {"_id": 7}),
        said(0, "", [{"_id": "../user"}, "abc"]),
        truncated(),
        broken_off(),
        lost(),
        never_arrived(),
    ],
)
async def test_an_order_is_never_repeated_where_nobody_knows_whether_it_was_taken(
    provider: A2eProvider, server: A2eServer, script: Scripted
) -> None:
    server.next("start", script)
    with pytest.raises(SubmissionUnknown):
        await provider.submit(task_for(IMAGE))
    assert len(server.requests("/start")) == 1


@pytest.mark.parametrize("data", [{"_id": "abc"}, [{"_id": "abc"}]])
@pytest.mark.parametrize("code", [0, 200])
async def test_a_task_is_taken_in_either_form(
    provider: A2eProvider, server: A2eServer, data: Any, code: int
) -> None:
    server.next("start", said(code, "", data))
    assert await provider.submit(task_for(IMAGE)) == "userText2Image/abc"


async def test_a_slow_reply_is_waited_for(provider: A2eProvider, server: A2eServer) -> None:
    begun, go = asyncio.Event(), asyncio.Event()
    server.next("start", held(begun, go))
    submitting = asyncio.create_task(provider.submit(task_for(IMAGE)))
    await begun.wait()
    assert not submitting.done()
    go.set()
    assert (await submitting).startswith("userText2Image/")


async def test_nothing_is_ordered_where_nobody_answers(start: Start) -> None:
    provider = await start(base_url="http://127.0.0.1:9/api/v1")
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(IMAGE))
    assert refused.value.reason is FailureReason.UNAVAILABLE


def test_a_token_is_the_keys_the_jobs_and_the_kinds() -> None:
    parts = [
        ("key", "job", "kind"),
        ("other", "job", "kind"),
        ("key", "job2", "kind"),
        ("key", "job", "kind2"),
    ]
    assert len({token_of(*each) for each in parts}) == 4
