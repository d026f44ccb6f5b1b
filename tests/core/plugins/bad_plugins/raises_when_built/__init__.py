"""Raises in its constructor."""

from starloom.api import Plugin


class RaisesWhenBuilt(Plugin):
    name = "raises_when_built"

    def __init__(self, context):
        raise KeyError("nothing here")
