"""Files on the server: photos made anew, documents kept as they are, references, reading, saving."""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path

import pytest
from PIL import Image
from pyrogram.raw import types as T

from core.clock import SystemClock
from sandbox.rpc import RpcError
from sandbox.world.files import FileKind, FileStore


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files", SystemClock(), random.Random(1))


def picture(width: int, height: int, kind: str = "PNG", mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert(mode).save(buffer, kind)
    return buffer.getvalue()


async def fails(files: FileStore, data: bytes, name: str = "p.png") -> str:
    with pytest.raises(RpcError) as error:
        await files.add_photo(data, name)
    return error.value.message


@pytest.mark.parametrize(
    ("size", "letters", "best"),
    [
        ((100, 50), "m", (100, 50)),
        ((640, 480), "mx", (640, 480)),
        ((1280, 720), "mxy", (1280, 720)),
        ((2000, 1000), "mxyw", (2000, 1000)),
        ((4000, 2000), "mxyw", (2560, 1280)),
    ],
)
async def test_a_photo_becomes_jpegs_of_telegrams_sizes(
    files: FileStore, size: tuple[int, int], letters: str, best: tuple[int, int]
) -> None:
    original = picture(*size)
    photo = await files.add_photo(original, "p.png")
    assert "".join(variant.letter for variant in photo.variants) == letters
    assert (photo.variants[-1].width, photo.variants[-1].height) == best
    for variant in photo.variants:
        data = await files.read(photo.content(variant.letter), 0, 1 << 20)
        assert data != original
        with Image.open(io.BytesIO(data)) as shown:
            assert (shown.format, shown.size) == ("JPEG", (variant.width, variant.height))
        assert len(data) == variant.size
    assert isinstance(photo.raw, T.Photo)


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "1"])
async def test_every_colour_mode_becomes_a_jpeg(files: FileStore, mode: str) -> None:
    photo = await files.add_photo(picture(64, 64, mode=mode), "p.png")
    with Image.open(io.BytesIO(files.data(photo))) as shown:
        assert shown.mode == "RGB"


@pytest.mark.parametrize("size", [(9990, 20), (21, 1), (10, 201)])
async def test_photos_too_long_or_too_large_are_refused(files: FileStore, size: tuple[int, int]) -> None:
    assert await fails(files, picture(*size, mode="1")) == "PHOTO_INVALID_DIMENSIONS"


async def test_a_bomb_is_refused_by_its_header(files: FileStore) -> None:
    header = bytearray(picture(1, 1))
    header[16:24] = (60_000).to_bytes(4, "big") * 2
    assert await fails(files, bytes(header)) in {"PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED"}


async def test_what_is_no_photo_is_refused(files: FileStore) -> None:
    assert await fails(files, b"no picture at all") == "IMAGE_PROCESS_FAILED"
    assert await fails(files, picture(64, 64)[:60]) == "IMAGE_PROCESS_FAILED"
    assert await fails(files, picture(64, 64), "p.txt") == "PHOTO_EXT_INVALID"
    assert await fails(files, picture(64, 64) + bytes(10 << 20)) == "PHOTO_SAVE_FILE_INVALID"


async def test_a_document_keeps_its_bytes(files: FileStore) -> None:
    data = picture(400, 100)
    document = await files.add_document(data, "scan.png", "image/png")
    assert files.data(document) == data
    kinds = {type(attribute): attribute for attribute in document.attributes}
    assert kinds[T.DocumentAttributeFilename].file_name == "scan.png"
    assert (kinds[T.DocumentAttributeImageSize].w, kinds[T.DocumentAttributeImageSize].h) == (400, 100)
    assert [(v.letter, v.width, v.height) for v in document.variants] == [("m", 320, 80)]


async def test_an_uploaded_thumbnail_is_shown(files: FileStore) -> None:
    files.uploads.save_part(1, 1, 0, b"film")
    files.uploads.save_part(1, 2, 0, picture(640, 320, "JPEG"))
    document = await files.document(
        1,
        T.InputFile(id=1, parts=1, name="f.mp4", md5_checksum=""),
        "video/mp4",
        [T.DocumentAttributeVideo(duration=2.0, w=640, h=320)],
        T.InputFile(id=2, parts=1, name="t.jpg", md5_checksum=""),
    )
    assert [(size.type, size.w, size.h) for size in document.raw.thumbs] == [("m", 320, 160)]


async def test_a_reference_opens_the_file_until_it_expires(files: FileStore) -> None:
    document = await files.add_document(b"abc", "a.txt", "text/plain")
    other = await files.add_document(b"abc", "b.txt", "text/plain")
    old = document.file_reference
    named = (document.id, document.access_hash)
    assert files.find(*named, old, FileKind.DOCUMENT) is document
    files.expire_references(document.id)
    assert document.raw.file_reference == document.file_reference != old
    assert files.find(*named, document.file_reference, FileKind.DOCUMENT) is document
    assert files.find(other.id, other.access_hash, other.file_reference, FileKind.DOCUMENT) is other
    wrong = {
        "FILE_REFERENCE_EXPIRED": (*named, old, FileKind.DOCUMENT),
        "FILE_REFERENCE_EMPTY": (*named, b"", FileKind.DOCUMENT),
        "FILE_REFERENCE_INVALID": (*named, other.file_reference, FileKind.DOCUMENT),
        "FILE_ID_INVALID": (document.id, 1, document.file_reference, FileKind.DOCUMENT),
    }
    for message, question in wrong.items():
        with pytest.raises(RpcError, match=message):
            files.find(*question)
    with pytest.raises(RpcError, match="FILE_ID_INVALID"):
        files.find(*named, document.file_reference, FileKind.PHOTO)


async def test_a_size_that_there_is_not_is_refused(files: FileStore) -> None:
    photo = await files.add_photo(picture(100, 100))
    with pytest.raises(RpcError, match="LOCATION_INVALID"):
        photo.content("w")


async def test_hashes_cover_a_mebibyte_in_pieces(files: FileStore) -> None:
    data = random.Random(3).randbytes((1 << 20) + 300_000)
    document = await files.add_document(data, "a.bin", "")
    first = await files.hashes(document.content(""), 0)
    assert len(first) == 8
    last = await files.hashes(document.content(""), 1 << 20)
    for offset, length, digest in first + last:
        assert hashlib.sha256(data[offset : offset + length]).digest() == digest
    assert sum(length for _, length, _ in first + last) == len(data)


async def test_everything_is_there_after_saving_and_loading(files: FileStore, tmp_path: Path) -> None:
    photo = await files.add_photo(picture(500, 500))
    source = tmp_path / "on-disk.bin"
    source.write_bytes(b"document")
    document = await files.add_document(source, source.name, "text/plain")
    files.expire_references(document.id)
    files.save()
    again = FileStore(tmp_path / "files", SystemClock(), random.Random(2))
    for file in (photo, document):
        known = again.get(file.id)
        assert known.raw.write() == file.raw.write()
        assert again.data(known) == files.data(file)
    assert source.exists()
