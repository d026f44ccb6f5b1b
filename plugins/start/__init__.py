"""Greets people, tells them what there is, and lets them choose their language and leave whatever they are in."""

from plugins.start.plugin import StartPlugin

__all__ = ["StartPlugin"]
