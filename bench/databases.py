"""The database of a benchmark: the one that is named, or an embedded one of its own."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from core.storage.embedded import EmbeddedServer


@asynccontextmanager
async def database_at(
    uri: str | None, server: dict[str, Any], *, durable: bool = True, replica_set: bool = False
) -> AsyncIterator[tuple[str, bool]]:
    """The address, and whether the database is an embedded one; what it is, is told in `server`.

    An embedded one lasts as long as this; where it is not `durable` it forces nothing to disk, and only as a
    `replica_set` has it transactions.
    """
    async with AsyncExitStack() as stack:
        if embedded := uri is None:
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="starloom-bench-"))
            own = EmbeddedServer(Path(directory), durable=durable, replica_set=replica_set)
            uri = await own.start()
            stack.push_async_callback(own.stop)
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
        try:
            version = (await client.server_info())["version"]
        finally:
            client.close()
        server["database"] = f"{'embedded' if embedded else 'MongoDB'} {version}"
        yield uri, embedded
