"""Google's provider keeps to what every provider must keep to, on both of its ways to a video."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import ChainMap, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest_asyncio
from support.google_orders import order_problems
from support.google_server import (
    API_KEY,
    OMNI,
    PROJECT,
    VEO,
    GoogleServer,
    Task,
    google_error,
)
from support.scripted_backend import ScriptedBackend

from providers.veo import Config, create
from sandbox.clock import ManualClock
from starloom.api import FailureReason, Provider, ProviderTask, Result
from starloom.testing import provider_context
from starloom.testing.provider_contract import PROMPT, ProviderContract

_REFUSED_WITH = {
    FailureReason.INPUT_REJECTED: google_error(400, "INVALID_ARGUMENT", f"bad: {PROMPT}"),
    FailureReason.SAFETY: google_error(400, "INVALID_ARGUMENT", f"{PROMPT} violates our policies"),
    FailureReason.OUT_OF_CREDIT: google_error(
        403, "PERMISSION_DENIED", "no", [{"reason": "BILLING_DISABLED"}]
    ),
    FailureReason.UNAUTHORIZED: google_error(403, "PERMISSION_DENIED", API_KEY),
    FailureReason.RATE_LIMITED: google_error(429, "RESOURCE_EXHAUSTED"),
    FailureReason.UNAVAILABLE: google_error(503, "UNAVAILABLE"),
}


class GoogleBackend(ScriptedBackend[GoogleServer], ABC):
    """Google on this machine; `model` is what is ordered."""

    refusals = tuple(_REFUSED_WITH)
    finds = False

    model: str

    def __init__(self, server: GoogleServer, clock: ManualClock, directory: Path) -> None:
        super().__init__(server, clock, directory)
        self.content = server.content

    @abstractmethod
    def given(self) -> Mapping[str, str]:
        """The environment that the provider is given."""

    def task_of(self, task_id: str) -> Task:
        return self._server.tasks[task_id.removeprefix("interactions/")]

    @asynccontextmanager
    async def make(self) -> AsyncIterator[Provider]:
        server = self._server
        config = Config(vertex_url=server.url, gemini_url=server.url, storage_url=server.url)
        async with provider_context(
            "veo", config, clock=self.clock, directory=self._directory / "veo", secrets=self.given()
        ) as context:
            yield create(context)

    def task(self, provider: Provider, job_id: str) -> ProviderTask:
        model = next(each for each in provider.models().models if each.id == self.model)
        return ProviderTask(
            job_id=job_id,
            model_id=model.id,
            category=model.category,
            prompt=PROMPT,
            options=model.check_options({}),
        )

    @property
    def submissions(self) -> int:
        return len(self._server.tasks)

    def _says(self, task_id: str, *steps: dict[str, Any]) -> None:
        self.task_of(task_id).steps = deque(steps)

    async def script_finished(self, task_id: str) -> None:
        self._says(task_id, self._server.ended(self.task_of(task_id)))

    async def script_recovered(self) -> None:
        await super().script_recovered()
        # The breaker lets somebody try again.
        await self.clock.advance(600)

    async def script_refusal(self, reason: FailureReason) -> None:
        self._server.next(self.order_route, _REFUSED_WITH[reason])


class VertexBackend(GoogleBackend):
    model = VEO[1]
    order_route = "order"

    def given(self) -> Mapping[str, str]:
        # The tokens are made while it runs.
        self.secrets = ChainMap(self._server.tokens, {self._server.key_file["private_key"][40:80]: None})
        path = self._directory / "key.json"
        path.write_text(json.dumps(self._server.key_file))
        return {
            "GOOGLE_APPLICATION_CREDENTIALS": str(path),
            "GOOGLE_CLOUD_PROJECT_ID": PROJECT,
        }

    async def script_running(self, task_id: str) -> None:
        self._says(task_id, {})

    async def script_failed(self, task_id: str) -> None:
        self._says(task_id, {"done": True, "error": {"code": 3, "message": f"{PROMPT} breaks our policies"}})

    async def script_expired(self, result: Result) -> None:
        self._server.tasks.clear()
        for path in (self._directory / "veo").iterdir():
            path.unlink()


class OmniBackend(GoogleBackend):
    model = OMNI[0]
    order_route = "interact"
    secrets = (API_KEY,)

    def given(self) -> Mapping[str, str]:
        return {"GEMINI_API_KEY": API_KEY}

    async def script_expired(self, result: Result) -> None:
        self._server.files.clear()

    async def script_running(self, task_id: str) -> None:
        self._says(task_id, {"status": "in_progress"})

    async def script_unknown_status(self, task_id: str) -> None:
        self._says(task_id, {"status": "pondering"})

    async def script_failed(self, task_id: str) -> None:
        self._says(task_id, {"status": "failed", "errors": [{"message": f"{PROMPT} is not safe: safety"}]})


class _GoogleContract(ProviderContract):
    kind: type[GoogleBackend]

    @pytest_asyncio.fixture
    async def backend(self, clock: ManualClock, tmp_path: Path) -> AsyncIterator[GoogleBackend]:
        async with (
            GoogleServer(clock.now, problems=order_problems).running() as server,
            self.kind(server, clock, tmp_path) as backend,
        ):
            yield backend


class TestOmni(_GoogleContract):
    kind = OmniBackend


class TestVertex(_GoogleContract):
    lacks = ("statuses",)
    kind = VertexBackend
