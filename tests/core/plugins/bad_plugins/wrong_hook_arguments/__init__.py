"""Implements a hook with an argument that is not there."""

from starloom.api import Plugin, hookimpl


class WrongHookArguments(Plugin):
    name = "wrong_hook_arguments"

    @hookimpl
    async def may_generate(self, user, modle_id):
        """Misspelt."""
