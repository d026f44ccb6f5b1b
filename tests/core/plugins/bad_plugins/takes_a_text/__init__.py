"""Has a text key of another plugin."""

from starloom.api import Plugin


class TakesAText(Plugin):
    name = "takes_a_text"
