"""Declares a command that Telegram does not know as one."""

from starloom.api import Plugin, command


class LoudCommand(Plugin):
    name = "loud_command"

    @command("LOUD!")
    async def answer(self, event):
        """No such command can be typed."""
