"""A2E's provider beside a server that speaks its API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from support.a2e_server import KEY, A2eServer
from support.schema_check import problems_of, schemas_of

from providers.a2e import Config
from providers.a2e.provider import A2eProvider
from sandbox.clock import ManualClock
from starloom.testing import provider_context

SCHEMAS = schemas_of("a2e")
Start = Callable[..., Awaitable[A2eProvider]]


def body_problems(kind: str, body: Mapping[str, Any]) -> list[str]:
    return problems_of(SCHEMAS[kind], body) if kind in SCHEMAS else ["there is no such kind"]


@pytest.fixture
async def server(clock: ManualClock) -> AsyncIterator[A2eServer]:
    """A2E, checking bodies as they are described."""
    async with A2eServer(clock.now, problems=body_problems).running() as server:
        yield server


@pytest.fixture
async def start(server: A2eServer, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts providers; each has its own memory, as after a restart."""
    async with AsyncExitStack() as stack:

        async def begin(secrets: Mapping[str, str] | None = None, **settings: Any) -> A2eProvider:
            config = Config(
                **{"base_url": server.base, "settle_seconds": 0, "requests_per_second": 1000, **settings}
            )
            secrets = {"A2E_API_KEY": KEY} if secrets is None else secrets
            context = provider_context(
                "a2e", config, clock=clock, directory=tmp_path / "a2e", secrets=secrets
            )
            provider = A2eProvider(await stack.enter_async_context(context))
            await provider.start()
            return provider

        yield begin


@pytest.fixture
async def provider(start: Start) -> A2eProvider:
    return await start()
