"""Lacks a text in one language; it works all the same."""

from starloom.api import Plugin


class HalfTranslated(Plugin):
    name = "half_translated"
