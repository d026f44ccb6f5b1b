"""The first picture of a video, as a thumbnail, decoded from pieces of its file.

Blocking, and not to be trusted with the bot's memory: it runs in a process of its own.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any

import av
from av.error import FFmpegError
from PIL import Image

from core.media.stills import THUMBNAIL_BYTES, THUMBNAIL_SIDE, Still

_SHORT_GAP = 64 * 1024
_QUALITIES = (87, 75, 60, 40)


def thumbnail_of(still: Still) -> bytes | None:
    """A JPEG of the first picture that can be decoded, upright; None where none can."""
    try:
        image = _first_picture(still)
    except (FFmpegError, OSError, ValueError):
        return None
    return None if image is None else _jpeg(image)


def _first_picture(still: Still) -> Image.Image | None:
    # Named, so that no playlist or script is ever read as one.
    options = {"protocol_whitelist": ""}
    with av.open(GappedFile(still), format=still.container, container_options=options) as container:
        for stream in container.streams.video:
            if stream.disposition & av.stream.Disposition.attached_pic:
                continue
            # With one thread the first picture comes out without ten others going in.
            stream.thread_type = "NONE"
            frame = next(_frames(container, stream), None)
            return None if frame is None else _upright(frame)
    return None


def _frames(container: Any, stream: Any) -> Iterator[Any]:
    """The pictures of a stream; what a decoder has taken in before the file breaks off comes out as well."""
    try:
        for packet in container.demux(stream):
            yield from packet.decode()
    except FFmpegError:
        yield from stream.codec_context.decode(None)


def _upright(frame: Any) -> Image.Image:
    width, height = _fitted(frame.width, frame.height)
    image: Image.Image = frame.to_image(width=width, height=height)
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def _fitted(width: int, height: int) -> tuple[int, int]:
    share = min(1.0, THUMBNAIL_SIDE / max(width, height))
    return max(1, round(width * share)), max(1, round(height * share))


def _jpeg(image: Image.Image) -> bytes | None:
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "JPEG", quality=quality)
        if buffer.tell() <= THUMBNAIL_BYTES:
            return buffer.getvalue()
    return None


class GappedFile:
    """Pieces of a file as a file of which the rest is missing: reading in a gap is reading at the end.

    A gap that is so short that readers would rather read than jump over it is filled with zeros.
    """

    def __init__(self, still: Still) -> None:
        self._pieces = still.pieces
        self._end = max((piece.offset + len(piece.data) for piece in still.pieces), default=0)
        self._position = 0

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none in a gap."""
        data = self._at(self._position, size)
        self._position += len(data)
        return data

    def _at(self, position: int, size: int) -> bytes:
        for piece in self._pieces:
            begin = position - piece.offset
            if 0 <= begin < len(piece.data):
                return piece.data[begin : begin + size]
            if -_SHORT_GAP <= begin < 0:
                return bytes(min(size, -begin))
        return b""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go somewhere, also into a gap."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._end}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        """Where it is."""
        return self._position
