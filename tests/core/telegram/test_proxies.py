"""Proxies to Telegram: the real client goes through them, past the dead ones, and back to the first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from support.proxy_servers import HttpTunnels, MtProxy, RelayServer, Socks
from support.studio_talk import Screen, arrive, ask, assert_readable, project_plugins

from core.config import Settings
from core.errors import ConfigurationError
from core.telegram.proxies import parsed
from sandbox.studio import Studio

SECRET, ANOTHER = "ab" * 16, "cd" * 16


@pytest.fixture
async def listed() -> AsyncIterator[AsyncExitStack]:
    """Starts proxies; all are stopped at the end."""
    async with AsyncExitStack() as stack:
        yield stack


async def started(stack: AsyncExitStack, proxy: RelayServer) -> RelayServer:
    await proxy.start()
    stack.push_async_callback(proxy.stop)
    return proxy


async def test_the_bot_lives_behind_the_proxies_that_answer(
    database_uri: str, tmp_path: Path, listed: AsyncExitStack
) -> None:
    dead = await started(listed, HttpTunnels(password="word"))
    living = await started(listed, Socks(password="word"))
    settings = {
        "TELEGRAM_PROXY": f"{dead.address},{living.address}",
        "PROVIDER_PROXY": f"{dead.address},{living.address}",
    }
    options = {"plugins": project_plugins(tmp_path), "settings": settings, "admins": 1}
    async with await Studio.start(database_uri=database_uri, directory=tmp_path, **options) as studio:
        admin = studio.sandbox.person("Admin 1")
        admin.account.language = "ru"
        await admin.start()
        await admin.expect("Здравствуйте")
        screen = Screen(admin)
        # It starts anew, now that it is known in which language its admin is to be told.
        await studio.shut()
        await dead.stop()
        carried = dead.carried
        await studio.launch()
        assert living.carried >= 1
        service = studio.service
        telegram, providers = service.foundation.proxies, service._shared.provider_proxies
        assert telegram is not None
        assert providers is not None
        for words in ("к Telegram", "к провайдерам"):
            told = await admin.expect(lambda message, words=words: words in message.text, within=40)
            assert "не отвечает; работаю через следующий" in told.text
        shown = (await ask(admin, "/status")).text
        assert shown.count(f"🔴 {dead.label}: не отвечает") == 2, shown
        assert shown.count(f"🟢 {living.label}: в работе") == 2, shown

        # The first one answers again, and is used again.
        await dead.start()
        await telegram.look(service._watch.tell_of_proxy, service.client.reconnect)
        await admin.expect("снова отвечает", within=40)
        shown = (await ask(admin, "/status")).text
        assert f"🟢 {dead.label}: в работе" in shown
        assert f"⚪ {living.label}: отвечает, сейчас не нужен" in shown
        alice = await arrive(studio, "Alice")
        assert (await ask(alice, "/balance")).text
        assert dead.carried > carried, "Telegram is reached through an HTTP proxy"
        exposition = studio.running.metrics.exposition().decode()
        assert f'starloom_proxy_up{{proxy="{dead.label}",purpose="telegram"}} 1.0' in exposition
        assert_readable(screen, allowed=(admin.name, "socks5", "http", "Starloom", "Telegram"))


async def test_a_proxy_of_telegram_s_own_kind_has_to_know_the_secret(
    database_uri: str, tmp_path: Path, listed: AsyncExitStack
) -> None:
    """It lets everybody connect: only what comes back through it tells that it leads anywhere."""
    wrong, right = await started(listed, MtProxy(SECRET)), await started(listed, MtProxy(SECRET))
    settings = {
        "TELEGRAM_PROXY": f"mtproxy://{ANOTHER}@127.0.0.1:{wrong.port},mtproxy://{SECRET}@127.0.0.1:{right.port}"
    }
    options = {"plugins": project_plugins(tmp_path), "settings": settings, "running": False}
    async with await Studio.start(database_uri=database_uri, directory=tmp_path, **options) as studio:
        endpoint = studio.sandbox.endpoint
        wrong.target = right.target = (endpoint.host, endpoint.port)
        await studio.launch()
        alice = await arrive(studio, "Alice")
        assert (await ask(alice, "/balance")).text
        assert right.carried >= 1
        assert wrong.carried == 0
        states = {state.label: (state.up, state.used) for state in studio.service._watch.operations.proxies()}
        assert states == {wrong.label: (False, False), right.label: (True, True)}


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
