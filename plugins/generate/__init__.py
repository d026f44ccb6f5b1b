"""From an idea to a file in the chat: model, files, words, options, confirmation with the price, progress."""

from plugins.generate.plugin import GenerateConfig, GeneratePlugin

__all__ = ["GenerateConfig", "GeneratePlugin"]
