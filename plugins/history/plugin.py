"""The plugin itself: all that people meet of their past and of their data."""

from __future__ import annotations

from plugins.history.details import Details
from plugins.history.part import HistoryConfig
from plugins.history.privacy import PrivacyPages
from plugins.history.sharing import Sharing


class HistoryPlugin(Details, Sharing, PrivacyPages):
    """Shows what was made, sends it again, lets people share it, and says what is known about them."""

    name = "history"
    version = "1.0"
    requires = ("start",)
    Config = HistoryConfig
