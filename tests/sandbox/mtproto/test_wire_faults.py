"""Faults on demand, as clients feel them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mtproto_tools import BOT_ID, Inbox, RawClient, TinyApi, update, views
from pyrogram import Client, raw
from pyrogram.errors import FloodWait

from sandbox.clock import ManualClock
from sandbox.faults import Fault, FaultKind
from sandbox.mtproto import MTProtoServer, WireEvent

MakeRaw = Callable[..., Awaitable[RawClient]]
MakeServer = Callable[..., Awaitable[MTProtoServer]]

_T, _F = raw.types, raw.functions
_VIEWS = "messages.GetMessagesViews"
_ANSWER = [1, 2**40, 3]


async def test_errors_on_demand(server: MTProtoServer, client: Client, api: TinyApi) -> None:
    wait = Fault(kind=FaultKind.ERROR, method=_VIEWS, code=420, message="FLOOD_WAIT_30", times=1)
    handle = server.faults.add(wait)
    with pytest.raises(FloodWait) as caught:
        await client.invoke(views())
    assert caught.value.value == 30
    assert await client.invoke(views()) == _ANSWER
    assert (handle.hits, api.calls.count(_VIEWS)) == (1, 1)


async def test_an_internal_error_is_retried_by_the_client(
    server: MTProtoServer, client: Client, api: TinyApi
) -> None:
    handle = server.faults.add(Fault(kind=FaultKind.ERROR, method=_VIEWS, times=2))
    assert await client.invoke(views(), retry_delay=0) == _ANSWER
    assert (handle.hits, api.calls.count(_VIEWS)) == (2, 1)


async def test_a_connection_dropped_before_the_deed(
    server: MTProtoServer, raw_client: RawClient, api: TinyApi
) -> None:
    with server.faults.add(Fault(kind=FaultKind.DROP_BEFORE, method=_VIEWS)):
        msg_id = raw_client.send(views())
        assert await raw_client.ended() == b""
    assert api.calls == []
    # The client that asks again by the same id is served, since nothing was done.
    await raw_client.close()
    await raw_client.connect(server)
    raw_client.send(_T.MsgsAck(msg_ids=[4]))
    raw_client.send(views(), msg_id=msg_id, seqno=1)
    while not isinstance((message := await raw_client.next()).body, _T.RpcResult):
        pass
    assert message.body.result == _ANSWER


async def test_a_connection_dropped_after_the_deed(
    server: MTProtoServer, client: Client, api: TinyApi
) -> None:
    with server.faults.add(Fault(kind=FaultKind.DROP_AFTER, method=_VIEWS, times=1)):
        # The client reconnects, and the session's answer reaches it.
        assert await client.invoke(views()) == _ANSWER
    assert api.calls.count(_VIEWS) == 1


async def test_a_reply_lost_after_the_deed(
    server: MTProtoServer, raw_client: RawClient, api: TinyApi
) -> None:
    with server.faults.add(Fault(kind=FaultKind.LOSE_REPLY, method=_VIEWS, times=1)):
        msg_id = raw_client.send(views())
        await raw_client.quiet()
    raw_client.send(views(), msg_id=msg_id, seqno=1)
    assert await raw_client.answer(msg_id) == _ANSWER
    assert api.calls.count(_VIEWS) == 1
    assert len(server.connections) == 1


async def test_a_lost_reply_makes_a_client_repeat_the_call(
    server: MTProtoServer, client: Client, api: TinyApi
) -> None:
    server.faults.add(Fault(kind=FaultKind.LOSE_REPLY, method=_VIEWS, times=1))
    assert await client.invoke(views(), timeout=0.05, retry_delay=0) == _ANSWER
    assert api.calls.count(_VIEWS) == 2


async def test_a_reply_that_comes_twice(server: MTProtoServer, raw_client: RawClient, api: TinyApi) -> None:
    with server.faults.add(Fault(kind=FaultKind.REPEAT_REPLY, method=_VIEWS, times=1)):
        msg_id = raw_client.send(views())
        assert [await raw_client.answer(msg_id) for _ in range(2)] == [_ANSWER] * 2
    assert api.calls.count(_VIEWS) == 1


async def test_a_call_that_is_answered_with_no(
    server: MTProtoServer, raw_client: RawClient, api: TinyApi
) -> None:
    with server.faults.add(Fault(kind=FaultKind.SAY_FALSE, method=_VIEWS, times=1)):
        assert await raw_client.answer(raw_client.send(views())) is False
    assert not api.calls.count(_VIEWS)


async def test_a_connection_dropped_at_a_packet(server: MTProtoServer, client: Client) -> None:
    handle = server.faults.add(Fault(kind=FaultKind.DROP_PACKET, skip=3, times=1))
    for _ in range(10):
        assert await client.invoke(views(), timeout=0.2, retry_delay=0) == _ANSWER
    assert handle.hits == 1


async def test_media_connections_can_be_struck_alone(server: MTProtoServer, client: Client) -> None:
    session = await client.get_session(2, is_media=True)
    part = _F.upload.SaveFilePart(file_id=1, file_part=0, bytes=b"x")
    await session.invoke(part)
    media = server.connections[-1].id
    server.faults.add(Fault(kind=FaultKind.DROP_AFTER, where="media", times=1))
    assert await client.invoke(views()) == _ANSWER
    assert await session.invoke(part) is True
    assert media not in {info.id for info in server.connections}
    assert len(server.connections) == 2


async def _slow_line(make_server: MakeServer, make_raw: MakeRaw, fault: Fault) -> tuple[ManualClock, Any]:
    clock = ManualClock()
    server = await make_server(line_clock=clock)
    client = await make_raw()
    server.faults.add(fault)
    return clock, client


async def test_latency_takes_half_its_time_each_way(
    make_server: MakeServer, make_raw: MakeRaw, api: TinyApi
) -> None:
    fault = Fault(kind=FaultKind.LATENCY, seconds=0.5)
    clock, client = await _slow_line(make_server, make_raw, fault)
    answer = asyncio.create_task(client.answer(client.send(views())))
    await clock.until_asleep()
    await clock.advance(0.24)
    assert api.calls == []
    await clock.advance(0.02)
    assert api.calls == [_VIEWS]
    await clock.until_asleep()
    await clock.advance(0.23)
    assert not answer.done()
    await clock.advance(0.02)
    assert await answer == _ANSWER


async def test_packets_on_a_slow_line_travel_side_by_side_and_in_order(
    make_server: MakeServer, make_raw: MakeRaw, api: TinyApi
) -> None:
    fault = Fault(kind=FaultKind.LATENCY, seconds=2, jitter=3)
    clock, client = await _slow_line(make_server, make_raw, fault)
    order: list[Any] = []
    api.handlers["users.GetUsers"] = lambda _c, query: order.append(query.id[0].user_id) or []
    for number in range(20):
        user = _T.InputUser(user_id=number, access_hash=0)
        client.send(_F.users.GetUsers(id=[user]))
    await clock.until_asleep()
    await clock.advance(2.6)
    assert order == list(range(20))


async def test_a_bandwidth_is_kept(make_server: MakeServer, make_raw: MakeRaw, api: TinyApi) -> None:
    fault = Fault(kind=FaultKind.BANDWIDTH, bytes_per_second=20_000)
    clock, client = await _slow_line(make_server, make_raw, fault)
    for number in range(3):
        client.send(_F.upload.SaveFilePart(file_id=1, file_part=number, bytes=bytes(20_000)))
    await clock.until_asleep()
    await clock.advance(0.9)
    assert api.parts == {}
    arrivals = []
    for _ in range(3):
        await clock.advance(1.01)
        arrivals.append(len(api.parts))
    assert arrivals == [1, 2, 3]


async def test_latency_of_a_method_holds_nothing_else_up(
    make_server: MakeServer, make_raw: MakeRaw, api: TinyApi
) -> None:
    fault = Fault(kind=FaultKind.LATENCY, method=_VIEWS, seconds=4)
    clock, client = await _slow_line(make_server, make_raw, fault)
    slow = client.send(views())
    await client.answer(client.send(_F.updates.GetState()))
    await clock.advance(3.9)
    await client.quiet()
    await clock.advance(0.2)
    assert await client.answer(slow) == _ANSWER


async def test_a_slow_line_that_breaks_loses_what_was_under_way(
    make_server: MakeServer, make_raw: MakeRaw, api: TinyApi
) -> None:
    fault = Fault(kind=FaultKind.LATENCY, seconds=2)
    clock, client = await _slow_line(make_server, make_raw, fault)
    client.send(views())
    await clock.until_asleep()
    assert api.server is not None
    api.server.drop_connections()
    await clock.advance(5)
    assert await client.ended() == b""
    assert api.calls == []


async def test_updates_duplicated_and_reordered(server: MTProtoServer, raw_client: RawClient) -> None:
    await raw_client.answer(raw_client.send(_F.updates.GetState()))
    faults = server.faults

    async def order(count: int) -> list[int]:
        return [(await raw_client.expect(_T.UpdateShort)).date for _ in range(count)]

    with faults.add(Fault(kind=FaultKind.DUPLICATE_UPDATES)):
        assert server.push(BOT_ID, update(1)) == 1
        assert await order(2) == [1, 1]
    with faults.add(Fault(kind=FaultKind.REORDER_UPDATES)):
        server.push(BOT_ID, update(1))
        server.push(BOT_ID, update(2))
        assert await order(2) == [2, 1]
    with faults.add(Fault(kind=FaultKind.HOLD_UPDATES)):
        assert server.push(BOT_ID, update(3)) == 1
        await raw_client.quiet()
    assert await order(1) == [3]


async def test_held_updates_of_a_client_that_left_are_dropped(server: MTProtoServer, client: Client) -> None:
    inbox = Inbox(client)
    events: list[WireEvent] = []
    held = server.faults.add(Fault(kind=FaultKind.HOLD_UPDATES))
    server.push(BOT_ID, update(1))
    await client.stop()
    server.drop_connections()
    server.on_event(events.append)
    held.remove()
    assert events == []
    assert inbox.empty
