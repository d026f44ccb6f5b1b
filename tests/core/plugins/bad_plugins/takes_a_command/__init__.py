"""Declares a command of another plugin."""

from starloom.api import Plugin, command


class TakesACommand(Plugin):
    name = "takes_a_command"

    @command("hello")
    async def answer(self, event):
        """The good plugin has this command."""
