"""What was sent that must never be sent twice: messages about money, deliveries and broadcasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.clock import Clock
from core.storage.codec import stored
from core.storage.database import Database

SENT_LIFE = timedelta(days=30)
"""How long a send is remembered."""


@dataclass(frozen=True, slots=True)
class SentRecord:
    """A send. `message_id` is None until Telegram has answered; then nothing is to be sent again."""

    key: str
    random_id: int
    chat_id: int
    message_id: int | None = None


class SentStore:
    """Sends by key, written before they are made."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._rows = database.collection("sent")
        self._clock = clock

    async def reserve(self, key: str, random_id: int, chat_id: int) -> SentRecord:
        """The send that has this key: a new one with this `random_id`, or what was reserved before.

        Send with the `random_id` of the answer: Telegram refuses the duplicate if it was sent already.
        """
        row = {"_id": key, "random_id": stored(random_id), "chat_id": stored(chat_id), "message_id": None}
        if not await self._rows.insert_one({**row, "expires_at": self._clock.now() + SENT_LIFE}):
            row = await self._rows.find_one({"_id": key}) or row
        message_id = row["message_id"]
        return SentRecord(
            key=key,
            random_id=int(row["random_id"]),
            chat_id=int(row["chat_id"]),
            message_id=None if message_id is None else int(message_id),
        )

    async def sent(self, key: str, message_id: int) -> None:
        """Note which message the send became."""
        await self._rows.update_one({"_id": key}, {"$set": {"message_id": stored(message_id)}})
