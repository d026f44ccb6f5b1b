"""Half of a circle."""

from starloom.api import Plugin


class Circle(Plugin):
    name = "circle_b"
    requires = ("circle_a",)
