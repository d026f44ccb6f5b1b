"""By which names models are found: ids, aliases, names of those that are no more, the nearest to a slip."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping

from core.generation.model import Model, RetiredModel

_NOT_IN_LINKS = re.compile(r"[^A-Za-z0-9_-]")
_LIKE_ENOUGH = 0.6
"""How much of a name must be right for it to be taken for a slip of another, from 0 to 1."""

_NAMES = 4
"""How many of a model's names are looked at to find so many different models."""


class Names:
    """The names of models. Ids win over aliases, and both over names of models that are no more."""

    def __init__(self, models: Mapping[str, Model], retired: Iterable[RetiredModel] = ()) -> None:
        self._ids: dict[str, str] = {model_id: model_id for model_id in models}
        self._linked: dict[str, str] = {linked(model_id): model_id for model_id in reversed(list(models))}
        self._retired: dict[str, RetiredModel] = {}
        self._collisions: list[str] = []
        for model in models.values():
            for alias in model.aliases:
                self._add_alias(alias, model.id)
        for each in retired:
            self._add_retired(each)

    @property
    def collisions(self) -> tuple[str, ...]:
        """Names that mean two things, each as a sentence for the operator that says which one counts."""
        return tuple(self._collisions)

    @property
    def retired(self) -> tuple[RetiredModel, ...]:
        """What is no more."""
        return tuple(self._retired.values())

    def find(self, name: str) -> str | None:
        """The id of the model that `name` is a name of; how it is written does not matter."""
        return self._ids.get(name) or self._ids.get(_plain(name)) or self._linked.get(name)

    def retired_as(self, name: str) -> RetiredModel | None:
        """What is known of a model that is no more."""
        known = self._retired.get(name) or self._retired.get(_plain(name))
        return known or next((each for each in self._retired.values() if linked(each.id) == name), None)

    def instead_of(self, name: str) -> str | None:
        """The id of the model that takes the place of one that is no more, over as many steps as it takes."""
        passed: set[str] = set()
        while name not in passed:
            passed.add(name)
            retired = self.retired_as(name)
            if retired is None or not retired.instead:
                return None
            found = self.find(retired.instead)
            if found is not None:
                return found
            name = retired.instead
        return None

    def alike(self, name: str, live: Collection[str], *, most: int = 1) -> tuple[str, ...]:
        """The ids among `live` that are meant by the names most like `name`, the likeliest first.

        What is like the name of a model that is no more means the one that takes its place.
        """
        meant = {each: model_id for each, model_id in self._ids.items() if model_id in live}
        for retired in self._retired:
            instead = self.instead_of(retired)
            if instead is not None and instead in live:
                meant[retired] = instead
        # Several names may mean one model.
        names = difflib.get_close_matches(_plain(name), sorted(meant), n=_NAMES * most, cutoff=_LIKE_ENOUGH)
        return tuple(dict.fromkeys(meant[found] for found in names))[:most]

    def _add_alias(self, alias: str, model_id: str) -> None:
        other = self._ids.setdefault(alias, model_id)
        if other == alias:
            self._collisions.append(f"alias {alias} of {model_id} is left out: it is a model's id")
        elif other != model_id:
            self._collisions.append(f"alias {alias} of {model_id} is left out: it is one of {other}")

    def _add_retired(self, retired: RetiredModel) -> None:
        taken = self._ids.get(retired.id)
        if taken is not None:
            self._collisions.append(f"retired name {retired.id} is left out: it is a name of {taken}")
        elif retired.id in self._retired:
            self._collisions.append(f"retired name {retired.id} is there twice; the first one counts")
        else:
            self._retired[retired.id] = retired


def linked(model_id: str) -> str:
    """A model's id as it can stand in a link; of two that come out the same, the first model's counts."""
    return _NOT_IN_LINKS.sub("-", model_id)


def _plain(name: str) -> str:
    return "-".join(name.lower().split())
