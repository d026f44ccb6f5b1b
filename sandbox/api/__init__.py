"""The methods of Telegram that the local server answers, one module for each family."""

from sandbox.api import (
    accounts,
    bots,
    chats,
    editing,
    queries,
    sending,
    session,
    updates,
)

__all__ = [
    "accounts",
    "bots",
    "chats",
    "editing",
    "queries",
    "sending",
    "session",
    "updates",
]
