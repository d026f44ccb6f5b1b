"""What is held of files of unknown size is bounded, and nobody waits for what stands still."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram_house import Calls
from upload_delivery import Delivery

from core.telegram.upload.heads import Head, Heads
from core.telegram.uploader import BIG, PART

MIB = 1024 * 1024
MOST_IN_MEMORY = 48 * MIB


async def _filled(heads: Heads, parts: list[bytes]) -> Head:
    head = heads.head()
    for part in parts:
        await head.put(part)
    return head


@given(files=st.lists(st.lists(st.binary(min_size=1, max_size=40), max_size=6), max_size=6))
def test_what_was_put_in_comes_out_wherever_it_lay(files: list[list[bytes]]) -> None:
    async def through() -> None:
        heads = Heads(memory=100)
        held = [await _filled(heads, parts) for parts in files]
        assert heads.held <= 100
        for head, parts in zip(held, files, strict=True):
            assert head.size == sum(map(len, parts))
            assert [part async for part in head.parts()] == parts
        assert heads.held == 0

    asyncio.run(through())


async def test_what_is_dropped_leaves_its_room_to_others() -> None:
    heads = Heads(memory=100)
    head = await _filled(heads, [bytes(60), bytes(60)])
    assert (heads.held, head.size) == (60, 120)
    head.drop()
    assert heads.held == 0
    assert [part async for part in head.parts()] == []


async def test_what_lies_on_disk_has_no_name_and_goes_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    head = await _filled(Heads(memory=10), [bytes(60)])
    on_disk = [link for link in _open_files() if link.startswith(str(tmp_path))]
    assert len(on_disk) == 1
    assert os.listdir(tmp_path) == []
    head.drop()
    assert not [link for link in _open_files() if link.startswith(str(tmp_path))]


def _open_files() -> list[str]:
    """What this process has open."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):
            found.append(os.readlink(f"/proc/self/fd/{number}"))
    return found


async def test_downloads_that_stand_still_hold_up_nobody(delivery: Delivery, calls: Calls) -> None:
    uploader = delivery.uploader
    still, stands = asyncio.Event(), asyncio.Semaphore(0)

    async def stalled() -> AsyncIterator[bytes]:
        for _ in range(9 * MIB // PART):
            yield bytes(PART)
        stands.release()
        await still.wait()

    async def arriving(data: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(data), PART):
            yield data[start : start + PART]

    waiting = [asyncio.create_task(uploader.file(stalled(), name="f")) for _ in range(8)]
    for _ in waiting:
        await stands.acquire()
    assert uploader._heads.held <= MOST_IN_MEMORY
    assert not calls["upload.SaveBigFilePart"]
    for size in (1, BIG, BIG + 1):
        data = b"x" * size
        came_whole = await delivery.arrived(await uploader.file(arriving(data), name="f")) == data
        assert came_whole, size
    still.set()
    assert {(await task).size for task in waiting} == {9 * MIB}
    assert uploader._heads.held == 0
