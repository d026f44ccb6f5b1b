"""Lets plugins make another picture of a picture on its way to Telegram; all else passes untouched."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from core.generation.job import Job
from core.generation.media import result_from
from core.generation.ports import Hooks
from core.generation.provider import Result
from core.generation.relay import Relay
from core.generation.relays import Relays

_log = structlog.stdlib.get_logger(__name__)

HOOK = "rewrite_image"
PICTURES = frozenset({"image/png", "image/jpeg", "image/webp"})
"""What is shown to plugins, and taken from them."""
_AT_ONCE = 4
"""Pictures that are in memory as a whole at the same time; others wait. Nothing else ever is."""


class Retouching:
    """Begins relays. A picture of at most `most_bytes` is fetched whole, if some plugin wants to see it."""

    def __init__(self, relays: Relays, hooks: Hooks, *, most_bytes: int) -> None:
        self._relays = relays
        self._hooks = hooks
        self._most_bytes = most_bytes
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def begun(self, job: Job, number: int) -> Relay:
        """The bytes of a job's result, counted from 0, as they are to be delivered; its relay has begun.

        Raises:
            ProviderError: the result is not to be had, or not whole.

        """
        relay = await self._fresh(job, number)
        if not self._hooks.wants(HOOK) or relay.mime_type not in PICTURES:
            return relay
        async with self._places:
            try:
                image = await self._whole(relay)
            finally:
                await relay.aclose()
            if image is None:
                _log.info("picture too large to be retouched", request_id=job.id)
                return await self._fresh(job, number)
            retouched = await self._hooks.image(image, job=job, number=number)
        result = replace(result_from(job.results[number]), mime_type=relay.mime_type, size=len(image))
        if retouched is not image:
            # Nothing of what was said of the other one holds for this.
            result = Result(result.url, size=len(retouched))
        relay = self._relays.of(result, retouched)
        await relay.begin()
        return relay

    async def _fresh(self, job: Job, number: int) -> Relay:
        relay = self._relays.relay(job, number)
        await relay.begin()
        return relay

    async def _whole(self, relay: Relay) -> bytes | None:
        """All of a picture, or None where that is too much."""
        if (relay.expected or 0) > self._most_bytes:
            return None
        image = bytearray()
        async for chunk in relay:
            image += chunk
            if len(image) > self._most_bytes:
                return None
        return bytes(image)
