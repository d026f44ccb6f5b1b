"""A file that a person gave, as dialogues, orders and jobs keep it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import Any

from core.generation.prices import Facts


@dataclasses.dataclass(frozen=True, slots=True)
class GivenFile:
    """A file in the store, checked and converted for the media input `field` of a model.

    `ref` names it in the store and is as good as a key to it. `size` is bytes, `seconds` the length of a
    video or an audio, `width` and `height` pixels.
    """

    field: str
    ref: str = dataclasses.field(repr=False)
    name: str
    mime_type: str
    size: int
    seconds: float = 0.0
    width: int = 0
    height: int = 0

    def kept(self) -> dict[str, Any]:
        """The file as JSON-like values, for `from_kept`."""
        return dataclasses.asdict(self)

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> GivenFile:
        """The file that `kept` described."""
        return cls(**kept)


def counts_of(inputs: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many files there are for each media input."""
    counts: dict[str, int] = {}
    for given in inputs:
        counts[given["field"]] = counts.get(given["field"], 0) + 1
    return counts


def facts_of(prompt: str, inputs: Iterable[Mapping[str, Any]]) -> Facts:
    """What a price can depend on: the prompt's length, and how many files of how many whole seconds."""
    kept = tuple(inputs)
    seconds: dict[str, int] = {}
    for given in kept:
        if given["seconds"]:
            name = given["field"]
            seconds[name] = seconds.get(name, 0) + math.ceil(given["seconds"])
    return Facts(characters=len(prompt), seconds=seconds, counts=counts_of(kept))
