"""Parts are cut, written and encrypted to the same bytes as Pyrogram's own."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest
from pyrogram.crypto import mtproto
from pyrogram.raw import functions as F
from pyrogram.raw.core import Message

from core.telegram.upload.cutting import held_back, parts_of
from core.telegram.upload.wire import PART, BigFilePart, FilePart, seal_part
from sandbox.mtproto.cipher import AuthKey

LENGTHS = [1, 3, 253, 254, 255, 1000, PART - 1, PART]


@pytest.mark.parametrize("length", LENGTHS)
def test_a_part_is_written_as_pyrogram_writes_it(length: int) -> None:
    data = random.Random(length).randbytes(length)
    small = F.upload.SaveFilePart(file_id=-5, file_part=7, bytes=data)
    big = F.upload.SaveBigFilePart(file_id=2**62, file_part=7, file_total_parts=-1, bytes=data)
    for ours, theirs in ((FilePart(-5, 7, data), small), (BigFilePart(2**62, 7, data, -1), big)):
        written = F.InvokeWithoutUpdates(query=theirs).write()
        assert ours.write() == written
        assert len(ours) == len(written)
        assert theirs.QUALNAME == ours.QUALNAME


@pytest.mark.parametrize("length", LENGTHS)
def test_a_packed_part_is_what_the_server_expects(length: int) -> None:
    key = AuthKey(random.Random(1).randbytes(256))
    part = BigFilePart(1, 2, random.Random(length).randbytes(length), 3)
    message = Message(part, 2**62 + 4, 9, len(part))
    arguments = (-7, b"sessions", key.data, key.id)
    sealed = seal_part(message, *arguments)
    assert len(sealed) == len(sealed.joined())
    plain = key.open(sealed.joined())
    theirs = key.open(mtproto.pack(message, *arguments))
    body = 32 + len(part)
    assert plain[:body] == theirs[:body]
    assert 12 <= len(plain) - body <= 1024
    assert len(plain) % 16 == 0


@pytest.mark.parametrize("length", [0, 1, PART - 1, PART, PART + 1, 3 * PART, 3 * PART + 5])
@pytest.mark.parametrize("chunk", [700, 65_536, PART, PART + 1, 2 * PART + 3, 10 * PART])
async def test_a_source_is_cut_into_whole_parts(length: int, chunk: int) -> None:
    data = random.Random(length).randbytes(length)

    async def source() -> AsyncIterator[bytes]:
        for start in range(0, length, chunk):
            yield data[start : start + chunk]
            yield b""

    cut = [entry async for entry in held_back(parts_of(source()))]
    assert b"".join(part for part, _ in cut) == data
    assert [len(part) for part, _ in cut[:-1]] == [PART] * (len(cut) - 1)
    assert [last for _, last in cut] == [False] * (len(cut) - 1) + [True] * bool(cut)
