"""Texts as Telegram counts and reads them: lengths in UTF-16 units, and what stands out by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

_TOP_DOMAINS = "com|org|net|io|me|ru|dev|app|ai|co|info|su|tv|xyz|рф"
_SPECIAL = re.compile(
    r"(?P<url>(?:https?|tg)://[^\s<>\"]+"
    rf"|(?<![\w@./])(?:[\w-]+\.)+(?:{_TOP_DOMAINS})(?:[/?#][^\s<>\"]*)?(?![\w.]*\w))"
    r"|(?P<email>(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<mention>(?<![\w@])@[A-Za-z]\w{2,31}(?!\w))"
    r"|(?P<command>(?<![\w/@<>.])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{2,31})?(?![\w/]))"
    r"|(?P<hashtag>(?<!\w)#\w*[^\W\d]\w*)"
    r"|(?P<cashtag>(?<!\w)\$[A-Z]{3,8}(?!\w))"
)
_KINDS = {
    "url": T.MessageEntityUrl,
    "email": T.MessageEntityEmail,
    "mention": T.MessageEntityMention,
    "command": T.MessageEntityBotCommand,
    "hashtag": T.MessageEntityHashtag,
    "cashtag": T.MessageEntityCashtag,
}
_HINTS = re.compile(r"[./@#$]")
_TRAILING = ".,;:!?)]}'\"»"


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, in which Telegram counts texts and the offsets in them."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_part(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity covers."""
    data = text.encode("utf-16-le", "surrogatepass")
    return data[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")


def found_entities(text: str, given: Sequence[TLObject] = ()) -> tuple[TLObject, ...]:
    """The entities of a text: those given, and links, mentions, commands, tags that Telegram finds."""
    if not _HINTS.search(text):
        return tuple(given)
    taken = [(entity.offset, entity.offset + entity.length) for entity in given if _keeps_others_out(entity)]
    found = []
    for match in _SPECIAL.finditer(text):
        kind = match.lastgroup or ""
        shown = match[0].rstrip(_TRAILING) if kind == "url" else match[0]
        start = utf16_length(text[: match.start()])
        end = start + utf16_length(shown)
        if not any(start < other_end and other < end for other, other_end in taken):
            found.append(_KINDS[kind](offset=start, length=end - start))
    return tuple(sorted([*given, *found], key=lambda entity: (entity.offset, -entity.length)))


def stripped(text: str, entities: Iterable[TLObject]) -> tuple[str, list[TLObject]]:
    """A text without spaces around it, its entities moved with it; those that have nothing left are gone."""
    entities = list(entities)
    short = text.strip()
    if short == text:
        return text, entities
    before = utf16_length(text[: len(text) - len(text.lstrip())])
    length = utf16_length(short)
    kept = []
    for entity in entities:
        start = max(0, entity.offset - before)
        end = min(length, entity.offset + entity.length - before)
        if start < end:
            entity.offset, entity.length = start, end - start
            kept.append(entity)
    return short, kept


def _keeps_others_out(entity: TLObject) -> bool:
    return isinstance(
        entity,
        T.MessageEntityCode
        | T.MessageEntityPre
        | T.MessageEntityTextUrl
        | T.MessageEntityMentionName
        | T.MessageEntityUrl
        | T.MessageEntityEmail
        | T.MessageEntityMention
        | T.MessageEntityBotCommand
        | T.MessageEntityHashtag
        | T.MessageEntityCashtag
        | T.MessageEntityCustomEmoji,
    )
