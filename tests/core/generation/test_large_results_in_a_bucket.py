"""A result that is more than Telegram takes, where files lie in a bucket: linked from there."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from moto.server import ThreadedMotoServer
from support.generation_world import CONTENT, PRICE, World

from core.config import Settings
from core.file_stores import FileStores
from core.generation.job import JobState
from core.plugins_file import PluginsFile
from core.storage.database import Database
from sandbox.clock import ManualClock

PAID = 25


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An S3 server with a bucket `results`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    connection = HTTPConnection(host, port)
    connection.request("PUT", "/results")
    assert connection.getresponse().status == 200
    connection.close()
    yield f"http://{host}:{port}"
    server.stop()


async def _nothing_in_the_background(work: Callable[[asyncio.Event], Awaitable[None]], name: str) -> None:
    return None


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_it_is_linked_from_the_bucket_without_an_address_of_our_own(
    database: Database, clock: ManualClock, tmp_path: Path, endpoint: str, language: str
) -> None:
    environment = {
        "BOT_TOKEN": "1:" + 35 * "a",
        "STORAGE_MODE": "s3",
        "S3_BUCKET": "results",
        "S3_ACCESS_KEY_ID": "k",
        "S3_SECRET_ACCESS_KEY": "s",
        "S3_ENDPOINT_URL": endpoint,
        "DATA_DIR": str(tmp_path),
    }
    settings = Settings.load(env=environment)
    file = PluginsFile.of({}, directory=tmp_path)
    stores = FileStores(settings, file, clock, web=None, run=_nothing_in_the_background)
    world = World(database, clock)
    world.large = await stores.results()
    assert world.large.can_be_linked
    await world.pay(PAID)
    world.telegram.most_bytes = 100
    studio = world.studio()
    await world.create(studio, user=replace(world.person, language=language))
    await world.run(studio)
    assert (await world.job()).state is JobState.DELIVERED
    (message,) = world.telegram.messages.values()
    found = re.search('href="([^"]+)"', message.text)
    assert found is not None, message.text
    address = html.unescape(found[1])
    assert re.fullmatch(r"/results/starloom-results/[0-9a-f]{40}\.[a-z0-9]+", urlsplit(address).path)
    assert "X-Amz-Expires=86400" in address
    async with ClientSession() as session, session.get(address) as answer:
        assert (answer.status, await answer.read()) == (200, CONTENT)
        assert re.fullmatch(
            r'attachment; filename="starloom-[0-9a-f]{6}\.[a-z0-9]+"', answer.headers["Content-Disposition"]
        )
    balance = await world.ledger.balance(world.person.id)
    assert (balance.available, balance.held) == (PAID - PRICE, 0)
