"""Whatever goes wrong on the way: the same bytes arrive, and little is sent twice."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from telegram_house import Calls, House
from upload_delivery import Delivery

from core.errors import TelegramError
from core.telegram.upload import file as upload_file
from core.telegram.uploader import BIG, PART, UploadedFile, Uploader, UploadLimits, UploadRefused
from sandbox.clock import ManualClock
from sandbox.faults import Fault, FaultKind
from sandbox.mtproto import WireEvent
from sandbox.server import Sandbox

SAVE = "upload.SaveBigFilePart"
MOST_UNDER_WAY = 12


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


async def pieces(data: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def descriptors_open() -> int:
    return len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0


def of_call(kind: FaultKind, **options: Any) -> Fault:
    return Fault(kind=kind, method=SAVE, **options)


@pytest.mark.parametrize("known", [True, False], ids=["known length", "unknown length"])
@pytest.mark.parametrize(
    "faults",
    [
        [of_call(FaultKind.DROP_BEFORE, skip=5, times=2)],
        [of_call(FaultKind.DROP_AFTER, skip=5, times=2)],
        [of_call(FaultKind.LOSE_REPLY, skip=5, times=2)],
        [of_call(FaultKind.REPEAT_REPLY, times=20)],
        [of_call(FaultKind.ERROR, skip=5, times=2)],
        [
            of_call(FaultKind.DROP_AFTER, skip=8, times=1),
            of_call(FaultKind.DROP_BEFORE, skip=14, times=1),
            of_call(FaultKind.ERROR, probability=0.1, code=503, message="Timeout"),
        ],
    ],
    ids=["dropped", "late answers", "lost answers", "double answers", "500", "everything"],
)
async def test_the_same_bytes_arrive_and_little_is_sent_twice(
    sandbox: Sandbox, delivery: Delivery, calls: Calls, faults: list[Fault], known: bool
) -> None:
    data, seen = content(BIG + 9 * PART + 77), []
    handles = [sandbox.faults.add(fault) for fault in faults]
    size = len(data) if known else None
    file = await delivery.uploader.file(pieces(data), name="f", size=size, progress=seen.append)
    struck = sum(handle.hits for handle in handles)
    sandbox.faults.clear()
    assert struck >= 2
    again = calls[SAVE] - file.parts
    if faults[0].kind is FaultKind.REPEAT_REPLY:
        assert again == 0
    dropped = sum(h.hits for h in handles if h.fault.kind in (FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER))
    assert again <= 0.05 * file.parts + struck + dropped * MOST_UNDER_WAY
    assert seen == sorted(set(seen))
    assert seen[-1] == file.size == len(data)
    assert await delivery.arrived(file) == data


async def test_parts_that_failed_together_come_again_one_after_the_other(
    sandbox: Sandbox, uploader: Uploader, calls: Calls
) -> None:
    data, sent, at_first_answer = content(BIG + 9 * PART), 0, 0
    answered = asyncio.Event()

    def note(event: WireEvent) -> None:
        nonlocal sent, at_first_answer
        if event.name == SAVE and event.kind == "request":
            sent += 1
        if event.name == SAVE and event.kind == "answer" and event.error is None:
            at_first_answer = at_first_answer or sent
            answered.set()

    sandbox.faults.add(of_call(FaultKind.ERROR, times=6))
    sandbox.faults.add(of_call(FaultKind.LATENCY, seconds=0.5))
    sandbox.server.on_event(note)
    uploading = asyncio.create_task(uploader.file(pieces(data), name="f", size=len(data)))
    await answered.wait()
    sandbox.faults.clear()
    file = await uploading
    assert at_first_answer <= 6 + 3
    assert calls[SAVE] == file.parts + 6


async def test_a_slow_line_is_no_fault(
    house: House, sandbox: Sandbox, delivery: Delivery, calls: Calls
) -> None:
    """Each part waits for those before it, together for longer than any call may take."""
    uploader = Uploader(house.client, UploadLimits(connections=1, start=8))
    data = content(BIG + 1)
    patience = house.client.timing.call
    with sandbox.faults.add(Fault(kind=FaultKind.BANDWIDTH, bytes_per_second=int(5 * PART / patience))):
        file = await uploader.file(pieces(data), name="f", size=len(data))
    await uploader.stop()
    assert calls[SAVE] == file.parts
    assert await delivery.arrived(file) == data


async def test_on_a_line_that_is_slower_than_patience_files_arrive(
    house: House, sandbox: Sandbox, delivery: Delivery, calls: Calls
) -> None:
    house.client.timing = replace(house.client.timing, call=0.2)
    uploader = Uploader(house.client, UploadLimits(connections=1, start=2))
    data = content(BIG + 1)
    with sandbox.faults.add(Fault(kind=FaultKind.BANDWIDTH, bytes_per_second=4 * PART)):
        file = await uploader.file(pieces(data), name="f", size=len(data))
    await uploader.stop()
    assert calls[SAVE] <= file.parts + 6
    assert await delivery.arrived(file) == data


async def test_a_part_that_telegram_does_not_keep_ends_the_upload(
    sandbox: Sandbox, uploader: Uploader, calls: Calls
) -> None:
    for method, size in ((SAVE, BIG + 1), ("upload.SaveFilePart", 3 * PART)):
        sandbox.faults.clear()
        sandbox.faults.add(Fault(kind=FaultKind.SAY_FALSE, method=method, skip=1, times=1))
        with pytest.raises(TelegramError, match="FILE_PART_LOST"):
            await uploader.file(pieces(content(size)), name="f", size=size)


async def test_a_file_of_unknown_length_ends_before_the_part_that_telegram_does_not_take(
    uploader: Uploader, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_file, "MOST_PARTS", 23)
    data = content(23 * PART + 1)
    file = await uploader.file(pieces(data[:-1]), name="f")
    assert (file.parts, calls[SAVE]) == (23, 23)
    with pytest.raises(UploadRefused, match="FILE_TOO_LARGE"):
        await uploader.file(pieces(data), name="f")
    assert calls[SAVE] <= 2 * 23


@pytest.mark.parametrize("seconds", [3, 60])
async def test_a_flood_wait_is_obeyed_to_the_second(
    sandbox: Sandbox, timed: Uploader, clock: ManualClock, calls: Calls, seconds: int
) -> None:
    data = content(BIG + 9 * PART)
    flood = of_call(FaultKind.ERROR, skip=4, times=1, code=420, message=f"FLOOD_WAIT_{seconds}")
    sandbox.faults.add(flood)
    uploading = asyncio.create_task(timed.file(pieces(data), name="f", size=len(data)))
    # The window is halved: three parts wait, and none is under way any more.
    await clock.until_asleep(3)
    before = calls[SAVE]
    await clock.advance(seconds - 0.001)
    assert (clock.sleepers, calls[SAVE]) == (3, before)
    await clock.advance(0.001)
    file = await uploading
    assert calls[SAVE] == file.parts + 1


async def test_a_part_that_is_refused_ends_the_upload_and_no_more_are_sent(
    sandbox: Sandbox, uploader: Uploader, calls: Calls
) -> None:
    data = content(BIG + 20 * PART)
    sandbox.faults.add(of_call(FaultKind.ERROR, skip=6, code=400, message="FILE_PART_INVALID"))
    with pytest.raises(TelegramError, match="FILE_PART_INVALID"):
        await uploader.file(pieces(data), name="f", size=len(data))
    assert calls[SAVE] <= 7 + MOST_UNDER_WAY


async def test_a_part_that_fails_for_ever_raises(
    sandbox: Sandbox, timed: Uploader, clock: ManualClock
) -> None:
    sandbox.faults.add(of_call(FaultKind.ERROR))
    uploading = asyncio.create_task(timed.file(pieces(content(BIG + 1)), name="f", size=BIG + 1))
    while not uploading.done():
        await clock.advance(8)
        await asyncio.sleep(0.001)
    with pytest.raises(TelegramError, match="INTERNAL"):
        await uploading


async def test_nobody_there_raises(house: House, timed: Uploader, clock: ManualClock) -> None:
    await house.client.stop()
    uploading = asyncio.create_task(timed.file(pieces(b"x"), name="f", size=1))
    while not uploading.done():
        await clock.advance(8)
        await asyncio.sleep(0.001)
    with pytest.raises(TelegramError, match="NO_ANSWER"):
        await uploading


@pytest.mark.parametrize("said", [99, 101, PART, BIG + 1])
async def test_another_length_than_was_said_is_refused(uploader: Uploader, said: int) -> None:
    with pytest.raises(UploadRefused, match="FILE_LENGTH_WRONG"):
        await uploader.file(pieces(content(100), 7), name="f", size=said)


async def test_impossible_lengths_are_refused_before_the_first_byte(uploader: Uploader, calls: Calls) -> None:
    async def untouched() -> AsyncIterator[bytes]:
        raise AssertionError("the source was read")
        yield b""

    for size, name in ((0, "FILE_EMPTY"), (4_000 * PART + 1, "FILE_TOO_LARGE")):
        with pytest.raises(UploadRefused, match=name):
            await uploader.file(untouched(), name="f", size=size)
    assert not calls["upload.SaveFilePart"]


async def test_an_upload_that_is_cancelled_sends_no_further_part(
    sandbox: Sandbox, uploader: Uploader, calls: Calls
) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield bytes(PART)

    uploading = asyncio.create_task(uploader.file(endless(), name="f", size=1000 * PART))
    await calls.reach(SAVE, 10)
    uploading.cancel()
    await asyncio.gather(uploading, return_exceptions=True)
    at_once = given
    # Another one goes its way, in the places that the first one left.
    file = await uploader.file(pieces(content(30 * 1000)), name="g", size=30_000)
    assert file.parts == 1
    assert given == at_once
    assert calls[SAVE] <= at_once


async def test_a_small_file_does_not_wait_behind_a_large_one(uploader: Uploader, calls: Calls) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(PART)

    large = [asyncio.create_task(uploader.file(endless(), name="f", size=4000 * PART)) for _ in range(2)]
    await calls.reach(SAVE, 45)
    before = calls[SAVE]
    await uploader.file(pieces(content(6 * PART)), name="g", size=6 * PART)
    meanwhile = calls[SAVE] - before
    for task in large:
        task.cancel()
    await asyncio.gather(*large, return_exceptions=True)
    assert meanwhile <= 3 * MOST_UNDER_WAY


async def test_connections_close_when_nobody_uploads_and_no_descriptor_stays(
    sandbox: Sandbox, timed: Uploader, clock: ManualClock
) -> None:
    main = {connection.id for connection in sandbox.server.connections}
    descriptors = []
    for _ in range(4):
        files = [timed.file(pieces(content(n)), name="f", size=n) for n in (3 * PART, 5, 70_000)]
        await asyncio.gather(*files)
        await clock.advance(29)
        assert {each.id for each in sandbox.server.connections} - main
        await clock.advance(1)
        await sandbox.server.connections_are(lambda now: {each.id for each in now} <= main)
        descriptors.append(descriptors_open())
    # What an earlier test left behind may be collected meanwhile; nothing may be added.
    assert max(descriptors) == descriptors[0]


async def test_an_upload_in_time_keeps_the_connections(
    sandbox: Sandbox, timed: Uploader, clock: ManualClock
) -> None:
    await timed.file(pieces(b"x"), name="f", size=1)
    first = {connection.id for connection in sandbox.server.connections}
    for _ in range(3):
        await clock.advance(29)
        await timed.file(pieces(b"x"), name="f", size=1)
    assert {connection.id for connection in sandbox.server.connections} == first


async def test_parts_go_over_all_connections_alike(sandbox: Sandbox, uploader: Uploader) -> None:
    over: Counter[int] = Counter()

    def note(event: WireEvent) -> None:
        if event.kind == "request" and event.name == SAVE:
            over[event.connection] += 1

    sandbox.server.on_event(note)
    # A line that is slow enough for all connections to be open before the file is up.
    sandbox.faults.add(Fault(kind=FaultKind.LATENCY, seconds=0.02))
    await uploader.file(pieces(content(60 * PART)), name="f", size=60 * PART)
    assert len(over) == 3
    assert min(over.values()) >= 6


@pytest.mark.soak
@pytest.mark.parametrize("known", [True, False], ids=["known length", "unknown length"])
@pytest.mark.parametrize("size", [1, PART - 1, PART, BIG - 1, BIG, BIG + 1, 100 * 1024 * 1024])
async def test_every_size_arrives_whole(delivery: Delivery, size: int, known: bool) -> None:
    data = content(size)
    file = await delivery.uploader.file(pieces(data), name="file.bin", size=size if known else None)
    got = await delivery.arrived(file)
    assert hashlib.sha256(got).digest() == hashlib.sha256(data).digest()


@pytest.mark.soak
async def test_a_campaign_of_faults(sandbox: Sandbox, delivery: Delivery) -> None:
    data = content(100 * 1024 * 1024)
    for fault in (
        of_call(FaultKind.DROP_BEFORE, probability=0.01),
        of_call(FaultKind.DROP_AFTER, probability=0.01),
        of_call(FaultKind.LOSE_REPLY, probability=0.01),
        of_call(FaultKind.ERROR, probability=0.02),
        of_call(FaultKind.ERROR, probability=0.005, code=420, message="FLOOD_WAIT_3"),
    ):
        sandbox.faults.add(fault)
    file = await delivery.uploader.file(pieces(data), name="file.bin", size=len(data))
    sandbox.faults.clear()
    assert await delivery.arrived(file) == data


@pytest.mark.soak
async def test_fifty_at_once_of_mixed_size(delivery: Delivery) -> None:
    sizes = [random.Random(n).choice((20_000, 300_000, 3_000_000, 12_000_000)) + n for n in range(50)]
    datas = {size: content(size) for size in sizes}
    done: list[int] = []

    async def one(number: int, size: int) -> tuple[int, UploadedFile]:
        known = size if number % 3 else None
        file = await delivery.uploader.file(pieces(datas[size]), name="f", size=known)
        done.append(size)
        return size, file

    files = await asyncio.gather(*(one(number, size) for number, size in enumerate(sizes)))
    half = len(done) // 2
    assert sum(done[:half]) < sum(done[half:]) / 3
    for size, file in files[::10]:
        assert await delivery.arrived(file) == datas[size]


@pytest.mark.soak
async def test_a_thousand_deliveries_leave_no_descriptor(uploader: Uploader) -> None:
    counts = []
    for _ in range(10):
        await asyncio.gather(
            *(uploader.file(pieces(content(30_000 + n)), name="f", size=30_000 + n) for n in range(100))
        )
        counts.append(descriptors_open())
    assert max(counts[1:]) <= counts[0]
