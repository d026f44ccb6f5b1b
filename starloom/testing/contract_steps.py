"""Steps that the tests of `provider_contract` have in common."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from core.generation.provider import (
    CallbackRequest,
    FindsTasks,
    Provider,
    Result,
    Running,
    Status,
    Succeeded,
    TakesCallbacks,
    Waiting,
)
from starloom.testing.provider_backend import ProviderBackend

_LIBRARY = str(Path(aiohttp.__file__).parent)


_BEFORE = timedelta(minutes=1)


async def found(backend: ProviderBackend, provider: Provider, job_id: str) -> str | None:
    """The task that the provider finds for a job, asked as the pipeline asks it."""
    if isinstance(provider, FindsTasks):
        since = backend.clock.now() - _BEFORE
        return await backend.drive(provider.find_task(backend.task(provider, job_id), since))
    return await backend.drive(provider.find(job_id))


async def started(backend: ProviderBackend) -> Provider:
    """Another instance, started."""
    provider = await backend.provider()
    await backend.drive(provider.start())
    return provider


async def submitted(backend: ProviderBackend, provider: Provider, job_id: str = "job-1") -> str:
    """Submit a job; the task's id."""
    return await backend.drive(provider.submit(backend.task(provider, job_id)))


async def finished(backend: ProviderBackend, provider: Provider, task_id: str) -> tuple[Result, ...]:
    """Finish a task; its files, as a poll tells of them."""
    await backend.script_finished(task_id)
    status = await backend.drive(provider.poll(task_id))
    assert isinstance(status, Succeeded), f"a finished task is {status}"
    assert status.results
    assert all(isinstance(result, Result) and result.url for result in status.results)
    return status.results


async def content_of(backend: ProviderBackend, provider: Provider, result: Result) -> bytes:
    """The whole file behind a result."""

    async def read() -> bytes:
        return b"".join([chunk async for chunk in provider.open(result)])

    return await backend.drive(read())


async def called_back(
    backend: ProviderBackend, provider: Provider
) -> tuple[str, CallbackRequest, Any] | None:
    """A task that has ended, the genuine callback about it, and what verifies it; None without callbacks."""
    if not isinstance(provider, TakesCallbacks):
        unheard = type(backend).callback is ProviderBackend.callback
        assert unheard, "the backend calls back, and the provider has no verify_callback"
        return None
    task_id = await submitted(backend, provider)
    await backend.script_finished(task_id)
    return task_id, await backend.callback(task_id), provider.verify_callback


def forgeries(backend: ProviderBackend, request: CallbackRequest) -> list[CallbackRequest]:
    """Callbacks that are not genuine, each in another way."""
    forged = [replace(request, headers={}), replace(request, body=b""), replace(request, body=b"\xff[")]
    for name in backend.signed_headers:
        value = request.headers[name]
        others = {key: kept for key, kept in request.headers.items() if key != name}
        forged += [replace(request, headers=others), replace(request, headers={**others, name: ""})]
        forged += [replace(request, headers={**others, name: _altered(value)})]
    if backend.signs_body:
        forged.append(replace(request, body=request.body + b" "))
    return forged


def _altered(value: str) -> str:
    """Another value that looks like this one: one in the middle is different."""
    places = [index for index, letter in enumerate(value) if letter.isalnum()]
    place = places[len(places) // 2]
    return f"{value[:place]}{'1' if value[place] == '0' else '0'}{value[place + 1 :]}"


def assert_goes_on(status: Status) -> None:
    """Fail unless the task is not over."""
    assert isinstance(status, Waiting | Running), f"a task that is not over is {status}"
    if isinstance(status, Running):
        assert status.percent is None or 0 <= status.percent <= 100


def is_the_servers(task: asyncio.Task[Any]) -> bool:
    """Whether a task is a connection of the library's own, as of a contract server."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and code.co_filename.startswith(_LIBRARY)
