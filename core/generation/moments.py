"""Options that are moments of something that is heard or seen: within it, and in their order."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from core.errors import UserFacingError
from core.generation.options import Option

SOURCE = "source"
"""Stands in `within` for the result that the model goes on from."""


def lengths_of(inputs: Iterable[Mapping[str, Any]], *, source_seconds: float = 0.0) -> dict[str, float]:
    """How long what can have moments is, in seconds; of several files in one media input the shortest counts.

    What has no known length is left out.
    """
    lengths = {SOURCE: source_seconds} if source_seconds > 0 else {}
    for given in inputs:
        seconds = float(given.get("seconds") or 0)
        if seconds > 0:
            lengths[given["field"]] = min(seconds, lengths.get(given["field"], seconds))
    return lengths


def check_moments(options: Iterable[Option], values: Mapping[str, Any], lengths: Mapping[str, float]) -> None:
    """Check that each moment is one of what it belongs to, as far as its length is known.

    Raises:
        UserFacingError: one is beyond the end, or too near to the one before it.

    """
    for option in options:
        if option.within and option.field in values:
            _check_end(option, values[option.field], lengths.get(option.within, 0.0))
        if option.after in values and option.field in values:
            _check_distance(option, values[option.field], values[option.after])


def problems_of_moments(options: Mapping[str, Option], things: Collection[str]) -> Iterator[str]:
    """Why moments make no sense: they are no numbers, or name what is not there."""
    for option in options.values():
        if option.within and option.within not in things:
            yield f"{option.field} is a moment of the unknown input {option.within}"
        if (option.within or option.after) and option.type not in ("integer", "number"):
            yield f"{option.field} is a moment and no number"
        if option.after and option.after not in options:
            yield f"{option.field} comes after the unknown option {option.after}"
        if option.to_end and not option.within:
            yield f"{option.field} ends with nothing"


def _check_end(option: Option, value: float, length: float) -> None:
    if length and (value > length if option.to_end else value >= length):
        raise UserFacingError("moment-beyond", seconds=math.floor(length))


def _check_distance(option: Option, value: float, before: float) -> None:
    if Decimal(str(value)) - Decimal(str(before)) < max(Decimal(option.apart), Decimal("0.01")):
        raise UserFacingError("moment-too-near", least=option.apart)
