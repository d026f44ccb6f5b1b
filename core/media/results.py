"""Results that are too large for Telegram: kept for a while, and given out by signed links."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from core.clock import Clock
from core.media.store import InputStore


class ResultFiles:
    """Keeps files in `store`, whose addresses hold for `life`."""

    def __init__(self, store: InputStore, clock: Clock, *, life: timedelta, linked: bool) -> None:
        """`linked` says whether the internet can reach the store at all."""
        self._store = store
        self._clock = clock
        self._life = life
        self.can_be_linked = linked

    @property
    def hours(self) -> float:
        """For so long a link holds."""
        return self._life / timedelta(hours=1)

    async def keep(self, source: AsyncIterator[bytes], mime_type: str) -> str:
        """Keep what `source` gives; answers its ref.

        Raises:
            StoreAway: it could not be kept.

        """
        return await self._store.put(source, mime_type)

    async def link(self, ref: str) -> str:
        """An address that holds from now on for as long as links do; empty if the file is gone.

        Raises:
            StoreAway: the store cannot say just now.

        """
        return self._store.address(ref) if await self._store.kept_since(ref) is not None else ""
