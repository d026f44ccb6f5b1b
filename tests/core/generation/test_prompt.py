"""What people type becomes a prompt in their own words, or an answer that says what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserFacingError
from core.generation.prompt import clean_prompt

FAMILY = "👨‍👩‍👧‍👦"
HEBREW = "\u200fשלום\u200e (hello)"


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u00a0\u2003", "\u200f", "\u200d\u200b", "\x00\x07"])
def test_nothing_is_told_to_be_nothing(text: str) -> None:
    with pytest.raises(UserFacingError) as caught:
        clean_prompt(text, longest=10)
    assert (caught.value.key, caught.value.variables) == ("prompt-empty", {"limit": 10})


def test_nothing_is_fine_where_no_prompt_is_needed() -> None:
    assert clean_prompt("  ", longest=10, required=False) == ""


@pytest.mark.parametrize(
    "text", ["x", "🙂", FAMILY, HEBREW, "<b>bold</b> & *stars* `code` [a](b)", "два\nряда\tслов", "é"]
)
def test_words_stay_as_they_are(text: str) -> None:
    assert clean_prompt(text, longest=100) == text


def test_control_characters_go_and_edges_are_trimmed() -> None:
    assert clean_prompt(" \x00a\x1bb\r\nc\rd\x7f ", longest=100) == "ab\nc\nd"


def test_letters_are_composed() -> None:
    assert clean_prompt("e\u0301", longest=1) == "\u00e9"


def test_the_limit_counts_characters_of_what_is_left() -> None:
    assert clean_prompt(" " + "🙂" * 5 + "\n", longest=5) == "🙂" * 5
    with pytest.raises(UserFacingError) as caught:
        clean_prompt("x" * 5000, longest=2000)
    assert (caught.value.key, caught.value.variables) == ("prompt-too-long", {"limit": 2000, "length": 5000})


@given(st.text(max_size=60))
def test_any_text_is_cleaned_once_and_for_all_or_refused_in_words(text: str) -> None:
    try:
        cleaned = clean_prompt(text, longest=50)
    except UserFacingError:
        return
    assert 0 < len(cleaned) <= 50
    assert clean_prompt(cleaned, longest=50) == cleaned
    cleaned.encode()
