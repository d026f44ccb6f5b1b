"""What every command of the command line is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import core
from core.config import Settings
from core.plugins_file import PluginsFile
from core.roles import Role

_PACKAGE = Path(core.__file__).parent


@dataclass(frozen=True, slots=True)
class Options:
    """The options that stand before the command."""

    env_file: Path
    plugins_file: Path
    role: Role = Role.ALL
    sandbox: bool = False
    fresh: bool = False
    end_with_input: bool = False
    sandbox_port: int | None = None
    browser: bool = True

    def settings(self) -> Settings:
        """The settings. Raises ConfigurationError with a sentence for each thing that is wrong."""
        return Settings.load(env_file=self.env_file)

    def plugins(self) -> PluginsFile:
        """What `plugins.toml` says. Raises ConfigurationError with a sentence for each thing wrong."""
        return PluginsFile.load(self.plugins_path())

    def plugins_path(self) -> Path:
        """The file that is named; where there is none of the usual name, the one that Starloom comes with."""
        shipped = _PACKAGE / "_plugins.toml"
        usual = self.plugins_file == Path("plugins.toml") and not self.plugins_file.exists()
        return shipped if usual and shipped.exists() else self.plugins_file
