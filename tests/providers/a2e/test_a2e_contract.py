"""A2E's provider keeps to what every provider must keep to."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.a2e_server import CONTENT, KEY, A2eServer, said
from support.scripted_backend import ScriptedBackend

from providers.a2e import Config, create
from providers.a2e.callbacks import HEADER, token_of
from sandbox.clock import ManualClock
from starloom.api import CallbackRequest, FailureReason, Provider, Result
from starloom.testing import provider_context
from starloom.testing.provider_contract import PROMPT, ProviderContract

_CODES = {
    FailureReason.INPUT_REJECTED: (400, "invalid parameter"),
    FailureReason.OUT_OF_CREDIT: (7, "insufficient coins"),
    FailureReason.RATE_LIMITED: (429, "too many requests"),
    FailureReason.UNAUTHORIZED: (1001, "invalid token"),
    FailureReason.SAFETY: (7, "nsfw"),
    FailureReason.PROVIDER_FAULT: (7, ""),
}


class A2eBackend(ScriptedBackend[A2eServer]):
    order_route = "start"
    content = CONTENT
    secrets = (KEY,)
    refusals = tuple(_CODES)
    signed_headers = (HEADER,)
    dates_callbacks = False

    @asynccontextmanager
    async def make(self) -> AsyncIterator[Provider]:
        async with provider_context(
            "a2e",
            Config(base_url=self._server.base),
            clock=self.clock,
            directory=self._directory,
            secrets={"A2E_API_KEY": KEY},
        ) as context:
            yield create(context)

    @property
    def submissions(self) -> int:
        return len(self._server.tasks)

    def _say(self, task_id: str, *steps: dict[str, Any]) -> None:
        self._server.tasks[task_id.partition("/")[2]].steps = deque(steps)

    async def script_finished(self, task_id: str) -> None:
        self._say(task_id, self._server.success(self._server.tasks[task_id.partition("/")[2]]))

    async def script_failed(self, task_id: str) -> None:
        self._say(task_id, {"current_status": "failed", "failed_message": f"about {PROMPT}"})

    async def script_running(self, task_id: str) -> None:
        self._say(task_id, {"current_status": "processing"})

    async def script_unknown_status(self, task_id: str) -> None:
        self._say(task_id, {"current_status": "pondering"})

    async def script_refusal(self, reason: FailureReason) -> None:
        code, message = _CODES[reason]
        self._server.next("start", said(code, f"{message}: about {PROMPT}"))

    async def script_expired(self, result: Result) -> None:
        self._server.expired.add(urlsplit(result.url).path.rpartition("/")[2])

    async def callback(self, task_id: str) -> CallbackRequest:
        kind, _, id = task_id.partition("/")
        return CallbackRequest(
            headers={HEADER: token_of(KEY, "job-1", kind), "content-type": "application/json"},
            body=json.dumps({"event": "task.completed", "_id": id}).encode(),
            received_at=self.clock.now(),
            job_id="job-1",
        )


class TestA2e(ProviderContract):
    @pytest.fixture
    async def backend(self, clock: ManualClock, tmp_path: Path) -> AsyncIterator[A2eBackend]:
        async with (
            A2eServer(clock.now).running() as server,
            A2eBackend(server, clock, tmp_path / "a2e") as backend,
        ):
            yield backend
