"""Counts the tokens of prompts with a text model, as the video models tell nothing of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from starloom.api import ProviderError, TokenCount

Count = Callable[[str, str, str], Awaitable[int]]
"""Counts with the text model of a name: its name, the prompt, the request id."""


class TokenCounter:
    """Asks one text model after the other, for at most `seconds` in all; then it estimates."""

    def __init__(self, models: tuple[str, ...], log: structlog.stdlib.BoundLogger, *, seconds: float) -> None:
        self._models = models
        self._log = log
        self._seconds = seconds

    async def count(self, prompt: str, request_id: str, count: Count | None) -> TokenCount:
        """The tokens of a prompt, estimated where `count` is None or nobody can count them just now."""
        if count is None:
            return TokenCount.estimate(prompt)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._counted(prompt, request_id, count)
        except TimeoutError:
            return TokenCount.estimate(prompt)

    async def _counted(self, prompt: str, request_id: str, count: Count) -> TokenCount:
        for model in self._models:
            try:
                tokens = await count(model, prompt, request_id)
            except ProviderError as error:
                self._log.info("tokens not counted", model=model, request_id=request_id, error=str(error))
                continue
            # The one that answered is asked first from now on.
            self._models = (model, *(each for each in self._models if each != model))
            return TokenCount(tokens)
        return TokenCount.estimate(prompt)
