"""Between plain Python values and what the driver stores: no type of the driver leaves this package."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from bson import Binary, Decimal128, Int64

INT64_MAX = 2**63 - 1


def stored(value: Any) -> Any:
    """`value` for the driver: integers as int64, tuples as arrays, enums as their values.

    Raises:
        OverflowError: for an integer beyond 64 bits.
        TypeError: for a value that is not JSON-like, a date, a decimal or bytes.

    """
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | float | bytes | datetime | str):
        return value
    if isinstance(value, int):
        return _int64(value)
    if isinstance(value, Decimal):
        return Decimal128(value)
    if isinstance(value, Mapping):
        return {str(key): stored(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [stored(item) for item in value]
    raise TypeError(f"{type(value).__name__} cannot be stored")


def plain(value: Any) -> Any:
    """What `stored` made, as plain Python values; arrays come back as lists."""
    if isinstance(value, Int64):
        return int(value)
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, Binary):
        return bytes(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def to_milliseconds(moment: datetime) -> datetime:
    """`moment` as exact as the database keeps it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def field_name(key: str) -> str:
    """`key` as the name of a field: dots and dollar signs mean something to the database and are escaped."""
    return key.replace("%", "%25").replace(".", "%2E").replace("$", "%24")


def field_key(name: str) -> str:
    """The key that `field_name` made `name` of."""
    return name.replace("%24", "$").replace("%2E", ".").replace("%25", "%")


def _int64(value: int) -> Int64:
    if not -INT64_MAX - 1 <= value <= INT64_MAX:
        raise OverflowError("an integer beyond 64 bits cannot be stored")
    return Int64(value)
