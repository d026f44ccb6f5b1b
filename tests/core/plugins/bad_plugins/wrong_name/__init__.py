"""Calls itself otherwise than its table."""

from starloom.api import Plugin


class Impostor(Plugin):
    name = "start"
