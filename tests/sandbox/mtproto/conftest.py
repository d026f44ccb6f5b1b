"""Servers and clients for the tests of the wire."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from mtproto_tools import BOT_ID, RawClient, TinyApi
from pyrogram import Client

from sandbox.mtproto import MTProtoServer


@pytest.fixture
def api() -> TinyApi:
    return TinyApi()


@pytest.fixture
async def make_server(api: TinyApi) -> AsyncIterator[Callable[..., Awaitable[MTProtoServer]]]:
    async with AsyncExitStack() as stack:

        async def make(**options: Any) -> MTProtoServer:
            server = MTProtoServer(api, **options)
            await server.start()
            stack.push_async_callback(server.stop)
            server.endpoint.trust()
            api.server = server
            return server

        yield make


@pytest.fixture
async def server(make_server: Callable[..., Awaitable[MTProtoServer]]) -> MTProtoServer:
    return await make_server()


@pytest.fixture
async def make_client(
    api: TinyApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    # Kurigram appends errors it does not know to a file in the working directory.
    monkeypatch.chdir(tmp_path)
    clients: list[Client] = []

    async def make(**options: Any) -> Client:
        assert api.server is not None
        client = Client(
            f"bot{len(clients)}",
            api_id=1,
            api_hash="0" * 32,
            bot_token=f"{BOT_ID}:token",
            in_memory=True,
            workdir=tmp_path,
            connection_factory=api.server.endpoint.connection_factory(),
            **options,
        )
        await client.start()
        clients.append(client)
        return client

    yield make
    for client in clients:
        if client.is_connected:
            await client.stop()


@pytest.fixture
async def client(server: MTProtoServer, make_client: Callable[..., Awaitable[Client]]) -> Client:
    return await make_client()


@pytest.fixture
async def make_raw(api: TinyApi) -> AsyncIterator[Callable[..., Awaitable[RawClient]]]:
    """Makes connected raw clients with a key that the server knows; the same key again with `key`."""
    clients: list[RawClient] = []

    async def make(*, user_id: int | None = BOT_ID, greet: bool = True, **options: Any) -> RawClient:
        assert api.server is not None
        options.setdefault("key", os.urandom(256))
        client = RawClient(**options)
        api.server.import_keys([{"auth_key": client.key.hex(), "user_id": user_id, "main_session": None}])
        await client.connect(api.server)
        clients.append(client)
        if greet:
            await client.greet()
        return client

    yield make
    for client in clients:
        await client.close()


@pytest.fixture
async def raw_client(server: MTProtoServer, make_raw: Callable[..., Awaitable[RawClient]]) -> RawClient:
    return await make_raw()
