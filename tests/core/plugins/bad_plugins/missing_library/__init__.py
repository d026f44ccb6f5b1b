"""Needs what is not installed."""

from library_that_nobody_has import magic

__all__ = ["magic"]
