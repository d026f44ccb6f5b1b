"""Implements a hook without async."""

from starloom.api import Plugin, hookimpl


class SyncHook(Plugin):
    name = "sync_hook"

    @hookimpl
    def person_arrived(self, user):
        """Forgot async."""
