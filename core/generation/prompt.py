"""What becomes of a person's words before a provider sees them."""

from __future__ import annotations

import unicodedata

from core.errors import UserFacingError

_KEPT_CONTROLS = "\n\t"


def clean_prompt(text: str, *, longest: int, shortest: int = 0, required: bool = True) -> str:
    """The text in Unicode NFC, trimmed, without control characters other than newline and tab.

    Marks of direction, joiners and emoji stay: they are part of what a person wrote. `longest` and `shortest`
    are characters; a prompt that is not `required` may be empty all the same.

    Raises:
        UserFacingError: nothing is left though a prompt is `required`, or it is too short or too long.

    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(
        letter
        for letter in composed
        if letter in _KEPT_CONTROLS or unicodedata.category(letter) not in ("Cc", "Cs")
    )
    prompt = kept.strip()
    if required and not _says_something(prompt):
        raise UserFacingError("prompt-empty", limit=longest)
    if len(prompt) > longest:
        raise UserFacingError("prompt-too-long", limit=longest, length=len(prompt))
    if len(prompt) < shortest and (prompt or required):
        raise UserFacingError("prompt-too-short", limit=shortest, length=len(prompt))
    return prompt


def _says_something(prompt: str) -> bool:
    """Whether anything can be seen: a prompt of joiners and marks of direction alone says nothing."""
    return any(unicodedata.category(letter)[0] not in "CZ" for letter in prompt)
