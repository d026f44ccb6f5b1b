"""The way to a model among many: what is popular, what it makes, its family, its page, its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from plugins.generate.index import PICKS, Family, ModelIndex
from starloom.api import Button, Category, Generations, Model, UserFacingError

_PAGES_WITHOUT_FAMILIES = 3
FOUND = "found"
"""The place of models that were looked for by name, in the place of a category."""
_PLACES = (*(each.value for each in Category), FOUND)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the catalogue somebody is. `family` is the short name of one; empty means all."""

    category: str = ""
    family: str = ""
    page: int = 0

    @classmethod
    def of(cls, arguments: Sequence[str]) -> Place:
        """The place that a button names; the top for what names none."""
        category, family, page = (*arguments, "", "", "")[:3]
        known = category if category in _PLACES else ""
        return cls(known, family if known else "", int(page) if page.isdecimal() else 0)

    def button(self, label: str) -> Button:
        """A button that leads here."""
        return Button(label, "models", (self.category, self.family, str(self.page)))


@dataclass(frozen=True, slots=True)
class Listing:
    """What one screen of the catalogue shows: models, or ways on to more of them.

    `popular` are those of the models that people use most. `total` is how many models there are in all.
    """

    place: Place
    total: int = 0
    last: int = 0
    models: tuple[Model, ...] = ()
    popular: frozenset[str] = frozenset()
    ways: tuple[tuple[Place, str, int], ...] = ()
    """Places with the name of what is there and the number of its models."""
    up: Place | None = None
    """Where one comes from; None at the top."""


class Catalogue:
    """Lays out the models on offer. `page_size` is how many models or families one screen shows.

    `used` says how often each model was used lately; what was used most comes first.
    """

    def __init__(self, generations: Generations, *, page_size: int) -> None:
        self._generations = generations
        self._page_size = page_size
        self._whole = ModelIndex((), cost=self._cost)

    def index(self) -> ModelIndex:
        """All models on offer."""
        models = self._generations.models()
        if models != self._whole.models:
            self._whole = ModelIndex(models, cost=self._cost)
        return self._whole

    def listing(
        self, index: ModelIndex, place: Place, *, used: Mapping[str, int] | None = None, query: str = ""
    ) -> Listing:
        """What is at a place: as few steps as the number of models allows. `query` is what is looked for."""
        used = used or {}
        most = sorted((model for model in index.models if used.get(model.id)), key=_by_use(used, index))
        found = self._at(index, place, most, query)
        popular = frozenset(model.id for model in most[:PICKS] if model in found.models)
        return replace(found, popular=popular, total=len(index.models))

    def _at(self, index: ModelIndex, place: Place, most: Sequence[Model], query: str) -> Listing:
        if place.category == FOUND:
            return self._page(index.find(query), place)
        if not place.category:
            return self._top(index, most)
        up = Place() if len(index.by_category) > 1 else None
        if place.family:
            up = Place(place.category)
        return replace(self._within(index, Category(place.category), place, most), up=up)

    def _within(self, index: ModelIndex, category: Category, place: Place, most: Sequence[Model]) -> Listing:
        inside = index.by_category.get(category, ())
        most = [model for model in most if model.category is category]
        if len(inside) <= _PAGES_WITHOUT_FAMILIES * self._page_size:
            return self._page(_first(most, inside), place)
        families = index.families(category)
        if place.family:
            family = families.get(place.family)
            return self._page(family.models if family else inside, place)
        picks = (*most, *(model for model in index.cheap(category) if model not in most))[:PICKS]
        return self._families(tuple(families.values()), place, picks)

    def _top(self, index: ModelIndex, most: Sequence[Model]) -> Listing:
        if len(index.models) <= self._page_size:
            return self._page(_first(most, index.models), Place())
        if len(index.by_category) == 1:
            (only,) = index.by_category
            return self._within(index, only, Place(only.value), most)
        ways = [(Place(each.value), each.value, len(found)) for each, found in index.by_category.items()]
        return Listing(Place(), models=tuple(most[:PICKS]), ways=tuple(ways))

    def _page(self, models: Sequence[Model], place: Place) -> Listing:
        last = max(0, (len(models) - 1) // self._page_size)
        page = min(place.page, last)
        shown = models[page * self._page_size : (page + 1) * self._page_size]
        return Listing(replace(place, page=page), last=last, models=tuple(shown))

    def _families(self, families: Sequence[Family], place: Place, picks: Sequence[Model]) -> Listing:
        """Families, and those of one model as that model; on the first page with a few models at once."""
        picks = picks[: self._page_size - 1]
        last = max(0, (len(families) + len(picks) - 1) // self._page_size)
        page = min(place.page, last)
        start = page * self._page_size - len(picks)
        shown = families[max(0, start) : start + self._page_size]
        at_once = list(picks) if page == 0 else []
        at_once += [each.models[0] for each in shown if len(each.models) == 1]
        ways = tuple(
            (Place(place.category, each.short), each.name, len(each.models))
            for each in shown
            if len(each.models) > 1
        )
        models = tuple({model.id: model for model in at_once}.values())
        return Listing(Place(place.category, "", page), last=last, models=models, ways=ways)

    def _cost(self, model: Model) -> int:
        try:
            return self._generations.quote(model.id).stars
        except UserFacingError:
            # It has to be told more before it has a price: nothing to begin with.
            return 1_000_000


def _by_use(used: Mapping[str, int], index: ModelIndex) -> Callable[[Model], tuple[int, int]]:
    return lambda model: (-used[model.id], index.place(model))


def _first(most: Sequence[Model], models: Sequence[Model]) -> tuple[Model, ...]:
    """All of `models`, those that are used most first."""
    chosen = {model.id for model in most}
    return (*most, *(model for model in models if model.id not in chosen))
