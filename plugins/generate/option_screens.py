"""What the dialogue shows of a model's options."""

from __future__ import annotations

from plugins.generate.said import Said
from plugins.generate.screen import Screen, drop_button, models_button
from starloom.api import (
    Button,
    Generations,
    Html,
    Keyboard,
    Model,
    Option,
    OptionMenu,
    Quote,
    Translator,
    allowed_in_words,
    option_title,
)


class OptionScreens:
    """Makes the screens on which options are read and changed."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations

    def options(
        self, t: Translator, model: Model, said: Said, quote: Quote | None, *, page: int = 0
    ) -> Screen:
        """All options of a page with their values, and what it costs so."""
        rows = self._menu(t, model, said).options(page)
        done = Button(t.plain("generate-options-done"), "tuned", (self._generations.token(model.id),))
        price = price_in_words(t, quote)
        text = t("generate-options", model=model.title_in(t.language), price=price)
        return Screen(text, (*rows, (done,), (drop_button(t),)))

    def choices(self, t: Translator, model: Model, said: Said, option: Option, *, page: int = 0) -> Screen:
        """The values of an option to choose from."""
        menu = self._menu(t, model, said)
        text = t("options-choose", option=option_title(t, option))
        ways = self._ways_back(t, model, said, option)
        if _still_asked(model, said):
            ways = (*ways, (drop_button(t),))
        return Screen(text, (*menu.choices(option, page), *ways))

    def ask_value(
        self, t: Translator, model: Model, said: Said, option: Option, *, refused: bool = False
    ) -> Screen:
        """The question for a value in words, with what it may be."""
        key = "options-refused" if refused else "options-ask"
        text = t(key, option=option_title(t, option), allowed=allowed_in_words(t, option))
        rows: list[tuple[Button, ...]] = []
        if option.default is not None or not option.required:
            rows.append((self._menu(t, model, said).usual(option),))
        return Screen(text, (*rows, *self._ways_back(t, model, said, option), (drop_button(t),)))

    def _ways_back(self, t: Translator, model: Model, said: Said, option: Option) -> Keyboard:
        """To the options; while some are asked for one by one, to the one before and to the models."""
        menu = self._menu(t, model, said)
        if not _still_asked(model, said):
            return ((menu.back(option),),)
        asked = [each for each in model.options if _is_asked(each)]
        before = asked[: asked.index(option)] if option in asked else asked
        rows = [(menu.again(t.plain("generate-back"), each),) for each in before[-1:]]
        return (*rows, (models_button(t),))

    def _menu(self, t: Translator, model: Model, said: Said) -> OptionMenu:
        return OptionMenu(t, model, self._generations.token(model.id), said.options)


def _is_asked(option: Option) -> bool:
    """Whether an option has to be given before there is an order with options to go back to."""
    return option.required and option.default is None


def _still_asked(model: Model, said: Said) -> bool:
    return any(_is_asked(each) and each.field not in said.options for each in model.options)


def price_in_words(t: Translator, quote: Quote | None) -> Html:
    """What it costs the person: Stars, or why it is free and how many there are left."""
    if quote is None:
        return t("generate-price-later")
    if quote.free:
        return t(f"generate-free-{quote.free}", left=quote.free_left)
    stars = t("stars", stars=quote.stars)
    return t("generate-from-stars", stars=stars) if quote.least else stars
