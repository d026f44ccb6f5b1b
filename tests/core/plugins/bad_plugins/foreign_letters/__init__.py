"""Has texts in letters of another time than UTF-8."""

from starloom.api import Plugin


class ForeignLetters(Plugin):
    name = "foreign_letters"
