"""Holds no plugin."""

GREETING = "hello"
