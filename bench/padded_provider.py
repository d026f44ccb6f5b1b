"""The demo provider with room to spare in its videos: real films of any size, for measurements and pictures.

The room is a box of the kind `free` behind the film, which players and Starloom's readers pass over.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from providers.demo.provider import DemoConfig, DemoProvider
from starloom.api import ProviderContext, Result, Status, Succeeded

_MIB = 1 << 20
_BLOCK = bytes(256 * 1024)
_HEADER = struct.Struct(">I4s")


class PaddedConfig(DemoConfig):
    """The settings of the demo provider, and how much room its videos have."""

    padding_mib: int = Field(default=0, ge=0, le=1_900)


class PaddedProvider(DemoProvider):
    """Makes what the demo provider makes, and longer."""

    Config: ClassVar[type[DemoConfig]] = PaddedConfig

    def __init__(self, context: ProviderContext[DemoConfig]) -> None:
        super().__init__(context)
        config = context.config
        self._padding = config.padding_mib * _MIB if isinstance(config, PaddedConfig) else 0

    async def poll(self, task_id: str) -> Status:
        """How a task stands; a video has its room."""
        status = await super().poll(task_id)
        if not isinstance(status, Succeeded):
            return status
        return replace(status, results=tuple(map(self._longer, status.results)))

    async def open(self, result: Result) -> AsyncIterator[bytes]:
        """The film, and the room behind it."""
        async for chunk in super().open(result):
            yield chunk
        left = self._room(result)
        if left:
            yield _HEADER.pack(left, b"free")
            left -= _HEADER.size
        while left:
            chunk = _BLOCK[:left]
            left -= len(chunk)
            yield chunk

    def _longer(self, result: Result) -> Result:
        room = self._room(result)
        return replace(result, size=(result.size or 0) + room, sha256="") if room else result

    def _room(self, result: Result) -> int:
        return self._padding if result.mime_type == "video/mp4" else 0


Config = PaddedConfig
create = PaddedProvider
