"""Replicate's provider beside a server that speaks its API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from support.replicate_server import KEY, ReplicateServer
from support.schema_check import problems_of, schemas_of

from providers.replicate import Config
from providers.replicate.provider import ReplicateProvider
from sandbox.clock import ManualClock
from starloom.testing import provider_context

SCHEMAS = schemas_of("replicate")
Start = Callable[..., Awaitable[ReplicateProvider]]


def input_problems(model: str, given: Mapping[str, Any]) -> list[str]:
    return problems_of(SCHEMAS[model], given) if model in SCHEMAS else ["there is no such model"]


@pytest.fixture
async def server(clock: ManualClock) -> AsyncIterator[ReplicateServer]:
    """Replicate, checking inputs as its documentation describes them."""
    async with ReplicateServer(clock.now, problems=input_problems).running() as server:
        yield server


@pytest.fixture
async def start(server: ReplicateServer, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts providers; each has its own memory, as after a restart."""
    async with AsyncExitStack() as stack:

        async def begin(secrets: Mapping[str, str] | None = None, **settings: Any) -> ReplicateProvider:
            config = Config(**{"base_url": server.base, "settle_seconds": 0, **settings})
            secrets = {"REPLICATE_API_TOKEN": KEY} if secrets is None else secrets
            context = provider_context(
                "replicate", config, clock=clock, directory=tmp_path / "replicate", secrets=secrets
            )
            provider = ReplicateProvider(await stack.enter_async_context(context))
            await provider.start()
            return provider

        yield begin


@pytest.fixture
async def provider(start: Start) -> ReplicateProvider:
    return await start()
