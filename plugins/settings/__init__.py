"""What each person sets for themselves: model, options, language, amounts, clock, notifications, prompts."""

from plugins.settings.plugin import SettingsPlugin

__all__ = ["SettingsPlugin"]
