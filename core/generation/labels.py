"""How values of options are called for people."""

from __future__ import annotations

import re

from core.generation.options import Option, OptionValue
from core.generation.prices import price_key
from core.i18n import Translator

_NO_LETTER = re.compile(r"[^a-z0-9]+")
_LOOKS_LIKE_A_KEY = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9]{16,}")
"""Values such as a provider gives its voices, which tell people nothing."""


def value_label(t: Translator, option: Option, value: OptionValue) -> str:
    """What `value` of this option is called, as plain text.

    A name that the model gives it, such as a voice's, comes first. The keys that are looked for are
    `value-<field>-<value>`, `value-of-<field>` (with `$value`) and `value-<value>`; of an option with a title
    of its own, `option-acme-glow`, before them `value-acme-glow-<value>` and `value-of-acme-glow`. A value
    without one is told as it is, but one that is a provider's own key by its number among the choices.
    """
    if named := option.label(value):
        return named
    word = _slug(price_key(value))
    for field in dict.fromkeys((option.title_key.removeprefix("option-"), _slug(option.field))):
        if t.has(f"value-{field}-{word}"):
            return t.plain(f"value-{field}-{word}")
        if t.has(f"value-of-{field}"):
            return t.plain(f"value-of-{field}", value=value)
    if t.has(f"value-{word}"):
        return t.plain(f"value-{word}")
    if option.choices and value in option.choices and _LOOKS_LIKE_A_KEY.fullmatch(str(value)):
        return t.plain("value-numbered", number=option.choices.index(value) + 1)
    return price_key(value)


def _slug(text: str) -> str:
    return _NO_LETTER.sub("-", text.lower()).strip("-")
