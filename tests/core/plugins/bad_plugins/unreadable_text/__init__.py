"""Has a text that cannot be read."""

from starloom.api import Plugin


class UnreadableText(Plugin):
    name = "unreadable_text"
