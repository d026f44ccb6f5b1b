"""Needs the good plugin."""

from starloom.api import Plugin


class Needy(Plugin):
    name = "needy"
    requires = ("good",)
