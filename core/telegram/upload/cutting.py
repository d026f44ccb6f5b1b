"""Cuts what a source gives into the parts that Telegram takes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from core.telegram.upload.wire import PART

_CRUMB = 8 * 1024  # bytes


async def parts_of(source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The source in parts of 512 KiB, the last one shorter; what it gives may be of any length."""
    pieces: list[bytes | bytearray] = []
    held = 0
    async for chunk in source:
        view = memoryview(chunk)
        while held + len(view) >= PART:
            cut = PART - held
            yield chunk if not held and cut == len(chunk) else b"".join((*pieces, view[:cut]))
            view = view[cut:]
            pieces, held = [], 0
        if not view:
            continue
        held += len(view)
        if len(view) >= _CRUMB and len(view) == len(chunk):
            pieces.append(chunk)
        elif pieces and isinstance(pieces[-1], bytearray):
            pieces[-1] += view
        else:
            # Copied: it would keep a large chunk in memory, or is a crumb that costs more than it holds.
            pieces.append(bytearray(view))
    if pieces:
        yield b"".join(pieces)


async def held_back(parts: AsyncIterator[bytes]) -> AsyncIterator[tuple[bytes, bool]]:
    """Each part with whether it is the last; one is held back to know that."""
    held: bytes | None = None
    async for part in parts:
        if held is not None:
            yield held, False
        held = part
    if held is not None:
        yield held, True


async def joined(head: AsyncIterator[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Parts that were read already, and then the rest."""
    async for part in head:
        yield part
    async for part in rest:
        yield part


async def once(data: bytes) -> AsyncIterator[bytes]:
    """A source of bytes that are there."""
    yield data
