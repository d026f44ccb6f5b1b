"""Says a range of versions that is none."""

from starloom.api import Plugin


class StrangeApi(Plugin):
    name = "strange_api"
    api = "the newest"
