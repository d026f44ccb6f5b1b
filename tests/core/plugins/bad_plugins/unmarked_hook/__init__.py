"""Implements a hook without the mark."""

from starloom.api import Plugin


class UnmarkedHook(Plugin):
    name = "unmarked_hook"

    async def person_arrived(self, user):
        """Forgot the mark."""
