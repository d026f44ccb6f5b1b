"""Hands for tests and people: what a person with a Telegram app can do and see."""
