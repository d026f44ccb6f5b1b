"""What the author's panel shows of the bot behind the chat: a person's Stars there, and the jobs."""

from __future__ import annotations

from typing import Any, Protocol


class Books(Protocol):
    """The bot's books, as far as a page may look into them; whoever starts the bot knows where they are.

    Values are what JSON can hold. Amounts are whole Stars, moments ISO 8601 in UTC.
    """

    async def account(self, person_id: int) -> dict[str, Any]:
        """A person's `available`, `held` and `owed` Stars, and the newest `entries`, newest first."""
        ...

    async def jobs(self, person_id: int) -> list[dict[str, Any]]:
        """A person's latest generations, newest first."""
        ...
