"""What people have made, and what is known about them: looked at, sent again, shared, exported, erased."""

from plugins.history.plugin import HistoryPlugin

__all__ = ["HistoryPlugin"]
