"""The way to a model among many: what it makes, its family, its page."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plugins.generate.said import families_of
from plugins.generate.screen import Screen, drop_button, shortened
from starloom.api import Button, Category, Generations, Html, Model, Quote, Translator

_SHOWN_TITLE = 26
"""So that a button stays within 40 characters."""
_PAGES_WITHOUT_FAMILIES = 3


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
        known = category if category in [each.value for each in Category] else ""
        return cls(known, family if known else "", int(page) if page.isdecimal() else 0)

    def button(self, label: str) -> Button:
        """A button that leads here."""
        return Button(label, "models", (self.category, self.family, str(self.page)))


@dataclass(frozen=True, slots=True)
class Listing:
    """What one screen of the catalogue shows: models, or ways on to more of them."""

    place: Place
    last: int = 0
    models: tuple[Model, ...] = ()
    ways: tuple[tuple[Place, str, int], ...] = ()
    """Places with the name of what is there and the number of its models."""


class Catalogue:
    """Makes the screens of the catalogue. `page_size` is how many models or families one shows."""

    def __init__(self, generations: Generations, *, page_size: int) -> None:
        self._generations = generations
        self._page_size = page_size

    def listing(self, models: Sequence[Model], place: Place) -> Listing:
        """What is at a place, among these models: as few steps as their number allows."""
        categories = {
            category: [each for each in models if each.category is category] for category in Category
        }
        categories = {category: found for category, found in categories.items() if found}
        if not place.category:
            if len(models) > self._page_size and len(categories) > 1:
                ways = [(Place(each.value), each.value, len(found)) for each, found in categories.items()]
                return Listing(place, ways=tuple(ways))
            return self._page(list(models), place)
        inside = [each for each in models if each.category.value == place.category]
        if len(inside) <= _PAGES_WITHOUT_FAMILIES * self._page_size:
            return self._page(inside, place)
        families = {_short(name): (name, found) for name, found in families_of(inside).items()}
        if place.family:
            return self._page(families.get(place.family, ("", inside))[1], place)
        return self._families(families, place)

    def screen(
        self, t: Translator, listing: Listing, quotes: Mapping[str, Quote], *, prompt: str, with_files: bool
    ) -> Screen:
        """The screen of a listing, with prices for this person."""
        if not listing.models and not listing.ways:
            return Screen(t("generate-no-models"))
        rows: list[tuple[Button, ...]] = [
            (self._model_button(t, model, quotes.get(model.id)),) for model in listing.models
        ]
        rows += [(self._way_button(t, *way),) for way in listing.ways]
        place, turns = listing.place, []
        if place.page > 0:
            turns.append(
                Place(place.category, place.family, place.page - 1).button(t.plain("generate-previous"))
            )
        if place.page < listing.last:
            turns.append(replace(place, page=place.page + 1).button(t.plain("generate-next")))
        if turns:
            rows.append(tuple(turns))
        if place.category:
            up = Place(place.category) if place.family else Place()
            rows.append((up.button(t.plain("generate-up")),))
        rows.append((drop_button(t),))
        return Screen(_question(t, prompt, with_files=with_files), tuple(rows))

    def _page(self, models: Sequence[Model], place: Place) -> Listing:
        last = max(0, (len(models) - 1) // self._page_size)
        page = min(place.page, last)
        shown = models[page * self._page_size : (page + 1) * self._page_size]
        return Listing(Place(place.category, place.family, page), last, models=tuple(shown))

    def _families(self, families: Mapping[str, tuple[str, list[Model]]], place: Place) -> Listing:
        """Families, and those of one model as that model."""
        last = max(0, (len(families) - 1) // self._page_size)
        page = min(place.page, last)
        shown = list(families.items())[page * self._page_size : (page + 1) * self._page_size]
        alone = tuple(found[0] for _, (_, found) in shown if len(found) == 1)
        ways = tuple(
            (Place(place.category, short), name, len(found))
            for short, (name, found) in shown
            if len(found) > 1
        )
        return Listing(Place(place.category, "", page), last, models=alone, ways=ways)

    def _model_button(self, t: Translator, model: Model, quote: Quote | None) -> Button:
        title = model.title_in(t.language)
        given = "-given" if any(each.required for each in model.media) or model.one_of else ""
        label = t.plain(
            f"generate-model-{model.category.value}{given}",
            model=title if len(title) <= _SHOWN_TITLE else f"{title[: _SHOWN_TITLE - 1]}…",
            price=_short_price(t, quote),
        )
        return Button(label, "model", (self._generations.token(model.id),))

    def _way_button(self, t: Translator, place: Place, name: str, count: int) -> Button:
        if place.family:
            return place.button(t.plain("generate-family", name=name[:_SHOWN_TITLE], count=count))
        return place.button(t.plain(f"generate-category-{name}", count=count))


def _question(t: Translator, prompt: str, *, with_files: bool) -> Html:
    if prompt:
        return t("generate-choose-for", prompt=shortened(prompt))
    return t("generate-choose-for-files") if with_files else t("generate-choose")


def _short_price(t: Translator, quote: Quote | None) -> str:
    if quote is None:
        return t.plain("generate-price-later")
    if quote.free:
        return t.plain("generate-free")
    return t.plain("generate-from" if quote.least else "generate-stars", stars=quote.stars)


def _short(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
