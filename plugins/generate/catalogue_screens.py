"""What the choice of a model shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plugins.generate.catalogue import FOUND, Listing, Place
from plugins.generate.presets import Preset
from plugins.generate.said import Said
from plugins.generate.screen import Screen, drop_button, shortened
from starloom.api import Button, Generations, Html, Keyboard, Model, Quote, Translator

_LABEL = 40
_A_ROW = 2


class CatalogueScreens:
    """Makes the screens of the catalogue. `page_size` is how many models it takes until search is offered."""

    def __init__(self, generations: Generations, *, page_size: int) -> None:
        self._generations = generations
        self._page_size = page_size

    def models(
        self, t: Translator, listing: Listing, quotes: Mapping[str, Quote], said: Said, *, prompt: str
    ) -> Screen:
        """A listing, with prices for this person. `prompt` is what is shown of the words said so far."""
        if not listing.models and not listing.ways:
            return self._nothing(t, listing, said)
        rows: list[tuple[Button, ...]] = []
        for model in listing.models:
            rows.append((self._model_button(t, model, quotes, popular=model.id in listing.popular),))
        rows += [(self._way_button(t, *way),) for way in listing.ways]
        rows += [row for row in (_turns(t, listing), self._other_ways(t, listing, said)) if row]
        rows.append((drop_button(t),))
        return Screen(_question(t, listing, said, prompt), tuple(rows))

    def ask_name(self, t: Translator) -> Screen:
        """The question what a model is called."""
        return Screen(t("generate-ask-name"), self._back(t))

    def ideas(self, t: Translator, presets: tuple[Preset, ...]) -> Screen:
        """The presets to choose from, before a model is chosen."""
        own = Button(t.plain("generate-own-words"), "own")
        return Screen(t("generate-ideas"), (*preset_rows(t, presets), (own,), *self._back(t)))

    def ask_idea(self, t: Translator) -> Screen:
        """The question for words of one's own, before a model is chosen."""
        return Screen(t("generate-ask-idea"), self._back(t))

    def _nothing(self, t: Translator, listing: Listing, said: Said) -> Screen:
        if listing.place.category == FOUND and listing.total:
            again = Button(t.plain("generate-search"), "search")
            return Screen(t("generate-none-found", query=shortened(said.query)), ((again,), *self._back(t)))
        return Screen(t("generate-no-models"))

    def _back(self, t: Translator) -> Keyboard:
        return ((Place().button(t.plain("generate-to-models")),), (drop_button(t),))

    def _other_ways(self, t: Translator, listing: Listing, said: Said) -> tuple[Button, ...]:
        """What there is beside the models themselves: the whole list, a search, ideas, one's own words."""
        if listing.place.category == FOUND:
            own = (Button(t.plain("generate-it-is-my-idea"), "idea"),)
            return (Place().button(t.plain("generate-to-models")), *(own if said.query else ()))
        ways = []
        if listing.total > self._page_size:
            ways.append(Button(t.plain("generate-search"), "search"))
        if listing.up is not None:
            ways.append(listing.up.button(t.plain("generate-up")))
        elif not said.prompt and not said.offered:
            ways.append(Button(t.plain("generate-to-ideas"), "ideas"))
        return tuple(ways)

    def _model_button(
        self, t: Translator, model: Model, quotes: Mapping[str, Quote], *, popular: bool
    ) -> Button:
        given = "-given" if any(each.required for each in model.media) or model.one_of else ""
        key, price = f"generate-model-{model.category.value}{given}", _short_price(t, quotes.get(model.id))

        def label(title: str) -> str:
            text = t.plain(key, model=title, price=price)
            return t.plain("generate-popular", model=text) if popular else text

        title = model.title_in(t.language)
        beyond = len(label(title)) - _LABEL
        fitting = label(title if beyond <= 0 else f"{title[: -beyond - 1]}…")
        return Button(fitting, "model", (self._generations.token(model.id),))

    def _way_button(self, t: Translator, place: Place, name: str, count: int) -> Button:
        if place.family:
            return place.button(t.plain("generate-family", name=shortened(name, _LABEL - 8), count=count))
        return place.button(t.plain(f"generate-category-{name}", count=count))


def preset_rows(t: Translator, presets: tuple[Preset, ...], token: str = "") -> Keyboard:
    """A button for each preset, two side by side; `token` names the model that they are for, if any."""
    buttons = [Button(preset.label(t), "preset", (preset.id, token)) for preset in presets]
    return tuple(tuple(buttons[start : start + _A_ROW]) for start in range(0, len(buttons), _A_ROW))


def _turns(t: Translator, listing: Listing) -> tuple[Button, ...]:
    place, turns = listing.place, []
    if place.page > 0:
        turns.append(replace(place, page=place.page - 1).button(t.plain("generate-previous")))
    if place.page < listing.last:
        turns.append(replace(place, page=place.page + 1).button(t.plain("generate-next")))
    return tuple(turns)


def _question(t: Translator, listing: Listing, said: Said, prompt: str) -> Html:
    if listing.place.category == FOUND:
        return t("generate-found", query=shortened(said.query, 60))
    if prompt:
        return t("generate-choose-for", prompt=shortened(prompt))
    return t("generate-choose-for-files") if said.offered else t("generate-choose")


def _short_price(t: Translator, quote: Quote | None) -> str:
    if quote is None:
        return t.plain("generate-price-later")
    if quote.free:
        return t.plain("generate-free")
    return t.plain("generate-from" if quote.least else "generate-stars", stars=quote.stars)
