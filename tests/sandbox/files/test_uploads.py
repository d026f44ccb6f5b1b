"""Parts of files: what Telegram accepts, and the error for everything else."""

from __future__ import annotations

import asyncio
import hashlib
import random
from pathlib import Path

import pytest
from pyrogram.raw import types as T

from core.clock import SystemClock
from sandbox.rpc import RpcError
from sandbox.world.files import FileStore
from sandbox.world.uploads import MAX_PART_SIZE, STALE_AFTER, UploadKey

WHO = 5_000_000_001
KIB = 1024


class HandClock(SystemClock):
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.time = 0.0

    def monotonic(self) -> float:
        return self.time


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def files(tmp_path: Path, clock: HandClock) -> FileStore:
    return FileStore(tmp_path / "files", clock, random.Random(1))


def blob(size: int, seed: int = 7) -> bytes:
    return random.Random(seed).randbytes(size)


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


async def big(
    files: FileStore, file_id: int, data: bytes, size: int, order: list[int] | None = None
) -> T.InputFileBig:
    parts = pieces(data, size)
    for index in order or range(len(parts)):
        await files.uploads.save_big_part(WHO, file_id, index, len(parts), parts[index])
    return T.InputFileBig(id=file_id, parts=len(parts), name="film.mp4")


def refused(error: pytest.ExceptionInfo[RpcError]) -> str:
    assert error.value.code == 400
    return error.value.message


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [3, 0, 2, 1], [1, 3, 0, 2]])
async def test_big_parts_come_in_any_order(files: FileStore, order: list[int]) -> None:
    data = blob(3 * 64 * KIB + 100)
    upload = await big(files, 1, data, 64 * KIB, order)
    stored = await files.document(WHO, upload, "video/mp4")
    assert files.data(stored) == data
    assert stored.size == len(data)
    assert stored.sha256 == hashlib.sha256(data).hexdigest()


async def test_big_parts_come_at_once_over_several_connections(files: FileStore) -> None:
    data = blob(40 * 512 * KIB - 3)
    parts = pieces(data, 512 * KIB)
    await asyncio.gather(
        *(files.uploads.save_big_part(WHO, 9, index, len(parts), part) for index, part in enumerate(parts))
    )
    stored = await files.document(WHO, T.InputFileBig(id=9, parts=len(parts), name="x.bin"), "")
    assert stored.sha256 == hashlib.sha256(data).hexdigest()


async def test_total_may_be_unknown_until_the_last_part(files: FileStore) -> None:
    data = blob(2 * 128 * KIB + 5)
    parts = pieces(data, 128 * KIB)
    for index, part in enumerate(parts[:-1]):
        await files.uploads.save_big_part(WHO, 2, index, -1, part)
    await files.uploads.save_big_part(WHO, 2, 2, 3, parts[-1])
    stored = await files.document(WHO, T.InputFileBig(id=2, parts=3, name="x.bin"), "")
    assert files.data(stored) == data


async def test_streamed_parts_are_full_until_the_last(files: FileStore) -> None:
    with pytest.raises(RpcError) as error:
        await files.uploads.save_big_part(WHO, 2, 0, -1, blob(1000))
    assert refused(error) == "FILE_PART_SIZE_INVALID"


@pytest.mark.parametrize("size", [1, KIB, 3 * KIB, 512 * KIB])
async def test_a_single_part_may_have_any_size(files: FileStore, size: int) -> None:
    data = blob(size)
    upload = await big(files, 3, data, 512 * KIB)
    assert files.data(await files.document(WHO, upload, "")) == data


@pytest.mark.parametrize("size", [1000, 3 * KIB, 511 * KIB])
async def test_part_sizes_are_kibibytes_that_divide_512(files: FileStore, size: int) -> None:
    with pytest.raises(RpcError) as error:
        await files.uploads.save_big_part(WHO, 1, 0, 2, blob(size))
    assert refused(error) == "FILE_PART_SIZE_INVALID"
    files.uploads.save_part(WHO, 1, 0, blob(size))
    with pytest.raises(RpcError) as error:
        files.uploads.save_part(WHO, 1, 1, blob(size))
    assert refused(error) == "FILE_PART_SIZE_INVALID"


async def test_parts_but_the_last_are_equal(files: FileStore) -> None:
    await files.uploads.save_big_part(WHO, 1, 0, 4, blob(512 * KIB))
    with pytest.raises(RpcError) as error:
        await files.uploads.save_big_part(WHO, 1, 1, 4, blob(256 * KIB))
    assert refused(error) == "FILE_PART_SIZE_CHANGED"
    files.uploads.save_part(WHO, 1, 0, blob(512 * KIB))
    files.uploads.save_part(WHO, 1, 1, blob(256 * KIB))
    with pytest.raises(RpcError) as error:
        files.uploads.save_part(WHO, 1, 2, blob(512 * KIB))
    assert refused(error) == "FILE_PART_SIZE_CHANGED"


async def test_a_part_sent_again_keeps_its_size(files: FileStore) -> None:
    files.uploads.save_part(WHO, 1, 0, blob(KIB))
    files.uploads.save_part(WHO, 1, 0, blob(KIB))
    with pytest.raises(RpcError) as error:
        files.uploads.save_part(WHO, 1, 0, blob(2 * KIB))
    assert refused(error) == "FILE_PART_SIZE_CHANGED"


async def test_a_last_part_that_came_first_is_not_larger_than_the_others(files: FileStore) -> None:
    await files.uploads.save_big_part(WHO, 1, 1, 2, blob(64 * KIB))
    with pytest.raises(RpcError) as error:
        await files.uploads.save_big_part(WHO, 1, 0, 2, blob(32 * KIB))
    assert refused(error) == "FILE_PART_LENGTH_INVALID"


@pytest.mark.parametrize(
    ("part", "data", "name"),
    [
        (0, b"", "FILE_PART_EMPTY"),
        (0, bytes(MAX_PART_SIZE + 1), "FILE_PART_TOO_BIG"),
        (-1, b"x", "FILE_PART_INVALID"),
        (4000, b"x", "FILE_PART_INVALID"),
    ],
)
async def test_wrong_parts_are_refused_by_both_methods(
    files: FileStore, part: int, data: bytes, name: str
) -> None:
    with pytest.raises(RpcError) as error:
        files.uploads.save_part(WHO, 1, part, data)
    assert refused(error) == name
    with pytest.raises(RpcError) as error:
        await files.uploads.save_big_part(WHO, 1, part, -1, data)
    assert refused(error) == name


@pytest.mark.parametrize("total", [0, -2, 4001])
async def test_no_more_than_4000_parts(files: FileStore, total: int) -> None:
    with pytest.raises(RpcError) as error:
        await files.uploads.save_big_part(WHO, 1, 0, total, blob(KIB))
    assert refused(error) == "FILE_PARTS_INVALID"
    with pytest.raises(RpcError) as error:
        await files.document(WHO, T.InputFileBig(id=1, parts=total, name="x"), "")
    assert refused(error) == "FILE_PARTS_INVALID"


async def test_the_number_of_parts_is_kept_to(files: FileStore) -> None:
    await files.uploads.save_big_part(WHO, 1, 0, 2, blob(KIB))
    with pytest.raises(RpcError) as error:
        await files.uploads.save_big_part(WHO, 1, 1, 3, blob(KIB))
    assert refused(error) == "FILE_PARTS_INVALID"
    with pytest.raises(RpcError) as error:
        await files.uploads.save_big_part(WHO, 1, 2, 2, blob(KIB))
    assert refused(error) == "FILE_PARTS_INVALID"
    await files.uploads.save_big_part(WHO, 1, 1, 2, blob(KIB))
    with pytest.raises(RpcError) as error:
        await files.document(WHO, T.InputFileBig(id=1, parts=1, name="x"), "")
    assert refused(error) == "FILE_PARTS_INVALID"


async def test_a_gap_is_named(files: FileStore) -> None:
    for index in (0, 1, 3):
        files.uploads.save_part(WHO, 1, index, blob(KIB))
    with pytest.raises(RpcError) as error:
        await files.document(WHO, T.InputFile(id=1, parts=4, name="x", md5_checksum=""), "")
    assert refused(error) == "FILE_PART_2_MISSING"
    with pytest.raises(RpcError) as error:
        await files.document(WHO, T.InputFile(id=2, parts=1, name="x", md5_checksum=""), "")
    assert refused(error) == "FILE_PART_0_MISSING"


async def test_uploads_of_different_people_do_not_meet(files: FileStore) -> None:
    files.uploads.save_part(WHO, 1, 0, b"mine")
    with pytest.raises(RpcError) as error:
        await files.document(WHO + 1, T.InputFile(id=1, parts=1, name="x", md5_checksum=""), "")
    assert refused(error) == "FILE_PART_0_MISSING"


async def test_the_checksum_of_a_small_file_is_compared(files: FileStore) -> None:
    data = blob(1500)
    for index, part in enumerate(pieces(data, KIB)):
        files.uploads.save_part(WHO, 1, index, part)
    with pytest.raises(RpcError) as error:
        await files.document(WHO, T.InputFile(id=1, parts=2, name="x", md5_checksum="0" * 32), "")
    assert refused(error) == "MD5_CHECKSUM_INVALID"
    right = hashlib.md5(data, usedforsecurity=False).hexdigest()
    stored = await files.document(WHO, T.InputFile(id=1, parts=2, name="x", md5_checksum=right), "")
    assert files.data(stored) == data


async def test_the_small_method_ends_at_10_mib(files: FileStore) -> None:
    for index in range(20):
        files.uploads.save_part(WHO, 1, index, bytes(512 * KIB))
    with pytest.raises(RpcError) as error:
        files.uploads.save_part(WHO, 1, 20, b"x")
    assert refused(error) == "FILE_PARTS_INVALID"
    stored = await files.document(WHO, T.InputFile(id=1, parts=20, name="x", md5_checksum=""), "")
    assert stored.size == 10 << 20


async def test_a_finished_upload_can_be_used_again_with_its_content_kept_once(files: FileStore) -> None:
    upload = await big(files, 1, blob(70 * KIB), 64 * KIB)
    first = await files.document(WHO, upload, "")
    await files.uploads.save_big_part(WHO, 1, 0, 2, blob(64 * KIB))
    second = await files.document(WHO, upload, "")
    assert first.id != second.id
    assert files.path(first) == files.path(second)


async def test_parts_that_nobody_used_are_thrown_away_after_a_day(
    files: FileStore, clock: HandClock, tmp_path: Path
) -> None:
    await files.uploads.save_big_part(WHO, 1, 0, 2, blob(KIB))
    clock.time = STALE_AFTER - 1
    files.uploads.save_part(WHO, 2, 0, b"new")
    assert len(files.uploads) == 2
    clock.time = STALE_AFTER + 1
    assert files.uploads.clean() == 1
    assert not list((tmp_path / "files" / "uploads").iterdir())
    with pytest.raises(RpcError):
        await files.uploads.finish(UploadKey(WHO, 1, big=True), 2)


async def test_a_restart_forgets_unfinished_uploads(files: FileStore, tmp_path: Path) -> None:
    await files.uploads.save_big_part(WHO, 1, 0, 2, blob(KIB))
    FileStore(tmp_path / "files", SystemClock(), random.Random(1))
    assert not (tmp_path / "files" / "uploads").exists()
