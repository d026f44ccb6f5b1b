"""Has two settings."""

from starloom.api import Plugin, PluginConfig, command


class Settings(PluginConfig):
    first: int = 0
    second: int = 0


class Two(Plugin[Settings]):
    name = "two"
    Config = Settings

    @command("two")
    async def answer(self, event):
        """Nothing to say."""
