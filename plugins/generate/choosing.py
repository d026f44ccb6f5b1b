"""From what somebody sends, or nothing yet, to a model: their own one, one of a list, one by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plugins.generate.catalogue import Place
from plugins.generate.giving import Giving
from plugins.generate.part import MODEL, SEARCH, explained, named, said_in
from plugins.generate.said import Said
from starloom.api import (
    CallbackEvent,
    Event,
    Html,
    IncomingMedia,
    MessageEvent,
    Model,
    Preferences,
    User,
    UserFacingError,
    callback,
    step,
)


class Choosing(Giving):
    """Finds the model, and goes on with it to the first thing that it needs and that was not said yet."""

    @callback("models")
    async def go_to_models(self, event: CallbackEvent) -> None:
        """Go (back) to the choice of a model, at a place of the catalogue."""
        await self.show_models(event, said_in(event), Place.of(event.arguments))

    @callback("model")
    async def choose_model(self, event: CallbackEvent) -> None:
        """Choose a model."""
        model = self.generations.by_token(named(event, 0))
        said = said_in(event)
        if model is None:
            await event.answer(event.t.plain("generate-model-gone"), alert=True)
            await self.show_models(event, said, Place())
            return
        await self.take_up(event, model, said)

    @callback("search")
    async def ask_name(self, event: CallbackEvent) -> None:
        """Ask what a model is called."""
        await self.ask(event, SEARCH, said_in(event), self.catalogue_screens.ask_name(event.t))

    @step(SEARCH)
    async def take_name(self, event: MessageEvent) -> None:
        """Look for a model by its name; a file is what to work from."""
        if event.message.media is not None:
            await self.offer_models_for(event, event.message.media)
        elif name := await self.words(event):
            await self.find_models(event, said_in(event), name.strip())

    @callback("idea")
    async def take_name_as_idea(self, event: CallbackEvent) -> None:
        """Take the words that a model was looked for by as the prompt after all."""
        said = said_in(event)
        if not said.query:
            await self.answer_old(event)
            return
        await self.show_models(event, replace(said, prompt=said.query, preset="", query=""), Place())

    @callback("ideas")
    async def show_ideas(self, event: CallbackEvent) -> None:
        """Offer ideas before a model is chosen."""
        screen = self.catalogue_screens.ideas(event.t, self.presets.all(None))
        await self.ask(event, MODEL, said_in(event), screen)

    @callback("own")
    async def ask_idea(self, event: CallbackEvent) -> None:
        """Ask for words of the person's own before a model is chosen."""
        await self.ask(event, MODEL, said_in(event), self.catalogue_screens.ask_idea(event.t))

    @callback("preset")
    async def take_preset(self, event: CallbackEvent) -> None:
        """Take a preset's prompt, for the model that the button is for, or before one is chosen."""
        said = said_in(event)
        model = self.chosen(event, 1) if named(event, 1) else None
        taken = self.presets.take(named(event, 0), model.category if model else None, event.key)
        if taken is None or (named(event, 1) and model is None):
            await self.answer_old(event)
            return
        said = replace(said, prompt=taken.prompt, preset=taken.name, words=0)
        if model is None:
            await self.show_models(event, said, Place())
            return
        await self.go_on(event, replace(said, prompt=self.generations.check_prompt(model.id, said.prompt)))

    async def take_first_file(self, event: MessageEvent, media: IncomingMedia) -> None:
        """Go on with the person's own model if it can make something of a file out of the blue."""
        model = self.own_model(event.user)
        said = Said(album=event.message.album_id or 0)
        if event.dialogue is not None or model is None or not self.takes(model, media):
            await self.offer_models_for(event, media)
            return
        said = replace(said, model=model.id, options=Preferences.of(event.user).options_for(model))
        await self.take_file(event, model, said)

    async def begin_with(self, event: MessageEvent, said: Said) -> None:
        """Go on with the person's own model if it can make something of what they sent; else offer models."""
        model = self.own_model(event.user)
        if model is not None and model.takes_prompt:
            await self.take_up(event, model, said)
        else:
            await self.show_models(event, said, Place())

    async def take_up(
        self,
        event: Event,
        model: Model,
        said: Said,
        *,
        options: Mapping[str, Any] | None = None,
        notes: tuple[Html, ...] = (),
    ) -> None:
        """Go on with a model to what it needs and was not said; without `options` with the person's own."""
        if model.source is not None and not said.source:
            await self._begins_below(event, model, said)
            return
        if said.offered and isinstance(event, CallbackEvent):
            await event.answer(event.t.plain("generate-looking"))
        said = self._fitting_preset(model, said, event.key)
        prompt, refusal = self._fitting_prompt(model, said.prompt)
        chosen = replace(
            said.for_other_model(),
            model=model.id,
            prompt=prompt,
            query="",
            options=self._first_options(event.user, model, said) if options is None else options,
            source=said.source if model.source is not None else {},
            album_message=said.album_message,
        )
        chosen, told = await self.take_offered(event, model, chosen)
        if refusal is not None:
            told = (*told, explained(event, refusal))
        await self.go_on(event, chosen, notes=(*notes, *told))

    async def _begins_below(self, event: Event, model: Model, said: Said) -> None:
        """Say that the model begins below a finished result of some models, and offer those to begin with."""
        makers = model.source.models if model.source is not None else ()
        first = [each for each in self.generations.models() if each.id in makers]
        titles = [maker.title_in(event.t.language) for maker in first]
        note = event.t(
            "generate-begins-below", model=model.title_in(event.t.language), makers=", ".join(titles)
        )
        await self.show_models(event, said, Place(), notes=(note,))

    def _first_options(self, user: User, model: Model, said: Said) -> Mapping[str, Any]:
        """What an order begins with: the source's own, then what the person wants always."""
        return {**said.source.get("options", {}), **Preferences.of(user).options_for(model)}

    def own_model(self, user: User) -> Model | None:
        """The model that plain words of this person are for, if it is on offer."""
        name = Preferences.of(user).model
        return self.model_of(Said(model=name)) if name else None

    def _fitting_preset(self, model: Model, said: Said, key: str) -> Said:
        """With another prompt of the same preset where the one that was taken is for something else."""
        taken = self.presets.refit(said.preset, model.category, key)
        return replace(said, prompt=taken.prompt, preset=taken.name) if taken is not None else said

    def _fitting_prompt(self, model: Model, prompt: str) -> tuple[str, UserFacingError | None]:
        """The words that were said, if the model takes them; else why it does not."""
        if not prompt or not model.takes_prompt:
            return "", None
        try:
            return self.generations.check_prompt(model.id, prompt), None
        except UserFacingError as error:
            return "", error
