"""The files that people gave, as the internet gets them: by a signed address that holds, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession

from core.media.addresses import INPUTS, RESULTS, FileAddresses
from core.media.store import LocalStore
from core.observability.metrics import Metrics
from core.web.files import FilePages
from core.web.server import Readiness, WebServer
from sandbox.clock import ManualClock

SECRET = b"a secret that signs addresses, long enough"
CONTENT = bytes(range(256)) * 40


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _ready() -> Readiness:
    return Readiness(active=True, ready=True)


@dataclass
class Site:
    """A web server with one file on it."""

    base: str
    ref: str
    address: str
    clock: ManualClock
    session: ClientSession

    async def get(
        self, address: str = "", method: str = "GET", **headers: str
    ) -> tuple[int, bytes, ClientResponse]:
        wanted = address or self.address
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, wanted, headers=names) as answer:
            return answer.status, await answer.read(), answer


@pytest.fixture
async def site(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Site]:
    server = WebServer(host="127.0.0.1", port=0, metrics=Metrics(), readiness=_ready)
    await server.start()
    base = f"http://127.0.0.1:{server.port}"
    addresses = FileAddresses(f"{base}/", secret=SECRET, clock=clock, life=timedelta(hours=6))
    store = LocalStore(tmp_path / "inputs", clock, addresses=addresses.address)
    await store.check()
    (tmp_path / "secret.png").write_bytes(b"not for you")
    server.serve_files(INPUTS, FilePages(store, addresses))
    ref = await store.put(_once(CONTENT), "image/png")
    async with ClientSession() as session:
        yield Site(base, ref, store.address(ref), clock, session)
    await server.stop()


async def test_a_good_address_gives_the_file_with_its_type(site: Site) -> None:
    status, body, answer = await site.get()
    assert (status, body) == (200, CONTENT)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    status, body, answer = await site.get(method="HEAD")
    assert (status, body, answer.headers["Content-Length"]) == (200, b"", str(len(CONTENT)))


async def test_parts_can_be_asked_for(site: Site) -> None:
    status, body, answer = await site.get(Range="bytes=100-199")
    assert (status, body) == (206, CONTENT[100:200])
    assert answer.headers["Content-Range"] == f"bytes 100-199/{len(CONTENT)}"
    assert (await site.get(Range="bytes=-10"))[1] == CONTENT[-10:]
    assert (await site.get(Range=f"bytes={len(CONTENT)}-"))[0] == 416


async def test_an_address_holds_for_its_time_and_no_longer(site: Site) -> None:
    await site.clock.advance(6 * 3600 - 1)
    assert (await site.get())[0] == 200
    await site.clock.advance(2)
    assert (await site.get())[0] == 404


@pytest.mark.parametrize(
    "change",
    [
        ("sig=", "sig=0"),
        ("expires=", "expires=9"),
        ("sig=", "other="),
        ("expires=", "other="),
        ("/inputs/", "/inputs/../"),
        ("/inputs/", "/inputs/%2e%2e%2fsecret.png%00"),
        (".png", ".jpg"),
        (".png", ".png%2f"),
    ],
)
async def test_whatever_is_not_right_is_not_there(site: Site, change: tuple[str, str]) -> None:
    status, body, _ = await site.get(site.address.replace(*change))
    assert status == 404
    assert b"not for you" not in body


async def test_a_signature_is_good_for_its_own_file_and_moment_alone(site: Site, tmp_path: Path) -> None:
    other = FileAddresses(site.base, secret=SECRET, clock=site.clock, life=timedelta(days=30))
    query = other.address(site.ref).partition("?")[2]
    assert (await site.get(f"{site.base}/inputs/{site.ref}?{query}"))[0] == 200
    expires = query.partition("&")[0]
    signature = site.address.rpartition("sig=")[2]
    assert (await site.get(f"{site.base}/inputs/{site.ref}?{expires}&sig={signature}"))[0] == 404
    missing = "0" * 40 + ".png"
    (tmp_path / "inputs" / missing).write_bytes(b"somebody else's")
    assert (await site.get(f"{site.base}/inputs/{missing}?{query}"))[0] == 404
    (tmp_path / "inputs" / missing).unlink()
    assert (await site.get(other.address(missing)))[0] == 404
    for digits in ("1e9", "-1", "٣", "9" * 30, ""):
        assert (await site.get(f"{site.base}/inputs/{site.ref}?expires={digits}&sig={signature}"))[0] == 404


async def test_a_large_result_is_saved_under_a_name_and_read_in_ranges(
    tmp_path: Path, clock: ManualClock
) -> None:
    server = WebServer(host="127.0.0.1", port=0, metrics=Metrics(), readiness=_ready)
    await server.start()
    base, life = f"http://127.0.0.1:{server.port}", timedelta(hours=24)
    addresses = FileAddresses(base, secret=SECRET, clock=clock, life=life, path=RESULTS)
    store = LocalStore(tmp_path / "results", clock, addresses=addresses.address)
    await store.check()
    server.serve_files(RESULTS, FilePages(store, addresses, save_as="starloom"))
    ref = await store.put(_once(CONTENT), "video/mp4")
    address = store.address(ref)
    async with ClientSession() as session:
        large = Site(base, ref, address, clock, session)
        status, body, answer = await large.get(Range="bytes=2-4")
        assert (status, body) == (206, CONTENT[2:5])
        assert answer.headers["Content-Disposition"] == f'attachment; filename="starloom-{ref[:6]}.mp4"'
        assert (await large.get(address.replace(RESULTS, INPUTS)))[0] == 404
        await clock.advance(life.total_seconds() + 1)
        assert (await large.get())[0] == 404
    await server.stop()


async def test_only_reading_is_possible(site: Site) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert (await site.get(method=method))[0] == 405


def test_a_changed_secret_leaves_the_old_addresses_good(clock: ManualClock) -> None:
    life = timedelta(hours=1)
    old = FileAddresses("https://x", secret=b"old", clock=clock, life=life)
    new = FileAddresses("https://x", secret=b"new", previous=[b"old"], clock=clock, life=life)
    ref = "0" * 40 + ".png"
    expires, signature = (part.partition("=")[2] for part in old.address(ref).partition("?")[2].split("&"))
    assert new.holds(ref, expires, signature)
    forgotten = FileAddresses("https://x", secret=b"new", clock=clock, life=life)
    assert not forgotten.holds(ref, expires, signature)


def test_without_a_public_address_there_is_none(clock: ManualClock) -> None:
    addresses = FileAddresses("", secret=SECRET, clock=clock, life=timedelta(hours=1))
    assert addresses.address("0" * 40 + ".png") == ""
