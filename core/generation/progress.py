"""How far a result is on its way into the chat, as plugins are told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DeliveryStage(StrEnum):
    """What is being done with a result."""

    DOWNLOADING = "downloading"
    """Its provider is asked for it; nothing of it has arrived at Telegram yet."""
    UPLOADING = "uploading"
    """It goes up to Telegram, while it may still be coming down."""
    SENDING = "sending"
    """Telegram has all of it; it is being sent, and cannot be stopped any more."""


@dataclass(frozen=True, slots=True)
class DeliveryProgress:
    """How far one file of a result is. Files are counted from 1 to `files`.

    `done` are the bytes that Telegram has acknowledged, `total` all there are, None where nobody says.
    `speed` is bytes a second over the last seconds, 0 where it is not known yet; `seconds_left` follows from
    them, None where it cannot be said.
    """

    stage: DeliveryStage
    done: int = 0
    total: int | None = None
    speed: float = 0.0
    seconds_left: float | None = None
    file: int = 1
    files: int = 1

    @property
    def percent(self) -> int | None:
        """How much of the file Telegram has, 0 to 100; None where its size is not known."""
        return min(100, self.done * 100 // self.total) if self.total else None
