"""A server process that may outlive us, and locks that do not."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import psutil

_children: set[int] = set()
"""The processes that `spawn` has started here and that nobody has reaped yet."""


class ServerProcess:
    """A process by its id, our child or not.

    `mark` stands on its command line: an id that was given to another program since is not taken for it.
    """

    def __init__(self, pid: int, mark: str) -> None:
        self.pid = pid
        self._mark = mark

    def alive(self) -> bool:
        """Whether it runs. A child of ours that has ended is reaped."""
        if self.pid in _children:
            ended, _ = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                _children.discard(self.pid)
            return not ended
        return self._mark in _command_line(self.pid)

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return


def _command_line(pid: int) -> str:
    """The command line of a process; empty when it has ended, also when nobody has reaped it yet."""
    try:
        return " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        # Gone, or somebody else's: not what we started.
        return ""


def spawn(command: Sequence[str], *, log: Path, mark: str) -> ServerProcess:
    """Start a program in a session of its own, so that Ctrl-C reaches us and not it; it writes to `log`.

    It is not a `subprocess.Popen`, which wants to see the end of what it started: this may go on without us.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    pid = os.posix_spawn(command[0], list(command), dict(os.environ), file_actions=actions, setsid=True)
    _children.add(pid)
    return ServerProcess(pid, mark)


class FileLock:
    """A lock on a file between processes, lost with the life of whoever holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> bool:
        """Take it for ourselves alone; False when anybody else has it."""
        return self._lock(fcntl.LOCK_EX)

    def share(self) -> bool:
        """Take it beside others who share it; False when somebody has it alone."""
        return self._lock(fcntl.LOCK_SH)

    def alone(self) -> bool:
        """Whether nobody else shares it. Ask under another lock that keeps others from coming."""
        if not self._lock(fcntl.LOCK_EX):
            # Turning a shared lock into a sole one gives it up in between.
            self._lock(fcntl.LOCK_SH)
            return False
        return self._lock(fcntl.LOCK_SH)

    def release(self) -> None:
        """Give it up."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _lock(self, kind: int) -> bool:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
