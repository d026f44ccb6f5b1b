"""Never comes back from start."""

import asyncio

from starloom.api import Plugin


class HangsInStart(Plugin):
    name = "hangs_in_start"

    async def start(self):
        await asyncio.Event().wait()
