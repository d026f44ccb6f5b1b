"""Makes other pictures of pictures, as its setting says: good ones, none, late ones, or wrong ones."""

import asyncio

from starloom.api import Plugin, PluginConfig, hookimpl


class RetouchesConfig(PluginConfig):
    manner: str = "well"


class Retouches(Plugin):
    name = "retouches"
    Config = RetouchesConfig

    @hookimpl
    async def rewrite_image(self, image):
        match self.config.manner:
            case "well":
                return image + b" marked"
            case "late":
                await asyncio.Event().wait()
            case "raising":
                raise RuntimeError("no brush")
            case "nothing":
                return None
            case "huge":
                return image + bytes(2000)
        return b"<svg/>"
