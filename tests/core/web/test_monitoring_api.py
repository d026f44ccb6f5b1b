"""The monitoring API: what it takes, what it refuses and keeps nothing of, and that it is as documented."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from aiohttp import ClientSession
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import SecretStr

from core.clock import SystemClock
from core.notifications.notification import Bulletin, NotificationType
from core.notifications.queue import Deliveries, NotificationQueue
from core.observability.metrics import Metrics
from core.production.reports import UploadReports
from core.production.run import Run, RunState, UploadState
from core.storage.database import Database
from core.storage.notifications import NotificationStore
from core.storage.runs import RunStore
from core.web.api.document import DOCUMENT, EVENTS, NOTIFICATIONS, openapi_document
from core.web.api.intake import LONGEST_BODY, Intake
from core.web.api.keys import SIGNATURE, TIMESTAMP, ApiKeys, signature_of
from core.web.server import Readiness, WebServer
from starloom.monitoring_client import MonitoringClient, MonitoringError

TOKEN, KEY = "a token of sixteen", "a key that is shared"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
GOOD = {"type": "video_failed", "title": "Scene 3", "details": {"seconds": 4, "model": "veo"}, "key": "k-1"}


class Api:
    """A server with the API on, and what it has kept."""

    def __init__(self, database: Database, client: ClientSession) -> None:
        self.database = database
        self.store = NotificationStore(database, SystemClock())
        self.client = client
        self.url = ""

    async def serve(self, keys: ApiKeys) -> WebServer:
        reports = UploadReports(RunStore(self.database))
        queue = NotificationQueue(self.store, SystemClock())
        intake = Intake(queue, keys, SystemClock(), heard=reports.hear)
        server = WebServer(host="127.0.0.1", port=0, metrics=Metrics(), readiness=_ready)
        server.serve_api(NOTIFICATIONS, intake.notifications)
        server.serve_api(EVENTS, intake.events)
        server.serve_api(DOCUMENT, intake.document)
        await server.start()
        self.url = f"http://127.0.0.1:{server.port}"
        return server

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **headers}
        async with self.client.post(self.url + path, data=data, headers=headers) as response:
            return response.status, await response.json()

    async def kept(self) -> int:
        return len(await self.store.waiting(10_000))


async def _ready() -> Readiness:
    return Readiness(active=True, ready=True)


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with ClientSession() as client:
        api = Api(database, client)
        server = await api.serve(ApiKeys(SecretStr(TOKEN), SecretStr(KEY)))
        yield api
        await server.stop()


async def test_what_is_taken_is_kept_once(api: Api) -> None:
    assert await api.post(NOTIFICATIONS, GOOD, **BEARER) == (202, {"accepted": 1, "repeated": 0})
    assert await api.post(NOTIFICATIONS, GOOD, **BEARER) == (202, {"accepted": 0, "repeated": 1})
    [kept] = await api.store.waiting(10)
    assert (kept.type, kept.title) == (NotificationType.VIDEO_FAILED, "Scene 3")
    assert kept.details == {"seconds": 4, "model": "veo"}
    event = {"type": "upload_completed", "id": "e-1", "data": {"platform": "youtube"}}
    assert (await api.post(EVENTS, {"events": [event, event]}, **BEARER))[1] == {"accepted": 1, "repeated": 1}


async def test_a_signed_body_needs_no_token_and_is_worth_something_once(api: Api) -> None:
    body = json.dumps({"type": "system_error", "title": "Disk full"}).encode()
    now = str(int(time.time()))

    def signed(timestamp: str, path: str = NOTIFICATIONS) -> dict[str, str]:
        signature = signature_of(KEY, timestamp, "POST", path, body)
        return {TIMESTAMP: timestamp, SIGNATURE: f"sha256={signature}"}

    assert await api.post(NOTIFICATIONS, body, **signed(now)) == (202, {"accepted": 1, "repeated": 0})
    assert (await api.post(NOTIFICATIONS, body, **signed(now)))[1] == {"accepted": 0, "repeated": 1}
    old = str(int(time.time()) - 301)
    for headers in (signed(old), signed(now, EVENTS), {**signed(now), SIGNATURE: "sha256=00"}):
        assert (await api.post(NOTIFICATIONS, body, **headers))[0] == 401
    assert (await api.post(NOTIFICATIONS, body + b" ", **signed(now)))[0] == 401
    assert await api.kept() == 1


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (401, GOOD, {}),
        (401, GOOD, {"Authorization": f"Bearer {TOKEN}x"}),
        (401, GOOD, {"Authorization": TOKEN}),
        (413, b" " * (LONGEST_BODY + 1), BEARER),
        (415, GOOD, {**BEARER, "Content-Type": "text/plain"}),
        (400, b"{", BEARER),
        (400, b"", BEARER),
        (400, b"\xff\xfe", BEARER),
        (400, b'"\\ud800"', BEARER),
        (400, [GOOD], BEARER),
        (400, {}, BEARER),
        (400, {**GOOD, "type": "nonsense"}, BEARER),
        (400, {**GOOD, "title": 7}, BEARER),
        (400, {**GOOD, "title": "x" * 201}, BEARER),
        (400, {**GOOD, "details": {"a": [1]}}, BEARER),
        (400, {**GOOD, "details": {"a": 2**80}}, BEARER),
        (400, {**GOOD, "chat_ids": ["7"]}, BEARER),
        (400, {**GOOD, "chat_ids": [True]}, BEARER),
        (400, {**GOOD, "more": 1}, BEARER),
        (400, b'{"type": "system_error", "details": {"a": NaN}}', BEARER),
    ],
)
async def test_what_is_wrong_is_refused_in_words(
    api: Api, status: int, body: Any, headers: dict[str, str]
) -> None:
    given, answer = await api.post(NOTIFICATIONS, body, **headers)
    assert (given, bool(answer["error"])) == (status, True)
    assert await api.kept() == 0


async def test_a_body_that_does_not_come_is_not_waited_for(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.web.api.intake._READ_SECONDS", 0.05)
    end = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await end.wait()

    headers = {"Content-Type": "application/json", **BEARER}
    async with api.client.post(api.url + EVENTS, data=slow(), headers=headers) as response:
        end.set()
        status, answer = response.status, await response.json()
    assert (status, bool(answer["error"])) == (408, True)
    for path in (NOTIFICATIONS, EVENTS):
        assert str(status) in openapi_document()["paths"][path]["post"]["responses"]


async def test_reports_of_uploads_reach_their_runs_whichever_plugins_are_on(api: Api) -> None:
    now, runs = SystemClock().now(), RunStore(api.database)
    uploads = {"tube": UploadState.SENT, "clips": UploadState.SENT}
    run = Run("r1", now, now.date().isoformat(), 0, "Fox", RunState.PUBLISHING, uploads=uploads)
    assert await runs.insert(run)
    for kind, platform in (("upload_completed", "tube"), ("upload_failed", "clips")):
        for _ in range(2):
            event = {"type": kind, "id": platform, "data": {"run": "r1", "platform": platform}}
            assert (await api.post(EVENTS, {"events": [event]}, **BEARER))[0] == 202
    found = await runs.get("r1")
    assert found is not None
    assert found.uploads == {"tube": UploadState.UPLOADED, "clips": UploadState.FAILED}


async def test_events_are_taken_whole_or_not_at_all(api: Api) -> None:
    good = {"type": "video_started", "id": "1"}
    status, answer = await api.post(EVENTS, {"events": [good, {**good, "id": 2}]}, **BEARER)
    assert (status, answer["problems"]) == (400, ["events.1.id: Input should be a valid string"])
    assert (await api.post(EVENTS, {"events": [good] * 1001}, **BEARER))[0] == 400
    assert await api.kept() == 0


async def test_without_a_secret_there_is_no_api(database: Database) -> None:
    async with ClientSession() as client:
        api = Api(database, client)
        server = await api.serve(ApiKeys())
        assert (await api.post(NOTIFICATIONS, GOOD, **BEARER))[0] == 404
        async with client.get(api.url + DOCUMENT) as response:
            assert response.status == 404
        await server.stop()


@pytest.mark.parametrize("burst", [200, pytest.param(1000, marks=pytest.mark.soak)])
async def test_many_events_at_once(api: Api, burst: int) -> None:
    """Each in a request of its own; in one request a thousand are taken all the way to the chat."""

    async def send(number: int) -> int:
        event = {"type": "video_failed", "id": f"burst-{number}", "data": {"error": "out of memory"}}
        return (await api.post(EVENTS, {"events": [event]}, **BEARER))[0]

    answers = await asyncio.gather(*map(send, range(burst)))
    assert set(answers) == {202}
    assert await api.kept() == burst
    told: list[int] = []

    async def tell(bulletin: Bulletin) -> None:
        told.append(bulletin.count)

    deliveries = Deliveries(NotificationQueue(api.store, SystemClock()), SystemClock(), leads=True)
    await deliveries.round(tell, window=timedelta(minutes=10))
    assert told == [burst], "one message with a count"
    await deliveries.round(tell, window=timedelta(minutes=10))
    assert told == [burst]


async def test_the_client_for_systems_outside(api: Api) -> None:
    def work() -> None:
        for client in (MonitoringClient(api.url, token=TOKEN), MonitoringClient(api.url, hmac_key=KEY)):
            told = client.queue_notification("video_completed", "Ready", details={"seconds": 3}, key="ready")
            assert told.accepted + told.repeated == 1
            assert client.alert("critical", "No space left").accepted == 1
            sent = [{"type": "upload_failed", "id": f"u-{number}"} for number in range(600)]
            assert client.events(sent).accepted in (0, 600)
        with pytest.raises(MonitoringError, match="401") as refused:
            MonitoringClient(api.url, token="wrong").event("video_started")
        assert refused.value.status == 401
        with pytest.raises(MonitoringError, match="type: "):
            client.queue_notification("video_vanished")

    def lose() -> list[float]:
        waits: list[float] = []
        silent = MonitoringClient("http://127.0.0.1:9", token=TOKEN, attempts=3, wait=waits.append)
        with pytest.raises(MonitoringError, match="no answer"):
            silent.event("video_started")
        return waits

    await asyncio.to_thread(work)
    assert await asyncio.to_thread(lose) == [1.0, 2.0]
    assert await api.kept() == 1 + 2 + 600


@pytest.mark.parametrize("path", [NOTIFICATIONS, EVENTS])
async def test_it_is_as_its_document_says(api: Api, path: str) -> None:
    async with api.client.get(api.url + DOCUMENT) as response:
        document = await response.json()
    assert document == openapi_document()
    await asyncio.to_thread(_campaign(document, api.url, path))


def _campaign(document: dict[str, Any], url: str, path: str) -> Callable[[], None]:
    """What fits is taken, what does not is refused, and every answer is one of those documented."""
    operation = schemathesis.openapi.from_dict(document)[path]["POST"]
    modes = schemathesis.GenerationMode
    checks = settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def run() -> None:
        for mode in (modes.POSITIVE, modes.NEGATIVE):

            @given(case=operation.as_strategy(generation_mode=mode))
            @checks
            def check(case: Any) -> None:
                case.call_and_validate(base_url=url, headers=BEARER)

            check()

    return run


async def test_the_examples_for_operators_are_taken(api: Api) -> None:
    """What the guide shows to systems outside, word for word but for the address and the token."""
    guide = (Path(__file__).parents[3] / "docs" / "operators.md").read_text(encoding="utf-8")
    section = guide.partition("### From systems outside")[2].partition("\n## ")[0]
    (called,) = re.findall(r"```bash\n(.+?)```", section, re.DOTALL)
    (program,) = re.findall(r"```python\n(.+?)```", section, re.DOTALL)
    curl, *words = shlex.split(called.replace("\\\n", " ").replace("$MONITORING_TOKEN", TOKEN))
    given = list(zip(words[:-1:2], words[1::2], strict=True))
    headers = dict(value.split(": ", 1) for flag, value in given if flag == "-H")
    ((_, body),) = [each for each in given if each[0] != "-H"]
    path = words[-1].removeprefix("https://bot.example.com")
    assert (curl, (await api.post(path, body.encode(), **headers))[0]) == ("curl", 202)
    program = program.replace("https://bot.example.com", api.url).replace('"..."', repr(TOKEN))
    await asyncio.to_thread(exec, compile(program, "operators.md", "exec"), {})
    kinds = sorted(str(each.type) for each in await api.store.waiting(10))
    assert kinds == ["system_error", "upload_failed", "video_completed", "video_failed"]
