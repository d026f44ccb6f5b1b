"""Has a handler without async."""

from starloom.api import Plugin, command


class SyncHandler(Plugin):
    name = "sync_handler"

    @command("sync")
    def answer(self, event):
        """Forgot async."""
