"""Videos by themselves: scheduled series that are made and published."""

from plugins.production.plugin import ProductionConfig, ProductionPlugin

__all__ = ["ProductionConfig", "ProductionPlugin"]
