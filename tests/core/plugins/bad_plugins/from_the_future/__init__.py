"""Made for another API."""

from starloom.api import Plugin


class FromTheFuture(Plugin):
    name = "from_the_future"
    api = ">=9"
