"""What Kie.ai's records say of a task: every documented shape is read, every other is a fault of Kie.ai's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.kie_server import CREDITS, KieServer, envelope
from support.scripted_http import page

from core.http.reply import FetchRefused
from providers.kie.families import FAMILIES, FLUX_KONTEXT, JOBS, VEO
from providers.kie.provider import KieProvider
from providers.kie.records import BadRecord, read_record
from starloom.api import (
    Account,
    Category,
    Failed,
    FailureReason,
    ProviderError,
    ProviderTask,
    Result,
    Running,
    SubmissionRefused,
    Succeeded,
    Waiting,
)
from starloom.testing import ManualClock

Start = Callable[..., Any]
TASK = ProviderTask("job-1", "z-image", Category.IMAGE, "a fox", {})
PNG = "https://results.example/made.png"
MP4 = "https://results.example/made.MP4?signature=x"


def _read(family: Any, data: Any, category: Category | None = Category.IMAGE) -> Any:
    return read_record(family, data, lambda model: category if model == "known" else None)


def _success(result: Any, **more: Any) -> dict[str, Any]:
    return {"state": "success", "model": "known", "resultJson": json.dumps(result), **more}


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"state": "waiting"}, Waiting()),
        ({"state": "queuing"}, Waiting()),
        ({"state": "generating"}, Running()),
        ({"state": "generating", "progress": 45}, Running(45)),
        ({"state": "generating", "progress": 0.48}, Running(48)),
        ({"state": "generating", "progress": 100.0}, Running(100)),
        ({"state": "generating", "progress": 1000}, Running()),
        ({"state": "generating", "progress": -1}, Running()),
        ({"state": "generating", "progress": "half"}, Running()),
        ({"state": "generating", "progress": True}, Running()),
        ({"state": "reviewing"}, Waiting("state reviewing")),
        ({"state": ""}, Waiting("state unreadable")),
        ({"state": "a\nb"}, Waiting("state unreadable")),
        ({"state": "s" * 999}, Waiting("state unreadable")),
    ],
)
def test_a_task_on_its_way(data: dict[str, Any], status: Any) -> None:
    assert _read(JOBS, data) == status


@pytest.mark.parametrize(
    ("result", "results"),
    [
        ({"resultUrls": [PNG]}, (Result(PNG, "image/png"),)),
        ({"resultUrls": [PNG, MP4]}, (Result(PNG, "image/png"), Result(MP4, "video/mp4"))),
        ({"resultUrls": ["https://x.example/made"]}, (Result("https://x.example/made", "image/png"),)),
        (
            {"resultUrls": [MP4], "firstFrameUrl": [PNG], "lastFrameUrl": [PNG]},
            (Result(MP4, "video/mp4"), Result(PNG, "image/png")),
        ),
        (
            {"data": [{"audio_url": "https://x.example/1.mp3", "duration": 61.5}, {"audio_url": PNG}]},
            (Result("https://x.example/1.mp3", "audio/mpeg", duration=61.5), Result(PNG, "image/png")),
        ),
        ({"data": [{"audioUrl": "https://x.example/2"}]}, (Result("https://x.example/2", "audio/mpeg"),)),
    ],
)
def test_a_finished_task_has_files(result: dict[str, Any], results: tuple[Result, ...]) -> None:
    assert _read(JOBS, _success(result)) == Succeeded(results, {})


def test_a_file_of_a_model_that_is_not_ours_has_the_type_of_its_name_alone() -> None:
    status = _read(JOBS, _success({"resultUrls": [PNG, "https://x.example/made"]}, model="other"))
    assert [result.mime_type for result in status.results] == ["image/png", ""]


def test_what_a_task_has_cost_is_kept() -> None:
    status = _read(JOBS, _success({"resultUrls": [PNG]}, creditsConsumed=12.5, costTime=1500))
    assert status.metadata == {"credits": 12.5, "usd": "0.0625", "milliseconds": 1500}
    for nonsense in ("12", True, -1, float("nan"), float("inf"), 10**40, None):
        assert _read(JOBS, _success({"resultUrls": [PNG]}, creditsConsumed=nonsense)).metadata == {}


@pytest.mark.parametrize("result", [{"resultObject": {"text": "x"}}, {"resultUrls": []}, {"data": []}, {}])
def test_a_finished_task_without_a_file_has_failed(result: Any) -> None:
    assert _read(JOBS, _success(result)) == Failed(FailureReason.PROVIDER_FAULT, "finished without a file")


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        ("400", "Your prompt was flagged by Website as violating content policies.", FailureReason.SAFETY),
        ("400", "The audio was filtered due to copyright or safety risks.", FailureReason.SAFETY),
        ("500", "NSFW content detected", FailureReason.SAFETY),
        (
            "501",
            "The input or output was flagged as sensitive. Please try again",
            FailureReason.SAFETY,
        ),
        ("422", "public error prominent people upload", FailureReason.SAFETY),
        ("400", "nsfw_checker must be a boolean", FailureReason.INPUT_REJECTED),
        ("422", "image is too small", FailureReason.INPUT_REJECTED),
        ("451", "could not be fetched", FailureReason.INPUT_REJECTED),
        ("402", "Credits insufficient", FailureReason.OUT_OF_CREDIT),
        ("429", "busy", FailureReason.RATE_LIMITED),
        ("433", "limit", FailureReason.KEY_LIMIT),
        ("455", "maintenance", FailureReason.UNAVAILABLE),
        ("505", "off", FailureReason.UNAVAILABLE),
        ("500", "Internal Error", FailureReason.PROVIDER_FAULT),
        ("501", "failed", FailureReason.PROVIDER_FAULT),
        ("524", "generate task timeout", FailureReason.PROVIDER_FAULT),
        ("", "", FailureReason.PROVIDER_FAULT),
        (None, None, FailureReason.PROVIDER_FAULT),
        (501, "failed", FailureReason.PROVIDER_FAULT),
        ("²²²", "failed", FailureReason.PROVIDER_FAULT),
        ("FAILED", "failed", FailureReason.PROVIDER_FAULT),
    ],
)
def test_a_failed_task_says_why(code: Any, message: Any, reason: FailureReason) -> None:
    message = message and f"of a blue fox: {message}"
    for status in (
        _read(JOBS, {"state": "fail", "failCode": code, "failMsg": message}),
        _read(VEO, {"successFlag": 2, "errorCode": code, "errorMessage": message}),
        _read(FLUX_KONTEXT, {"successFlag": 3, "errorCode": code, "errorMessage": message}),
    ):
        assert isinstance(status, Failed)
        assert status.reason is reason
        assert "fox" not in status.detail


@pytest.mark.parametrize(
    ("param", "message", "reason"),
    [
        ('{"input": {"task_id": "x"}}', "The task_id does not exist", FailureReason.SOURCE_GONE),
        ('{"taskId": "x"}', "Original video has expired", FailureReason.SOURCE_GONE),
        ('{"input": {"audio_id": "x"}}', "audio_id not found", FailureReason.SOURCE_GONE),
        ('{"input": {"task_id": "x"}}', "prompt is too long", FailureReason.INPUT_REJECTED),
        ('{"input": {"prompt": "\\"task_id\\""}}', "task not found", FailureReason.INPUT_REJECTED),
        ('{"input": {"audio_url": "x"}}', "audio is invalid", FailureReason.INPUT_REJECTED),
        (None, "task not found", FailureReason.INPUT_REJECTED),
    ],
)
def test_an_earlier_task_that_is_forgotten_is_told_apart(
    param: str | None, message: str, reason: FailureReason
) -> None:
    for status in (
        _read(JOBS, {"state": "fail", "failCode": "422", "failMsg": message, "param": param}),
        _read(VEO, {"successFlag": 2, "errorCode": "422", "errorMessage": message, "paramJson": param}),
    ):
        assert isinstance(status, Failed)
        assert status.reason is reason


def test_songs_have_names_and_the_parts_of_one_are_files() -> None:
    songs = {"data": [{"id": "a", "audio_url": MP4, "duration": 9.5}, {"id": 7, "audio_url": MP4}]}
    status = _read(JOBS, _success(songs))
    assert isinstance(status, Succeeded)
    assert [(each.id, each.duration) for each in status.results] == [("a", 9.5), ("", 0.0)]
    parts = {"originUrl": PNG, "image_url": PNG, "vocalUrl": MP4, "instrumental_url": MP4, "bassUrl": None}
    for result in (parts, {"resultObject": parts}):
        status = _read(JOBS, _success(result))
        assert isinstance(status, Succeeded)
        assert [each.url for each in status.results] == [MP4, MP4]


@pytest.mark.parametrize(
    ("family", "data", "status"),
    [
        (VEO, {"successFlag": 0}, Running()),
        (VEO, {"successFlag": 9}, Waiting("state 9")),
        (
            VEO,
            {"successFlag": 1, "response": {"resultUrls": [MP4], "originUrls": [PNG]}},
            Succeeded((Result(MP4, "video/mp4"),), {}),
        ),
        (
            VEO,
            {"successFlag": 1, "response": {"resultUrls": []}},
            Failed(FailureReason.PROVIDER_FAULT, "finished without a file"),
        ),
        (FLUX_KONTEXT, {"successFlag": 0}, Running()),
        (
            FLUX_KONTEXT,
            {"successFlag": 1, "response": {"originImageUrl": MP4, "resultImageUrl": PNG}},
            Succeeded((Result(PNG, "image/png"),), {}),
        ),
    ],
)
def test_the_older_addresses_have_records_of_their_own(family: Any, data: Any, status: Any) -> None:
    assert _read(family, data) == status


@pytest.mark.parametrize(
    ("family", "data"),
    [
        *[(JOBS, data) for data in (None, [], "x", 7, {}, {"state": None}, {"state": 3}, {"state": ["x"]})],
        *[
            (JOBS, {"state": "success", "resultJson": text})
            for text in (None, "", "{", "[]", '"x"', "null", [], {"resultUrls": [PNG]}, "[" * 100_000)
        ],
        *[
            (JOBS, _success(result))
            for result in (
                {"resultUrls": PNG},
                {"resultUrls": [None]},
                {"resultUrls": [{"url": PNG}]},
                {"resultUrls": ["ftp://x.example/made"]},
                {"resultUrls": ["file:///etc/passwd"]},
                {"resultUrls": ["https://[/made"]},
                {"resultUrls": [PNG + "x" * 5000]},
                {"resultUrls": [PNG] * 1000},
                {"resultUrls": [PNG], "lastFrameUrl": PNG},
                {"data": {"audio_url": PNG}},
                {"data": [PNG]},
                {"data": [{"audio_url": 5}]},
                {"data": [{}]},
            )
        ],
        (JOBS, {"state": "fail", "failMsg": ["x"]}),
        *[(VEO, data) for data in ({}, {"successFlag": "1"}, {"successFlag": True}, {"successFlag": 1})],
        (VEO, {"successFlag": 1, "response": [MP4]}),
        (FLUX_KONTEXT, {"successFlag": 1, "response": {}}),
    ],
)
def test_anything_else_is_a_fault_of_the_providers(family: Any, data: Any) -> None:
    with pytest.raises(BadRecord):
        _read(family, data)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = ("state", "resultJson", "failCode", "failMsg", "progress", "creditsConsumed", "costTime", "model")
_OLD_FIELDS = ("successFlag", "response", "errorCode", "errorMessage")
_RESULTS = st.fixed_dictionaries({}, optional={"resultUrls": _JSON, "lastFrameUrl": _JSON, "data": _JSON})
_VALUES = (
    _JSON
    | st.sampled_from(["waiting", "generating", "success", "fail", 0, 1, 2, 3])
    | _RESULTS
    | _RESULTS.map(json.dumps)
)


@settings(max_examples=50, deadline=None)
@given(
    family=st.sampled_from(list(FAMILIES.values())),
    data=st.fixed_dictionaries({}, optional=dict.fromkeys((*_FIELDS, *_OLD_FIELDS), _VALUES)),
)
def test_no_record_breaks_the_reader(family: Any, data: dict[str, Any]) -> None:
    try:
        status = _read(family, data)
    except BadRecord:
        return
    assert isinstance(status, Waiting | Running | Succeeded | Failed)
    if isinstance(status, Running):
        assert status.percent is None or 0 <= status.percent <= 100


async def test_a_nonsense_record_is_no_answer_of_ours(server: KieServer, provider: KieProvider) -> None:
    server.plan({"state": "success", "resultJson": "{"})
    task_id = await provider.submit(TASK)
    with pytest.raises(BadRecord) as caught:
        await provider.poll(task_id)
    assert not isinstance(caught.value, ProviderError)


async def test_a_link_that_has_expired_is_replaced_once(server: KieServer, provider: KieProvider) -> None:
    server.plan(
        {"state": "success", "resultJson": json.dumps({"resultUrls": [f"{server.url}/results/a.png"]})}
    )
    status = await provider.poll(await provider.submit(TASK))
    assert isinstance(status, Succeeded)
    result = status.results[0]
    server.expired.add("a.png")
    assert b"".join([chunk async for chunk in provider.open(result)]) == server.content
    assert len(server.fresh_links) == 1
    server.next("file", page(403, "expired"), page(404, "gone"))
    with pytest.raises(FetchRefused):
        await anext(provider.open(result))
    assert len(server.fresh_links) == 2


@pytest.mark.parametrize(
    "reply", [envelope(422, "Invalid url"), envelope(200, "ok"), envelope(200, "ok", "/etc"), page(502, "x")]
)
async def test_where_there_is_no_fresh_link_the_download_fails(
    server: KieServer, provider: KieProvider, reply: Any
) -> None:
    server.expired.add("a.png")
    server.next("link", reply)
    with pytest.raises(ProviderError):
        await anext(provider.open(Result(f"{server.url}/results/a.png")))


async def test_a_server_fault_asks_for_no_fresh_link(server: KieServer, provider: KieProvider) -> None:
    server.next("file", page(500, "x"))
    with pytest.raises(FetchRefused):
        await anext(provider.open(Result(f"{server.url}/results/a.png")))
    assert server.fresh_links == []


async def test_the_balance_is_credits_and_what_they_cost(server: KieServer, provider: KieProvider) -> None:
    credit = Decimal(str(CREDITS))
    assert await provider.account() == Account(credit, "credits", credit * Decimal("0.005"))


@pytest.mark.parametrize("data", [None, "100", True, [], {"credits": 1}])
async def test_a_balance_that_is_no_number_is_not_believed(
    server: KieServer, provider: KieProvider, data: Any
) -> None:
    server.next("credit", envelope(200, "ok", data))
    with pytest.raises(ProviderError):
        await provider.account()


async def test_nothing_is_stopped_at_kie(server: KieServer, provider: KieProvider) -> None:
    assert await provider.cancel(await provider.submit(TASK)) is False


async def test_no_more_is_ordered_than_kie_allows(
    server: KieServer, provider: KieProvider, clock: ManualClock
) -> None:
    for _ in range(20):
        await provider.submit(TASK)
    for _ in range(70):
        server.next("create", envelope(200, "success", {"taskId": "more"}))
    waiting = [asyncio.ensure_future(provider.submit(TASK)) for _ in range(70)]
    await clock.advance(9.9)
    assert len(server.requests("createTask")) == 20
    # Who would wait for half a minute is told at once to come again.
    refused = [each.exception() for each in waiting if each.done()]
    assert {error.reason for error in refused if isinstance(error, SubmissionRefused)} == {
        FailureReason.RATE_LIMITED
    }
    while not all(each.done() for each in waiting):
        await clock.advance(1)
        await asyncio.sleep(0)
