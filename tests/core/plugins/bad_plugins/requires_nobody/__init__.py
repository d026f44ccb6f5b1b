"""Requires a plugin that is not allowed."""

from starloom.api import Plugin


class RequiresNobody(Plugin):
    name = "requires_nobody"
    requires = ("nobody",)
