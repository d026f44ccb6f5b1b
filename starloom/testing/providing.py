"""What a provider is given, for tests: settings, secrets, and HTTP that may speak to this machine."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import TypeVar

import structlog
from aiohttp.abc import AbstractResolver

from core.clock import Clock
from core.http.addresses import LOOPBACK_TOO, AddressPolicy
from core.http.provider_http import HttpLayer, HttpSettings
from core.observability.metrics import Metrics
from core.plugin import PluginConfig, ProviderContext

_ConfigT = TypeVar("_ConfigT", bound=PluginConfig)


@contextlib.asynccontextmanager
async def provider_context(
    name: str,
    config: _ConfigT,
    *,
    clock: Clock,
    directory: Path,
    secrets: Mapping[str, str] | None = None,
    sandbox: bool = True,
    stood_in: bool = False,
    settings: HttpSettings | None = None,
    policy: AddressPolicy = LOOPBACK_TOO,
    metrics: Metrics | None = None,
    resolver: AbstractResolver | None = None,
    random: Callable[[], float] = lambda: 0.0,
) -> AsyncIterator[ProviderContext[_ConfigT]]:
    """The context that `create(context)` of a provider gets; its connections are closed at the end.

    `secrets` are what `context.secret` answers. Waits before retries are no longer than `random` makes them:
    none, unless given; they pass on `clock`.
    """
    known = dict(secrets or {})
    layer = HttpLayer(
        clock, settings=settings, policy=policy, metrics=metrics, resolver=resolver, random=random
    )
    try:
        yield ProviderContext(
            name=name,
            config=config,
            clock=clock,
            log=structlog.stdlib.get_logger(f"providers.{name}"),
            secret=known.get,
            http=layer.provider(name),
            directory=directory,
            sandbox=sandbox,
            stood_in=stood_in,
        )
    finally:
        await layer.close()
