"""The protocol's own messages, calls side by side, and sessions that outlive their connections."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mtproto_tools import BOT_ID, RawClient, TinyApi, update, views
from pyrogram import raw
from pyrogram.raw.core import FutureSalts, GzipPacked

from sandbox.clock import ManualClock
from sandbox.mtproto import MTProtoServer, ServerKey, WireEvent
from sandbox.mtproto.keys import is_prime
from sandbox.rpc import Caller, RpcError

MakeRaw = Callable[..., Awaitable[RawClient]]
MakeServer = Callable[..., Awaitable[MTProtoServer]]

_T, _F = raw.types, raw.functions


class Gate:
    """A method that waits until it is let go."""

    def __init__(self, api: TinyApi) -> None:
        self.entered = asyncio.Event()
        self.opened = asyncio.Event()
        self.runs = 0
        api.handlers["help.GetNearestDc"] = self._run

    async def _run(self, _caller: Caller, _query: Any) -> Any:
        self.runs += 1
        self.entered.set()
        await self.opened.wait()
        return _T.NearestDc(country="ZZ", this_dc=2, nearest_dc=2)


def slow() -> Any:
    return _F.help.GetNearestDc()


async def test_calls_of_one_connection_run_side_by_side(raw_client: RawClient, api: TinyApi) -> None:
    gate = Gate(api)
    waiting = raw_client.send(slow())
    await raw_client.answer(raw_client.send(views()))
    gate.opened.set()
    assert (await raw_client.answer(waiting)).country == "ZZ"


async def test_a_call_after_another_waits_for_it(raw_client: RawClient, api: TinyApi) -> None:
    gate = Gate(api)
    first = raw_client.send(slow())
    second = raw_client.send(_F.InvokeAfterMsg(msg_id=first, query=views()))
    await gate.entered.wait()
    await raw_client.answer(raw_client.send(views()))
    assert api.calls.count("messages.GetMessagesViews") == 1
    gate.opened.set()
    await raw_client.answer(first)
    await raw_client.answer(second)
    missing = _F.InvokeAfterMsgs(msg_ids=[4, first], query=views())
    await raw_client.answer(raw_client.send(missing))


async def test_a_call_that_takes_long_is_acknowledged_beside_a_pong(
    raw_client: RawClient, api: TinyApi
) -> None:
    gate = Gate(api)
    waiting = raw_client.send(slow())
    raw_client.send(_F.Ping(ping_id=1))
    await raw_client.expect(_T.Pong)
    assert (await raw_client.expect(_T.MsgsAck)).msg_ids == [waiting]
    await raw_client.quiet()
    gate.opened.set()
    await raw_client.answer(waiting)


async def test_a_repeated_call_that_still_runs_does_not_run_twice(
    raw_client: RawClient, api: TinyApi
) -> None:
    gate = Gate(api)
    msg_id = raw_client.send(slow())
    raw_client.send(slow(), msg_id=msg_id, seqno=1)
    assert (await raw_client.expect(_T.MsgsAck)).msg_ids == [msg_id]
    gate.opened.set()
    await raw_client.answer(msg_id)
    await raw_client.quiet()
    assert gate.runs == 1


async def test_wrappers_tell_the_api_who_calls(raw_client: RawClient, api: TinyApi) -> None:
    opening = _F.InitConnection(
        api_id=77,
        device_model="model",
        system_version="1",
        app_version="2",
        system_lang_code="en",
        lang_pack="",
        lang_code="ru",
        query=views(),
    )
    wrapped = _F.InvokeWithoutUpdates(query=_F.InvokeWithLayer(layer=229, query=opening))
    await raw_client.answer(raw_client.send(wrapped))
    await raw_client.answer(raw_client.send(_F.InvokeWithTakeout(takeout_id=1, query=views())))
    first, second = api.callers
    assert (first.layer, second.layer) == (229, 229)
    assert (first.without_updates, second.without_updates) == (True, False)
    assert second.details["api_id"] == 77
    assert second.details["lang_code"] == "ru"
    assert second.user_id == BOT_ID
    assert (second.auth_key_id, second.session_id) == (raw_client.key_id, raw_client.session_id)


async def test_refusals_and_the_apis_own_faults_are_answered(
    raw_client: RawClient, api: TinyApi, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_caller: Caller, _query: Any) -> Any:
        raise RpcError(420, "FLOOD_WAIT_3")

    api.handlers["messages.GetMessagesViews"] = refuse
    error = await raw_client.answer(raw_client.send(views()))
    assert (error.error_code, error.error_message) == (420, "FLOOD_WAIT_3")
    api.handlers["messages.GetMessagesViews"] = lambda _c, _q: 1 // 0
    error = await raw_client.answer(raw_client.send(views()))
    assert error.error_code == 500
    assert "messages.GetMessagesViews failed" in caplog.text


@pytest.mark.parametrize("answer", [True, False, [], [1, 2], 7])
async def test_plain_answers_are_serialised(raw_client: RawClient, api: TinyApi, answer: Any) -> None:
    api.handlers["messages.GetMessagesViews"] = lambda _c, _q: answer
    msg_id = raw_client.send(views())
    body = await raw_client.read_body()
    assert int.from_bytes(body[4:12], "little") == msg_id
    expected = {
        "True": bytes.fromhex("b5757299"),
        "False": bytes.fromhex("379779bc"),
        "[]": bytes.fromhex("15c4b51c00000000"),
        "[1, 2]": bytes.fromhex("15c4b51c02000000 0100000000000000 0200000000000000"),
        "7": bytes.fromhex("07000000"),
    }
    assert body[12:] == expected[str(answer)]


@pytest.mark.parametrize(("length", "packed"), [(5000, True), (50, False)])
async def test_long_answers_are_packed(
    raw_client: RawClient, api: TinyApi, length: int, packed: bool
) -> None:
    api.handlers["help.GetNearestDc"] = lambda _c, _q: _T.NearestDc(
        country="a" * length, this_dc=2, nearest_dc=2
    )
    raw_client.send(slow())
    body = await raw_client.read_body()
    assert (body[12:16] == GzipPacked.ID.to_bytes(4, "little")) is packed
    assert len(body) < 200


async def test_message_ids_ascend_though_the_clocks_stand_still(
    make_server: MakeServer, make_raw: MakeRaw
) -> None:
    server = await make_server(clock=ManualClock(datetime.now(UTC)), line_clock=ManualClock())
    client = await make_raw()
    await client.answer(client.send(_F.updates.GetState()))
    ids = []
    for number in range(5):
        server.push(BOT_ID, update(number))
        ids.append((await client.next()).msg_id)
        client.send(_F.Ping(ping_id=1))
        ids.append((await client.next()).msg_id)
    assert sorted(set(ids)) == ids
    assert [msg_id % 4 for msg_id in ids] == [3, 1] * 5


async def test_a_small_message_does_not_overtake_a_large_one(
    server: MTProtoServer, raw_client: RawClient
) -> None:
    await raw_client.answer(raw_client.send(_F.updates.GetState()))
    large = _T.UpdateServiceNotification(
        type="", message="x" * 2_000_000, media=_T.MessageMediaEmpty(), entities=[]
    )
    for _ in range(3):
        server.push(BOT_ID, _T.UpdateShort(update=large, date=1))
        await asyncio.sleep(0)
        server.push(BOT_ID, update(2))
    received = [await raw_client.next() for _ in range(6)]
    assert [message.body.date for message in received] == [1, 2] * 3
    assert sorted(message.msg_id for message in received) == [message.msg_id for message in received]


async def test_states_of_messages(raw_client: RawClient) -> None:
    answered = raw_client.send(views())
    await raw_client.answer(answered)
    before, after = answered - 4, raw_client.new_id(20)
    msg_id = raw_client.send(_T.MsgsStateReq(msg_ids=[answered, before, after]))
    info = await raw_client.expect(_T.MsgsStateInfo)
    assert (info.req_msg_id, info.info) == (msg_id, "\x04\x02\x03")


async def test_a_message_is_sent_again_on_request(raw_client: RawClient) -> None:
    raw_client.send(views())
    first = await raw_client.next()
    raw_client.send(_T.MsgResendReq(msg_ids=[first.msg_id]))
    assert (await raw_client.next()).msg_id == first.msg_id
    raw_client.send(_T.MsgsAck(msg_ids=[first.msg_id]))
    raw_client.send(_T.MsgResendReq(msg_ids=[first.msg_id]))
    assert isinstance((await raw_client.next()).body, _T.MsgsStateInfo)


async def test_future_salts_hold_the_present_one(raw_client: RawClient) -> None:
    msg_id = raw_client.send(_F.GetFutureSalts(num=3))
    salts = await raw_client.expect(FutureSalts)
    assert salts.req_msg_id == msg_id
    assert [salt.salt for salt in salts.salts] == [raw_client.salt]
    assert salts.salts[0].valid_since <= salts.now < salts.salts[0].valid_until


async def test_answers_can_be_dropped(raw_client: RawClient, api: TinyApi) -> None:
    gate = Gate(api)
    running = raw_client.send(slow())
    await gate.entered.wait()
    drop = raw_client.send(_F.RpcDropAnswer(req_msg_id=running))
    assert isinstance(await raw_client.answer(drop), _T.RpcAnswerDroppedRunning)
    gate.opened.set()
    done = raw_client.send(views())
    await raw_client.answer(done)
    drop = raw_client.send(_F.RpcDropAnswer(req_msg_id=done))
    assert isinstance(await raw_client.answer(drop), _T.RpcAnswerDropped)
    drop = raw_client.send(_F.RpcDropAnswer(req_msg_id=4))
    assert isinstance(await raw_client.answer(drop), _T.RpcAnswerUnknown)
    await raw_client.quiet()


async def test_other_sessions_can_be_destroyed(raw_client: RawClient, make_raw: MakeRaw) -> None:
    other = await make_raw(key=raw_client.key)
    number = int.from_bytes(other.session_id, "little", signed=True)
    raw_client.send(_F.DestroySession(session_id=number))
    assert (await raw_client.expect(_T.DestroySessionOk)).session_id == number
    raw_client.send(_F.DestroySession(session_id=number))
    await raw_client.expect(_T.DestroySessionNone)
    # Its client goes on in a session that is new to the server.
    other.send(_F.Ping(ping_id=1))
    await other.expect(_T.NewSessionCreated)


async def test_a_destroyed_key_is_unknown(raw_client: RawClient) -> None:
    assert isinstance(await raw_client.answer(raw_client.send(_F.DestroyAuthKey())), _T.DestroyAuthKeyOk)
    raw_client.send(_F.Ping(ping_id=1))
    assert (await raw_client.ended())[4:] == (-404).to_bytes(4, "little", signed=True)


async def test_a_connection_without_pings_ends_when_it_said_it_would(
    make_server: MakeServer, make_raw: MakeRaw
) -> None:
    line_clock = ManualClock()
    server = await make_server(line_clock=line_clock)
    client = await make_raw()
    client.send(_F.PingDelayDisconnect(ping_id=1, disconnect_delay=25))
    await client.expect(_T.Pong)
    await line_clock.advance(24)
    client.send(_F.PingDelayDisconnect(ping_id=2, disconnect_delay=25))
    await client.expect(_T.Pong)
    await line_clock.advance(24.5)
    assert len(server.connections) == 1
    await client.quiet()
    await line_clock.advance(1)
    assert await client.ended() == b""


async def test_what_was_not_acknowledged_is_sent_again_on_the_next_connection(
    server: MTProtoServer, raw_client: RawClient
) -> None:
    seen = []
    await raw_client.answer(raw_client.send(_F.updates.GetState()))
    for number in (1, 2, 3):
        assert server.push(BOT_ID, update(number)) == 1
        seen.append(await raw_client.next())
    raw_client.send(_T.MsgsAck(msg_ids=[seen[1].msg_id]))
    await raw_client.quiet()
    await raw_client.close()
    await raw_client.connect(server)
    pinged = raw_client.send(_F.Ping(ping_id=1))
    again = []
    while not isinstance((message := await raw_client.next()).body, _T.Pong):
        again.append(message)
    assert message.body.msg_id == pinged
    assert not any(message.packed for message in again)
    kept = [message for message in again if isinstance(message.body, _T.UpdateShort)]
    assert [(m.msg_id, m.seqno, m.body.date) for m in kept] == [
        (m.msg_id, m.seqno, m.body.date) for m in (seen[0], seen[2])
    ]


async def test_an_answer_that_came_while_the_client_was_away_waits_for_it(
    server: MTProtoServer, raw_client: RawClient, api: TinyApi
) -> None:
    gate = Gate(api)
    raw_client.send(_T.MsgsAck(msg_ids=list(range(4, 400, 4))))
    msg_id = raw_client.send(slow())
    await gate.entered.wait()
    server.drop_connections()
    assert await raw_client.ended() == b""
    gate.opened.set()
    await raw_client.close()
    await raw_client.connect(server)
    raw_client.send(_F.Ping(ping_id=1))
    while not isinstance((message := await raw_client.next()).body, _T.RpcResult):
        pass
    assert message.body.req_msg_id == msg_id
    assert gate.runs == 1


async def test_updates_go_to_the_main_session_only(
    server: MTProtoServer, make_raw: MakeRaw, api: TinyApi
) -> None:
    media = await make_raw()
    ordinary, main, quiet, silent = [await make_raw(key=media.key) for _ in range(4)]
    part = _F.upload.SaveFilePart(file_id=1, file_part=0, bytes=b"x")
    await media.answer(media.send(part))
    await quiet.answer(quiet.send(_F.InvokeWithoutUpdates(query=_F.updates.GetState())))
    assert server.push(BOT_ID, update(1)) == 0
    await ordinary.answer(ordinary.send(views()))
    assert server.push(BOT_ID, update(2)) == 1
    assert (await ordinary.expect(_T.UpdateShort)).date == 2
    await main.answer(main.send(_F.updates.GetState()))
    assert server.push(BOT_ID, update(3)) == 1
    assert (await main.expect(_T.UpdateShort)).date == 3
    for client in (media, ordinary, quiet, silent):
        await client.quiet()


async def test_every_auth_key_of_an_account_gets_updates_and_others_none(
    server: MTProtoServer, make_raw: MakeRaw
) -> None:
    one, two = await make_raw(), await make_raw()
    other = await make_raw(user_id=BOT_ID + 1)
    for client in (one, two, other):
        await client.answer(client.send(_F.updates.GetState()))
    assert server.push(BOT_ID, update(1)) == 2
    await one.expect(_T.UpdateShort)
    await two.expect(_T.UpdateShort)
    await other.quiet()
    server.log_out(one.key_id)
    assert server.push(BOT_ID, update(2)) == 1
    await one.quiet()
    assert server.push(BOT_ID + 2, update(3)) == 0


async def test_a_leap_of_the_clock_is_told_before_anything_else(
    make_server: MakeServer, make_raw: MakeRaw
) -> None:
    clock = ManualClock()
    await clock.advance(-(clock.now().timestamp() - time.time()))
    server = await make_server(clock=clock)
    client = await make_raw()
    await client.answer(client.send(_F.updates.GetState()))
    await clock.advance(3600)
    server.push(BOT_ID, update(1))
    told = await client.next()
    assert isinstance(told.body, _T.Pong)
    assert told.seqno == 0
    pushed = await client.next()
    assert isinstance(pushed.body, _T.UpdateShort)
    assert 3590 < (told.msg_id >> 32) - (client.new_id() >> 32) < 3610
    # What the client sent before it was told is not refused.
    await client.answer(client.send(views()))
    # Told once is enough.
    server.push(BOT_ID, update(2))
    await client.expect(_T.UpdateShort)


async def test_salts_can_become_invalid(server: MTProtoServer, raw_client: RawClient) -> None:
    old = raw_client.salt
    server.rotate_salts()
    raw_client.send(views())
    assert (await raw_client.expect(_T.BadServerSalt)).new_server_salt != old


async def test_onlookers_see_every_message(server: MTProtoServer, raw_client: RawClient) -> None:
    events: list[WireEvent] = []
    remove = server.on_event(events.append)
    msg_id = raw_client.send(_F.updates.GetState())
    await raw_client.answer(msg_id)
    server.push(BOT_ID, update(1))
    raw_client.send(_T.MsgsAck(msg_ids=[4]))
    bad = raw_client.send(_F.help.GetNearestDc())
    assert (await raw_client.next()).body is not None
    assert (await raw_client.answer(bad)).error_message == "METHOD_INVALID"
    wrong = raw_client.send(views(), seqno=0)
    assert await raw_client.refused(wrong) == 35
    remove()
    await raw_client.quiet()
    seen = [(event.direction, event.kind, event.name, event.error) for event in events]
    assert seen == [
        ("in", "request", "updates.GetState", None),
        ("out", "answer", "updates.GetState", None),
        ("out", "update", "UpdateShort", None),
        ("in", "ack", "MsgsAck", None),
        ("in", "request", "help.GetNearestDc", None),
        ("out", "answer", "help.GetNearestDc", "400 METHOD_INVALID"),
        ("in", "refusal", "?", "SEQNO_EVEN"),
    ]
    assert events[0].msg_id == msg_id
    assert events[0].size == 4
    assert {event.user_id for event in events} == {BOT_ID}
    assert {event.session for event in events} == {raw_client.session_id.hex()}
    assert {event.connection for event in events} == {server.connections[0].id}


async def test_stopping_ends_connections_and_calls(
    server: MTProtoServer, raw_client: RawClient, api: TinyApi
) -> None:
    gate = Gate(api)
    raw_client.send(slow())
    await gate.entered.wait()
    await server.stop()
    assert await raw_client.ended() == b""
    assert server.connections == ()


def test_keys_survive_as_json(tmp_path: Path) -> None:
    key = ServerKey.development()
    key.save(tmp_path / "key.json")
    assert ServerKey.load(tmp_path / "key.json") == key
    assert (tmp_path / "key.json").stat().st_mode & 0o077 == 0


def test_keys_are_generated_from_a_seed() -> None:
    key = ServerKey.generate(random.Random("starloom"))
    assert key == ServerKey.development()
    assert key.modulus.bit_length() == 2048
    assert is_prime(key.p)
    assert is_prime(key.q)


def test_the_private_half_undoes_the_public_one() -> None:
    key = ServerKey.development()
    message = os.urandom(200)
    encrypted = pow(int.from_bytes(message, "big"), key.exponent, key.modulus).to_bytes(256, "big")
    assert key.decrypt(encrypted) == message.rjust(256, b"\0")
    with pytest.raises(ValueError, match="modulus"):
        key.decrypt(b"\xff" * 256)


@pytest.mark.parametrize(
    "text", ["", "{}", '{"p": 1}', json.dumps({"p": "0x3", "q": "0x5", "exponent": 65537})]
)
def test_a_file_without_a_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "key.json").write_text(text)
    with pytest.raises(ValueError, match=r"key\.json"):
        ServerKey.load(tmp_path / "key.json")


@pytest.mark.parametrize("composite", [101 * 103, 561 * 7919, (2**61 - 1) * (2**89 - 1), 3215031751])
def test_composites_are_no_primes(composite: int) -> None:
    assert not is_prime(composite)
