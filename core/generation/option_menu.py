"""Options as people read and change them: names, values, rows of buttons, and values written in words.

Shared by whatever lets people set options. The buttons name the actions `tune` (the options, at a page),
`option` (change one) and `set` (to a value); the first argument is the model's token, then come an option's
number in the schema and a choice's, or a page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from core.generation.labels import value_label
from core.generation.model import Model
from core.generation.options import Option, OptionValue
from core.i18n import Html, Translator
from core.telegram.types import Button, Keyboard

_OPTIONS_A_PAGE = 8
_CHOICES_A_PAGE = 24
_SHORT = 14
"""Characters of a choice so that two stand side by side."""
_LABEL = 40
_SHOWN_VALUE = 60


class OptionMenu:
    """The rows of buttons for a model's options. `values` are what was chosen; the rest has its default."""

    def __init__(self, t: Translator, model: Model, token: str, values: Mapping[str, Any]) -> None:
        self._t = t
        self._model = model
        self._token = token
        self._values = values

    def options(self, page: int = 0) -> Keyboard:
        """The options of a page with their values; what few people need stands on the last pages."""
        t, pages = self._t, _pages(self._model)
        page = min(page, len(pages) - 1)
        rows = [(self._option(option),) for option in pages[page]]
        turns = []
        if page > 0:
            turns.append(Button(t.plain("options-previous"), "tune", (self._token, str(page - 1))))
        if page < len(pages) - 1:
            turns.append(Button(t.plain("options-more"), "tune", (self._token, str(page + 1))))
        return (*rows, tuple(turns))

    def choices(self, option: Option, page: int = 0) -> Keyboard:
        """The values of an option to choose from."""
        t, number = self._t, self._number(option)
        choices = option.choices if option.choices is not None else (True, False)
        last = max(0, (len(choices) - 1) // _CHOICES_A_PAGE)
        page = min(page, last)
        now = self._values.get(option.field, option.default)
        buttons = []
        for place in range(page * _CHOICES_A_PAGE, min(len(choices), (page + 1) * _CHOICES_A_PAGE)):
            label = option_value(t, option, choices[place])
            chosen = t.plain("options-chosen", value=label) if choices[place] == now else label
            buttons.append(Button(_shortened(chosen, _LABEL), "set", (self._token, number, str(place))))
        turns = []
        if page > 0:
            turns.append(Button(t.plain("options-previous"), "option", (self._token, number, str(page - 1))))
        if page < last:
            turns.append(Button(t.plain("options-more"), "option", (self._token, number, str(page + 1))))
        return (*_in_rows(buttons), tuple(turns))

    def back(self, option: Option) -> Button:
        """The way back to the page on which an option stands."""
        page = option_page(self._model, option)
        return Button(self._t.plain("options-back"), "tune", (self._token, str(page)))

    def again(self, label: str, option: Option) -> Button:
        """Leads to the question for the value of an option."""
        return Button(label, "option", (self._token, self._number(option)))

    def usual(self, option: Option) -> Button:
        """Leaves an option to its default."""
        return Button(self._t.plain("options-usual"), "set", (self._token, self._number(option), ""))

    def _option(self, option: Option) -> Button:
        value = option_value(self._t, option, self._values.get(option.field, option.default))
        label = f"{option_title(self._t, option)}: {value}"
        return Button(_shortened(label, _LABEL), "option", (self._token, self._number(option)))

    def _number(self, option: Option) -> str:
        return str(self._model.options.index(option))


def option_page(model: Model, option: Option) -> int:
    """The page on which an option stands."""
    return next(number for number, found in enumerate(_pages(model)) if option in found)


def option_title(t: Translator, option: Option) -> str:
    """What an option is called."""
    return t.plain(option.title_key) if t.has(option.title_key) else option.field


def option_value(t: Translator, option: Option, value: OptionValue | None) -> str:
    """What a value is called."""
    if value is None or value == "":
        return t.plain("options-no-value")
    return _shortened(value_label(t, option, value), _SHOWN_VALUE)


def options_in_words(t: Translator, model: Model, options: Mapping[str, Any]) -> Html:
    """All options that have a value, a line each; those that few people need only where they were changed."""
    lines = []
    for option in model.options:
        value = options.get(option.field)
        if value is None or value == "" or (option.advanced and value == option.default):
            continue
        title, said = option_title(t, option), option_value(t, option, value)
        lines.append(t("options-line", option=title, value=said))
    return Html("\n".join(lines))


def allowed_in_words(t: Translator, option: Option) -> Html:
    """What an option that is written in words may be."""
    if option.type == "string":
        longest = option.longest
        return t("options-allowed-text", longest=longest) if longest else t("options-allowed-any")
    least, most = option.minimum, option.maximum
    whole = "whole" if option.type == "integer" else "number"
    if least is not None and most is not None:
        return t(f"options-allowed-{whole}-between", least=least, most=most)
    if least is not None:
        return t(f"options-allowed-{whole}-least", least=least)
    if most is not None:
        return t(f"options-allowed-{whole}-most", most=most)
    return t(f"options-allowed-{whole}")


def choice_in_words(t: Translator, option: Option, text: str) -> OptionValue | None:
    """The choice that is called so on its button, or is written so; None for other words."""
    said = text.strip().casefold()
    for choice in option.choices or ():
        if said in (option_value(t, option, choice).casefold(), str(choice).casefold()):
            return choice
    return None


def read_option(option: Option, text: str) -> OptionValue | None:
    """A written value in the option's type; None for what is none."""
    clean = unicodedata.normalize("NFC", text).strip()
    if not clean:
        return None
    if option.type == "string":
        return "".join(letter for letter in clean if letter.isprintable() or letter == "\n")
    return _number(clean.replace(",", ".").replace("−", "-"), whole=option.type == "integer")


def _number(text: str, *, whole: bool) -> int | float | None:
    try:
        number = float(text)
        if not whole:
            return number
        return int(text) if text.lstrip("+-").isdecimal() else int(number) if number.is_integer() else None
    except (ValueError, OverflowError):
        return None


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


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
