"""The demo provider keeps to what every provider must keep to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from providers.demo import Config, create
from providers.demo.faults import Fault
from providers.demo.tasks import TaskBook
from sandbox.clock import ManualClock
from starloom.api import FailureReason, Provider, ProviderTask, Result
from starloom.testing import provider_context
from starloom.testing.provider_contract import PROMPT, ProviderBackend, ProviderContract

_REFUSED_BY = {
    FailureReason.INPUT_REJECTED: Fault.REJECTED,
    FailureReason.OUT_OF_CREDIT: Fault.CREDIT,
    FailureReason.RATE_LIMITED: Fault.BUSY,
}


class DemoBackend(ProviderBackend):
    """The demo provider has no other side: its faults are told to it by words of the prompt."""

    refusals = tuple(_REFUSED_BY)
    idempotent = True

    def __init__(self, clock: ManualClock, directory: Path, stack: contextlib.AsyncExitStack) -> None:
        self.clock = clock
        self._directory = directory
        self._stack = stack
        self._book = TaskBook(directory)
        self._fault = ""
        self._made: list[Any] = []

    async def provider(self) -> Provider:
        config = Config(faults=True)
        context = provider_context("demo", config, clock=self.clock, directory=self._directory)
        self._made.append(create(await self._stack.enter_async_context(context)))
        return self._made[-1]

    def task(self, provider: Provider, job_id: str) -> ProviderTask:
        image = next(model for model in provider.models().models if model.id == "demo-image")
        fault, self._fault = self._fault, ""
        return ProviderTask(
            job_id=job_id,
            model_id=image.id,
            category=image.category,
            prompt=f"{PROMPT} {fault}",
            options=image.check_options({}),
        )

    @property
    def submissions(self) -> int:
        return len(list(self._directory.glob("*.json")))

    async def script_finished(self, task_id: str) -> None:
        self._set_fault(task_id, Fault.NONE)
        await self.clock.advance(60)
        await asyncio.gather(*(making for each in self._made for making in each._making.values()))

    async def script_failed(self, task_id: str) -> None:
        await self.script_finished(task_id)
        self._set_fault(task_id, Fault.FAIL)

    async def script_running(self, task_id: str) -> None:
        await self.clock.advance(1)

    async def script_unknown_status(self, task_id: str) -> None:
        self._set_fault(task_id, Fault.UNKNOWN)

    async def script_refusal(self, reason: FailureReason) -> None:
        self._fault = f"fault:{_REFUSED_BY[reason]}"

    async def script_lost_reply(self) -> None:
        self._fault = "fault:lost"

    async def script_expired(self, result: Result) -> None:
        self._book.purge(before=self.clock.now())

    def _task(self, task_id: str) -> Any:
        return self._book.get(task_id)

    def _set_fault(self, task_id: str, fault: Fault) -> None:
        task = self._task(task_id)
        if task.fault != fault.value:
            self._book.put(replace(task, fault=fault.value))


class TestDemo(ProviderContract):
    lacks = ("server",)

    @pytest.fixture
    async def backend(self, clock: ManualClock, tmp_path: Path) -> AsyncIterator[DemoBackend]:
        async with contextlib.AsyncExitStack() as stack:
            yield DemoBackend(clock, tmp_path / "demo", stack)
