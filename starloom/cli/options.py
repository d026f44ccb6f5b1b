"""What every command of the command line is given."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.config import Settings
from core.plugins_file import PluginsFile


class Role(StrEnum):
    """What a process does: talk to people, work on generations, or both."""

    ALL = "all"
    BOT = "bot"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Options:
    """The options that stand before the command."""

    env_file: Path
    plugins_file: Path
    role: Role = Role.ALL
    sandbox: bool = False
    fresh: bool = False

    def settings(self) -> Settings:
        """The settings. Raises ConfigurationError with a sentence for each thing that is wrong."""
        return Settings.load(env_file=self.env_file)

    def plugins(self) -> PluginsFile:
        """What `plugins.toml` says. Raises ConfigurationError with a sentence for each thing that is wrong."""
        return PluginsFile.load(self.plugins_file)
