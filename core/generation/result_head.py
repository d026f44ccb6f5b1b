"""What is said of a result before its bytes have come: by its provider, and by the server that sends it."""

from __future__ import annotations

import mimetypes

from core.generation.provider import Result
from core.http.fetching import FileHead

PAGES = frozenset({"text/html", "application/xhtml+xml", "application/json", "application/problem+json"})
"""Types of what is no file, but says why there is none."""
_FAMILIES = ("image/", "video/", "audio/")


class ResultHead:
    """A result, with what its server said of it where that is known."""

    def __init__(self, result: Result, head: FileHead | None = None) -> None:
        self._result = result
        self._head = head or FileHead()

    @property
    def size(self) -> int | None:
        """How many bytes the server sends; what a provider announces may be wrong."""
        return self._head.size

    @property
    def mime_type(self) -> str:
        """What its provider says it is, or else the server, or else its name; empty where nobody knows."""
        if self._result.mime_type:
            return self._result.mime_type
        names = (self._result.file_name, self._head.file_name)
        guessed = (mimetypes.guess_type(name, strict=False)[0] or "" for name in names)
        said = (self._head.mime_type, *guessed)
        return next((mime_type for mime_type in said if mime_type.startswith(_FAMILIES)), "")

    def name(self, stem: str, mime_type: str) -> str:
        """The name its provider gave it, or one made of `stem` and its type."""
        extension = mimetypes.guess_extension(mime_type, strict=False) or ""
        return self._result.file_name or f"{stem}{extension}"
