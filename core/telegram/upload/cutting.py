"""Cuts what a source gives into the parts that Telegram takes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from core.telegram.upload.wire import PART


async def parts_of(source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The source in parts of 512 KiB, the last one shorter; what it gives may be of any length."""
    gathered = bytearray()
    async for chunk in source:
        if len(chunk) == PART and not gathered:
            yield chunk
            continue
        view = memoryview(chunk)
        while len(gathered) + len(view) >= PART:
            cut = PART - len(gathered)
            if gathered:
                gathered += view[:cut]
                part = bytes(gathered)
                gathered = bytearray()
            else:
                part = bytes(view[:cut])
            view = view[cut:]
            yield part
        gathered += view
    if gathered:
        yield bytes(gathered)


async def held_back(parts: AsyncIterator[bytes]) -> AsyncIterator[tuple[bytes, bool]]:
    """Each part with whether it is the last; one is held back to know that."""
    held: bytes | None = None
    async for part in parts:
        if held is not None:
            yield held, False
        held = part
    if held is not None:
        yield held, True


async def joined(
    head: list[bytes], rest: AsyncIterator[bytes], emptied: Callable[[], Awaitable[None]]
) -> AsyncIterator[bytes]:
    """Parts that were read already, forgotten one by one; `emptied` is called; and then the rest."""
    head.reverse()
    while head:
        yield head.pop()
    await emptied()
    async for part in rest:
        yield part


async def once(data: bytes) -> AsyncIterator[bytes]:
    """A source of bytes that are there."""
    yield data
