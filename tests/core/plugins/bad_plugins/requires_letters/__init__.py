"""Forgot the comma that makes a tuple."""

from starloom.api import Plugin


class RequiresLetters(Plugin):
    name = "requires_letters"
    requires = "start"
