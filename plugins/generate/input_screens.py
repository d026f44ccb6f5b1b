"""What the dialogue shows while it asks for files."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.generate.screen import Screen, drop_button, models_button
from starloom.api import Button, Generations, Html, MediaInput, Model, Translator


class InputScreens:
    """Makes the screens that ask for files."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations

    def ask_file(self, t: Translator, model: Model, given: MediaInput, *, count: int = 0) -> Screen:
        """The question for one kind of file, with what it may be."""
        key = f"generate-ask-{given.kind}{'s' if given.most > 1 else ''}"
        text = t(
            key,
            model=model.title_in(t.language),
            role=t(given.title_key),
            limits=_limits(t, given),
            most=given.most - count,
        )
        return Screen(text, self._below(t, model, needed=given.required and not count))

    def choose_input(
        self, t: Translator, model: Model, inputs: Sequence[MediaInput], *, needed: bool
    ) -> Screen:
        """The question which of several kinds of files to give."""
        token = self._generations.token(model.id)
        fields = [given.field for given in model.media]
        rows = [
            (Button(t.plain(given.title_key), "give", (token, str(fields.index(given.field)))),)
            for given in inputs
        ]
        key = "generate-choose-needed" if needed else "generate-choose-optional"
        text = t(key, model=model.title_in(t.language))
        return Screen(text, (*rows, *self._below(t, model, needed=needed)))

    def enough(self, t: Translator, model: Model, given: MediaInput, count: int) -> Screen:
        """How many files of a kind are there, and whether that is enough."""
        role = t(given.title_key)
        text = t("generate-have-files", role=role, count=count, most=given.most)
        if count < given.least:
            return Screen(text, ((models_button(t),), (drop_button(t),)))
        token = self._generations.token(model.id)
        done = Button(t.plain("generate-done"), "given", (token, given.field[:20]))
        return Screen(text, ((done,), (models_button(t),), (drop_button(t),)))

    def _below(self, t: Translator, model: Model, *, needed: bool) -> tuple[tuple[Button, ...], ...]:
        rows: list[tuple[Button, ...]] = [(models_button(t),), (drop_button(t),)]
        if not needed:
            token = self._generations.token(model.id)
            rows.insert(0, (Button(t.plain("generate-skip"), "given", (token,)),))
        return tuple(rows)


def _limits(t: Translator, given: MediaInput) -> Html:
    formats = ", ".join(name.upper() for name in given.formats)
    parts = [t("generate-limit-size", formats=formats, megabytes=given.max_megabytes)]
    least, most = given.seconds_min, given.seconds_max
    if least and most:
        parts.append(t("generate-limit-between", least=least, most=most))
    elif most:
        parts.append(t("generate-limit-most", most=most))
    elif least:
        parts.append(t("generate-limit-least", least=least))
    return Html(" · ".join(parts))
