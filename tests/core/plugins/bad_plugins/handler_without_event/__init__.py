"""Has a handler that takes no event."""

from starloom.api import Plugin, command


class HandlerWithoutEvent(Plugin):
    name = "handler_without_event"

    @command("alone")
    async def answer(self):
        """Forgot the event."""
