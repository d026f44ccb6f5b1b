"""What goes on from a result where it was made: longer, sharper, in another form, by buttons below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plugins.generate.choosing import Choosing
from plugins.generate.part import named
from plugins.generate.said import NEW, Said
from plugins.generate.screen import drop_button
from starloom.api import (
    Button,
    CallbackEvent,
    GivenSource,
    Job,
    Keyboard,
    Model,
    Source,
    Translator,
    UserFacingError,
    callback,
)

_A_ROW = 5
_WAYS_A_ROW = 2


class Onwards(Choosing):
    """Takes a result as the source of an order: a model that its provider has for that alone.

    Whether it can be is said at the press, and once more before money is held: results are kept for a while.
    """

    def ways_on(self, t: Translator, job: Job) -> Keyboard:
        """The buttons of the models that go on from what a job has made."""
        ways = [
            Button(t.plain(model.source.title_key), "onward", (job.id, self.generations.token(model.id)))
            for model in self.generations.follow_ups(job)
            if model.source is not None
        ]
        return tuple(tuple(ways[start : start + _WAYS_A_ROW]) for start in range(0, len(ways), _WAYS_A_ROW))

    @callback("onward")
    async def go_onward(self, event: CallbackEvent) -> None:
        """Go on from a result to what is to be said of it, or to the last word."""
        job, model = await self.own_job(event), self.generations.by_token(named(event, 1))
        if job is None:
            return
        if model is None or model.source is None:
            await event.answer(event.t.plain("generate-model-gone"), alert=True)
            return
        count = len(job.results) if model.source.chooses_file else 1
        if await self.ask_which(event, job, "onward", named(event, 1), count=count):
            return
        number = named(event, 2)
        try:
            said = await self.with_source(
                event, model, job, int(number) - 1 if number.isdecimal() else 0, of_several=count > 1
            )
        except UserFacingError as error:
            await event.answer(event.t.plain(error.key, **error.variables), alert=True)
            return
        await event.answer()
        # Below a result a new message, else in the place of the question which file is meant.
        await self.take_up(event, model, replace(said, screen=0 if number else NEW))

    async def with_source(
        self, event: CallbackEvent, model: Model, job: Job, number: int, *, of_several: bool
    ) -> Said:
        """An order that goes on from a file of a result, counted from 0.

        Raises:
            UserFacingError: the model cannot go on from it.

        """
        given = await self.generations.source(event.user.id, model.id, Source(job.id, number))
        return Said(source=_kept(given, of_several=of_several))

    async def source_again(self, event: CallbackEvent, model: Model, job: Job) -> Mapping[str, Any]:
        """What a job went on from, to go on from it once more; nothing where that cannot be."""
        if not job.source:
            return {}
        source = Source(job.source["job_id"], job.source["number"])
        try:
            given = await self.generations.source(event.user.id, model.id, source)
        except UserFacingError:
            return {}
        return _kept(given, of_several=source.number > 0)

    async def own_job(self, event: CallbackEvent) -> Job | None:
        """The job that a button below a result is for; None if the person has been answered."""
        job = await self.generations.get(named(event, 0))
        if job is None or job.user_id != event.user.id:
            key = "generate-old-button" if job is None else "generate-not-yours"
            await event.answer(event.t.plain(key), alert=True)
            return None
        return job

    async def ask_which(
        self,
        event: CallbackEvent,
        job: Job,
        action: str,
        wanted: str = "",
        *,
        count: int,
        more: Keyboard = (),
    ) -> bool:
        """Ask which file of several is meant, if there are several and the button names none."""
        if count < 2 or named(event, 2):
            return False
        t = event.t
        numbers = [
            Button(t.plain("generate-file-number", number=number), action, (job.id, wanted, str(number)))
            for number in range(1, count + 1)
        ]
        rows = [tuple(numbers[start : start + _A_ROW]) for start in range(0, count, _A_ROW)]
        await event.answer()
        keyboard = (*rows, *more, (drop_button(t),))
        await event.reply(t("generate-which-file", count=count), keyboard=keyboard)
        return True


def _kept(given: GivenSource, *, of_several: bool) -> dict[str, Any]:
    """A source as the dialogue keeps it."""
    return {
        "job_id": given.source.job_id,
        "number": given.source.number,
        "file": given.source.number + 1 if of_several else 0,
        "maker": given.maker,
        "seconds": given.seconds,
        "options": dict(given.options),
    }
