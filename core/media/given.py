"""A file that a person gave, as dialogues, orders and jobs keep it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


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
