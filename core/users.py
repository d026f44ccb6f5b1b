"""A person's record, and the dialogue they are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
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
    message_id: int = 0
    """The person's own message that the last step came from; 0 where there is none."""


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
    has_returned: bool = False
    """Whether the record said until just now that they had blocked the bot."""
    dialogue: Dialogue | None = None
    """The dialogue of the chat that this is about; of the private chat, where it is about none."""
    group_dialogues: Mapping[int, Dialogue] = field(default_factory=dict)
    """The dialogues in groups by the groups' ids."""
    expired_in: frozenset[int] = frozenset()
    """The groups in which a dialogue of theirs has expired, and they were not told yet."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    left_on: date | None = None
    """The day (UTC) on which their data was erased before they came again. Gifts are given once."""
    is_new: bool = False
    """Whether what is done for a newcomer is still to be done."""

    def in_chat(self, chat_id: int) -> User:
        """The record with the dialogue of that chat: words in a group are no answer to a private one."""
        return self if chat_id == self.id else replace(self, dialogue=self.group_dialogues.get(chat_id))
