"""HTML as the bundles give it, made into a text and the entities that Telegram wants beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from pyrogram.raw import types as T

_PLAIN_TAGS: dict[str, Any] = {
    "b": T.MessageEntityBold,
    "strong": T.MessageEntityBold,
    "i": T.MessageEntityItalic,
    "em": T.MessageEntityItalic,
    "u": T.MessageEntityUnderline,
    "ins": T.MessageEntityUnderline,
    "s": T.MessageEntityStrike,
    "del": T.MessageEntityStrike,
    "strike": T.MessageEntityStrike,
    "code": T.MessageEntityCode,
    "tg-spoiler": T.MessageEntitySpoiler,
}
_LANGUAGE_CLASS = "language-"


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text with its entities; offsets and lengths count UTF-16 units, as Telegram counts them."""

    text: str
    entities: tuple[Any, ...] = ()


@dataclass(slots=True)
class _Open:
    tag: str
    start: int
    attributes: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Collects the text and the entities; an unknown tag is dropped, what stands in it stays."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.entities: list[Any] = []
        self._length = 0
        self._open: list[_Open] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.handle_data("\n")
            return
        attributes = {name: value or "" for name, value in attrs}
        if tag == "code" and self._open and self._open[-1].tag == "pre":
            # <pre><code class="language-x"> is one block with a language.
            name = attributes.get("class", "")
            self._open[-1].attributes["language"] = name.removeprefix(_LANGUAGE_CLASS)
            attributes["inside"] = "pre"
        self._open.append(_Open(tag, self._length, attributes))

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index].tag == tag:
                self._close(self._open.pop(index))
                return

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
        self._length += utf16_length(data)

    def finish(self) -> None:
        """Read what is left; tags that were never closed end with the text."""
        self.close()
        while self._open:
            self._close(self._open.pop())

    def _close(self, opened: _Open) -> None:
        length = self._length - opened.start
        entity = _entity(opened, length) if length > 0 else None
        if entity is not None:
            self.entities.append(entity)


def formatted(html: str) -> Formatted:
    """The text and entities of `html`, without blanks around it.

    Understood are b, i, u, s (and their longer names), code, pre, a, blockquote (`expandable` too),
    tg-spoiler and br; of other tags only the content stays.
    """
    if "<" not in html and "&" not in html:
        return Formatted(html.strip())
    reader = _Reader()
    reader.feed(html)
    reader.finish()
    return _stripped("".join(reader.parts), reader.entities)


def plain_text(html: str) -> str:
    """The text of `html` alone, for where Telegram shows no formatting."""
    return formatted(html).text


def _entity(opened: _Open, length: int) -> Any | None:
    where = {"offset": opened.start, "length": length}
    attributes = opened.attributes
    if opened.tag == "a" and attributes.get("href"):
        return T.MessageEntityTextUrl(url=attributes["href"], **where)
    if opened.tag == "pre":
        return T.MessageEntityPre(language=attributes.get("language", ""), **where)
    if opened.tag == "blockquote":
        return T.MessageEntityBlockquote(collapsed=True if "expandable" in attributes else None, **where)
    kind = _PLAIN_TAGS.get(opened.tag)
    return None if kind is None or "inside" in attributes else kind(**where)


def _stripped(text: str, entities: list[Any]) -> Formatted:
    short = text.strip()
    before, length = utf16_length(text[: len(text) - len(text.lstrip())]), utf16_length(short)
    kept = []
    for entity in entities:
        start = max(0, entity.offset - before)
        end = min(length, entity.offset + entity.length - before)
        if start < end:
            entity.offset, entity.length = start, end - start
            kept.append(entity)
    return Formatted(short, tuple(sorted(kept, key=lambda entity: (entity.offset, -entity.length))))


def utf16_length(text: str) -> int:
    """The length of a text as Telegram counts it: in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
