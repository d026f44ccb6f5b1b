"""Work in a process of its own, bounded in memory and time, as on files of strangers.

Such files are read by decoders in C: what makes one of them fall, or fill the memory, must not take the bot
with it. The process has none of the bot's secrets.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


class WorkFailed(Exception):
    """The process fell, or said nothing; `code` is its exit code."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


async def work_apart(module: str, order: bytes, *, memory: int, seconds: float) -> bytes:
    """Run a module that calls `keep_bounds` first; give it `order`, and answer what it says.

    Raises:
        TimeoutError: it took longer than `seconds`.
        WorkFailed: it fell, or said nothing.

    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module, str(memory), str(int(seconds))),
        env=environment_apart(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate(order)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or not output:
        raise WorkFailed(process.returncode)
    return output


def keep_bounds() -> None:
    """In the process: take no more memory and no more seconds of computing than it was called with."""
    memory, seconds = (int(argument) for argument in sys.argv[1:3])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def environment_apart() -> dict[str, str]:
    """What a process needs to find Python's modules, and nothing more: no token, no key."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**passed, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
