"""What the dialogue shows of a model's options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.generate.said import Said
from plugins.generate.screen import Screen, drop_button, shortened
from starloom.api import (
    Button,
    Generations,
    Html,
    Model,
    Option,
    OptionValue,
    Quote,
    Translator,
    value_label,
)

_OPTIONS_A_PAGE = 8
_CHOICES_A_PAGE = 24
_SHORT = 14
"""Characters of a choice so that two stand side by side."""
_LABEL = 40
_SHOWN_VALUE = 60


class OptionScreens:
    """Makes the screens on which options are read and changed."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations

    def options(
        self, t: Translator, model: Model, said: Said, quote: Quote | None, *, page: int = 0
    ) -> Screen:
        """All options of a page with their values, and what it costs so. What few people need comes last."""
        pages = _pages(model)
        last = len(pages) - 1
        page = min(page, last)
        token = self._generations.token(model.id)
        rows = []
        for option in pages[page]:
            value = said.options.get(option.field, option.default)
            label = f"{title_of(t, option)}: {value_of(t, option, value)}"
            number = str(model.options.index(option))
            rows.append((Button(shortened(label, _LABEL), "option", (token, number)),))
        turns = []
        if page > 0:
            turns.append(Button(t.plain("generate-previous"), "tune", (token, str(page - 1))))
        if page < last:
            turns.append(Button(t.plain("generate-more-options"), "tune", (token, str(page + 1))))
        done = Button(t.plain("generate-options-done"), "tuned", (token,))
        price = price_in_words(t, quote)
        text = t("generate-options", model=model.title_in(t.language), price=price)
        return Screen(text, (*rows, tuple(turns), (done,), (drop_button(t),)))

    def page_of(self, model: Model, option: Option) -> int:
        """The page on which an option stands."""
        return next(number for number, page in enumerate(_pages(model)) if option in page)

    def choices(self, t: Translator, model: Model, said: Said, option: Option, *, page: int = 0) -> Screen:
        """The values of an option to choose from."""
        token, number = self._generations.token(model.id), str(model.options.index(option))
        choices = option.choices if option.choices is not None else (True, False)
        last = max(0, (len(choices) - 1) // _CHOICES_A_PAGE)
        page = min(page, last)
        now = said.options.get(option.field, option.default)
        buttons = []
        for place in range(page * _CHOICES_A_PAGE, min(len(choices), (page + 1) * _CHOICES_A_PAGE)):
            label = value_of(t, option, choices[place])
            chosen = t.plain("generate-chosen", value=label) if choices[place] == now else label
            buttons.append(Button(shortened(chosen, _LABEL), "set", (token, number, str(place))))
        turns = []
        if page > 0:
            turns.append(Button(t.plain("generate-previous"), "option", (token, number, str(page - 1))))
        if page < last:
            turns.append(Button(t.plain("generate-next"), "option", (token, number, str(page + 1))))
        text = t("generate-choose-value", option=title_of(t, option))
        return Screen(text, (*_in_rows(buttons), tuple(turns), *self._back(t, model, said, option)))

    def ask_value(self, t: Translator, model: Model, option: Option, *, refused: bool = False) -> Screen:
        """The question for a value in words, with what it may be."""
        key = "generate-value-refused" if refused else "generate-ask-value"
        text = t(key, option=title_of(t, option), allowed=_allowed(t, option))
        token, number = self._generations.token(model.id), str(model.options.index(option))
        rows: list[tuple[Button, ...]] = []
        if option.default is not None or not option.required:
            rows.append((Button(t.plain("generate-usual"), "set", (token, number, "")),))
            rows.append(
                (Button(t.plain("generate-options-back"), "tune", (token, str(self.page_of(model, option)))),)
            )
        return Screen(text, (*rows, (drop_button(t),)))

    def _back(
        self, t: Translator, model: Model, said: Said, option: Option
    ) -> tuple[tuple[Button, ...], ...]:
        if option.required and option.default is None and option.field not in said.options:
            return ((drop_button(t),),)
        arguments = (self._generations.token(model.id), str(self.page_of(model, option)))
        return ((Button(t.plain("generate-options-back"), "tune", arguments),),)


def title_of(t: Translator, option: Option) -> str:
    """What an option is called."""
    return t.plain(option.title_key) if t.has(option.title_key) else option.field


def value_of(t: Translator, option: Option, value: OptionValue | None) -> str:
    """What a value is called."""
    if value is None or value == "":
        return t.plain("generate-no-value")
    return shortened(value_label(t, option, value), _SHOWN_VALUE)


def options_in_words(t: Translator, model: Model, options: Mapping[str, Any]) -> Html:
    """All options that have a value, a line each; those that few people need only where they were changed."""
    lines = []
    for option in model.options:
        value = options.get(option.field)
        if value is None or value == "" or (option.advanced and value == option.default):
            continue
        lines.append(t("generate-option", option=title_of(t, option), value=value_of(t, option, value)))
    return Html("\n".join(lines))


def price_in_words(t: Translator, quote: Quote | None) -> Html:
    """What it costs the person: Stars, or why it is free and how many there are left."""
    if quote is None:
        return t("generate-price-later")
    if quote.free:
        return t(f"generate-free-{quote.free}", left=quote.free_left)
    stars = t("stars", stars=quote.stars)
    return t("generate-from-stars", stars=stars) if quote.least else stars


def _allowed(t: Translator, option: Option) -> Html:
    if option.type == "string":
        return (
            t("generate-allowed-text", longest=option.longest)
            if option.longest
            else t("generate-allowed-any")
        )
    least, most = option.minimum, option.maximum
    whole = "whole" if option.type == "integer" else "number"
    if least is not None and most is not None:
        return t(f"generate-allowed-{whole}-between", least=least, most=most)
    if least is not None:
        return t(f"generate-allowed-{whole}-least", least=least)
    if most is not None:
        return t(f"generate-allowed-{whole}-most", most=most)
    return t(f"generate-allowed-{whole}")


def _pages(model: Model) -> list[list[Option]]:
    """The options by pages; those that few people need have pages of their own behind the others."""
    kinds = [[option for option in model.options if option.advanced is few] for few in (False, True)]
    pages = [
        kind[start : start + _OPTIONS_A_PAGE]
        for kind in kinds
        for start in range(0, len(kind), _OPTIONS_A_PAGE)
    ]
    return pages or [[]]


def _in_rows(buttons: list[Button]) -> list[tuple[Button, ...]]:
    """Two short ones side by side."""
    rows: list[tuple[Button, ...]] = []
    for button in buttons:
        beside = (
            rows and len(rows[-1]) == 1 and len(rows[-1][0].text) <= _SHORT and len(button.text) <= _SHORT
        )
        if beside:
            rows[-1] = (*rows[-1], button)
        else:
            rows.append((button,))
    return rows
