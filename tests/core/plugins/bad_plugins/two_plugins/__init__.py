"""Holds two plugins."""

from starloom.api import Plugin


class First(Plugin):
    name = "two_plugins"


class Second(Plugin):
    name = "two_plugins"
