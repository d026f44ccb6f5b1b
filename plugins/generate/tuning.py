"""The options of a model: shown with the price that they come to, changed by buttons or in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plugins.generate.confirming import Confirming
from plugins.generate.part import CONFIRM, OPTION, explained, named, numbered, said_in
from plugins.generate.said import Said
from starloom.api import (
    CallbackEvent,
    Event,
    Html,
    MessageEvent,
    Model,
    Option,
    OptionValue,
    UserFacingError,
    callback,
    choice_in_words,
    option_page,
    read_option,
    step,
)


class Tuning(Confirming):
    """Changes options until their person is content; a change that does not go with the rest is not made."""

    @callback("tune")
    async def show_options(self, event: CallbackEvent) -> None:
        """Show the options, at a page; `all` shows those too that few people need."""
        said, model = said_in(event), self.chosen(event)
        if model is None:
            await self.answer_old(event)
            return
        page = named(event, 1)
        await self._show_options(event, model, said, page=int(page) if page.isdecimal() else 0)

    @callback("option")
    async def choose_option(self, event: CallbackEvent) -> None:
        """Change one option: turn it over, offer its values, or ask for one in words."""
        said, model = said_in(event), self.chosen(event)
        option = numbered(model.options, named(event, 1)) if model else None
        if model is None or not isinstance(option, Option):
            await self.answer_old(event)
            return
        if option.type == "boolean":
            now = said.options.get(option.field, option.default)
            await self._set(event, model, said, option, not now)
            return
        page = named(event, 2)
        await self._ask_for_value(event, model, said, option, page=int(page) if page.isdecimal() else 0)

    @callback("set")
    async def set_option(self, event: CallbackEvent) -> None:
        """Set an option to one of its choices, or back to its default."""
        said, model = said_in(event), self.chosen(event)
        option = numbered(model.options, named(event, 1)) if model else None
        if model is None or not isinstance(option, Option):
            await self.answer_old(event)
            return
        await self._set(event, model, said, option, numbered(option.choices or (), named(event, 2)))

    @callback("tuned")
    async def leave_options(self, event: CallbackEvent) -> None:
        """Go back to the last word."""
        said, model = said_in(event), self.chosen(event)
        if model is None:
            await self.answer_old(event)
            return
        await self.finish_options(event, model, replace(said, option=""))

    @step(OPTION)
    async def take_value(self, event: MessageEvent) -> None:
        """Take a value that was asked for in words."""
        said = said_in(event)
        model = self.model_of(said)
        option = model.option(said.option) if model else None
        if model is None or option is None:
            await self.model_gone(event, said)
            return
        text = event.message.text if event.message.media is None else ""
        value = read_option(option, text)
        if value is None or not option.allows(value):
            screen = self.screens.ask_value(event.t, model, said, option, refused=True)
            await self.ask(event, OPTION, said, screen)
            return
        await self._set(event, model, said, option, value)

    async def take_choice(self, event: MessageEvent, model: Model, said: Said) -> bool:
        """Take words that name a value which is offered by a button; False where they are something else."""
        option = model.option(said.option) if said.option else None
        value = None if option is None else choice_in_words(event.t, option, event.message.text)
        if option is None or value is None:
            return False
        await self._set(event, model, said, option, value)
        return True

    async def finish_options(
        self, event: Event, model: Model, said: Said, notes: tuple[Html, ...] = ()
    ) -> None:
        """Ask for the options that have no value and need one, then for the last word."""
        missing = _missing_option(model, said)
        if missing is not None:
            await self._ask_for_value(event, model, said, missing, notes=notes)
            return
        try:
            await self.ask_to_confirm(event, model, said, notes)
        except UserFacingError as error:
            # What was chosen does not go together: the options are where that can be mended.
            await self._show_options(event, model, said, notes=(*notes, explained(event, error)))

    async def _set(
        self, event: Event, model: Model, said: Said, option: Option, value: OptionValue | None
    ) -> None:
        options = {name: kept for name, kept in said.options.items() if name != option.field}
        if value is not None and value != option.default:
            options[option.field] = value
        changed = replace(said, options=options, option="", draft="")
        problem = self._problem(model, changed)
        if problem is not None and isinstance(event, CallbackEvent):
            await event.answer(event.t.plain(problem.key, **problem.variables), alert=True)
            return
        notes = (explained(event, problem),) if problem is not None else ()
        changed = changed if problem is None else replace(said, option="")
        if _missing_option(model, changed) is not None or _missing_option(model, said) is not None:
            await self.finish_options(event, model, changed, notes)
            return
        await self._show_options(event, model, changed, page=option_page(model, option), notes=notes)

    async def _show_options(
        self, event: Event, model: Model, said: Said, *, page: int = 0, notes: tuple[Html, ...] = ()
    ) -> None:
        said = replace(said, option="", draft="")
        screen = self.screens.options(event.t, model, said, await self.price_of(event, said), page=page)
        await self.ask(event, CONFIRM, said, screen, notes=notes)

    async def _ask_for_value(
        self,
        event: Event,
        model: Model,
        said: Said,
        option: Option,
        *,
        page: int = 0,
        notes: tuple[Html, ...] = (),
    ) -> None:
        if option.choices is not None or option.type == "boolean":
            said = replace(said, option=option.field, draft="")
            screen = self.screens.choices(event.t, model, said, option, page=page)
            await self.ask(event, CONFIRM, said, screen, notes=notes)
        else:
            said = replace(said, option=option.field, draft="")
            screen = self.screens.ask_value(event.t, model, said, option)
            await self.ask(event, OPTION, said, screen, notes=notes)

    def _problem(self, model: Model, said: Said) -> UserFacingError | None:
        """Why these options do not go together, leaving aside what is still missing."""
        if _missing_option(model, said) is not None:
            return None
        try:
            checked: dict[str, Any] = model.check_options(said.options)
            model.check_inputs(said.facts().counts, checked)
            self.check_moments(model, said)
        except UserFacingError as error:
            return error
        return None


def _missing_option(model: Model, said: Said) -> Option | None:
    for option in model.options:
        if option.required and option.default is None and said.options.get(option.field) is None:
            return option
    return None
