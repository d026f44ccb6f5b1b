"""The model that plain words are for: /setmodel, and a screen to choose it."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.settings.part import Part, Screen, argument, back_button, in_button, page_number
from starloom.api import (
    Button,
    CallbackEvent,
    Category,
    Event,
    MessageEvent,
    Model,
    Preference,
    Preferences,
    Translator,
    UserFacingError,
    callback,
    command,
    step,
)

_NAME = "name"
_UNKNOWN = "settings-model-unknown"
_REFUSALS = {
    "model-off": "settings-model-off",
    "model-retired": "settings-model-retired",
    "model-no-more": "settings-model-no-more",
}
"""What is said of a name that no model on offer has, by why it has none; `instead` is the likeliest meant."""
_PAGE = 8
_TITLE = 38


class Models(Part):
    """Chooses a person's model: by its name, by a part of it, or from a list."""

    @command("setmodel", description="setmodel-command", private=True)
    async def set_model(self, event: MessageEvent) -> None:
        """Choose the model of this id or alias; without one, show what there is."""
        if event.argument:
            await self._take_name(event, event.argument)
        else:
            await self._ask(event)

    @callback("model")
    async def choose(self, event: CallbackEvent) -> None:
        """Show what kinds of models there are."""
        await self._ask(event)

    @callback("kind")
    async def choose_of_kind(self, event: CallbackEvent) -> None:
        """Show the models of a kind, at a page."""
        kind = argument(event)
        if kind not in [each.value for each in Category]:
            await self._ask(event)
            return
        await self.show(event, self._list(event.t, Category(kind), page_number(event, 1)))

    @callback("pick")
    async def pick(self, event: CallbackEvent) -> None:
        """Take the model of a button."""
        model = self.generations.by_token(argument(event))
        if model is None:
            await event.answer(event.t.plain("settings-model-gone"), alert=True)
            return
        await self._take(event, model)

    @callback("nomodel")
    async def forget(self, event: CallbackEvent) -> None:
        """Have the bot ask for a model each time."""
        await self.save(event, {Preference.MODEL: None})
        await event.answer(event.t.plain("settings-saved"))
        await self.show(event, await self.main_screen(event))

    @step(_NAME)
    async def take_name(self, event: MessageEvent) -> None:
        """Take a name, or a part of one."""
        text = event.message.text.strip() if event.message.media is None else ""
        if text:
            await self._take_name(event, text)
        else:
            await event.say("settings-model-words-only")

    async def _ask(self, event: Event) -> None:
        await event.begin(_NAME)
        await self.show(event, self._kinds(event))

    async def _take_name(self, event: MessageEvent, name: str) -> None:
        try:
            await self._take(event, self.generations.model(name))
        except UserFacingError as error:
            meant = self.generations.suggestions(name, most=_PAGE)
            await event.begin(_NAME)
            rows = self._buttons(event.t, meant)
            title = meant[0].title_in(event.t.language) if meant else ""
            text = event.t(_REFUSALS.get(error.key, _UNKNOWN), name=name, found=len(meant), instead=title)
            await self.show(event, Screen(text, (*rows, (self._all(event),), (back_button(event),))))

    async def _take(self, event: Event, model: Model) -> None:
        if model.source is not None:
            note = event.t("settings-model-below", model=model.title_in(event.t.language))
            await self.show(event, self._kinds(event), note=note)
            return
        await self.save(event, {Preference.MODEL: model.id})
        title = model.title_in(event.t.language)
        note = event.t("settings-model-chosen", model=title, words=model.takes_prompt)
        if isinstance(event, CallbackEvent):
            await event.answer(event.t.plain("settings-saved"))
        await self.show(event, await self.main_screen(event), note=note)

    def _kinds(self, event: Event) -> Screen:
        t, chosen = event.t, Preferences.of(event.user).model
        counts = [(kind, len(self.generations.models(kind))) for kind in Category]
        rows = [
            (Button(t.plain(f"settings-kind-{kind.value}", count=count), "kind", (kind.value, "0")),)
            for kind, count in counts
            if count
        ]
        if chosen:
            rows.append((Button(t.plain("settings-no-model"), "nomodel"),))
        title = self.generations.title(chosen, t.language) if chosen else t.plain("settings-none")
        text = t("settings-model", model=title)
        return Screen(text, (*rows, (back_button(event),)))

    def _list(self, t: Translator, kind: Category, page: int) -> Screen:
        models = self.generations.models(kind)
        last = max(0, (len(models) - 1) // _PAGE)
        page = min(page, last)
        turns = []
        if page > 0:
            turns.append(Button(t.plain("options-previous"), "kind", (kind.value, str(page - 1))))
        if page < last:
            turns.append(Button(t.plain("options-more"), "kind", (kind.value, str(page + 1))))
        back = Button(t.plain("settings-back"), "model")
        rows = self._buttons(t, models[page * _PAGE : (page + 1) * _PAGE])
        text = t("settings-model-list", page=page + 1, pages=last + 1)
        return Screen(text, (*rows, tuple(turns), (back,)))

    def _buttons(self, t: Translator, models: Sequence[Model]) -> tuple[tuple[Button, ...], ...]:
        return tuple(
            (
                Button(
                    in_button(model.title_in(t.language), _TITLE),
                    "pick",
                    (self.generations.token(model.id),),
                ),
            )
            for model in models
        )

    def _all(self, event: Event) -> Button:
        return Button(event.t.plain("settings-all-models"), "model")
