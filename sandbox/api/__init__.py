"""The methods of Telegram that the local server answers, one module for each family."""

from sandbox.api import (
    accounts,
    bots,
    chats,
    editing,
    media,
    payments,
    people_only,
    queries,
    sending,
    session,
    updates,
    upload,
)

__all__ = [
    "accounts",
    "bots",
    "chats",
    "editing",
    "media",
    "payments",
    "people_only",
    "queries",
    "sending",
    "session",
    "updates",
    "upload",
]
