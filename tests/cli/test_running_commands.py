"""`run` with `chat` and `plugins` beside it: a whole session in processes of its own, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket

import pytest
from support.command_line import CommandLine, CommandsHere, end, read_until

READY = "Chat with it in your browser"


@pytest.mark.soak
@pytest.mark.timeout(240)
async def test_a_session_a_kill_and_a_session_again(cli: CommandLine) -> None:
    """The bot of a local Telegram is told where it is by names that stand in the file of settings as well."""
    cli.env_file.write_text(
        "TEST_MODE=1\nDRY_RUN=1\nTELEGRAM_BOT_TOKEN=123456:ABC\nADMIN_ID=42\nA2E_API_KEY=key\n",
        encoding="utf-8",
    )
    running = await cli.start()
    try:
        ready = await read_until(running, READY)
        assert ready.count("\n") == 1
        address = json.loads((cli.directory / "data" / "sandbox" / "address.json").read_text())
        assert address["bot_id"] != 123456
        lines = "/start\n/generate кит\n/press 8\n/press 11\n/press 23\n/quit\n"
        said = await cli("chat", "--as", "alice", "--lang", "ru", stdin=lines)
        assert (said.status, said.err) == (0, "")
        assert "Здравствуйте, alice" in said.out
        assert "192 звезды" in said.out
        assert "[1] ✨ Создать" in said.out
        assert "Пробный запуск: ничего не отправлено и не списано" in said.out
        switched = await cli("plugins", "disable", "generate")
        assert "generate is switched off" in switched.out
        listed = await cli("plugins", "list")
        lines = listed.out.splitlines()
        assert lines[0].startswith("on   start  plugins.start  1.")
        assert lines[1].startswith("off  generate  plugins.generate  2.")
        assert lines[1].endswith("granted: billing")
        assert len(cli.processes()) > 1
        os.kill(running.pid, signal.SIGKILL)
        await running.wait()
        # The bot and its database notice by themselves that nobody is there any more.
        await cli.until_gone()
    finally:
        await end(running)

    again = await cli.start()
    try:
        await read_until(again, READY)
        said = await cli("chat", "--as", "bob", stdin="/help\n/quit\n")
        assert "/cancel" in said.out
        assert "/generate" not in said.out
        again.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):
            out, err = await again.communicate()
        assert (again.returncode, out.decode(), err.decode()) == (0, "", "")
    finally:
        await end(again)
    await cli.until_gone()


@pytest.mark.timeout(240)
async def test_one_line_tells_the_address_also_where_the_usual_port_is_taken(cli: CommandLine) -> None:
    """With nothing set; the log of a bot that is well does not drown the line, and Ctrl-C ends everything."""
    for name in ("PORT", "LOG_LEVEL"):
        cli.environment.pop(name)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Where something else of this machine has it already, it is taken as well.
        with contextlib.suppress(OSError):
            other.bind(("127.0.0.1", 10000))
            other.listen()
        running = await cli.start("--no-browser")
        try:
            ready = await read_until(running, READY)
            assert re.search(r"http://127\.0\.0\.1:\d+ ", ready)
            running.send_signal(signal.SIGINT)
            async with asyncio.timeout(30):
                out, err = await running.communicate()
        finally:
            await end(running)
    assert (running.returncode, ready.count("\n"), out.decode()) == (0, 1, "")
    # A machine that is busy with other tests may hold the bot up, which it may say.
    assert '"level": "info"' not in err.decode()
    await cli.until_gone()


async def test_what_is_set_wrong_is_said_and_nothing_starts(here: CommandsHere) -> None:
    said = await here(KIE_API_KEY="key")
    assert said.status == 1
    assert "BOT_TOKEN: must be given, because KIE_API_KEY is set" in said.err
    assert "Traceback" not in said.err
    assert not (here.directory / "data").exists()
    said = await here(DATA_DIR="/proc/none")
    assert said.status == 1
    assert said.err.startswith("DATA_DIR: /proc/none cannot be written to")
    assert said.err.count("\n") == 1
    said = await here(LOG_FILE="/proc/none/log")
    assert (said.status, said.err.count("\n")) == (1, 1)
    assert said.err.startswith("LOG_FILE: /proc/none/log cannot be written")


async def test_a_plugin_that_is_not_there_is_named(here: CommandsHere, database_uri: str) -> None:
    bot = {"BOT_TOKEN": "123456:ABC", "API_ID": "1", "API_HASH": "x", "MONGODB_URI": database_uri}
    said = await here("plugins", "enable", "generete", **bot)
    assert said.status == 1
    assert "There is no plugin generete in plugins.toml; there are start, generate" in said.err


@pytest.mark.parametrize("arguments", [("plugins", "list"), ("chat",)])
async def test_without_a_bot_commands_say_what_to_do(here: CommandsHere, arguments: tuple[str, ...]) -> None:
    said = await here(*arguments)
    assert said.status == 1
    assert "python run.py" in said.err
    assert "Traceback" not in said.err


@pytest.mark.timeout(240)
async def test_the_demonstration_shows_that_everything_is_as_it_must_be(cli: CommandLine) -> None:
    """Whatever the person who runs it has set for their own bot."""
    own = {"DRY_RUN": "1", "TEST_MODE": "1", "MONGODB_URI": "mongodb://127.0.0.1:1"}
    said = await cli("demo", **own)
    assert said.status == 0, said.out + said.err
    assert "FAIL" not in said.out
    for words in ("— Alice —", "— Борис —", "ledger: sums to 0", "Everything is as it must be"):
        assert words in said.out
    assert cli.processes() == []
