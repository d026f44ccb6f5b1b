"""What `doctor` looks at beside the bot itself: the log's file, the bucket, the port."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp

from core.clock import SystemClock
from core.config import Settings
from core.errors import ConfigurationError
from core.limits import WebLimits
from core.media.addresses import INPUTS
from core.media.assembly import ADDRESS_LIFE, addresses_of, build_store
from core.observability.logging import require_log_file
from core.observability.metrics import Metrics
from core.web.server import Readiness, WebServer

Look = Callable[[], Awaitable[str]]
"""Says how something is. Raises ConfigurationError: it is not as it must be."""
_ANSWER = aiohttp.ClientTimeout(total=3)


def looks(settings: Settings, *, local: bool) -> Iterator[tuple[str, Look]]:
    """What there is to look at. A `local` bot takes the next free port unless one was asked for."""
    if settings.log_file is not None:
        yield "log", functools.partial(_log, settings.log_file)
    if settings.storage_mode == "s3":
        yield "bucket", functools.partial(_bucket, settings)
    if not local or "port" in settings.model_fields_set:
        yield "port", functools.partial(_port, settings)


async def _log(file: Path) -> str:
    require_log_file(file)
    return f"{file} takes lines"


async def _bucket(settings: Settings) -> str:
    clock = SystemClock()
    addresses = addresses_of(settings, clock, secret=b"", previous=(), path=INPUTS, life=ADDRESS_LIFE)
    await build_store(settings, clock, addresses, folder=INPUTS.strip("/"), life=ADDRESS_LIFE).check()
    return f"{settings.s3_bucket} takes files"


async def _port(settings: Settings) -> str:
    server = WebServer(
        host=settings.listen_host,
        port=settings.port,
        metrics=Metrics(),
        metrics_token=None,
        readiness=_stands_by,
        limits=WebLimits(),
    )
    try:
        await server.start()
    except ConfigurationError:
        if await _is_served(settings.port):
            return (
                f"{settings.port} is served by a Starloom that runs; another one here needs a PORT of its own"
            )
        raise
    await server.stop()
    return f"{settings.listen_host}:{settings.port} is free"


async def _stands_by() -> Readiness:
    return Readiness(active=False, ready=False)


async def _is_served(port: int) -> bool:
    """Whether it is a Starloom that listens there."""
    address = f"http://127.0.0.1:{port}/readyz"
    try:
        async with aiohttp.ClientSession(timeout=_ANSWER) as http, http.get(address) as answer:
            said = await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return False
    return isinstance(said, dict) and said.keys() >= {"mode", "ready"}
