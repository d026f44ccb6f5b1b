"""An unmodified Pyrogram client on the wire."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import secrets
import struct
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import pytest
from mtproto_tools import BOT_ID, Inbox, TinyApi, update, views
from pyrogram import Client, raw
from pyrogram.connection.transport import TCPAbridged, TCPFull, TCPIntermediate, TCPIntermediatePadded
from pyrogram.raw.core import TLObject

from sandbox.clock import ManualClock
from sandbox.mtproto import MTProtoServer, ServerKey, WireEvent
from sandbox.mtproto.handshake import pack_plain
from sandbox.rpc import Caller

MakeClient = Callable[..., Awaitable[Client]]
MakeServer = Callable[..., Awaitable[MTProtoServer]]

_T, _F = raw.types, raw.functions
_PART = 512 * 1024


@pytest.mark.parametrize("transport", [TCPAbridged, TCPIntermediate, TCPIntermediatePadded, TCPFull])
async def test_a_client_lives_on_every_transport(
    server: MTProtoServer, make_client: MakeClient, api: TinyApi, transport: type[Any]
) -> None:
    client = await make_client(protocol_factory=transport)
    inbox = Inbox(client)
    assert client.me is not None
    assert client.me.id == BOT_ID
    assert server.push(BOT_ID, update(1)) == 1
    assert isinstance(await inbox.next(), _T.UpdateConfig)
    part = _F.upload.SaveFilePart(file_id=1, file_part=3, bytes=os.urandom(_PART))
    assert await client.invoke(part) is True
    assert api.parts == {3: _PART}
    # Long enough an answer to be packed.
    full = await client.invoke(_F.users.GetFullUser(id=_T.InputUserSelf()))
    assert full.full_user.about == "a" * 4000
    assert await client.invoke(views()) == [1, 2**40, 3]


async def test_the_key_may_be_another(make_server: MakeServer, make_client: MakeClient) -> None:
    server = await make_server(key=ServerKey.generate(random.Random(7)))
    assert server.endpoint.fingerprint == server.key.fingerprint
    assert server.endpoint.fingerprint != ServerKey.development().fingerprint
    assert (await make_client()).me is not None


async def test_many_calls_at_once_and_many_updates(server: MTProtoServer, client: Client) -> None:
    inbox = Inbox(client)
    answers = await asyncio.gather(*(client.invoke(views()) for _ in range(300)))
    assert answers == [[1, 2**40, 3]] * 300
    for number in range(300):
        server.push(BOT_ID, update(number))
    for _ in range(300):
        await inbox.next()


async def test_large_answers_keep_their_order_and_content(client: Client, api: TinyApi) -> None:
    content = os.urandom(1024 * 1024)
    api.handlers["upload.GetFile"] = lambda _c, q: _T.upload.File(
        type=_T.storage.FileUnknown(), mtime=1, bytes=content[q.offset :]
    )
    location = _T.InputDocumentFileLocation(id=1, access_hash=1, file_reference=b"", thumb_size="")
    files = await asyncio.gather(
        *(
            client.invoke(_F.upload.GetFile(location=location, offset=offset, limit=2**20))
            for offset in (0, 4096, 2**20 - 4096, 2**20 - 16)
        )
    )
    assert [len(file.bytes) for file in files] == [2**20, 2**20 - 4096, 4096, 16]
    assert all(content.endswith(file.bytes) for file in files)


async def test_media_sessions_get_no_updates(server: MTProtoServer, client: Client, api: TinyApi) -> None:
    inbox = Inbox(client)
    session = await client.get_session(2, is_media=True)
    part = _F.upload.SaveFilePart(file_id=1, file_part=0, bytes=b"x")
    await session.invoke(part)
    roles = {info.session: info.role for info in server.connections}
    assert roles == {client.session.session_id.hex(): "main", session.session_id.hex(): "media"}
    assert server.push(BOT_ID, update(1)) == 1
    await inbox.next()
    server.drop_connections(lambda info: info.role == "main")
    assert server.push(BOT_ID, update(2)) == 0
    assert inbox.empty


async def test_a_client_without_updates_gets_none(server: MTProtoServer, make_client: MakeClient) -> None:
    client = await make_client(no_updates=True)
    await client.invoke(views())
    assert server.push(BOT_ID, update(1)) == 0


async def test_a_dropped_connection_loses_no_answer_and_runs_nothing_twice(
    server: MTProtoServer, client: Client, api: TinyApi
) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()
    runs = []

    async def wait(_caller: Caller, _query: Any) -> Any:
        runs.append(1)
        entered.set()
        await leave.wait()
        return _T.NearestDc(country="ZZ", this_dc=2, nearest_dc=2)

    api.handlers["help.GetNearestDc"] = wait
    waiting = asyncio.create_task(client.invoke(_F.help.GetNearestDc()))
    await entered.wait()
    assert server.drop_connections() == 1
    leave.set()
    assert (await waiting).country == "ZZ"
    assert runs == [1]
    assert server.push(BOT_ID, update(1)) == 1


async def test_updates_not_acknowledged_come_once_each_over_a_reconnection(
    server: MTProtoServer, client: Client
) -> None:
    inbox = Inbox(client)
    for number in range(5):
        server.push(BOT_ID, update(number))
        await inbox.next()
    session = client.session.session_id
    reconnected = _reconnection(server)
    server.drop_connections()
    await reconnected.wait()
    assert client.session.session_id == session
    assert server.push(BOT_ID, update(9)) == 1
    await inbox.next()
    await client.invoke(views())
    assert inbox.empty


async def test_a_restarted_server_knows_its_clients(
    make_server: MakeServer, make_client: MakeClient, api: TinyApi
) -> None:
    first = await make_server()
    client = await make_client()
    inbox = Inbox(client)
    keys = first.export_keys()
    assert [key["user_id"] for key in keys] == [BOT_ID]
    await first.stop()
    second = await make_server(port=first.endpoint.port)
    second.import_keys(keys)
    await _reconnection(second).wait()
    # The main session is remembered, though it has not called anything yet.
    assert second.push(BOT_ID, update(1)) == 1
    await inbox.next()
    assert await client.invoke(views()) == [1, 2**40, 3]
    assert api.callers[-1].user_id == BOT_ID
    assert api.calls.count("updates.GetState") == 1
    assert second.export_keys() == keys


async def test_an_outage_is_survived(server: MTProtoServer, client: Client) -> None:
    inbox = Inbox(client)
    port = server.endpoint.port
    await server.stop()
    await server.stop()
    assert server.push(BOT_ID, update(1)) == 0
    reconnected = _reconnection(server)
    await server.start()
    assert server.endpoint.port == port
    await reconnected.wait()
    assert server.push(BOT_ID, update(2)) == 1
    await inbox.next()


@pytest.mark.parametrize("start", [-86400.0, 86400.0])
async def test_a_client_takes_over_the_servers_time(
    make_server: MakeServer, make_client: MakeClient, start: float
) -> None:
    clock = ManualClock()
    await clock.advance(start)
    server = await make_server(clock=clock)
    client = await make_client()
    assert abs(client.server_time - clock.now().timestamp()) < 60
    inbox = Inbox(client)
    await clock.advance(86400)
    server.push(BOT_ID, update(1))
    await inbox.next()
    assert await client.invoke(views()) == [1, 2**40, 3]
    await clock.advance(86400)
    # What was sent before the leap is told is taken, too.
    assert await client.invoke(views()) == [1, 2**40, 3]
    assert abs(client.server_time - clock.now().timestamp()) < 60
    await clock.advance(-2 * 86400)
    assert await client.invoke(views()) == [1, 2**40, 3]
    part = _F.upload.SaveFilePart(file_id=1, file_part=0, bytes=b"x")
    assert await (await client.get_session(2, is_media=True)).invoke(part) is True
    server.push(BOT_ID, update(2))
    await inbox.next()


async def test_new_salts_are_learned(server: MTProtoServer, client: Client) -> None:
    for _ in range(3):
        server.rotate_salts()
        assert await client.invoke(views()) == [1, 2**40, 3]


class _Exchange:
    """The first steps towards an auth key, over abridged."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        writer.write(b"\xef")

    def send(self, query: TLObject, msg_id: int = 4) -> None:
        packet = pack_plain(msg_id, query)
        words = len(packet) // 4
        self.writer.write(
            (bytes((words,)) if words < 127 else b"\x7f" + words.to_bytes(3, "little")) + packet
        )

    async def receive(self) -> Any:
        words = (await self.reader.readexactly(1))[0]
        if words == 127:
            words = int.from_bytes(await self.reader.readexactly(3), "little")
        packet = await self.reader.readexactly(words * 4)
        assert packet[:8] == bytes(8)
        msg_id, length = struct.unpack_from("<qi", packet, 8)
        assert msg_id % 4 == 1
        assert length == len(packet) - 20
        return TLObject.read(BytesIO(packet[20:]))

    async def ended(self) -> bool:
        try:
            return await self.reader.read() == b""
        except ConnectionError:
            return True


@pytest.fixture
async def exchange(server: MTProtoServer) -> Any:
    endpoint = server.endpoint
    reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
    yield _Exchange(reader, writer)
    writer.close()
    await writer.wait_closed()


async def _pq(exchange: _Exchange) -> tuple[Any, int, int]:
    exchange.send(_F.ReqPqMulti(nonce=secrets.randbits(100)))
    offer = await exchange.receive()
    assert offer.server_public_key_fingerprints == [ServerKey.development().fingerprint]
    pq = int.from_bytes(offer.pq, "big")
    p = next(number for number in range(2**19 + 1, 2**20, 2) if pq % number == 0)
    return offer, p, pq // p


def _request(offer: Any, factor: int, cofactor: int, **changed: Any) -> Any:
    inner = {
        "pq": offer.pq,
        "p": factor.to_bytes(4, "big"),
        "q": cofactor.to_bytes(4, "big"),
        "nonce": offer.nonce,
        "server_nonce": offer.server_nonce,
        "new_nonce": 1,
    }
    data = _T.PQInnerData(**{**inner, **changed.pop("inner", {})}).write()
    digest = changed.pop("digest", hashlib.sha1(data).digest())  # noqa: S324 - the protocol's own
    signed = (digest + data).ljust(255, b"\1")
    key = ServerKey.development()
    encrypted = pow(int.from_bytes(signed, "big"), key.exponent, key.modulus)
    request = {
        "nonce": offer.nonce,
        "server_nonce": offer.server_nonce,
        "p": factor.to_bytes(4, "big"),
        "q": cofactor.to_bytes(4, "big"),
        "public_key_fingerprint": key.fingerprint,
        "encrypted_data": encrypted.to_bytes(256, "big"),
    }
    return _F.ReqDHParams(**{**request, **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": 1},
        {"server_nonce": 1},
        {"p": b"\0\0\0\3"},
        {"public_key_fingerprint": 1},
        {"encrypted_data": b"\xff" * 256},
        {"encrypted_data": b"\1" * 256},
        {"digest": bytes(20)},
        {"inner": {"nonce": 1}},
        {"inner": {"server_nonce": 1}},
    ],
    ids=str,
)
async def test_a_wrong_step_of_the_key_exchange_ends_the_connection(
    exchange: _Exchange, changed: dict[str, Any]
) -> None:
    exchange.send(_request(*await _pq(exchange), **changed))
    assert await exchange.ended()


async def test_a_key_exchange_goes_on_step_by_step(exchange: _Exchange) -> None:
    offer, p, q = await _pq(exchange)
    exchange.send(_request(offer, p, q))
    params = await exchange.receive()
    assert isinstance(params, _T.ServerDHParamsOk)
    exchange.send(
        _F.SetClientDHParams(nonce=offer.nonce, server_nonce=offer.server_nonce, encrypted_data=bytes(320))
    )
    assert await exchange.ended()


@pytest.mark.parametrize(
    ("query", "msg_id"),
    [
        (_F.SetClientDHParams(nonce=1, server_nonce=1, encrypted_data=b""), 4),
        (_F.help.GetConfig(), 4),
        (_F.ReqPqMulti(nonce=1), 5),
    ],
    ids=["out of order", "not of the exchange", "wrong id"],
)
async def test_only_the_exchange_goes_unencrypted(exchange: _Exchange, query: TLObject, msg_id: int) -> None:
    exchange.send(query, msg_id)
    assert await exchange.ended()


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\n\r\n", b"\xef\xff\0\0\0", b"\x10\0\0\0" + bytes(12)])
async def test_what_is_no_transport_is_dropped(server: MTProtoServer, start: bytes) -> None:
    endpoint = server.endpoint
    reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
    writer.write(start)
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await reader.readexactly(1)
    writer.close()


def _reconnection(server: MTProtoServer) -> asyncio.Event:
    """Set once a client has opened its session over a new connection."""
    opened = asyncio.Event()

    def notice(event: WireEvent) -> None:
        if (event.kind, event.name) == ("answer", "help.GetConfig"):
            opened.set()

    server.on_event(notice)
    return opened
