"""What the dialogue shows at each step: texts with their keyboards."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.generate.input_screens import InputScreens
from plugins.generate.option_screens import OptionScreens, price_in_words
from plugins.generate.presets import Presets
from plugins.generate.said import Said, open_inputs
from plugins.generate.screen import Screen, drop_button, models_button, shortened, stop_keyboard
from starloom.api import (
    Amounts,
    Button,
    Generations,
    Html,
    Job,
    Keyboard,
    Model,
    Quote,
    Translator,
    Units,
    about_time,
    options_in_words,
)


class Screens(InputScreens, OptionScreens):
    """Makes the screens between the choice of a model and its result."""

    def __init__(self, generations: Generations, amounts: Amounts, presets: Presets) -> None:
        super().__init__(generations)
        self._amounts = amounts
        self._presets = presets

    def ask_prompt(
        self, t: Translator, model: Model, said: Said, quote: Quote | None, presets: Keyboard = ()
    ) -> Screen:
        """The question for a prompt, with `presets` for whoever has no idea yet."""
        common = {
            "model": model.title_in(t.language),
            "price": price_in_words(t, quote),
            "limit": model.prompt_max,
        }
        if model.source is None:
            text = t("generate-ask-prompt", **common)
        else:
            question = t(model.source.question_key)
            text = t("generate-ask-more", source=self._source(t, said), question=question, **common)
        if presets:
            text = t("generate-or-an-idea", text=text)
        rows: list[tuple[Button, ...]] = [*presets, (models_button(t),), (drop_button(t),)]
        if not model.needs_prompt:
            token = self._generations.token(model.id)
            rows.insert(0, (Button(t.plain("generate-skip"), "bare", (token,)),))
        return Screen(text, tuple(rows))

    def confirm(
        self,
        t: Translator,
        model: Model,
        quote: Quote,
        said: Said,
        *,
        available: int | None,
        usual: float | None = None,
        units: Units = Units.ALL,
    ) -> Screen:
        """The last question before money: all that was chosen, how long it takes (`usual`), and its price.

        `available` Stars are told beside the price; None where others read along. `units` is what the person
        wants to read beside Stars.
        """
        about = self._about(t, model, quote, said)
        takes = t("generate-usually", time=about_time(t, usual)) if usual else ""
        common = {
            "model": model.title_in(t.language),
            "about": Html("\n\n".join(part for part in (about, takes) if part)),
            "words": model.takes_prompt,
        }
        keyboard = self._confirm_keyboard(t, quote, said.draft, (model, said))
        if quote.free:
            text = t("generate-confirm-free", price=price_in_words(t, quote), **common)
            return Screen(text, keyboard)
        stars = t("generate-price", price=price_in_words(t, quote))
        price = self._amounts.words(t, quote.stars, units, said=stars)
        if available is None:
            return Screen(t("generate-confirm-group", price=price, **common), keyboard)
        # What is to be compared with it: in Stars as well, or in credits where somebody counts in them.
        beside = Units.CREDITS if units is Units.CREDITS else Units.STARS
        balance = self._amounts.words(t, available, beside)
        return Screen(t("generate-confirm", price=price, balance=balance, **common), keyboard)

    def price_changed(self, t: Translator, quote: Quote, *, was: int, draft: str) -> Screen:
        """The last question again, at another price; `was` is 0 for what was free."""
        if quote.free:
            text = t("generate-free-now", price=price_in_words(t, quote))
        elif was == 0:
            text = t("generate-free-over", now=quote.stars)
        else:
            text = t("generate-price-changed", was=was, now=quote.stars)
        return Screen(text, self._confirm_keyboard(t, quote, draft))

    def busy(self, t: Translator, jobs: Sequence[Job]) -> Screen:
        """There are as many generations as there may be; the newest can be stopped here."""
        title = self._generations.title(jobs[0].model_id, t.language)
        waiting = sum(job.waits for job in jobs)
        text = t("generate-full", model=title, queued=waiting) if waiting else t("generate-busy", model=title)
        return Screen(text, stop_keyboard(t, jobs[-1]))

    def _confirm_keyboard(
        self, t: Translator, quote: Quote, draft: str, changed: tuple[Model, Said] | None = None
    ) -> Keyboard:
        label = t.plain("generate-make-free") if quote.free else t.plain("generate-make", price=quote.stars)
        rows: list[tuple[Button, ...]] = [(Button(label, "make", (draft,)),)]
        if changed is not None:
            rows += self._ways_to_change(t, *changed)
        return (*rows, (models_button(t),), (drop_button(t),))

    def _about(self, t: Translator, model: Model, quote: Quote, said: Said) -> Html:
        """Options, files and words of an order."""
        lines = [self._source(t, said)] if said.source else []
        lines.append(options_in_words(t, model, quote.options))
        for given in model.media:
            count = said.count(given.field)
            if count:
                lines.append(t("generate-files", role=t(given.title_key), count=count))
        parts = [Html("\n".join(line for line in lines if line))]
        if said.prompt:
            prompt = self._presets.shown(t, said.preset, said.prompt)
            parts.append(t("generate-quoted", prompt=shortened(prompt)))
        return Html("\n\n".join(part for part in parts if part))

    def _source(self, t: Translator, said: Said) -> Html:
        """What an order goes on from."""
        title = self._generations.title(said.source.get("maker", ""), t.language)
        if number := said.source.get("file"):
            return t("generate-goes-on-from-file", model=title, number=number)
        return t("generate-goes-on-from", model=title)

    def _ways_to_change(self, t: Translator, model: Model, said: Said) -> list[tuple[Button, ...]]:
        token = self._generations.token(model.id)
        ways: list[tuple[Button, ...]] = []
        if model.options:
            ways.append((Button(t.plain("generate-tune"), "tune", (token,)),))
        if open_inputs(model, said):
            ways.append((Button(t.plain("generate-add-files"), "add", (token,)),))
        if said.files:
            ways.append((Button(t.plain("generate-other-files"), "empty", (token,)),))
        return ways
