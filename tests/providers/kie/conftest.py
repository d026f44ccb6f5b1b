"""Kie.ai's provider beside a server that speaks its API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from support.kie_server import KEY, KieServer

from providers.kie import Config, create
from providers.kie.provider import KieProvider
from starloom.api import PluginConfig
from starloom.testing import HttpSettings, ManualClock, RetrySettings, provider_context

ONCE = HttpSettings(retries=RetrySettings(attempts=1))
"""Nothing is tried again: one request, one answer."""


Start = Callable[..., Any]


@pytest.fixture
async def server() -> AsyncIterator[KieServer]:
    async with KieServer().running() as server:
        yield server


@pytest.fixture
async def start(server: KieServer, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Start]:
    """Makes providers; `secrets` are the names of the environment that they may read."""
    async with AsyncExitStack() as stack:

        async def make(
            *, settings: HttpSettings = ONCE, stood_in: bool = False, sandbox: bool = True, **secrets: str
        ) -> KieProvider:
            known = {"KIE_API_KEY": KEY, "KIE_BASE_URL": server.url, **secrets}
            config: PluginConfig = Config(upload_url=server.url)
            context: Any = await stack.enter_async_context(
                provider_context(
                    "kie",
                    config,
                    clock=clock,
                    directory=tmp_path,
                    secrets=known,
                    settings=settings,
                    sandbox=sandbox,
                    stood_in=stood_in,
                )
            )
            provider = create(context)
            await provider.start()
            stack.push_async_callback(provider.stop)
            return provider

        yield make


@pytest.fixture
async def provider(start: Start) -> KieProvider:
    return await start()
