"""Every error of Kie.ai's ends in one of few outcomes, and none of them quotes what a person wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from support.kie_server import KieServer, envelope
from support.scripted_http import Scripted, answer, broken_off, held, lost, page, truncated

from providers.kie.errors import http_status
from providers.kie.provider import KieProvider
from starloom.api import (
    BadReply,
    Category,
    Failed,
    FailureReason,
    ProviderError,
    ProviderTask,
    Running,
    SubmissionRefused,
    SubmissionUnknown,
    Succeeded,
    Waiting,
)
from starloom.testing import BreakerSettings, HttpSettings, RetrySettings

Start = Callable[..., Any]
PROMPT = "a fox on the flagged bridge"
TASK = ProviderTask("job-1", "z-image", Category.IMAGE, PROMPT, {"aspect_ratio": "1:1"})

REFUSALS = {
    "bad parameter": (envelope(400, "Invalid parameter"), FailureReason.INPUT_REJECTED),
    "flagged": (
        envelope(400, "Your prompt was flagged by Website as violating content policies."),
        FailureReason.SAFETY,
    ),
    "no key": (envelope(401, "You do not have access permissions"), FailureReason.UNAUTHORIZED),
    "no key over HTTP": (
        envelope(401, "Unauthorized - Invalid", status=401),
        FailureReason.UNAUTHORIZED,
    ),
    "no credit": (envelope(402, "Credits insufficient"), FailureReason.OUT_OF_CREDIT),
    "no such address": (envelope(404, "Not found"), FailureReason.UNAVAILABLE),
    "no such address over HTTP": (page(404), FailureReason.UNAVAILABLE),
    "invalid": (envelope(422, "aspect_ratio is not within the range"), FailureReason.INPUT_REJECTED),
    "refused upstream": (
        envelope(422, "Your request was rejected by Flow(violating content policies)"),
        FailureReason.SAFETY,
    ),
    "unknown model": (
        envelope(422, "The model name you specified is not supported. Please verify it."),
        FailureReason.UNAVAILABLE,
    ),
    "too many requests": (envelope(429, "Rate limit exceeded"), FailureReason.RATE_LIMITED),
    "too many requests over HTTP": (page(429), FailureReason.RATE_LIMITED),
    "limit of the key": (envelope(433, "Sub-key limit"), FailureReason.KEY_LIMIT),
    "image not fetched": (envelope(451, "Failed to fetch the image"), FailureReason.INPUT_REJECTED),
    "maintenance": (envelope(455, "Service unavailable"), FailureReason.UNAVAILABLE),
    "server error": (envelope(500, "Internal Error, Please try again later."), FailureReason.PROVIDER_FAULT),
    "field missing": (envelope(500, "This field is required"), FailureReason.INPUT_REJECTED),
    "model missing": (envelope(500, "model not supported"), FailureReason.UNAVAILABLE),
    "generation failed": (envelope(501, "Generation failed"), FailureReason.PROVIDER_FAULT),
    "switched off": (envelope(505, "Feature disabled"), FailureReason.UNAVAILABLE),
    "unheard of": (envelope(999, "?"), FailureReason.PROVIDER_FAULT),
    "the network's own refusal": (page(403, "error code: 1010"), FailureReason.UNAUTHORIZED),
    "too large": (page(413), FailureReason.INPUT_REJECTED),
}

LOST = {
    "gateway's page": page(502),
    "gateway timed out": page(504),
    "page in place of an answer": page(200),
    "truncated": truncated(),
    "broken off": broken_off(),
    "no answer": lost(),
    "a list": answer(200, []),
    "a text for the code": answer(200, {"code": "200", "data": {"taskId": "x"}}),
    "no code": answer(200, {"data": {"taskId": "x"}}),
    "success that is none": envelope(200, "ok", {"taskId": "x"}, status=502),
    "no data": envelope(200, "success"),
    "no task id": envelope(200, "success", {}),
    "a number for the task id": envelope(200, "success", {"taskId": 7}),
    "an empty task id": envelope(200, "success", {"taskId": ""}),
    "a task id without an end": envelope(200, "success", {"taskId": "x" * 5000}),
    "a list for data": envelope(200, "success", ["x"]),
}

ASK_AGAIN = {
    "bad parameter": envelope(400, "still being rendered"),
    "no key": envelope(401, "You do not have access permissions"),
    "no credit": envelope(402, "Credits insufficient"),
    "too many requests": envelope(429, "Rate limit exceeded"),
    "limit of the key": envelope(433, "Sub-key limit"),
    "maintenance": envelope(455, "Service unavailable"),
    "server error": envelope(500, "Internal Error"),
    "switched off": envelope(505, "Feature disabled"),
    "unheard of": envelope(999, "?"),
    "gateway's page": page(502),
    "the network's own refusal": page(403, "error code: 1010"),
    "page in place of an answer": page(200),
    "truncated": truncated(),
    "broken off": broken_off(),
    "no answer": lost(),
    "no code": answer(200, {}),
}

FAILED = {
    "image not fetched": (envelope(451, "Failed to fetch the image"), FailureReason.INPUT_REJECTED),
    "generation failed": (envelope(501, "Generation failed"), FailureReason.PROVIDER_FAULT),
    "flagged": (envelope(501, "flagged by Website as violating content policies"), FailureReason.SAFETY),
}

NOT_KNOWN = {
    "no record": envelope(422, "recordInfo is null"),
    "not found": envelope(404, "Not found"),
    "no data": envelope(200, "success"),
}


def _case(table: dict[str, tuple[Scripted, FailureReason]]) -> Sequence[object]:
    return [pytest.param(reply, reason, id=name) for name, (reply, reason) in table.items()]


def _replies(table: dict[str, Scripted]) -> Sequence[object]:
    return [pytest.param(reply, id=name) for name, reply in table.items()]


async def test_what_goes_on_from_a_forgotten_task_is_refused_for_that(
    server: KieServer, provider: KieProvider
) -> None:
    onward = replace(TASK, model_id="veo/extend", options={}, source={"taskId": "veo:veo_1"})
    told = "The task_id does not exist or has expired"
    for task, reason in ((onward, FailureReason.SOURCE_GONE), (TASK, FailureReason.INPUT_REJECTED)):
        server.next("create", envelope(422, told))
        with pytest.raises(SubmissionRefused) as caught:
            await provider.submit(task)
        assert caught.value.reason is reason
        assert "task_id" not in caught.value.detail
    with pytest.raises(SubmissionRefused, match="nothing that it could go on from"):
        await provider.submit(replace(onward, source={}))
    assert len(server.seen) == 2


@pytest.mark.parametrize(("reply", "reason"), _case(REFUSALS))
async def test_a_submission_that_is_refused(
    server: KieServer, provider: KieProvider, reply: Scripted, reason: FailureReason
) -> None:
    server.next("create", reply)
    with pytest.raises(SubmissionRefused) as caught:
        await provider.submit(TASK)
    assert caught.value.reason is reason
    assert len(server.requests("createTask")) == 1


@pytest.mark.parametrize("reply", _replies(LOST))
async def test_a_submission_that_nobody_knows_of_is_made_once(
    server: KieServer, provider: KieProvider, reply: Scripted
) -> None:
    server.next("create", reply)
    with pytest.raises(SubmissionUnknown):
        await provider.submit(TASK)
    assert len(server.requests("createTask")) == 1


async def test_a_lost_submission_is_not_repeated_even_by_a_patient_client(
    server: KieServer, start: Start
) -> None:
    provider = await start(settings=HttpSettings(retries=RetrySettings(attempts=5)))
    for reply in (lost(), broken_off(), page(502), envelope(500, "Internal Error")):
        server.next("create", reply)
        with pytest.raises((SubmissionUnknown, SubmissionRefused)):
            await provider.submit(TASK)
    assert len(server.requests("createTask")) == 4
    with pytest.raises(SubmissionUnknown):
        await provider.find(TASK.job_id)


async def test_no_connection_is_a_refusal_because_nothing_runs(start: Start) -> None:
    provider = await start(KIE_BASE_URL="http://127.0.0.1:9")
    with pytest.raises(SubmissionRefused) as caught:
        await provider.submit(TASK)
    assert caught.value.reason is FailureReason.UNAVAILABLE


@pytest.mark.parametrize("reply", _replies(ASK_AGAIN))
async def test_a_question_that_has_no_answer_is_asked_again(
    server: KieServer, provider: KieProvider, reply: Scripted
) -> None:
    server.plan({"state": "waiting"})
    task_id = await provider.submit(TASK)
    # A question that meets a closed connection is put once more by the client itself.
    server.next("record", reply, reply)
    with pytest.raises(ProviderError) as caught:
        await provider.poll(task_id)
    server.script["record"].clear()
    assert not isinstance(caught.value, SubmissionRefused | SubmissionUnknown)
    assert await provider.poll(task_id) == Waiting()


@pytest.mark.parametrize(("reply", "reason"), _case(FAILED))
async def test_an_answer_that_ends_the_task(
    server: KieServer, provider: KieProvider, reply: Scripted, reason: FailureReason
) -> None:
    task_id = await provider.submit(TASK)
    server.next("record", reply)
    status = await provider.poll(task_id)
    assert isinstance(status, Failed)
    assert status.reason is reason


@pytest.mark.parametrize("reply", _replies(NOT_KNOWN))
async def test_a_task_without_a_record_is_waited_for(
    server: KieServer, provider: KieProvider, reply: Scripted
) -> None:
    task_id = await provider.submit(TASK)
    server.next("record", reply)
    assert await provider.poll(task_id) == Waiting("Kie.ai has no record of the task")
    assert await provider.poll(task_id) == Waiting()


@pytest.mark.parametrize("code", [400, 401, 402, 422, 429, 433, 451, 455, 500, 501, 505, 999])
async def test_no_outcome_quotes_the_prompt_or_the_key(
    server: KieServer, provider: KieProvider, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    quoting = envelope(code, f"this prompt cannot be: {PROMPT} (key kie-test-key)")
    server.next("create", quoting)
    with pytest.raises(SubmissionRefused) as caught:
        await provider.submit(TASK)
    task_id = await provider.submit(TASK)
    server.next("record", quoting)
    try:
        said = repr(await provider.poll(task_id))
    except ProviderError as error:
        said = repr(error)
    for text in (str(caught.value), repr(caught.value), said, caplog.text):
        assert "fox" not in text
        assert "kie-test-key" not in text


async def test_polls_are_repeated_where_that_may_help(server: KieServer, start: Start) -> None:
    provider = await start(settings=HttpSettings(retries=RetrySettings(attempts=3)))
    task_id = await provider.submit(TASK)
    server.next("record", envelope(429), envelope(500, "Internal Error"))
    assert await provider.poll(task_id) == Waiting()
    assert len(server.requests("recordInfo")) == 3
    server.next("record", envelope(422, "recordInfo is null"))
    assert isinstance(await provider.poll(task_id), Waiting)
    assert len(server.requests("recordInfo")) == 4


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (200, 200),
        (400, 400),
        (402, 400),
        (429, 429),
        (455, 503),
        (500, 500),
        (501, 400),
        (505, 503),
        (404, 400),
    ],
)
def test_what_is_out_of_order_is_left_alone(code: int, status: int) -> None:
    assert http_status(code, "") == status
    assert http_status(422, "The model name you specified is not supported") == 503
    assert http_status(500, "This field is required") == 400


async def test_maintenance_opens_the_breaker_and_rejected_inputs_do_not(
    server: KieServer, start: Start
) -> None:
    settings = HttpSettings(
        retries=RetrySettings(attempts=1), breaker=BreakerSettings(model_faults=3, provider_faults=9)
    )
    provider = await start(settings=settings)
    for _ in range(5):
        server.next("create", envelope(500, "This field is required"))
        with pytest.raises(SubmissionRefused):
            await provider.submit(TASK)
    assert len(server.requests("createTask")) == 5
    for code in (455, 505, 455):
        server.next("create", envelope(code))
        with pytest.raises(SubmissionRefused):
            await provider.submit(TASK)
    asked = len(server.requests("createTask"))
    with pytest.raises(SubmissionRefused) as caught:
        await provider.submit(TASK)
    assert caught.value.reason is FailureReason.UNAVAILABLE
    assert len(server.requests("createTask")) == asked


async def test_an_answer_that_comes_slowly_is_read_to_its_end(
    server: KieServer, provider: KieProvider
) -> None:
    begun, go = asyncio.Event(), asyncio.Event()
    server.next("create", held(begun, go))
    submission = asyncio.ensure_future(provider.submit(TASK))
    await begun.wait()
    assert not submission.done()
    go.set()
    task_id = await submission
    begun, go = asyncio.Event(), asyncio.Event()
    server.tasks[task_id].steps.extendleft([{"state": "generating", "progress": 31}])
    server.next("record", held(begun, go))
    poll = asyncio.ensure_future(provider.poll(task_id))
    await begun.wait()
    go.set()
    assert await poll == Running(31)


async def test_without_a_key_nothing_is_offered_and_nothing_is_asked(server: KieServer, start: Start) -> None:
    provider = await start(KIE_API_KEY="")
    offered = provider.models()
    assert offered.models == ()
    assert "KIE_API_KEY is not set" in {locked.reason for locked in offered.locked}
    assert offered.retired
    with pytest.raises(SubmissionRefused) as caught:
        await provider.submit(TASK)
    assert caught.value.reason is FailureReason.UNAUTHORIZED
    with pytest.raises(ProviderError):
        await provider.poll("x")
    assert await provider.account() is None
    assert server.seen == []


async def test_where_another_provider_takes_the_jobs_no_key_is_needed(start: Start) -> None:
    provider = await start(KIE_API_KEY="", stood_in=True)
    assert "z-image" in {model.id for model in provider.models().models}
    with pytest.raises(SubmissionRefused):
        await provider.submit(TASK)


async def test_a_wrong_key_is_said_to_be_one(server: KieServer, start: Start) -> None:
    provider = await start(KIE_API_KEY="another")
    with pytest.raises(SubmissionRefused) as caught:
        await provider.submit(TASK)
    assert (caught.value.reason, caught.value.detail) == (
        FailureReason.UNAUTHORIZED,
        "code 401: the key is not accepted",
    )


async def test_an_unreadable_answer_is_the_providers_error(server: KieServer, provider: KieProvider) -> None:
    server.next("credit", page(200))
    with pytest.raises(BadReply):
        await provider.account()
    task_id = await provider.submit(TASK)
    server.tasks[task_id].steps.clear()
    server.tasks[task_id].steps.append(server.success(task_id))
    assert isinstance(await provider.poll(task_id), Succeeded)
