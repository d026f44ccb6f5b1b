"""Keeping files: on this machine, and in a bucket of a real S3 server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from moto.server import ThreadedMotoServer

from core.errors import ConfigurationError
from core.generation.provider import FailureReason, SubmissionRefused
from core.media.files import InputFiles
from core.media.given import GivenFile
from core.media.s3 import S3Settings, S3Store
from core.media.store import InputGone, InputStore, LocalStore, StoreAway, mime_type_of
from core.media.sweep import InputSweep
from sandbox.clock import ManualClock

BUCKET = "inputs"
STRANGE = [
    "",
    "../secret.png",
    "..%2fsecret.png",
    "/etc/passwd",
    "a" * 40 + ".exe",
    "A" * 40 + ".png",
    "a" * 40 + ".png/..",
    "a" * 39 + ".png",
]


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_address: str) -> str:
    """An S3 server with an empty bucket."""
    connection = HTTPConnection(urlsplit(s3_address).netloc)
    for method, path in (("POST", "/moto-api/reset"), ("PUT", f"/{BUCKET}")):
        connection.request(method, path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()
    return s3_address


def s3_store(address: str, **changes: Any) -> S3Store:
    settings = S3Settings(
        **{"bucket": BUCKET, "access_key": "k", "secret_key": "s", "endpoint": address, **changes}
    )
    return S3Store(settings, address_life=timedelta(hours=1))


@pytest.fixture(params=["local", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> InputStore:
    if request.param == "local":
        local = LocalStore(tmp_path / "inputs", clock)
        await local.check()
        return local
    bucket = s3_store(request.getfixturevalue("bucket"))
    await bucket.check()
    return bucket


async def pieces(data: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def broken(data: bytes) -> AsyncIterator[bytes]:
    yield data
    raise ConnectionResetError


async def read(store: InputStore, ref: str) -> bytes:
    return b"".join([chunk async for chunk in store.open(ref)])


@pytest.mark.parametrize("size", [1, 300_000, 12 * 1024 * 1024])
async def test_what_is_kept_comes_back_and_goes(store: InputStore, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    ref = await store.put(pieces(data), "video/mp4")
    assert re.fullmatch(r"[0-9a-f]{40}\.mp4", ref)
    assert mime_type_of(ref) == "video/mp4"
    assert await read(store, ref) == data
    assert await store.kept_since(ref) is not None
    other = await store.put(pieces(b"other"), "image/png")
    await store.delete([ref, ref, "nonsense"])
    assert await store.kept_since(ref) is None
    with pytest.raises(InputGone):
        await read(store, ref)
    assert await read(store, other) == b"other"


async def test_of_what_breaks_off_nothing_stays(store: InputStore, tmp_path: Path) -> None:
    with pytest.raises((StoreAway, ConnectionResetError)):
        await store.put(broken(b"x" * 200_000), "image/png")
    far = datetime(2999, 1, 1, tzinfo=UTC)
    assert await store.sweep(far) == 0


@pytest.mark.parametrize("ref", STRANGE)
async def test_nothing_but_a_ref_names_a_file(store: InputStore, ref: str) -> None:
    assert await store.kept_since(ref) is None
    with pytest.raises(InputGone):
        await read(store, ref)
    assert store.address(ref) == ""
    await store.delete([ref])


async def test_the_sweep_takes_what_is_old_and_nothing_else(tmp_path: Path, clock: ManualClock) -> None:
    store = LocalStore(tmp_path, clock)
    sweep = InputSweep(store, clock, age=timedelta(hours=50))
    old = await store.put(pieces(b"old"), "image/png")
    (tmp_path / "left-by-a-crash.part").write_bytes(b"x")
    await clock.advance(40 * 3600)
    new = await store.put(pieces(b"new"), "image/png")
    await sweep.sweep()
    assert await read(store, old) == b"old"
    await clock.advance(11 * 3600)
    await sweep.sweep()
    assert await store.kept_since(old) is None
    assert await read(store, new) == b"new"


async def test_the_sweep_of_a_bucket(bucket: str) -> None:
    store = s3_store(bucket)
    refs = [await store.put(pieces(b"x"), "image/png") for _ in range(3)]
    assert await store.sweep(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 3
    assert [await store.kept_since(ref) for ref in refs] == [None] * 3


async def test_an_address_in_a_bucket_is_signed_and_tells_the_type(bucket: str) -> None:
    store = s3_store(bucket)
    ref = await store.put(pieces(b"picture"), "image/png")
    address = store.address(ref)
    assert urlsplit(address).path == f"/{BUCKET}/starloom-inputs/{ref}"
    assert "X-Amz-Signature" in address
    assert "X-Amz-Expires=3600" in address
    async with ClientSession() as session, session.get(address) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
        assert await answer.read() == b"picture"


@pytest.mark.parametrize("change", [{"bucket": "nobodys"}, {"endpoint": "http://127.0.0.1:9"}])
async def test_a_bucket_that_does_not_take_files_is_an_error_at_the_start(
    bucket: str, change: dict[str, str]
) -> None:
    store = s3_store(bucket, **change)
    with pytest.raises(ConfigurationError, match=r"S3_BUCKET: .*S3_ENDPOINT_URL"):
        await store.check()


def test_the_keys_of_a_bucket_are_never_shown() -> None:
    shown = repr(S3Settings(bucket="b", access_key="hunter2", secret_key="hunter3"))
    assert "hunter" not in shown


async def test_a_folder_that_cannot_be_written_to_is_an_error(tmp_path: Path, clock: ManualClock) -> None:
    (tmp_path / "inputs").write_text("a file stands here")
    with pytest.raises(ConfigurationError, match="DATA_DIR"):
        await LocalStore(tmp_path / "inputs", clock).check()


async def test_a_provider_reads_a_file_as_often_as_it_wants(store: InputStore, clock: ManualClock) -> None:
    files = InputFiles(store, clock)
    ref = await store.put(pieces(b"sound" * 100_000), "audio/mpeg")
    given = GivenFile("audio_url", ref, "input.mp3", "audio/mpeg", 500_000, seconds=2.5)
    file = files.open(given.kept())
    assert (file.name, file.mime_type, file.size, file.seconds) == ("input.mp3", "audio/mpeg", 500_000, 2.5)
    assert await file.read() == await file.read() == b"sound" * 100_000
    assert ref not in repr(file)
    assert ref not in repr(given)
    await files.discard([given.kept()])
    with pytest.raises(SubmissionRefused) as caught:
        await file.read()
    assert caught.value.reason is FailureReason.EXPIRED


async def test_files_are_there_as_long_as_they_are_fresh(tmp_path: Path, clock: ManualClock) -> None:
    store = LocalStore(tmp_path, clock)
    files = InputFiles(store, clock)
    first = {"ref": await store.put(pieces(b"x"), "image/png")}
    await clock.advance(47 * 3600)
    second = {"ref": await store.put(pieces(b"x"), "image/png")}
    assert await files.are_there([])
    assert await files.are_there([first, second])
    await clock.advance(2 * 3600)
    assert not await files.are_there([first, second])
    assert await files.are_there([second])
    await files.discard([second])
    assert not await files.are_there([second])
