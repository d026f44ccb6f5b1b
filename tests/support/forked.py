"""Processes that a test kills: each is forked off one that has everything imported, and starts at once."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
# The test runner too, whose program every child looks at.
_CONTEXT.set_forkserver_preload(["support.working_process", "pytest"])


class ForkedProcess:
    """A process of its own that calls a function; what it prints is read here."""

    def __init__(self, process: ForkServerProcess, said: asyncio.StreamReader) -> None:
        self._process = process
        self.said = said

    @classmethod
    async def start(cls, work: Callable[..., object], *arguments: Any) -> ForkedProcess:
        """Let it call `work`, a function of a module, with these arguments."""
        here, there = multiprocessing.Pipe(duplex=False)
        process = _CONTEXT.Process(target=_work, args=(there, work, *arguments))
        process.start()
        there.close()
        said = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(said), os.fdopen(os.dup(here.fileno()), "rb")
        )
        here.close()
        return cls(process, said)

    async def ended(self) -> int | None:
        """Wait for its end; the exit status, negative for the signal that killed it."""
        await asyncio.to_thread(self._process.join)
        return self._process.exitcode

    async def kill(self) -> bytes:
        """End it at once, with SIGKILL; what it has said and nobody read yet."""
        self._process.kill()
        await self.ended()
        return await self.said.read()


def _work(there: Connection, work: Callable[..., object], *arguments: Any) -> None:
    os.dup2(there.fileno(), 1)
    there.close()
    nobody = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nobody, 2)
    os.close(nobody)
    work(*arguments)
