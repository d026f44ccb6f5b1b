"""Cannot start before it is told a host."""

from starloom.api import Plugin, PluginConfig


class _Config(PluginConfig):
    host: str = ""


class WantsAHost(Plugin[_Config]):
    """Raises at start without a host."""

    name = "wants_a_host"
    Config = _Config

    async def start(self) -> None:
        """Look for the host."""
        if not self.config.host:
            raise RuntimeError("no host")
