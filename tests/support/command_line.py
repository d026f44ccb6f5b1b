"""The command line on a directory of its own, in processes or here, with nothing set but what a test sets."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from core.config import Settings
from core.environment import names_of
from starloom.cli import _cli

ROOT = Path(__file__).parents[2]
_PATIENCE = 120.0
_LOOK_AGAIN = 0.1


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def failures(self) -> list[str]:
        """The lines of a check that say what is wrong."""
        return [line for line in self.out.splitlines() if line.startswith("FAIL")]


class CommandLine:
    """Runs commands on one data directory."""

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(directory / "data"),
            "PORT": "0",
            "LOG_LEVEL": "ERROR",
            "COLUMNS": "200",
            **(environment or {}),
        }
        self.env_file = directory / ".env"

    async def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Said:
        """Run a command to its end."""
        process = await self.start(*arguments, **environment)
        try:
            async with asyncio.timeout(_PATIENCE):
                out, err = await process.communicate(stdin.encode())
        finally:
            await end(process)
        return Said(process.returncode or 0, out.decode(), err.decode())

    async def start(self, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
        """Begin a command."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("run.py", "--env-file", str(self.env_file), *arguments),
            cwd=ROOT,
            env={**self.environment, **environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )

    def processes(self) -> list[int]:
        """The processes that run on the data directory: by what they were told, or where their files are."""
        mark = str(self.directory).encode()
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != os.getpid():
                with contextlib.suppress(OSError):
                    told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
                    if mark in told and b"Z (zombie)" not in (folder / "status").read_bytes():
                        found.append(int(folder.name))
        return found

    async def until_gone(self) -> None:
        """Wait until none of them is left."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                if not self.processes():
                    return
                await asyncio.sleep(_LOOK_AGAIN)


class CommandsHere(CommandLine):
    """Runs commands in this process, where a process of their own proves nothing and costs a start."""

    async def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Said:
        """Run a command to its end."""
        return await asyncio.to_thread(self._run, arguments, stdin, environment)

    def _run(self, arguments: tuple[str, ...], stdin: str, environment: Mapping[str, str]) -> Said:
        unset = dict.fromkeys(name for field in Settings.model_fields.values() for name in names_of(field))
        said = CliRunner().invoke(
            _cli,
            ["--env-file", str(self.env_file), *arguments],
            input=stdin,
            env={**unset, **self.environment, **environment},
        )
        failed = said.exc_info if not isinstance(said.exception, SystemExit) else None
        told = "".join(traceback.format_exception(*failed)) if failed and said.exception else ""
        return Said(said.exit_code, said.stdout, said.stderr + told)


async def read_until(process: asyncio.subprocess.Process, words: str) -> str:
    """What a process prints up to the line with `words` in it."""
    assert process.stdout is not None
    lines = []
    async with asyncio.timeout(_PATIENCE):
        while line := (await process.stdout.readline()).decode():
            lines.append(line)
            if words in line:
                return "".join(lines)
    raise AssertionError(f"it ended without {words!r}: {''.join(lines)}")


async def end(process: asyncio.subprocess.Process) -> None:
    """End a process that still runs, with all that it started."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
