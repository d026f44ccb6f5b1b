"""Ends the process in start."""

from starloom.api import Plugin


class ExitsInStart(Plugin):
    name = "exits_in_start"

    async def start(self):
        raise SystemExit(3)
