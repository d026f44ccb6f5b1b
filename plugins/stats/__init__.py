"""Statistics for everybody, and of one's own."""

from plugins.stats.plugin import StatsPlugin

__all__ = ["StatsPlugin"]
