"""A series as operators declare it: who is made, how often, and where it goes. Nothing in here is chance."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.generation.filling import fill
from core.timetable.cron import Cron


class Rotation(StrEnum):
    """Whose turn it is."""

    ROUND_ROBIN = "round_robin"
    WEIGHTED = "weighted"
    """Each as often as its weight says, as evenly as that can be."""


class Missed(StrEnum):
    """What becomes of a run whose time passed while nothing ran, or during a pause."""

    CATCH_UP = "catch_up"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody, or something, that videos are about.

    `prompt` is a template with `{names}`; `variables` has the values that take turns in it.
    """

    name: str
    model: str
    prompt: str
    variables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    weight: int = 1

    def prompt_of(self, turn: int) -> str:
        """The prompt of this character's turn, counted from 0: each variable goes on to its next value.

        Variables of equal length would always meet the same of each other; each is therefore shifted by one
        more with every full round of its values.
        """
        values = {"character": self.name, "number": turn + 1}
        for place, name in enumerate(sorted(self.variables)):
            choices = self.variables[name]
            values[name] = choices[(turn + place * (turn // len(choices))) % len(choices)]
        return str(fill({"prompt": self.prompt}, values).get("prompt", ""))


@dataclass(frozen=True, slots=True)
class Platform:
    """Where videos are published: a Telegram chat, or a webhook that reports back what became of it."""

    name: str
    chat_id: int = 0
    url: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class VideoSeries:
    """All of it. `preview_chat_id` is where videos are seen first; money is USD."""

    characters: tuple[Character, ...]
    times: tuple[Cron, ...]
    platforms: tuple[Platform, ...] = ()
    rotation: Rotation = Rotation.ROUND_ROBIN
    daily_target: int = 0
    """The most videos a day; 0: as many as there are times."""
    missed: Missed = Missed.SKIP
    preview_chat_id: int = 0
    day_usd: Decimal | None = None
    month_usd: Decimal | None = None
    language: str = ""

    def character_of(self, number: int) -> tuple[Character, int]:
        """Whose turn the run `number`, counted from 0, is, and which turn of theirs it is."""
        order = self._round()
        rounds, place = divmod(number, len(order))
        character = self.characters[order[place]]
        own = order.count(order[place])
        return character, rounds * own + order[:place].count(order[place])

    def platform(self, name: str) -> Platform | None:
        """The platform of this name."""
        return next((each for each in self.platforms if each.name == name), None)

    def _round(self) -> list[int]:
        """One round of turns, as places in `characters`."""
        if self.rotation is Rotation.ROUND_ROBIN:
            return list(range(len(self.characters)))
        weights = [each.weight for each in self.characters]
        credits, order = [0] * len(weights), []
        for _ in range(sum(weights)):
            credits = [credit + weight for credit, weight in zip(credits, weights, strict=True)]
            chosen = credits.index(max(credits))
            credits[chosen] -= sum(weights)
            order.append(chosen)
        return order


def run_id(slot: str) -> str:
    """The id of the run at a moment: short, and the same whoever makes it."""
    return hashlib.blake2b(slot.encode(), digest_size=6).hexdigest()
