"""Watches a file go by and tells what it is: its form, size and length, and what its first picture needs."""

from __future__ import annotations

from collections.abc import Callable

from core.generation.probe.facts import FileForm, Found, MediaFacts
from core.generation.probe.keeping import Keeper
from core.generation.probe.lending import KeptBytes, Loan
from core.generation.probe.matroska import read_matroska
from core.generation.probe.mp4 import read_mp4
from core.generation.probe.pictures import read_gif, read_jpeg, read_png, read_webp
from core.generation.probe.sounds import read_aac, read_flac, read_mp3, read_ogg, read_wav
from core.generation.probe.walking import Steps, Walk
from core.media.sniffing import HEAD, form_of
from core.media.stills import Still

_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
    "avif": "image/avif",
    "heic": "image/heic",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "avi": "video/x-msvideo",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "wav": "audio/x-wav",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "aac": "audio/aac",
}
"""Types by the forms that `core.media.sniffing` tells apart."""
_READERS: dict[str, Callable[[Found], Steps[None]]] = {
    "jpeg": read_jpeg,
    "png": read_png,
    "gif": read_gif,
    "webp": read_webp,
    "mp4": read_mp4,
    "mov": read_mp4,
    "m4a": read_mp4,
    "webm": read_matroska,
    "mkv": read_matroska,
    "mp3": read_mp3,
    "wav": read_wav,
    "ogg": read_ogg,
    "flac": read_flac,
    "aac": read_aac,
}
MP4, MATROSKA = "mov", "matroska"
_CONTAINERS = {"mp4": MP4, "mov": MP4, "webm": MATROSKA, "mkv": MATROSKA}
"""The videos of which a first picture can be had, and how they are read for it."""
_FAMILIES = {"image": FileForm.IMAGE, "video": FileForm.VIDEO, "audio": FileForm.AUDIO}


class MediaProbe:
    """Sees every byte of a file once, in order; keeps the beginning and the index of a video, and no more.

    What it keeps counts among what is `kept` of others; `drop` ends that.
    """

    def __init__(self, kept: KeptBytes | None = None) -> None:
        self._loan = Loan(kept or KeptBytes())
        self._found = Found(may_keep=self._loan.take_whole)
        self._head = bytearray()
        self._keeper: Keeper | None = None
        self._container = ""
        self._walk: Walk | None = None
        self._size = 0
        self.known = False
        """Whether it has seen enough to say what kind of file this is, or that it cannot."""

    def feed(self, chunk: bytes) -> None:
        """Look at what comes next."""
        self._size += len(chunk)
        if self.known:
            self._see(chunk)
            return
        self._head += chunk
        if len(self._head) >= HEAD:
            self._begin()

    def end(self) -> None:
        """Say that this was all."""
        if not self.known:
            self._begin()
        if self._walk is not None:
            self._walk.end()

    def facts(self) -> MediaFacts:
        """What is known so far; all there is after the end."""
        found = self._found
        return MediaFacts(
            form=form_of_type(found.mime_type),
            mime_type=found.mime_type,
            size=self._size,
            width=found.width,
            height=found.height,
            duration=round(found.duration, 3),
            codec=found.codec,
            sound=found.sound,
            animated=found.animated,
            title=found.title,
            performer=found.performer,
        )

    @property
    def still_ready(self) -> bool:
        """Whether nothing that passes later makes the first picture any clearer."""
        return self._keeper is not None and self._keeper.ready

    def still(self) -> Still | None:
        """What the first picture is decoded from; it can be taken once. None for what is no video."""
        keeper, self._keeper = self._keeper, None
        self._found.index = None
        if keeper is None or form_of_type(self._found.mime_type) is not FileForm.VIDEO:
            return None
        pieces = keeper.pieces()
        return Still(self._container, pieces) if pieces else None

    def drop(self) -> None:
        """Keep nothing any more, nor what `still` gave."""
        self._keeper = None
        self._loan.give_back()

    def _begin(self) -> None:
        self.known = True
        form = form_of(bytes(self._head[:HEAD]))
        self._found.mime_type = _TYPES.get(form, "")
        if form in _CONTAINERS:
            self._container = _CONTAINERS[form]
            self._keeper = Keeper(self._loan, needs_index=self._container == MP4)
        reader = _READERS.get(form)
        self._walk = Walk(reader, self._found) if reader is not None else None
        head, self._head = bytes(self._head), bytearray()
        self._see(head)

    def _see(self, chunk: bytes) -> None:
        if self._walk is not None:
            self._walk.feed(chunk)
        if self._keeper is not None:
            self._keeper.see(chunk, self._found.index)


def form_of_type(mime_type: str) -> FileForm:
    """The form that a type belongs to."""
    return _FAMILIES.get(mime_type.partition("/")[0], FileForm.OTHER)
