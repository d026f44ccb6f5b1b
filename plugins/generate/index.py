"""All models on offer, laid out so that a screen, or a search among a thousand, is little work."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from starloom.api import Category, Model

_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 4
"""A name has no more words; what is longer is an idea."""
_SHORTEST_PART = 2
"""Letters by which a word that is not whole can be told."""
_LIKE_ENOUGH = 0.75
PICKS = 3
"""How many models a category of many shows at once."""


@dataclass(frozen=True, slots=True)
class Family:
    """Models whose names begin with one word. `short` names it in a button."""

    short: str
    name: str
    models: tuple[Model, ...]


class ModelIndex:
    """Made anew when the models change. `cost` orders models by what they cost at least."""

    def __init__(self, models: Sequence[Model], *, cost: Callable[[Model], int]) -> None:
        self.models = tuple(models)
        self.by_category = {
            category: found
            for category in Category
            if (found := tuple(model for model in models if model.category is category))
        }
        self._cost = cost
        self._families: dict[Category, dict[str, Family]] = {}
        self._cheap: dict[Category, tuple[Model, ...]] = {}
        self._places = {model.id: place for place, model in enumerate(models)}

    @cached_property
    def _words(self) -> Mapping[str, frozenset[str]]:
        return {model.id: _words_of(model) for model in self.models}

    @cached_property
    def _first(self) -> frozenset[str]:
        titles = (title for model in self.models for title in model.title.values())
        return frozenset(words[0] for words in map(_split, titles) if words)

    def among(self, models: Sequence[Model]) -> ModelIndex:
        """The same for some of the models."""
        return ModelIndex(models, cost=self._cost)

    def families(self, category: Category) -> Mapping[str, Family]:
        """The families of a category by their short names, in the order in which their models come."""
        if category not in self._families:
            found: dict[str, list[Model]] = {}
            for model in self.by_category.get(category, ()):
                found.setdefault(_first_word(model), []).append(model)
            families = [Family(_short(name), name, tuple(models)) for name, models in found.items()]
            self._families[category] = {family.short: family for family in families}
        return self._families[category]

    def cheap(self, category: Category) -> tuple[Model, ...]:
        """The cheapest models of a category that need nothing but words: what a newcomer can begin with."""
        if category not in self._cheap:
            plain = [model for model in self.by_category.get(category, ()) if from_words_alone(model)]
            self._cheap[category] = tuple(sorted(plain, key=self._cost)[:PICKS])
        return self._cheap[category]

    def find(self, query: str) -> tuple[Model, ...]:
        """The models in whose names every word of `query` begins a word; the nearest where there are none."""
        asked = _split(query)
        if not asked:
            return ()
        found = [model for model in self.models if _begin(asked, self._words[model.id])]
        return tuple(found) or self._nearest(asked)

    def names_one(self, text: str) -> bool:
        """Whether a text looks like a model's name rather than an idea.

        It has few words, one of which is the first of some model's name, and all of them are in one name.
        """
        asked = _split(text)
        if not 0 < len(asked) <= _MOST_WORDS or not any(word in self._first for word in asked):
            return False
        return any(_are_in(asked, words) for words in self._words.values())

    def place(self, model: Model) -> int:
        """Where a model stands among all."""
        return self._places.get(model.id, len(self._places))

    def _nearest(self, asked: Sequence[str]) -> tuple[Model, ...]:
        """Models in whose names a word is most like each of these, where any is: a slip of the finger."""
        known = sorted(set().union(*self._words.values()))
        meant = [difflib.get_close_matches(word, known, n=1, cutoff=_LIKE_ENOUGH) for word in asked]
        if not all(meant):
            return ()
        words = [likely[0] for likely in meant]
        return tuple(model for model in self.models if _begin(words, self._words[model.id]))


def _begin(asked: Sequence[str], words: frozenset[str]) -> bool:
    return all(any(word.startswith(part) for word in words) for part in asked)


def _are_in(asked: Sequence[str], words: frozenset[str]) -> bool:
    return all(
        word in words or (len(word) >= _SHORTEST_PART and any(each.startswith(word) for each in words))
        for word in asked
    )


def _words_of(model: Model) -> frozenset[str]:
    names = (*model.title.values(), model.id, *model.aliases)
    return frozenset(word for name in names for word in _split(name))


def _split(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _first_word(model: Model) -> str:
    return model.title_in("en").partition(" ")[0]


def _short(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=4).hexdigest()


def from_words_alone(model: Model) -> bool:
    """Whether nothing but words is needed."""
    if model.source is not None or model.one_of:
        return False
    return model.needs_prompt and not any(given.required for given in model.media)
