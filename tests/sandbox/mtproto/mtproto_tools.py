"""What the wire's tests are made of: a tiny Telegram, a raw client that may break rules, an inbox."""

from __future__ import annotations

import asyncio
import inspect
import os
import struct
import time
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from typing import Any, NamedTuple

from pyrogram import Client, raw
from pyrogram.crypto import aes, mtproto
from pyrogram.raw.core import MsgContainer, TLObject

from sandbox.mtproto import MTProtoServer
from sandbox.mtproto.cipher import AuthKey
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


class Received(NamedTuple):
    """A message from the server."""

    msg_id: int
    seqno: int
    body: Any
    packed: bool
    """Whether it came in a container."""


class RawClient:
    """An MTProto client over the intermediate transport that sends whatever it is told to."""

    def __init__(self, key: bytes, session_id: bytes | None = None) -> None:
        self.key = key
        self.key_id = AuthKey(key).id
        self.session_id = session_id or os.urandom(8)
        self.salt = 0
        self.content_sent = 0
        self.received: list[Received] = []
        self._last_id = 0

    async def connect(self, server: MTProtoServer) -> None:
        endpoint = server.endpoint
        self.reader, self.writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        self.writer.write(b"\xee" * 4)

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()

    async def greet(self) -> None:
        """Learn the salt and get the session announced."""
        self.send(raw.functions.Ping(ping_id=1))
        self.salt = (await self.expect(_T.BadServerSalt)).new_server_salt
        self.send(raw.functions.Ping(ping_id=2))
        await self.expect(_T.NewSessionCreated)
        await self.expect(_T.Pong)

    def new_id(self, offset: float = 0.0) -> int:
        msg_id = int((time.time() + offset) * 2**32) & ~3
        if not offset:
            msg_id = self._last_id = max(msg_id, self._last_id + 4)
        return msg_id

    def send(
        self,
        body: TLObject | bytes,
        *,
        msg_id: int | None = None,
        seqno: int | None = None,
        salt: int | None = None,
        padding: int | None = None,
        length: int | None = None,
        spoil: Callable[[bytes], bytes] = lambda packet: packet,
    ) -> int:
        content = not isinstance(body, (raw.functions.Ping, _T.MsgsAck, MsgContainer))
        data = body if isinstance(body, bytes) else body.write()
        msg_id = self.new_id() if msg_id is None else msg_id
        if seqno is None:
            seqno = self.content_sent * 2 + content
            self.content_sent += content
        size = len(data) if length is None else length
        plain = struct.pack("<q", self.salt if salt is None else salt) + self.session_id
        plain += struct.pack("<qii", msg_id, seqno, size) + data
        plain += os.urandom(-(len(plain) + 12) % 16 + 12 if padding is None else padding)
        msg_key = sha256(self.key[88:120] + plain).digest()[8:24]
        sealed = aes.ige256_encrypt(plain, *mtproto.kdf(self.key, msg_key, True))
        self.send_packet(spoil(self.key_id + msg_key + sealed))
        return msg_id

    def send_packet(self, packet: bytes) -> None:
        self.writer.write(len(packet).to_bytes(4, "little") + packet)

    async def read_packet(self) -> bytes:
        return await self.reader.readexactly(int.from_bytes(await self.reader.readexactly(4), "little"))

    async def read_body(self) -> bytes:
        """The next message's body as it is on the wire."""
        packet = await self.read_packet()
        plain = aes.ige256_decrypt(packet[24:], *mtproto.kdf(self.key, packet[8:24], False))
        return plain[32 : 32 + int.from_bytes(plain[28:32], "little")]

    async def next(self) -> Received:
        while not self.received:
            packet = await self.read_packet()
            message = mtproto.unpack(BytesIO(packet), self.session_id, self.key, self.key_id)
            packed = isinstance(message.body, MsgContainer)
            for inner in message.body.messages if packed else [message]:
                self.received.append(Received(inner.msg_id, inner.seq_no, inner.body, packed))
        return self.received.pop(0)

    async def expect(self, kind: type[Any]) -> Any:
        """The next message's body, passing over acknowledgements that were not asked for."""
        message = await self.next()
        while isinstance(message.body, _T.MsgsAck) and kind is not _T.MsgsAck:
            message = await self.next()
        assert isinstance(message.body, kind), message
        return message.body

    async def answer(self, msg_id: int) -> Any:
        """The result of a call; acknowledges nothing."""
        result = await self.expect(_T.RpcResult)
        assert result.req_msg_id == msg_id
        return result.result

    async def refused(self, msg_id: int) -> int:
        """The number of the `bad_msg_notification` about a message."""
        notification = await self.expect(_T.BadMsgNotification)
        assert notification.bad_msg_id == msg_id
        return int(notification.error_code)

    async def quiet(self) -> None:
        """Make sure that nothing more has come: the next message answers a ping."""
        msg_id = self.send(raw.functions.Ping(ping_id=7))
        assert (await self.expect(_T.Pong)).msg_id == msg_id

    async def ended(self) -> bytes:
        """What the server still sends before it ends the connection."""
        try:
            return await self.reader.read()
        except ConnectionError:
            return b""


def views() -> Any:
    """A call that the tiny API answers with three numbers."""
    return raw.functions.messages.GetMessagesViews(peer=_T.InputPeerSelf(), id=[1], increment=False)
