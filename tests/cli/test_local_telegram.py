"""The local Telegram of `make run`: kept between runs, forgotten when asked, on the next free port."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from aiohttp import ClientSession
from typer.testing import CliRunner

from core.clock import SystemClock
from core.storage.database import Database
from starloom.cli import _cli, browsing, local, running
from starloom.cli.local import Address, LocalTelegram


async def test_its_world_is_kept_until_it_is_to_be_forgotten(tmp_path: Path) -> None:
    first = await LocalTelegram.start(tmp_path, port=0)
    assert {person.name for person in first.sandbox.people} == {"Alice", "Борис", "Admin"}
    zoe = first.sandbox.add_person("Zoe", stars=7)
    bot, number = first.bot.id, zoe.id
    await zoe.start(bot=first.bot)
    await first.stop()

    again = await LocalTelegram.start(tmp_path, port=0)
    kept = {person.id: person for person in again.sandbox.people}
    assert (kept[number].name, kept[number].stars, again.bot.id) == ("Zoe", 7, bot)
    assert [message.text for message in kept[number].messages()] == ["/start"]
    await again.stop()

    fresh = await LocalTelegram.start(tmp_path, port=0, fresh=True)
    assert {person.name for person in fresh.sandbox.people} == {"Alice", "Борис", "Admin"}
    await fresh.stop()


async def test_a_taken_port_is_passed_over_unless_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(local, "_PORT", port)
        running = await LocalTelegram.start(tmp_path)
        assert running.http.port != port
        assert Address.read(tmp_path) == Address(running.http.url, running.bot.id)
        async with ClientSession() as http, http.get(running.http.url) as response:
            assert response.status == 200
        # Neither the page nor the Telegram behind it can be reached from another machine.
        listening = [
            each for each in psutil.Process().net_connections("tcp") if each.status == psutil.CONN_LISTEN
        ]
        ports = {int(running.http.url.rpartition(":")[2]), running.sandbox.endpoint.port}
        assert {each.laddr.ip for each in listening if each.laddr.port in ports} == {"127.0.0.1"}
        assert ports <= {each.laddr.port for each in listening}
        await running.stop()
        with pytest.raises(OSError, match="in use"):
            await LocalTelegram.start(tmp_path, port=port)


@pytest.mark.parametrize(
    ("screen", "terminal", "opened"), [(True, True, True), (False, True, False), (True, False, False)]
)
def test_a_browser_is_opened_where_somebody_sees_it(
    monkeypatch: pytest.MonkeyPatch, screen: bool, terminal: bool, opened: bool
) -> None:
    seen: list[str] = []
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "CI"):
        monkeypatch.delenv(name, raising=False)
    if screen:
        monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    monkeypatch.setattr("webbrowser.open_new_tab", lambda url: seen.append(url) or True)
    assert browsing.open_page("http://127.0.0.1:8765") is opened
    assert bool(seen) is opened


class Started:
    """Stands for the local Telegram and for the bot on it; neither is what this is about."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.ready.set()
        self.http = SimpleNamespace(url="http://127.0.0.1:8765")

    async def wait(self) -> int:
        await asyncio.sleep(0)
        return 0

    async def stop(self) -> int:
        await asyncio.sleep(0)
        return 0


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a `run` that starts neither a Telegram nor a bot."""

    async def start(*_: object, **__: object) -> Started:
        await asyncio.sleep(0)
        return Started()

    monkeypatch.setattr(local.LocalTelegram, "start", start)
    monkeypatch.setattr(local.BotProcess, "start", start)
    monkeypatch.setattr(local, "bot_environment", lambda *_: {})
    monkeypatch.setattr(running, "configure_logging", lambda **_: None)
    return {"DATA_DIR": str(tmp_path), "PORT": "0"}


@pytest.mark.parametrize(("option", "opened"), [([], ["http://127.0.0.1:8765"]), (["--no-browser"], [])])
def test_no_browser_is_opened_where_that_is_said(
    alone: dict[str, str], monkeypatch: pytest.MonkeyPatch, option: list[str], opened: list[str]
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(browsing, "open_page", seen.append)
    said = CliRunner().invoke(_cli, ["--env-file", "/dev/null", *option], env=alone)
    assert said.exit_code == 0, said.output
    assert seen == opened


def test_a_fresh_world_leaves_nothing_of_the_old_bots_database(
    alone: dict[str, str], tmp_path: Path, database_uri: str
) -> None:
    bot = 707070
    Address("http://127.0.0.1:1", bot).write(tmp_path)

    async def things(*new: dict[str, int]) -> list[object]:
        database = await Database.connect(database_uri, f"starloom_{bot}", embedded=True, clock=SystemClock())
        for each in new:
            await database.collection("things").insert_one(each)
        found = await database.collection("things").find({})
        await database.close()
        return list(found)

    asyncio.run(things({"_id": 1}))
    usual = ["--env-file", "/dev/null", "--sandbox", "--no-browser"]
    for option, left in (([], [{"_id": 1}]), (["--fresh"], [])):
        said = CliRunner().invoke(_cli, [*usual, *option], env={**alone, "MONGODB_URI": database_uri})
        assert said.exit_code == 0, said.output
        assert asyncio.run(things()) == left
