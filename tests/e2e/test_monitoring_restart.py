"""`/restart` of a bot in a process of its own, begun by `run.py` as an operator begins it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from support.command_line import ROOT, CommandLine, end
from support.studio_talk import ask, begin, delivered

from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

DEMO, STATS = 'module = "providers.demo"', 'module = "plugins.stats"'


def _written(directory: Path) -> Path:
    """The project's plugins.toml with a demo provider that takes a while; a file of the test's own."""
    text = (ROOT / "plugins.toml").read_text(encoding="utf-8")
    path = directory / "plugins.toml"
    path.write_text(text.replace(DEMO, f"{DEMO}\nseconds = 3"), encoding="utf-8")
    return path


def _begun(pid: int) -> list[bytes]:
    """What a process was begun with, and where its memory begins: another program image has another."""
    maps = Path(f"/proc/{pid}/maps").read_bytes().splitlines()
    return [Path(f"/proc/{pid}/cmdline").read_bytes(), next(line for line in maps if b"[stack]" in line)]


@pytest.mark.timeout(180)
async def test_the_process_begins_anew_and_says_so(start_studio: StartStudio, tmp_path: Path) -> None:
    # A bot hears what was written while it was away once it has been there.
    studio = await start_studio(admins=2)
    owner, second = (studio.sandbox.person(f"Admin {number}") for number in (1, 2))
    owner.account.language = "ru"
    for admin in (owner, second):
        await admin.start()
        await admin.expect(kind="new")
    await studio.shut()
    run = CommandLine(tmp_path, {**studio.environment, "DATA_DIR": str(tmp_path / "data")})
    file = _written(tmp_path)
    process = await run.start("--plugins-file", str(file))
    try:
        person = studio.person("Alice")
        await person.start()
        await person.expect(kind="new", within=90)
        assert "/stats" in (await ask(person, "/help")).text
        command, stack = _begun(process.pid)
        await begin(person)
        # What is asked while nothing runs is answered afterwards; read anew, the file knows no /stats.
        file.write_text(file.read_text().replace(STATS, f"{STATS}\nenabled = false"))
        question = await ask(owner, "/restart")
        theirs = await ask(second, "/restart")
        await owner.press("🔄", question)
        await owner.expect("Перезапускаюсь", kind="edit")
        await second.send("/id")
        await owner.expect("Я вернулся через", kind="new", within=90)
        await second.expect(str(second.id), within=60)
        anew, other = _begun(process.pid)
        assert (process.returncode, anew) == (None, command)
        assert other != stack, "the same process, and another image in it"
        assert "/stats" not in (await ask(person, "/help")).text
        answer = await second.press("🔄", theirs)
        assert (answer.alert, "Admin 1" in (answer.text or "")) == (True, True)
        await delivered(person)
        assert sum(message.media is not None for message in person.messages()) == 1
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            _, err = await process.communicate()
        assert (process.returncode, err.decode()) == (0, "")
    finally:
        await end(process)
    await run.until_gone()
