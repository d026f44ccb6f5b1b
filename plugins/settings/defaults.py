"""A person's own defaults of the options of their model."""

from __future__ import annotations

from typing import Any

from plugins.settings.part import Part, Screen, argument, back_button, page_number
from starloom.api import (
    Button,
    CallbackEvent,
    Event,
    MessageEvent,
    Model,
    Option,
    OptionMenu,
    OptionValue,
    Preference,
    Preferences,
    UserFacingError,
    allowed_in_words,
    callback,
    option_page,
    option_title,
    read_option,
    step,
)

_VALUE = "value"


class Defaults(Part):
    """Changes what an order of the model begins with."""

    @callback("tune")
    async def show_options(self, event: CallbackEvent) -> None:
        """Show the options with the person's values, at a page."""
        model = self._chosen(event)
        if model is None:
            await self._gone(event)
            return
        await self.done_asking(event)
        await self.show(event, self._options(event, model, page_number(event, 1)))

    @callback("option")
    async def choose_option(self, event: CallbackEvent) -> None:
        """Change one option: turn it over, offer its values, or ask for one in words."""
        model = self._chosen(event)
        option = _option(model, argument(event, 1))
        if model is None or option is None:
            await self._gone(event)
        elif option.type == "boolean":
            now = Preferences.of(event.user).options_for(model).get(option.field, option.default)
            await self._set(event, model, option, not now)
        elif option.choices is not None:
            menu = self._menu(event, model)
            text = event.t("options-choose", option=option_title(event.t, option))
            rows = menu.choices(option, page_number(event, 2))
            await self.show(event, Screen(text, (*rows, (menu.back(option),))))
        else:
            await event.begin(_VALUE, {"model": model.id, "option": option.field})
            await self.show(event, self._ask_value(event, model, option))

    @callback("set")
    async def set_option(self, event: CallbackEvent) -> None:
        """Set an option to one of its choices, or back to the model's default."""
        model = self._chosen(event)
        option = _option(model, argument(event, 1))
        if model is None or option is None:
            await self._gone(event)
            return
        place, choices = argument(event, 2), option.choices or ()
        chosen = choices[int(place)] if place.isdecimal() and int(place) < len(choices) else None
        await self._set(event, model, option, chosen)

    @callback("untune")
    async def forget_options(self, event: CallbackEvent) -> None:
        """Go back to the model's own defaults."""
        model = self._chosen(event)
        if model is None:
            await self._gone(event)
            return
        await self.save(event, {Preference.options_of(model.id): None})
        await event.answer(event.t.plain("settings-saved"))
        await self.show(event, self._options(event, model))

    @step(_VALUE)
    async def take_value(self, event: MessageEvent) -> None:
        """Take a value that was asked for in words."""
        data = event.dialogue.data if event.dialogue is not None else {}
        model = self.model_of(event)
        option = model.option(str(data.get("option", ""))) if model else None
        if model is None or option is None or model.id != data.get("model"):
            await self.done_asking(event)
            await self.show(event, await self.main_screen(event), note=event.t("settings-model-gone"))
            return
        value = read_option(option, event.message.text if event.message.media is None else "")
        if value is None or not option.allows(value):
            await self.show(event, self._ask_value(event, model, option, refused=True))
            return
        await self._set(event, model, option, value)

    async def _set(self, event: Event, model: Model, option: Option, value: OptionValue | None) -> None:
        wanted: dict[str, Any] = Preferences.of(event.user).options_for(model)
        wanted.pop(option.field, None)
        if value is not None and value != option.default:
            wanted[option.field] = value
        problem = _problem(model, wanted)
        if problem is not None:
            words = event.t(problem.key, **problem.variables)
            if isinstance(event, CallbackEvent):
                await event.answer(words, alert=True)
            else:
                await self.show(event, self._options(event, model), note=words)
            return
        await self.save(event, {Preference.options_of(model.id): wanted or None})
        if isinstance(event, CallbackEvent):
            await event.answer(event.t.plain("settings-saved"))
        await self.show(event, self._options(event, model, option_page(model, option)))

    async def _gone(self, event: CallbackEvent) -> None:
        await event.answer(event.t.plain("settings-model-gone"), alert=True)
        await self.show(event, await self.main_screen(event))

    def _options(self, event: Event, model: Model, page: int = 0) -> Screen:
        t = event.t
        rows = self._menu(event, model).options(page)
        own = Preferences.of(event.user).options_for(model)
        token = self.generations.token(model.id)
        usual = ((Button(t.plain("settings-usual-options"), "untune", (token,)),),) if own else ()
        text = t("settings-options", model=model.title_in(t.language))
        return Screen(text, (*rows, *usual, (back_button(event),)))

    def _ask_value(self, event: Event, model: Model, option: Option, *, refused: bool = False) -> Screen:
        t, menu = event.t, self._menu(event, model)
        key = "options-refused" if refused else "options-ask"
        text = t(key, option=option_title(t, option), allowed=allowed_in_words(t, option))
        return Screen(text, ((menu.usual(option),), (menu.back(option),)))

    def _menu(self, event: Event, model: Model) -> OptionMenu:
        own = Preferences.of(event.user).options_for(model)
        return OptionMenu(event.t, model, self.generations.token(model.id), own)

    def _chosen(self, event: CallbackEvent) -> Model | None:
        """The model that a button is for, if it is the person's still."""
        model = self.model_of(event)
        return model if model and argument(event) in ("", self.generations.token(model.id)) else None


def _option(model: Model | None, place: str) -> Option | None:
    if model is None or not place.isdecimal() or int(place) >= len(model.options):
        return None
    return model.options[int(place)]


def _problem(model: Model, options: dict[str, Any]) -> UserFacingError | None:
    """Why options do not go together; one that is still to be chosen in the order is no problem here."""
    try:
        model.check_options(options)
    except UserFacingError as error:
        return None if error.key == "option-missing" else error
    return None
