"""Google's provider beside a server that speaks its APIs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from support.google_orders import order_problems
from support.google_server import API_KEY, PROJECT, GoogleServer

from providers.veo import Config
from providers.veo.provider import VeoProvider
from sandbox.clock import ManualClock
from starloom.testing import provider_context

Start = Callable[..., Awaitable[VeoProvider]]


@pytest.fixture
async def server(clock: ManualClock) -> AsyncIterator[GoogleServer]:
    """Google, checking orders as its documentation describes them."""
    async with GoogleServer(clock.now, problems=order_problems).running() as server:
        yield server


@pytest.fixture
def secrets(server: GoogleServer, tmp_path: Path) -> dict[str, str]:
    """What the operator has set: a service account, and an API key."""
    key_file = tmp_path / "key.json"
    key_file.write_text(json.dumps(server.key_file))
    return {
        "GOOGLE_APPLICATION_CREDENTIALS": str(key_file),
        "GOOGLE_CLOUD_PROJECT_ID": PROJECT,
        "GEMINI_API_KEY": API_KEY,
    }


@pytest.fixture
async def start(
    server: GoogleServer, clock: ManualClock, tmp_path: Path, secrets: dict[str, str]
) -> AsyncIterator[Start]:
    """Starts providers on one folder; `given` replaces what the operator has set."""
    async with AsyncExitStack() as stack:

        async def begin(given: Mapping[str, str] | None = None, **settings: Any) -> VeoProvider:
            urls = {"vertex_url": server.url, "gemini_url": server.url, "storage_url": server.url}
            context = provider_context(
                "veo",
                Config(**{**urls, **settings}),
                clock=clock,
                directory=tmp_path / "veo",
                secrets=secrets if given is None else given,
            )
            provider = VeoProvider(await stack.enter_async_context(context))
            stack.push_async_callback(provider.stop)
            await provider.start()
            return provider

        yield begin


@pytest.fixture
async def provider(start: Start) -> VeoProvider:
    return await start()
