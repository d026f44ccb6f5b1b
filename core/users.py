"""A person's record, and the dialogue they are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The state of a multi-step dialogue: whose it is, where it stands, what was said so far.

    `data` holds JSON-like values only; in `data["files"]` may stand files that the person gave, which belong
    to the dialogue. A dialogue expires 24 hours after its last step.
    """

    plugin: str
    step: str
    data: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    """When the last step was made; filled in when it is stored."""


@dataclass(frozen=True, slots=True)
class User:
    """A person's record.

    `language` is what the person chose and wins over `telegram_language`, Telegram's own setting.
    """

    id: int
    first_name: str = ""
    username: str | None = None
    telegram_language: str | None = None
    language: str | None = None
    created_at: datetime | None = None
    banned_until: datetime | None = None
    ban_reason: str = ""
    blocked_bot: bool = False
    dialogue: Dialogue | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    is_new: bool = False
    """Whether what is done for a newcomer is still to be done."""
