"""The limits at which the local Telegram refuses, and how strict it is; a test may change them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(slots=True)
class FloodRules:
    """How many messages a bot may send; None is no limit. Over it the answer is `FLOOD_WAIT_n`.

    Each pair is (messages, seconds); edits count like messages. Telegram's own, about: 30 in 1 s overall,
    1 in 1 s for a chat, 20 in 60 s for a group.
    """

    overall: tuple[int, float] | None = None
    per_chat: tuple[int, float] | None = None
    per_group: tuple[int, float] | None = None


@dataclass(slots=True)
class Rules:
    """What the server holds clients to. The numbers are Telegram's own."""

    message_length: int = 4096
    """UTF-16 code units of a text."""
    caption_length: int = 1024
    """UTF-16 code units of a caption."""
    callback_data_size: int = 64
    """Bytes."""
    callback_answer_length: int = 200
    callback_answer_seconds: float = 15.0
    """How long a pressed button waits for its answer; later `QUERY_ID_INVALID`."""
    inline_answer_seconds: float = 15.0
    precheckout_seconds: float = 10.0
    """How long a purchase waits for the bot's word; later it is off, and `QUERY_ID_INVALID` for the bot."""
    keyboard_buttons: int = 100
    album_size: int = 10
    entities: int = 100
    commands: int = 100
    delete_hours: float = 48.0
    """Age up to which a bot can delete messages for everybody."""
    difference_slice: int = 100
    """Most messages and updates in one answer to `updates.getDifference`."""
    duplicate_random_id: Literal["original", "error"] = "original"
    """A send repeated with its `random_id` is answered with the original message, or with an error."""
    duplicate_random_id_code: int = 400
    """Code of that error: 400 or 500; Telegram's documentation has both."""
    blocked_code: int = 400
    """Code of `USER_IS_BLOCKED`: bots are seen to get 400, Telegram's documentation has 403 too."""
    api_credentials: tuple[int, str] | None = None
    """The only api id and api hash that are let in; None lets in any."""
    flood: FloodRules = field(default_factory=FloodRules)
