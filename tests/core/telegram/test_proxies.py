"""Proxies to Telegram: the real client goes through them, past the dead ones, and back to the first."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from support.socks import Socks
from support.studio_talk import arrive, ask, project_plugins

from core.config import Settings
from core.errors import ConfigurationError
from core.telegram.proxies import Proxies, Proxy, parsed
from sandbox.clock import ManualClock
from sandbox.studio import Studio


@pytest.fixture
async def socks() -> AsyncIterator[Socks]:
    server = Socks()
    await server.start()
    yield server
    await server.stop()


async def test_the_bot_lives_behind_the_proxy_that_answers(
    database_uri: str, tmp_path: object, socks: Socks
) -> None:
    from pathlib import Path

    directory = Path(str(tmp_path))
    dead = Socks()
    await dead.start()
    await dead.stop()
    settings = {"TELEGRAM_PROXY": f"{dead.address},{socks.address}"}
    options = {"plugins": project_plugins(directory), "settings": settings, "admins": 1}
    async with await Studio.start(database_uri=database_uri, directory=directory, **options) as studio:
        admin = studio.sandbox.person("Admin 1")
        await admin.start()
        await admin.expect("Hello, Admin 1")
        assert socks.carried >= 1
        proxies = studio.service.foundation.proxies
        assert proxies is not None
        await admin.expect("it does not answer; the next one is tried", within=40)

        # The first one answers again, and is used again.
        await dead.start()
        await proxies.look(studio.service._watch.tell_of_proxy, studio.service.client.reconnect)

        async def back() -> bool:
            return dead.carried >= 1

        await studio.until(back)
        await admin.expect("it answers again", within=40)
        alice = await arrive(studio, "Alice")
        assert (await ask(alice, "/balance")).text
        exposition = studio.running.metrics.exposition().decode()
        assert f'starloom_proxy_up{{proxy="{dead.address}",purpose="telegram"}} 1.0' in exposition
    await dead.stop()


async def test_they_are_tried_in_their_order(clock: ManualClock) -> None:
    listed = [Proxy(name, name, 1, None) for name in ("a", "b", "c")]
    up = {"a", "b", "c"}
    told: list[tuple[str, bool]] = []
    moved: list[str] = []

    async def probe(proxy: Proxy) -> bool:
        return proxy.label in up

    async def tell(label: str, works: bool) -> None:
        told.append((label, works))

    async def move() -> None:
        assert proxies.current is not None
        moved.append(proxies.current.label)

    proxies = Proxies(listed, clock, probe=probe)
    up -= {"a"}
    proxies.failed(listed[0])
    assert proxies.current is listed[1]
    await proxies.look(tell, move)
    assert (told, moved) == ([("a", False)], [])
    up -= {"b"}
    await proxies.look(tell, move)
    assert moved == ["c"]
    up |= {"a"}
    await proxies.look(tell, move)
    assert moved == ["c", "a"]
    assert told == [("a", False), ("b", False), ("a", True)]


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("socks5://user:word@10.0.0.1:1080", "socks5://10.0.0.1:1080"),
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        (f"mtproxy://{'ab' * 16}@10.0.0.1:443", "mtproxy://10.0.0.1:443"),
        (f"tg://proxy?server=10.0.0.1&port=443&secret=dd{'ab' * 16}", "mtproxy://10.0.0.1:443"),
    ],
)
def test_addresses(address: str, label: str) -> None:
    assert parsed(address).label == label


@pytest.mark.parametrize(
    "address", ["10.0.0.1:1080", "ftp://x:1", "mtproxy://secret@10.0.0.1:443", "socks5://x"]
)
def test_what_is_no_proxy_is_said_without_its_secret(address: str) -> None:
    with pytest.raises(ConfigurationError, match="TELEGRAM_PROXY: each proxy is") as refused:
        parsed(address)
    assert "secret@10" not in str(refused.value).replace("mtproxy://secret@host", "")


def test_passwords_are_kept_out_of_the_log() -> None:
    settings = Settings.load(
        env={"TELEGRAM_PROXY": "socks5://u:word@h:1,http://h:2", "PROVIDER_PROXY": "http://u:key@h:3"}
    )
    assert {"socks5://u:word@h:1", "http://u:key@h:3"} <= set(settings.secrets())
