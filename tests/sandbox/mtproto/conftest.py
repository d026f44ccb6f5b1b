"""A tiny Telegram behind the wire, unmodified clients for it, and a raw client that breaks rules."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from pyrogram import Client, raw
from pyrogram.raw.core import TLObject

from sandbox.mtproto import MTProtoServer
from sandbox.mtproto.codec import name_of
from sandbox.rpc import Caller, RpcError

BOT_ID = 5_000_000_001

_T = raw.types


class TinyApi:
    """The few methods with which a bot logs in, and room for more in `handlers`."""

    def __init__(self) -> None:
        self.server: MTProtoServer | None = None
        self.calls: list[str] = []
        self.callers: list[Caller] = []
        self.parts: dict[int, int] = {}
        self.handlers: dict[str, Callable[[Caller, Any], Any]] = {
            "help.GetConfig": lambda _c, _q: self._config(),
            "auth.ImportBotAuthorization": self._log_in,
            "updates.GetState": lambda _c, _q: _T.updates.State(pts=1, qts=0, date=1, seq=0, unread_count=0),
            "users.GetUsers": lambda _c, _q: [self._me()],
            "users.GetFullUser": lambda _c, _q: self._full(),
            "upload.SaveFilePart": self._part,
            "upload.SaveBigFilePart": self._part,
            "messages.GetMessagesViews": lambda _c, _q: [1, 2**40, 3],
        }

    async def call(self, caller: Caller, query: TLObject) -> Any:
        name = name_of(query)
        self.calls.append(name)
        self.callers.append(caller)
        if name not in self.handlers:
            raise RpcError(400, "METHOD_INVALID")
        answer = self.handlers[name](caller, query)
        return await answer if inspect.isawaitable(answer) else answer

    def _log_in(self, caller: Caller, _query: Any) -> Any:
        assert self.server is not None
        self.server.log_in(caller.auth_key_id, BOT_ID)
        return _T.auth.Authorization(user=self._me())

    def _part(self, _caller: Caller, query: Any) -> bool:
        self.parts[query.file_part] = len(query.bytes)
        return True

    def _me(self) -> Any:
        return _T.User(id=BOT_ID, is_self=True, bot=True, access_hash=1, first_name="Bot", bot_info_version=1)

    def _full(self) -> Any:
        full = _T.UserFull(
            id=BOT_ID,
            settings=_T.PeerSettings(),
            notify_settings=_T.PeerNotifySettings(),
            common_chats_count=0,
            about="a" * 4000,
        )
        return _T.users.UserFull(full_user=full, chats=[], users=[self._me()])

    def _config(self) -> Any:
        assert self.server is not None
        endpoint = self.server.endpoint
        fixed = {
            "date": 1,
            "expires": 2,
            "test_mode": False,
            "this_dc": 2,
            "dc_txt_domain_name": "",
            "me_url_prefix": "",
            "dc_options": [_T.DcOption(id=2, ip_address=endpoint.host, port=endpoint.port)],
        }
        return _T.Config(**{**dict.fromkeys(_REQUIRED_OF_CONFIG, 100), **fixed})


def _required(kind: type[Any]) -> set[str]:
    parameters = inspect.signature(kind.__init__).parameters.values()
    return {p.name for p in parameters if p.default is p.empty and p.name != "self"}


_REQUIRED_OF_CONFIG = _required(_T.Config)


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


class Inbox:
    """Raw updates as they reach a client."""

    def __init__(self, client: Client) -> None:
        self._queue: asyncio.Queue[Any] = asyncio.Queue()

        @client.on_raw_update()
        async def _keep(_client: Client, update: Any, _users: Any, _chats: Any) -> None:
            self._queue.put_nowait(update)

    async def next(self) -> Any:
        return await self._queue.get()

    @property
    def empty(self) -> bool:
        return self._queue.empty()


def update(number: int) -> Any:
    """An update that can be told from others."""
    return _T.UpdateShort(update=_T.UpdateConfig(), date=number)
