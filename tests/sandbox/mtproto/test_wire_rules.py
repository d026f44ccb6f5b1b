"""What the server refuses, rule by rule, and what it must not refuse."""

from __future__ import annotations

import gzip
import os
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mtproto_tools import RawClient, TinyApi, views
from pyrogram import raw
from pyrogram.raw.core import Bytes, GzipPacked, Message, MsgContainer

from sandbox.mtproto import MTProtoServer
from sandbox.mtproto.transports import MAX_PACKET

MakeRaw = Callable[..., Awaitable[RawClient]]

_T, _F = raw.types, raw.functions


async def test_an_unknown_auth_key_is_answered_with_404(server: MTProtoServer) -> None:
    stranger = RawClient(os.urandom(256))
    await stranger.connect(server)
    stranger.send(_F.Ping(ping_id=1))
    assert await stranger.ended() == struct.pack("<ii", 4, -404)
    await stranger.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda packet: packet[:-1] + bytes((packet[-1] ^ 1,)),
        lambda packet: packet[:8] + bytes((packet[8] ^ 1,)) + packet[9:],
        lambda packet: packet[:-4],
        lambda packet: packet[:24],
    ],
    ids=["tampered text", "tampered msg_key", "part of a block", "no text"],
)
async def test_a_packet_that_does_not_decrypt_ends_the_connection(
    raw_client: RawClient, api: TinyApi, spoil: Callable[[bytes], bytes]
) -> None:
    raw_client.send(views(), spoil=spoil)
    assert await raw_client.ended() == b""
    assert api.calls == []


@pytest.mark.parametrize("padding", [4, 1028])
async def test_padding_out_of_bounds_ends_the_connection(raw_client: RawClient, padding: int) -> None:
    raw_client.send(_F.Ping(ping_id=1), padding=padding)
    assert await raw_client.ended() == b""


@pytest.mark.parametrize("padding", [20, 1012])
async def test_any_padding_within_bounds_will_do(raw_client: RawClient, padding: int) -> None:
    raw_client.send(_F.Ping(ping_id=1), padding=padding)
    await raw_client.expect(_T.Pong)


@pytest.mark.parametrize("length", [-4, 0, 2, 6, 4096, 2**31 - 4])
async def test_a_length_that_does_not_fit_ends_the_connection(raw_client: RawClient, length: int) -> None:
    raw_client.send(_F.Ping(ping_id=1), length=length)
    assert await raw_client.ended() == b""


async def test_an_oversized_packet_ends_the_connection(raw_client: RawClient) -> None:
    raw_client.writer.write((MAX_PACKET + 4).to_bytes(4, "little"))
    assert await raw_client.ended() == b""


async def test_a_wrong_salt_is_corrected_and_the_call_does_not_run(
    raw_client: RawClient, api: TinyApi
) -> None:
    msg_id = raw_client.send(views(), salt=raw_client.salt ^ 1)
    correction = await raw_client.expect(_T.BadServerSalt)
    assert (correction.bad_msg_id, correction.error_code) == (msg_id, 48)
    assert correction.new_server_salt == raw_client.salt
    assert api.calls == []
    assert await raw_client.answer(raw_client.send(views())) == [1, 2**40, 3]


async def test_the_first_message_of_a_session_announces_it(server: MTProtoServer, make_raw: MakeRaw) -> None:
    client = await make_raw(greet=False)
    client.send(_F.Ping(ping_id=1))
    client.salt = (await client.expect(_T.BadServerSalt)).new_server_salt
    msg_id = client.send(_F.Ping(ping_id=2))
    created = await client.next()
    assert created.body.first_msg_id == msg_id
    assert created.body.server_salt == client.salt
    assert created.seqno % 2 == 1
    assert (await client.expect(_T.Pong)).ping_id == 2
    await client.quiet()


@pytest.mark.parametrize(("offset", "code"), [(-320, 16), (-290, None), (25, None), (45, 17)])
async def test_message_ids_are_judged_by_the_servers_time(
    raw_client: RawClient, offset: int, code: int | None
) -> None:
    msg_id = raw_client.send(_F.Ping(ping_id=1), msg_id=raw_client.new_id(offset), seqno=0)
    if code is None:
        await raw_client.expect(_T.Pong)
    else:
        refusal = await raw_client.next()
        assert (refusal.body.bad_msg_id, refusal.body.error_code) == (msg_id, code)
        # Pyrogram sets its clock by messages of sequence number 0, and by no others.
        assert refusal.seqno == 0


@pytest.mark.parametrize("low_bits", [1, 2, 3])
async def test_the_low_bits_of_a_message_id_are_clear(raw_client: RawClient, low_bits: int) -> None:
    msg_id = raw_client.send(views(), msg_id=raw_client.new_id() | low_bits)
    assert await raw_client.refused(msg_id) == 18


def _container(client: RawClient, *bodies: Any, inner_id: int | None = None) -> MsgContainer:
    messages = []
    for body in bodies:
        content = not isinstance(body, (_F.Ping, _T.MsgsAck))
        seqno = client.content_sent * 2 + content
        client.content_sent += content
        msg_id = client.new_id() if inner_id is None else inner_id
        messages.append(Message(body, msg_id, seqno, len(body.write())))
    return MsgContainer(messages)


async def test_a_container_carries_several_messages(raw_client: RawClient, api: TinyApi) -> None:
    container = _container(raw_client, _F.Ping(ping_id=5), views(), views(), _T.MsgsAck(msg_ids=[4]))
    raw_client.send(container)
    assert (await raw_client.expect(_T.Pong)).msg_id == container.messages[0].msg_id
    answers = {(await raw_client.expect(_T.RpcResult)).req_msg_id for _ in range(2)}
    assert answers == {message.msg_id for message in container.messages[1:3]}
    assert len(api.calls) == 2


async def test_answers_of_one_moment_come_in_a_container(raw_client: RawClient) -> None:
    raw_client.send(_container(raw_client, *[views() for _ in range(5)]))
    received = [await raw_client.next() for _ in range(5)]
    assert all(message.packed for message in received)
    assert [message.seqno % 2 for message in received] == [1] * 5
    assert sorted(message.msg_id for message in received) == [message.msg_id for message in received]


async def test_a_containers_id_comes_once(raw_client: RawClient, api: TinyApi) -> None:
    msg_id = raw_client.send(_container(raw_client, views()))
    await raw_client.expect(_T.RpcResult)
    raw_client.send(_container(raw_client, views()), msg_id=msg_id)
    assert await raw_client.refused(msg_id) == 19
    assert len(api.calls) == 1


async def test_a_container_of_containers_is_refused(raw_client: RawClient) -> None:
    msg_id = raw_client.send(_container(raw_client, _container(raw_client, views())))
    assert await raw_client.refused(msg_id) == 64


async def test_a_container_is_younger_than_what_it_holds(raw_client: RawClient) -> None:
    container = _container(raw_client, views(), inner_id=raw_client.new_id(5))
    msg_id = raw_client.send(container)
    assert await raw_client.refused(msg_id) == 64


async def test_a_container_cut_short_is_refused(raw_client: RawClient) -> None:
    body = _container(raw_client, views()).write()[:-8]
    msg_id = raw_client.send(body, seqno=raw_client.content_sent * 2)
    assert await raw_client.refused(msg_id) == 64


async def test_sequence_numbers_have_the_parity_of_the_messages_kind(raw_client: RawClient) -> None:
    assert await raw_client.refused(raw_client.send(_T.MsgsAck(msg_ids=[4]), seqno=1)) == 34
    assert await raw_client.refused(raw_client.send(_container(raw_client, views()), seqno=3)) == 34
    assert await raw_client.refused(raw_client.send(views(), seqno=0)) == 35


@pytest.mark.parametrize("seqno", [20, 21])
async def test_pings_may_count_as_content_or_not(raw_client: RawClient, seqno: int) -> None:
    # Pyrogram numbers ping_delay_disconnect as content and ping as none.
    raw_client.send(_F.PingDelayDisconnect(ping_id=1, disconnect_delay=60), seqno=seqno)
    await raw_client.expect(_T.Pong)
    raw_client.send(_F.Ping(ping_id=1), seqno=22)
    await raw_client.expect(_T.Pong)


async def test_sequence_numbers_grow_with_message_ids(raw_client: RawClient) -> None:
    early, middle, late = (raw_client.new_id() for _ in range(3))
    await raw_client.answer(raw_client.send(views(), msg_id=middle, seqno=11))
    assert await raw_client.refused(raw_client.send(views(), msg_id=late, seqno=9)) == 32
    assert await raw_client.refused(raw_client.send(views(), msg_id=late, seqno=11)) == 32
    assert await raw_client.refused(raw_client.send(views(), msg_id=early, seqno=13)) == 33
    assert await raw_client.refused(raw_client.send(views(), msg_id=early, seqno=11)) == 33
    await raw_client.answer(raw_client.send(views(), msg_id=early, seqno=9))
    await raw_client.answer(raw_client.send(views(), msg_id=late, seqno=13))


async def test_a_message_too_old_to_be_told_from_a_repeated_one_is_refused(raw_client: RawClient) -> None:
    first = raw_client.send(views())
    await raw_client.answer(first)
    for _ in range(5):
        raw_client.send(_container(raw_client, *[_F.Ping(ping_id=1) for _ in range(1000)]))
        for _ in range(1000):
            await raw_client.expect(_T.Pong)
    raw_client.send(views(), msg_id=first, seqno=1)
    assert await raw_client.refused(first) == 20


async def test_a_repeated_message_gets_the_same_answer_and_runs_once(
    server: MTProtoServer, raw_client: RawClient, api: TinyApi
) -> None:
    msg_id = raw_client.send(views())
    assert await raw_client.answer(msg_id) == [1, 2**40, 3]
    raw_client.send(views(), msg_id=msg_id, seqno=1)
    assert await raw_client.answer(msg_id) == [1, 2**40, 3]
    await raw_client.quiet()
    assert len(api.calls) == 1
    # Over a reconnection, too, the answer comes once.
    await raw_client.close()
    await raw_client.connect(server)
    pinged = raw_client.send(_F.Ping(ping_id=1))
    again = []
    while not isinstance((message := await raw_client.next()).body, _T.Pong):
        again.append(message.body)
    assert message.body.msg_id == pinged
    assert [answer.req_msg_id for answer in again if isinstance(answer, _T.RpcResult)] == [msg_id]


async def test_a_repeated_message_whose_answer_is_forgotten_does_not_run_again(
    raw_client: RawClient, api: TinyApi
) -> None:
    msg_id = raw_client.send(views())
    await raw_client.answer(msg_id)
    for _ in range(2):
        raw_client.send(_container(raw_client, *[views() for _ in range(600)]))
        for _ in range(600):
            await raw_client.expect(_T.RpcResult)
    raw_client.send(views(), msg_id=msg_id, seqno=1)
    assert await raw_client.refused(msg_id) == 20
    assert len(api.calls) == 1201


async def test_gzip_is_unpacked(raw_client: RawClient, api: TinyApi) -> None:
    msg_id = raw_client.send(GzipPacked(views()))
    assert await raw_client.answer(msg_id) == [1, 2**40, 3]
    wrapped = _F.InvokeWithoutUpdates(query=GzipPacked(views()))
    assert await raw_client.answer(raw_client.send(wrapped)) == [1, 2**40, 3]
    assert api.calls == ["messages.GetMessagesViews"] * 2


@pytest.mark.parametrize(
    "body",
    [
        GzipPacked.ID.to_bytes(4, "little") + Bytes(b"no gzip at all"),
        GzipPacked.ID.to_bytes(4, "little") + Bytes(gzip.compress(bytes(100))[:-12]),
        GzipPacked.ID.to_bytes(4, "little") + Bytes(gzip.compress(bytes(64 * 1024 * 1024), 9)),
        b"\x01\x02\x03\x04",
    ],
    ids=["no gzip", "cut short", "a bomb", "unknown constructor"],
)
async def test_what_cannot_be_read_is_refused(raw_client: RawClient, body: bytes) -> None:
    error = await raw_client.answer(raw_client.send(body))
    assert (error.error_code, error.error_message) == (400, "INPUT_CONSTRUCTOR_INVALID")
    await raw_client.quiet()
