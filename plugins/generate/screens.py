"""What the dialogue shows at each step: texts with their keyboards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starloom.api import (
    STOPPABLE_STATES,
    Amounts,
    Button,
    Generations,
    Html,
    Job,
    JobState,
    Keyboard,
    Model,
    Quote,
    Translator,
)

_SHOWN_PROMPT = 300
_SHOWN_TITLE = 26
"""So that a button stays within 40 characters."""
_BAR_CELLS = 10


@dataclass(frozen=True, slots=True)
class Screen:
    """A text as HTML, with what stands below it."""

    text: Html
    keyboard: Keyboard = ()


class Screens:
    """Makes the screens. `page_size` is how many models one shows."""

    def __init__(self, generations: Generations, amounts: Amounts, *, page_size: int) -> None:
        self._generations = generations
        self._amounts = amounts
        self._page_size = page_size

    def page(self, number: int) -> tuple[Sequence[Model], int, int]:
        """The models of a page, its number among those there are, and the last one's."""
        models = self._generations.models()
        last = max(0, (len(models) - 1) // self._page_size)
        number = max(0, min(number, last))
        return models[number * self._page_size : (number + 1) * self._page_size], number, last

    def models(
        self, t: Translator, quotes: Mapping[str, Quote], *, prompt: str = "", page: int = 0
    ) -> Screen:
        """The models with their prices for this person, one page of them."""
        shown, page, last = self.page(page)
        if not shown:
            return Screen(t("generate-no-models"))
        rows: list[tuple[Button, ...]] = [
            (self._model_button(t, model, quotes[model.id]),) for model in shown if model.id in quotes
        ]
        turns = []
        if page > 0:
            turns.append(Button(t.plain("generate-previous"), "models", (str(page - 1),)))
        if page < last:
            turns.append(Button(t.plain("generate-next"), "models", (str(page + 1),)))
        if turns:
            rows.append(tuple(turns))
        rows.append((drop_button(t),))
        text = t("generate-choose-for", prompt=_shortened(prompt)) if prompt else t("generate-choose")
        return Screen(text, tuple(rows))

    def ask_prompt(self, t: Translator, model: Model, quote: Quote) -> Screen:
        """The question for a prompt."""
        text = t(
            "generate-ask-prompt",
            model=model.title_in(t.language),
            price=_price(t, quote),
            limit=model.prompt_max,
        )
        return Screen(text, ((models_button(t),), (drop_button(t),)))

    def confirm(
        self, t: Translator, model: Model, quote: Quote, *, prompt: str, draft: str, available: int
    ) -> Screen:
        """The last question before money."""
        common = {
            "model": model.title_in(t.language),
            "options": _options(t, model, quote),
            "prompt": _shortened(prompt),
            "price": _price(t, quote),
        }
        if quote.free:
            text = t("generate-confirm-free", **common)
        else:
            money = self._amounts.money(t, quote.stars)
            text = t("generate-confirm", money=money, balance=t("stars", stars=available), **common)
        return Screen(text, self._confirm_keyboard(t, quote, draft))

    def price_changed(self, t: Translator, quote: Quote, *, was: int, draft: str) -> Screen:
        """The last question again, at another price; `was` is 0 for what was free."""
        if quote.free:
            text = t("generate-free-now", price=_price(t, quote))
        elif was == 0:
            text = t("generate-free-over", now=quote.stars)
        else:
            text = t("generate-price-changed", was=was, now=quote.stars)
        return Screen(text, self._confirm_keyboard(t, quote, draft))

    def busy(self, t: Translator, job: Job) -> Screen:
        """A generation is running, and there cannot be another."""
        title = self._generations.title(job.model_id, t.language)
        return Screen(t("generate-busy", model=title), _stop_keyboard(t, job))

    def progress(self, t: Translator, job: Job) -> Screen:
        """How a running job stands."""
        title = self._generations.title(job.model_id, t.language)
        price = t(f"price-free-{job.free}") if job.free else t("stars", stars=job.price)
        if job.state in (JobState.READY, JobState.DELIVERING):
            return Screen(t("generate-sending", model=title))
        if job.percent is None:
            return Screen(t("generate-waiting", model=title, price=price), _stop_keyboard(t, job))
        text = t("generate-running", model=title, price=price, percent=job.percent, bar=_bar(job.percent))
        return Screen(text, _stop_keyboard(t, job))

    def _confirm_keyboard(self, t: Translator, quote: Quote, draft: str) -> Keyboard:
        label = t.plain("generate-make-free") if quote.free else t.plain("generate-make", price=quote.stars)
        return ((Button(label, "make", (draft,)),), (models_button(t),), (drop_button(t),))

    def _model_button(self, t: Translator, model: Model, quote: Quote) -> Button:
        title = model.title_in(t.language)
        price = t.plain("generate-free") if quote.free else t.plain("generate-stars", stars=quote.stars)
        label = t.plain(
            f"generate-model-{model.category.value}",
            model=title if len(title) <= _SHOWN_TITLE else f"{title[: _SHOWN_TITLE - 1]}…",
            price=price,
        )
        return Button(label, "model", (self._generations.token(model.id),))


def _price(t: Translator, quote: Quote) -> Html:
    """What it costs the person: Stars, or why it is free and how many there are left."""
    if quote.free:
        return t(f"generate-free-{quote.free}", left=quote.free_left)
    return t("stars", stars=quote.stars)


def _options(t: Translator, model: Model, quote: Quote) -> Html:
    """The options of a quote in words, or nothing where the model has none."""
    lines = []
    for name, value in quote.options.items():
        option = model.option(name)
        title = t(option.title_key) if option and t.has(option.title_key) else name
        key = f"value-{name}"
        shown = t(key, value=value) if t.has(key) else str(value)
        lines.append(t("generate-option", option=title, value=shown))
    return Html("\n".join(lines))


def _shortened(prompt: str) -> str:
    return prompt if len(prompt) <= _SHOWN_PROMPT else f"{prompt[: _SHOWN_PROMPT - 1]}…"


def _bar(percent: int) -> str:
    full = percent * _BAR_CELLS // 100
    return "▰" * full + "▱" * (_BAR_CELLS - full)


def models_button(t: Translator) -> Button:
    """The way back to the choice of a model."""
    return Button(t.plain("generate-other-model"), "models", ("0",))


def drop_button(t: Translator) -> Button:
    """The way out."""
    return Button(t.plain("generate-drop"), "drop")


def _stop_keyboard(t: Translator, job: Job) -> Keyboard:
    if job.state not in STOPPABLE_STATES:
        return ()
    return ((Button(t.plain("generate-stop"), "stop", (job.id,)),),)
