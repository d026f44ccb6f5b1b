"""Greets people, says what there is, lets them choose their language and leave whatever they are in."""

from plugins.start.plugin import StartPlugin

__all__ = ["StartPlugin"]
