"""Kie.ai's provider keeps to what every provider must keep to."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.kie_server import CONTENT, KEY, KieServer, envelope
from support.scripted_backend import ScriptedBackend
from support.scripted_http import page

from providers.kie import Config, create
from starloom.api import CallbackRequest, FailureReason, Provider, Result
from starloom.testing import ManualClock, provider_context
from starloom.testing.provider_contract import PROMPT, ProviderContract

WEBHOOK_KEY = "webhook-key-of-the-settings-page"
_CODES = {
    FailureReason.INPUT_REJECTED: 422,
    FailureReason.OUT_OF_CREDIT: 402,
    FailureReason.RATE_LIMITED: 429,
    FailureReason.UNAUTHORIZED: 401,
    FailureReason.UNAVAILABLE: 455,
    FailureReason.KEY_LIMIT: 433,
}


class KieBackend(ScriptedBackend[KieServer]):
    order_route = "create"
    content = CONTENT
    secrets = (KEY, WEBHOOK_KEY)
    refusals = tuple(_CODES)
    finds = False
    signed_headers = ("x-webhook-timestamp", "x-webhook-signature")

    @asynccontextmanager
    async def make(self) -> AsyncIterator[Provider]:
        async with provider_context(
            "kie",
            Config(upload_url=self._server.url),
            clock=self.clock,
            directory=self._directory,
            secrets={
                "KIE_API_KEY": KEY,
                "KIE_BASE_URL": self._server.url,
                "KIE_WEBHOOK_KEY": WEBHOOK_KEY,
            },
        ) as context:
            yield create(context)

    @property
    def submissions(self) -> int:
        return len(self._server.tasks)

    def _say(self, task_id: str, step: dict[str, Any]) -> None:
        self._server.tasks[task_id.rpartition(":")[2]].steps = deque([step])

    async def script_finished(self, task_id: str) -> None:
        self._say(task_id, self._server.success(task_id.rpartition(":")[2]))

    async def script_failed(self, task_id: str) -> None:
        self._say(task_id, {"successFlag": 2, "errorCode": "501", "errorMessage": f"failed: {PROMPT}"})

    async def script_running(self, task_id: str) -> None:
        self._say(task_id, {"successFlag": 0})

    async def script_unknown_status(self, task_id: str) -> None:
        self._say(task_id, {"successFlag": 77})

    async def script_refusal(self, reason: FailureReason) -> None:
        self._server.next("create", envelope(_CODES[reason], f"about {PROMPT} with {KEY}"))

    async def script_expired(self, result: Result) -> None:
        # The fresh link is dead as well.
        self._server.next("file", page(403), page(404))

    async def callback(self, task_id: str) -> CallbackRequest:
        now = self.clock.now()
        task = self._server.tasks[task_id.rpartition(":")[2]]
        body, headers = self._server.callback(task, timestamp=int(now.timestamp()), key=WEBHOOK_KEY)
        return CallbackRequest({name.lower(): value for name, value in headers.items()}, body, now)


class TestKie(ProviderContract):
    @pytest.fixture
    async def backend(self, clock: ManualClock, tmp_path: Path) -> AsyncIterator[KieBackend]:
        async with (
            KieServer().running() as server,
            KieBackend(server, clock, tmp_path / "kie") as backend,
        ):
            yield backend
