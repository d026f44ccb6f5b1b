"""Replicate's provider keeps to what every provider must keep to."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.replicate_server import CONTENT, KEY, SECRET, ReplicateServer
from support.scripted_backend import ScriptedBackend
from support.scripted_http import answer

from providers.replicate import Config, create
from sandbox.clock import ManualClock
from starloom.api import CallbackRequest, FailureReason, Provider, Result
from starloom.testing import provider_context
from starloom.testing.provider_contract import PROMPT, ProviderContract

_STATUSES = {
    FailureReason.INPUT_REJECTED: 422,
    FailureReason.OUT_OF_CREDIT: 402,
    FailureReason.RATE_LIMITED: 429,
    FailureReason.UNAUTHORIZED: 401,
    FailureReason.UNAVAILABLE: 404,
}


class ReplicateBackend(ScriptedBackend[ReplicateServer]):
    order_route = "create"
    content = CONTENT
    secrets = (KEY, SECRET)
    refusals = tuple(_STATUSES)
    signed_headers = ("webhook-id", "webhook-timestamp", "webhook-signature")
    signs_body = True

    @asynccontextmanager
    async def make(self) -> AsyncIterator[Provider]:
        async with provider_context(
            "replicate",
            Config(base_url=self._server.base),
            clock=self.clock,
            directory=self._directory,
            secrets={"REPLICATE_API_TOKEN": KEY},
        ) as context:
            yield create(context)

    @property
    def submissions(self) -> int:
        return len(self._server.predictions)

    def _say(self, task_id: str, *steps: dict[str, Any]) -> None:
        self._server.predictions[task_id].steps = deque(steps)

    async def script_finished(self, task_id: str) -> None:
        self._say(task_id, {"status": "succeeded", "output": self._server.output(task_id)})

    async def script_failed(self, task_id: str) -> None:
        self._say(task_id, {"status": "failed", "error": f"NSFW: {PROMPT}"})

    async def script_running(self, task_id: str) -> None:
        self._say(task_id, {"status": "processing"})

    async def script_unknown_status(self, task_id: str) -> None:
        self._say(task_id, {"status": "pondering"})

    async def script_refusal(self, reason: FailureReason) -> None:
        self._server.next("create", answer(_STATUSES[reason], {"detail": f"about {PROMPT}"}))

    async def script_expired(self, result: Result) -> None:
        self._server.expired.add(urlsplit(result.url).path.rpartition("/")[2])

    async def callback(self, task_id: str) -> CallbackRequest:
        now = self.clock.now()
        body, headers = self._server.webhook(task_id, at=int(now.timestamp()))
        return CallbackRequest(headers=headers, body=body, received_at=now)


class TestReplicate(ProviderContract):
    @pytest.fixture
    async def backend(self, clock: ManualClock, tmp_path: Path) -> AsyncIterator[ReplicateBackend]:
        async with (
            ReplicateServer(clock.now).running() as server,
            ReplicateBackend(server, clock, tmp_path / "replicate") as backend,
        ):
            yield backend
