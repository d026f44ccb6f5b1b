"""Takes the videos out of a JSON reply while it arrives, so that memory never holds one.

Google writes a video into the reply itself, as base64. What is left of the reply is JSON in which each video
is replaced by the number of the file it went to.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import BinaryIO

from starloom.api import BadReply

_NAMES = (b'"bytesBase64Encoded"', b'"data"')
_KEY = re.compile(rb'(?:%s)\s*:\s*"' % b"|".join(_NAMES))
_AFTER_NAME = re.compile(rb"\s*:?\s*")
_LONGEST_KEY = 64
"""Bytes between the beginning of a key and that of its string, at most."""
_ESCAPES = ((b"\\n", b""), (b"\\r", b""), (b"\\/", b"/"), (b"\\u003d", b"="), (b"\\u003D", b"="))
_LONGEST_ESCAPE = 6
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


class VideoSieve:
    """One reply's sieve. `create` opens the file with a number, for a video to be written to."""

    def __init__(self, create: Callable[[int], BinaryIO]) -> None:
        self._create = create
        self._text = b""
        self._inside: _Base64File | None = None
        self.count = 0

    def __call__(self, chunk: bytes) -> bytes:
        """Take some bytes of the reply; answers what of it is text.

        Raises:
            BadReply: what should be base64 is none.

        """
        kept = bytearray()
        rest = self._text + chunk
        self._text = b""
        while rest:
            if self._inside is None:
                rest = self._outside(rest, kept)
            else:
                rest = self._inside_string(self._inside, rest, kept)
        return bytes(kept)

    def close(self) -> None:
        """Close a file whose video broke off."""
        if self._inside is not None:
            self._inside.file.close()
            self._inside = None

    def _outside(self, rest: bytes, kept: bytearray) -> bytes:
        found = _KEY.search(rest)
        if found is None:
            cut = _where_a_key_begins(rest)
            kept += rest[:cut]
            self._text = rest[cut:]
            return b""
        kept += rest[: found.end()] + b"%d" % self.count
        self._inside = _Base64File(self._create(self.count))
        self.count += 1
        return rest[found.end() :]

    def _inside_string(self, video: _Base64File, rest: bytes, kept: bytearray) -> bytes:
        end = rest.find(b'"')
        if end < 0:
            video.write(rest)
            return b""
        video.write(rest[:end])
        video.finish()
        self._inside = None
        kept += b'"'
        return rest[end + 1 :]


class _Base64File:
    """A file that is written as base64."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self._rest = b""

    def write(self, text: bytes) -> None:
        text = self._rest + text
        held = b""
        escape = text.rfind(b"\\", max(0, len(text) - _LONGEST_ESCAPE + 1))
        if escape >= 0:
            text, held = text[:escape], text[escape:]
        text = _plain(text)
        whole = len(text) - len(text) % 4
        self.file.write(_decoded(text[:whole]))
        self._rest = text[whole:] + held

    def finish(self) -> None:
        """Write what is left, and close the file."""
        with self.file:
            text = _plain(self._rest)
            self.file.write(_decoded(text + b"=" * (-len(text) % 4)))


def _where_a_key_begins(rest: bytes) -> int:
    """Where at its end `rest` has the beginning of a key that was cut in two; its length if it has none."""
    at = rest.find(b'"', max(0, len(rest) - _LONGEST_KEY))
    while at >= 0:
        if any(_may_become(rest[at:], name) for name in _NAMES):
            return at
        at = rest.find(b'"', at + 1)
    return len(rest)


def _may_become(text: bytes, name: bytes) -> bool:
    if len(text) < len(name):
        return name.startswith(text)
    return text.startswith(name) and _AFTER_NAME.fullmatch(text, len(name)) is not None


def _plain(text: bytes) -> bytes:
    if b"\\" in text:
        for escaped, meant in _ESCAPES:
            text = text.replace(escaped, meant)
    return text.translate(_URL_SAFE)


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BadReply("a video in the reply is no base64") from None
