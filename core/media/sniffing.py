"""What a file is, by its first bytes: names and announced types are not believed."""

from __future__ import annotations

from pathlib import Path

HEAD = 64
"""Bytes that are looked at."""
_STARTS = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
)
_RIFF = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF = frozenset({b"avif", b"avis"})
_SOUND = frozenset({b"M4A ", b"M4B "})
_ATOMS = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})
"""How the boxes are called that an MP4 or QuickTime file begins with."""
_MATROSKA = b"\x1a\x45\xdf\xa3"

IMAGES = frozenset({"jpeg", "png", "gif", "webp", "bmp", "tiff", "avif", "heic"})
CLIPS = frozenset({"mp4", "mov", "webm", "mkv", "avi", "m4a", "mp3", "wav", "ogg", "flac", "aac"})


def sniff(path: Path) -> str:
    """The short name of a file's form, or nothing for what we know nothing of."""
    with path.open("rb") as file:
        return form_of(file.read(HEAD))


def form_of(head: bytes) -> str:
    """The short name of the form that begins so, or nothing."""
    for start, form in _STARTS:
        if head.startswith(start):
            return form
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "")
    if head[4:8] in _ATOMS:
        return _of_brand(head[8:12]) if head[4:8] == b"ftyp" else "mov"
    if head[:4] == _MATROSKA:
        return "webm" if b"webm" in head else "mkv"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "aac" if head[1] & 0x06 == 0 else "mp3"
    return ""


def _of_brand(brand: bytes) -> str:
    if brand in _HEIC:
        return "heic"
    if brand in _AVIF:
        return "avif"
    if brand in _SOUND:
        return "m4a"
    return "mov" if brand == b"qt  " else "mp4"
