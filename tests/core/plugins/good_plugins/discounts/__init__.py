"""Makes other prices."""

from starloom.api import Plugin, PluginConfig, hookimpl


class Settings(PluginConfig):
    stars: int = 1


class Discounts(Plugin[Settings]):
    name = "discounts"
    Config = Settings

    @hookimpl
    async def price_for(self, stars):
        return self.config.stars
