"""Writes encrypted parts to the connection as they lie, without copying them into a frame first."""

from __future__ import annotations

from typing import Any

from pyrogram.connection.transport import TCPAbridged

from core.telegram.upload.wire import SealedPart

_SHORT = 0x7F  # words


class PartTransport(TCPAbridged):
    """Pyrogram's abridged transport, which all but a `SealedPart` still takes; so do parts through a proxy.

    Source: https://core.telegram.org/mtproto/mtproto-transports#abridged
    """

    async def send(self, data: bytes | SealedPart, *args: Any) -> None:
        """Send one packet; returns when the socket has taken nearly all of it.

        Raises:
            OSError: the connection is broken.

        """
        if not isinstance(data, SealedPart):
            await super().send(data, *args)
            return
        if self.proxy is not None:
            await super().send(data.joined(), *args)
            return
        words = len(data) // 4
        length = bytes((words,)) if words < _SHORT else b"\x7f" + words.to_bytes(3, "little")
        async with self.lock:
            writer = self.writer
            if writer is None or writer.is_closing():
                raise ConnectionResetError("the connection is closed")
            writer.write(length + data.head)
            writer.write(data.body)
            await writer.drain()
