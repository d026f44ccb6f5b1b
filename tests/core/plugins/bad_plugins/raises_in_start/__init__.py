"""Raises in start, with a task running already."""

import asyncio

from starloom.api import Plugin, command


class RaisesInStart(Plugin):
    name = "raises_in_start"

    @command("never")
    async def answer(self, event):
        """Never called."""

    async def start(self):
        self.context.spawn(self.wait())
        raise RuntimeError("words of a person")

    async def wait(self):
        await asyncio.Event().wait()
