"""What can be made of a result, by the buttons below it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plugins.generate.catalogue import Listing, Place
from plugins.generate.onwards import Onwards
from plugins.generate.part import MODEL, named
from plugins.generate.said import NEW, Said, offered
from starloom.api import (
    Button,
    CallbackEvent,
    Category,
    Html,
    Job,
    Keyboard,
    MediaInput,
    MessageRef,
    Model,
    Option,
    callback,
    hookimpl,
)

_SEED = "seed"
_LARGEST_SEED = 2**31 - 1
_VIEWS = 4
"""How many ways the bundles know to ask for another view of the same thing."""
_ALL = "all"
"""In a button: all files of a result."""
_FURTHER = {
    Category.IMAGE: (Category.VIDEO, Category.IMAGE),
    Category.VIDEO: (Category.VIDEO,),
    Category.AUDIO: (Category.VIDEO, Category.AUDIO),
}
"""What can be made of what, where there are models for it."""


class Afterwards(Onwards):
    """Again, otherwise, with another model, or from the result itself.

    All of it ends at the last word before money, in a new message: the result stays as it is. What was
    ordered is remembered for a day; after that the person is asked for their words anew.
    """

    @hookimpl
    async def result_keyboard(self, job: Job) -> Keyboard | None:
        """The buttons below a result."""
        t = self.context.catalogue.translator(job.language)
        model = self.model_of(Said(model=job.model_id))
        once_more = [Button(t.plain("generate-once-more"), "again", (job.id,))]
        if model is not None and (_seed_of(model) or model.takes_prompt):
            once_more.append(Button(t.plain("generate-vary"), "vary", (job.id,)))
        if not job.category:
            return (tuple(once_more),)
        made = Category(job.category)
        further = [
            Button(t.plain(f"generate-{made.value}-to-{wanted.value}"), "use", (job.id, wanted.value))
            for wanted in _FURTHER[made]
            if self._models_from(made, wanted)
        ]
        rest = [Button(t.plain("generate-with-other-model"), "other", (job.id,))]
        if self._upscalers(made):
            rest.append(Button(t.plain("generate-upscale"), "upscale", (job.id,)))
        if job.has_original:
            rest.append(Button(t.plain("generate-original"), "original", (job.id,)))
        return tuple(tuple(row) for row in (once_more, *self.ways_on(t, job), further, rest) if row)

    @callback("again")
    async def make_again(self, event: CallbackEvent) -> None:
        """The same once more."""
        job = await self.own_job(event)
        if job is not None:
            await self._go_on_from(event, job)

    @callback("vary")
    async def make_variation(self, event: CallbackEvent) -> None:
        """The same words with another seed, or another view of the same where the model has none."""
        job = await self.own_job(event)
        if job is not None:
            await self._go_on_from(event, job, varied=True)

    @callback("other")
    async def choose_other_model(self, event: CallbackEvent) -> None:
        """The same words and files with another model."""
        job = await self.own_job(event)
        if job is None:
            return
        order = await self.orders.read(event.user.id, job.id)
        notes = () if order is not None else (event.t("generate-words-forgotten"),)
        await event.answer()
        await self.show_models(event, replace(order or Said(), screen=NEW), Place(), notes=notes)

    @callback("use")
    async def use_result(self, event: CallbackEvent) -> None:
        """The result as what another model works from, with the same words."""
        job = await self.own_job(event)
        wanted = Place.of((named(event, 1),))
        if job is None or await self._ask_which(event, job, "use", wanted.category):
            return
        said = await self._with_result(event, job)
        if said is not None:
            await event.answer()
            await self.show_models(event, said, wanted)

    @callback("upscale")
    async def upscale_result(self, event: CallbackEvent) -> None:
        """The result made larger."""
        job = await self.own_job(event)
        if job is None or await self._ask_which(event, job, "upscale"):
            return
        said = await self._with_result(event, job)
        if said is None:
            return
        models = self._upscalers(Category(job.category))
        if len(models) == 1:
            await self.take_up(event, models[0], replace(said, prompt="", preset=""))
            return
        await event.answer()
        screen = await self.models_screen(event, Listing(Place(), len(models), models=models), said)
        await self.ask(event, MODEL, said, screen)

    @callback("original")
    async def send_original(self, event: CallbackEvent) -> None:
        """The file as it was made, which Telegram has not made smaller."""
        job = await self.own_job(event)
        if job is not None:
            await event.answer()
            await self.generations.send_original(event.user.id, job.id, chat_id=event.chat.id, key=event.key)

    async def _go_on_from(self, event: CallbackEvent, job: Job, *, varied: bool = False) -> None:
        """Go as far as an order that was made before allows."""
        order = await self.orders.read(event.user.id, job.id)
        notes: tuple[Html, ...] = ()
        if order is None:
            order, notes = Said(model=job.model_id), (event.t("generate-words-forgotten"),)
        said = replace(order, screen=NEW)
        model = self.model_of(said)
        if model is not None and model.source is not None and not said.source:
            said = replace(said, source=await self.source_again(event, model, job))
        await event.answer()
        if model is None:
            await self.model_gone(event, said)
            return
        said = replace(said, options=_still_allowed(model, job.options if notes else order.options))
        if varied:
            said = self._varied(event, model, said)
        await self.take_up(event, model, said, options=said.options, notes=notes)

    def _varied(self, event: CallbackEvent, model: Model, said: Said) -> Said:
        number = int.from_bytes(hashlib.blake2b(event.key.encode(), digest_size=8).digest())
        seed = _seed_of(model)
        if seed is not None:
            least = int(seed.minimum or 0)
            most = int(seed.maximum) if seed.maximum is not None else _LARGEST_SEED
            return replace(said, options={**said.options, _SEED: least + number % (most - least + 1)})
        if not said.prompt or said.preset:
            return said
        prompt = event.t.plain(f"generate-view-{number % _VIEWS + 1}", prompt=said.prompt)
        return replace(said, prompt=prompt) if len(prompt) <= model.prompt_max else said

    async def _ask_which(self, event: CallbackEvent, job: Job, action: str, wanted: str = "") -> bool:
        """Ask which file of several is meant, or whether all are, where a model takes as many."""
        count = len(job.result_messages)
        more: Keyboard = ()
        if wanted and self._most_taken(Category(job.category), Category(wanted)) >= count:
            more = ((Button(event.t.plain("generate-all-files"), action, (job.id, wanted, _ALL)),),)
        return await self.ask_which(event, job, action, wanted, count=count, more=more)

    async def _with_result(self, event: CallbackEvent, job: Job) -> Said | None:
        """The words of a job with the files of its result that a button names, the first one without.

        None if the person has been told why not.
        """
        number = named(event, 2)
        messages = job.result_messages
        if number.isdecimal():
            messages = messages[int(number) - 1 : int(number)]
        elif number != _ALL:
            messages = messages[:1]
        looks = (self.context.media.in_message(MessageRef(job.chat_id, each)) for each in messages)
        found = [media for media in await asyncio.gather(*looks) if media is not None]
        if not found:
            await event.answer(event.t.plain("generate-result-gone"), alert=True)
            return None
        order = await self.orders.read(event.user.id, job.id) or Said()
        return Said(
            prompt=order.prompt,
            preset=order.preset,
            offered=tuple(offered(media) for media in found),
            # Below a result a new message, else in the place of the question which file is meant.
            screen=0 if number else NEW,
        )

    def _most_taken(self, made: Category, wanted: Category) -> int:
        """How many files of one kind a model takes at most that makes the other kind of them."""
        models = self.catalogue.index().by_category.get(wanted, ())
        rooms = (
            sum(given.most for given in model.media if _takes(given, made))
            for model in models
            if not model.upscales
        )
        return max(rooms, default=0)

    def _models_from(self, made: Category, wanted: Category) -> bool:
        """Whether a model makes one kind of thing of another."""
        return self._most_taken(made, wanted) > 0

    def _upscalers(self, made: Category) -> tuple[Model, ...]:
        models = self.catalogue.index().by_category.get(made, ())
        return tuple(model for model in models if model.upscales)


def _takes(given: MediaInput, made: Category) -> bool:
    return given.kind == made.value


def _seed_of(model: Model) -> Option | None:
    """The seed of a model, if it is a number to choose freely."""
    option = model.option(_SEED)
    return option if option is not None and option.type == "integer" and option.choices is None else None


def _still_allowed(model: Model, options: Mapping[str, Any]) -> dict[str, Any]:
    """Of options that were chosen before, those that the model still has and that are not its defaults."""
    known = {option.field: option for option in model.options}
    return {
        name: value
        for name, value in options.items()
        if name in known and known[name].allows(value) and value != known[name].default
    }
