"""Texts as Telegram reads them: what is a link, a command, a mention, and how long a text is."""

from __future__ import annotations

import pytest
from pyrogram.raw import types as T

from sandbox.world.text import found_entities, stripped, utf16_length, utf16_part


def found(text: str) -> list[tuple[str, str]]:
    return [
        (type(entity).__name__.removeprefix("MessageEntity"), utf16_part(text, entity.offset, entity.length))
        for entity in found_entities(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words, nothing else", []),
        ("/start", [("BotCommand", "/start")]),
        ("/start@some_bot x", [("BotCommand", "/start@some_bot")]),
        ("and/or 1/2 /tmp/x", []),
        ("hi @alice_a!", [("Mention", "@alice_a")]),
        ("me@x.org", [("Email", "me@x.org")]),
        ("see https://x.org/a?b=c#d.", [("Url", "https://x.org/a?b=c#d")]),
        ("see (example.com/x)", [("Url", "example.com/x")]),
        ("version 1.2.3 of file.txt", []),
        ("#тег and $USD, not #123", [("Hashtag", "#тег"), ("Cashtag", "$USD")]),
        ("😀 /go", [("BotCommand", "/go")]),
    ],
)
def test_what_stands_out(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_nothing_is_found_inside_code_and_named_links() -> None:
    code = T.MessageEntityCode(offset=0, length=6)
    assert found_entities("/start /go", [code]) == (code, T.MessageEntityBotCommand(offset=7, length=3))


def test_bold_does_not_keep_a_link_from_being_found() -> None:
    bold = T.MessageEntityBold(offset=0, length=7)
    assert len(found_entities("t.me/x1", [bold])) == 2


@pytest.mark.parametrize(("text", "length"), [("", 0), ("abc", 3), ("жук", 3), ("😀", 2), ("👨‍👩‍👧", 8)])
def test_length_is_in_utf16_units(text: str, length: int) -> None:
    assert utf16_length(text) == length


def test_entities_move_with_a_text_that_is_stripped() -> None:
    around = T.MessageEntityItalic(offset=0, length=9)
    outside = T.MessageEntityBold(offset=0, length=2)
    text, kept = stripped("  😀 abc \n", [around, outside])
    assert text == "😀 abc"
    assert [(type(entity), entity.offset, entity.length) for entity in kept] == [
        (T.MessageEntityItalic, 0, 6)
    ]
