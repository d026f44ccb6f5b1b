"""Has settings, which the tests get wrong."""

from pydantic import Field

from starloom.api import Plugin, PluginConfig


class Settings(PluginConfig):
    longest: int = Field(default=5, ge=1)


class WithSettings(Plugin[Settings]):
    name = "settings"
    Config = Settings
