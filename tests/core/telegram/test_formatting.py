"""What somebody formats in an app is kept: as HTML, and from there as Telegram's entities again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrogram.raw import types as T

from core.telegram.entities import formatted, utf16_length
from core.telegram.markup import html_of

KINDS: list[tuple[type[Any], dict[str, Any]]] = [
    (T.MessageEntityBold, {}),
    (T.MessageEntityItalic, {}),
    (T.MessageEntityUnderline, {}),
    (T.MessageEntityStrike, {}),
    (T.MessageEntitySpoiler, {}),
    (T.MessageEntityTextUrl, {"url": 'https://a.org/?x=1&y="2"'}),
]


@pytest.mark.parametrize(
    ("text", "entities", "html"),
    [
        ("a <b>", [], ""),
        ("/start x", [T.MessageEntityBotCommand(offset=0, length=6)], ""),
        ("a < b", [T.MessageEntityBold(offset=0, length=1)], "<b>a</b> &lt; b"),
        ("👍x", [T.MessageEntityItalic(offset=2, length=1)], "👍<i>x</i>"),
        (
            "abc",
            [T.MessageEntityBold(offset=0, length=2), T.MessageEntityItalic(offset=1, length=2)],
            "<b>a<i>b</i></b><i>c</i>",
        ),
        (
            "x",
            [T.MessageEntityPre(offset=0, length=1, language="py")],
            '<pre><code class="language-py">x</code></pre>',
        ),
        (
            "q",
            [T.MessageEntityBlockquote(offset=0, length=1, collapsed=True)],
            "<blockquote expandable>q</blockquote>",
        ),
        ("🙂x", [T.MessageEntityCustomEmoji(offset=0, length=2, document_id=5)], ""),
    ],
)
def test_what_is_formatted_becomes_html(text: str, entities: list[Any], html: str) -> None:
    assert html_of(text, entities) == html


@st.composite
def letters(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """A text with entities anywhere between its characters."""
    text = draw(st.text("ab👍я<&> ", min_size=1, max_size=12))
    borders = st.integers(0, len(text))
    entities = []
    for kind, details in draw(st.lists(st.sampled_from(KINDS), max_size=4, unique_by=lambda each: each[0])):
        start, end = sorted((draw(borders), draw(borders)))
        offset, length = utf16_length(text[:start]), utf16_length(text[start:end])
        entities.append(kind(offset=offset, length=length, **details))
    return text, entities


@given(letters())
def test_every_character_is_formatted_as_it_was(letter: tuple[str, list[Any]]) -> None:
    text, entities = letter
    shown = formatted(html_of(text, entities) or text.replace("&", "&amp;").replace("<", "&lt;"))
    assert shown.text == text.strip()
    before = utf16_length(text[: len(text) - len(text.lstrip())])
    assert _covered(shown.entities, 0, utf16_length(shown.text)) == _covered(
        entities, before, utf16_length(shown.text)
    )


def _covered(entities: Any, offset: int, length: int) -> set[tuple[str, int]]:
    """Which unit of a text has which formatting."""
    return {
        (type(entity).__name__, at - offset)
        for entity in entities
        for at in range(entity.offset, entity.offset + entity.length)
        if offset <= at < offset + length
    }
