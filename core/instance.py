"""The name of this running instance: stable over restarts, never shared by two processes of one machine."""

from __future__ import annotations

import fcntl
import hashlib
import socket
from pathlib import Path
from typing import IO

_MOST_INSTANCES = 100


class InstanceName:
    """A name held by a lock on a file, so that it is free again the moment the process is gone.

    A restart after a kill therefore gets its own name back, and with it its own leases, at once.
    """

    def __init__(self, name: str, lock: IO[str]) -> None:
        self.name = name
        self._lock = lock

    @classmethod
    def take(cls, directory: Path, wished: str = "") -> InstanceName:
        """Take `wished`, or a name made of the machine's and the directory's; where it is taken, the next."""
        directory.mkdir(parents=True, exist_ok=True)
        base = wished or f"{socket.gethostname()}-{_short_hash(directory)}"
        for number in range(1, _MOST_INSTANCES):
            name = base if number == 1 else f"{base}-{number}"
            # The handle lives as long as the instance: closing it would give the name away.
            lock = (directory / f"instance-{_file_safe(name)}.lock").open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                continue
            return cls(name, lock)
        raise RuntimeError(f"{_MOST_INSTANCES} instances share {directory.name}")

    def release(self) -> None:
        """Give the name back."""
        self._lock.close()


def _short_hash(directory: Path) -> str:
    return hashlib.blake2b(str(directory.resolve()).encode(), digest_size=4).hexdigest()


def _file_safe(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)
