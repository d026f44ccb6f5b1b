"""What somebody has formatted in an app, kept as the HTML that `entities.py` reads."""

from __future__ import annotations

import html
import itertools
from collections.abc import Sequence
from typing import Any

from pyrogram.raw import types as T

_TAGS: dict[type[Any], str] = {
    T.MessageEntityBold: "b",
    T.MessageEntityItalic: "i",
    T.MessageEntityUnderline: "u",
    T.MessageEntityStrike: "s",
    T.MessageEntityCode: "code",
    T.MessageEntitySpoiler: "tg-spoiler",
    T.MessageEntityPre: "pre",
    T.MessageEntityTextUrl: "a",
    T.MessageEntityBlockquote: "blockquote",
}
"""What a bot may send, too. Of anything else, as an emoji of one's own, the text stays."""


def html_of(text: str, entities: Sequence[Any] | None) -> str:
    """A text with its formatting as HTML; empty where nobody has formatted anything.

    Offsets and lengths of `entities` count UTF-16 units. Those that overlap without one being in the other
    come out in two pieces, since tags cannot do that.
    """
    kept = [entity for entity in entities or () if type(entity) in _TAGS and entity.length > 0]
    if not kept:
        return ""
    kept.sort(key=lambda entity: (entity.offset, -entity.length))
    units = text.encode("utf-16-le", "surrogatepass")
    borders = sorted({0, len(units) // 2, *(each for entity in kept for each in _span(entity))})
    parts: list[str] = []
    inside: list[Any] = []
    for start, end in itertools.pairwise(borders):
        inside = _closed(inside, start, parts)
        for entity in (each for each in kept if each.offset == start):
            inside.append(entity)
            parts.append(_opening(entity))
        piece = units[start * 2 : end * 2].decode("utf-16-le", "surrogatepass")
        parts.append(html.escape(piece, quote=False))
    _closed(inside, borders[-1], parts)
    return "".join(parts)


def _closed(inside: list[Any], at: int, parts: list[str]) -> list[Any]:
    """Close what ends at a place; what is open within that is closed as well and opened again."""
    ending = [number for number, entity in enumerate(inside) if _span(entity)[1] <= at]
    if not ending:
        return inside
    first = ending[0]
    parts += [_closing(entity) for entity in reversed(inside[first:])]
    again = [entity for entity in inside[first:] if _span(entity)[1] > at]
    parts += [_opening(entity) for entity in again]
    return [*inside[:first], *again]


def _span(entity: Any) -> tuple[int, int]:
    return entity.offset, entity.offset + entity.length


def _opening(entity: Any) -> str:
    if isinstance(entity, T.MessageEntityTextUrl):
        return f'<a href="{html.escape(entity.url)}">'
    if isinstance(entity, T.MessageEntityPre) and entity.language:
        return f'<pre><code class="language-{html.escape(entity.language)}">'
    if isinstance(entity, T.MessageEntityBlockquote) and entity.collapsed:
        return "<blockquote expandable>"
    return f"<{_TAGS[type(entity)]}>"


def _closing(entity: Any) -> str:
    inner = "</code>" if isinstance(entity, T.MessageEntityPre) and entity.language else ""
    return f"{inner}</{_TAGS[type(entity)]}>"
