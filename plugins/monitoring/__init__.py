"""What operators are told of, and what they ask about."""

from plugins.monitoring.config import MonitoringConfig
from plugins.monitoring.plugin import MonitoringPlugin

__all__ = ["MonitoringConfig", "MonitoringPlugin"]
