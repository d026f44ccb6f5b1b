"""Lists at the end of a call, put right where Pyrogram's own reader mistakes their items for numbers."""

from __future__ import annotations

import io
from collections.abc import Sequence

from pyrogram.raw.core import TLObject

_INT = 4
_LONG = 8


def objects(items: Sequence[TLObject | int]) -> list[TLObject]:
    """The items of a list as objects.

    Pyrogram reads methods as generated from the schema, but guesses what a list holds: with nothing behind
    it, items of 8 bytes (`inputMessageID`) come out as longs and items of 4 (`inputUserSelf`) as ints.
    """
    return [_object(item) if isinstance(item, int) else item for item in items]


def _object(number: int) -> TLObject:
    size = _INT if -(2**31) <= number < 2**31 else _LONG
    return TLObject.read(io.BytesIO(number.to_bytes(size, "little", signed=True)))
