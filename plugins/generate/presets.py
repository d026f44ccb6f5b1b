"""Ideas that people can take instead of writing: the house's own, and the operator's."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from starloom.api import Category, Translator

_FILE = Path(__file__).with_name("presets.toml")
_REQUIRED = ("en", "ru")
_LONGEST_TITLE = 24
"""So that two stand side by side on a telephone."""

Titles = dict[str, Annotated[str, Field(min_length=1, max_length=_LONGEST_TITLE)]]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PresetPrompt(_Data):
    """One of a preset's prompts. `about` is what people read of it, by language; if empty, the prompt."""

    prompt: str = Field(min_length=1, max_length=2000)
    about: dict[str, str] = {}
    category: Category | None = None
    """What it is for; None: everything that has no prompts of its own."""


class Preset(_Data):
    """An idea: a name on a button, by language, and the prompts behind it."""

    id: str = Field(pattern=r"^[a-z0-9_-]{1,16}$")
    emoji: str = Field(default="💡", max_length=4)
    title: Titles
    prompts: tuple[PresetPrompt, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        missing = [language for language in _REQUIRED if language not in self.title]
        if missing:
            raise ValueError(f"preset {self.id} has no title in {', '.join(missing)}")
        return self

    def fitting(self, category: Category | None) -> tuple[int, ...]:
        """The numbers of the prompts for what is to be made; None: that is not known yet."""
        own = tuple(number for number, each in enumerate(self.prompts) if each.category is category)
        if own:
            return own
        every = range(len(self.prompts)) if category is None else ()
        return tuple(number for number, each in enumerate(self.prompts) if each.category is None) or tuple(
            every
        )

    def label(self, t: Translator) -> str:
        """What its button says."""
        return f"{self.emoji} {self.title.get(t.language) or self.title['en']}".strip()


@dataclass(frozen=True, slots=True)
class Taken:
    """A prompt that was taken from a preset, by a name that finds it again."""

    name: str
    prompt: str


class Presets:
    """The presets on offer: the operator's own first, and of the house's those that are wanted."""

    def __init__(self, own: Sequence[Preset], *, built_in: bool) -> None:
        presets = [*own, *(_built_in() if built_in else ())]
        self._presets = {preset.id: preset for preset in reversed(presets)}

    def all(self, category: Category | None) -> tuple[Preset, ...]:
        """Those that have something for a category, or for any."""
        found = reversed(self._presets.values())
        return tuple(preset for preset in found if category is None or preset.fitting(category))

    def take(self, preset_id: str, category: Category | None, key: str) -> Taken | None:
        """One of a preset's prompts for a category, or for any; the same one for the same `key`."""
        preset = self._presets.get(preset_id)
        numbers = preset.fitting(category) if preset is not None else ()
        if preset is None or not numbers:
            return None
        chosen = numbers[hashlib.blake2b(key.encode(), digest_size=2).digest()[0] % len(numbers)]
        return Taken(f"{preset.id}:{chosen}", preset.prompts[chosen].prompt)

    def refit(self, name: str, category: Category, key: str) -> Taken | None:
        """Another prompt of the same preset where the one called `name` is not for a category."""
        preset_id, _, number = name.partition(":")
        preset = self._presets.get(preset_id)
        if preset is None or self._prompt(name) is None or number in map(str, preset.fitting(category)):
            return None
        return self.take(preset_id, category, key)

    def shown(self, t: Translator, name: str, prompt: str) -> str:
        """What people read of a prompt: what a preset says about its own, and anything else as it is."""
        taken = self._prompt(name)
        if taken is None or taken.prompt != prompt:
            return prompt
        return taken.about.get(t.language) or taken.about.get("en") or prompt

    def _prompt(self, name: str) -> PresetPrompt | None:
        preset_id, _, number = name.partition(":")
        preset = self._presets.get(preset_id)
        if preset is None or not number.isdecimal() or int(number) >= len(preset.prompts):
            return None
        return preset.prompts[int(number)]


class _File(_Data):
    presets: tuple[Preset, ...]


def _built_in() -> tuple[Preset, ...]:
    return _File.model_validate(tomllib.loads(_FILE.read_text(encoding="utf-8"))).presets
