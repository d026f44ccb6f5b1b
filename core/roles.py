"""What an instance does."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a process does: talk to people, work on generations, or both."""

    ALL = "all"
    BOT = "bot"
    WORKER = "worker"
