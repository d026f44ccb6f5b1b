"""Implements a hook that is not there."""

from starloom.api import Plugin, hookimpl


class UnknownHook(Plugin):
    name = "unknown_hook"

    @hookimpl
    async def person_left(self, user):
        """There is no such hook."""
