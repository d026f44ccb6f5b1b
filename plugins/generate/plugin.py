"""/generate, plain words or a file as a beginning, and the way from there to the confirmed price."""

from __future__ import annotations

from dataclasses import replace

from plugins.generate.catalogue import Place
from plugins.generate.giving import Giving
from plugins.generate.part import CONFIRM, MODEL, PROMPT, GenerateConfig, named, said_in
from plugins.generate.progress import Progress
from plugins.generate.said import Said
from starloom.api import (
    CallbackEvent,
    Event,
    JobState,
    MessageEvent,
    Model,
    UserFacingError,
    callback,
    command,
    on_text,
    step,
)

__all__ = ["GenerateConfig", "GeneratePlugin"]


class GeneratePlugin(Giving, Progress):
    """Takes a person from an idea to a running job: model, files, words, options, and the last word.

    What is asked for comes from the model's schema alone: who works from words is never asked for a picture.
    What was said so far stands in the person's dialogue, so it goes on after a restart.
    """

    name = "generate"
    version = "1.1"
    requires = ("start",)
    Config = GenerateConfig

    @command("generate", description="generate-command")
    async def begin(self, event: MessageEvent) -> None:
        """Offer the models; what stands behind the command is the prompt."""
        await self._offer(event, Said(prompt=event.argument))

    @callback("open")
    async def begin_pressed(self, event: CallbackEvent) -> None:
        """The same, from a button."""
        await event.answer()
        if not await self._is_busy(event):
            await self.show_models(event, Said(), Place(), anew=True)

    @on_text
    @step(MODEL)
    async def take_first(self, event: MessageEvent) -> None:
        """Take plain words as a prompt, and a file as what to work from."""
        message = event.message
        if message.media is not None:
            if event.dialogue is not None or not await self._is_busy(event):
                await self.offer_models_for(event, message.media)
            return
        prompt = await self.words(event)
        if prompt:
            said = replace(said_in(event), prompt=prompt)
            if event.dialogue is None:
                await self._offer(event, said)
            else:
                await self.show_models(event, said, Place())

    @step(PROMPT)
    @step(CONFIRM)
    async def take_prompt(self, event: MessageEvent) -> None:
        """Take the prompt, also a better one instead of the last; a file goes where there is room for it."""
        said = said_in(event)
        if await self.is_made(event, said):
            # It was paid for and began by itself; what comes now is the next idea.
            await event.leave(keep_files=True)
            await self.take_first(event)
            return
        model = self.model_of(said)
        if model is None:
            await self.model_gone(event, said)
        elif event.message.media is not None:
            await self.take_file(event, model, replace(said, draft=""))
        elif not model.takes_prompt:
            await event.say("generate-no-words")
        elif prompt := await self.words(event):
            checked = self.generations.check_prompt(model.id, prompt)
            await self.go_on(event, replace(said, prompt=checked))

    @callback("models")
    async def go_to_models(self, event: CallbackEvent) -> None:
        """Go (back) to the choice of a model, at a place of the catalogue."""
        await self.show_models(event, said_in(event), Place.of(event.arguments))

    @callback("model")
    async def choose_model(self, event: CallbackEvent) -> None:
        """Choose a model; go on to what it needs and was not said yet."""
        model = self.generations.by_token(named(event, 0))
        said = said_in(event)
        if model is None:
            await event.answer(event.t.plain("generate-model-gone"), alert=True)
            await self.show_models(event, said, Place())
            return
        if said.offered:
            await event.answer(event.t.plain("generate-looking"))
        prompt, refusal = self._fitting_prompt(model, said.prompt)
        chosen = Said(model=model.id, prompt=prompt, offered=said.offered, seen=said.seen, album=said.album)
        chosen, notes = await self.take_offered(event, model, chosen)
        if refusal is not None:
            notes = (*notes, event.t(refusal.key, **refusal.variables))
        await self.go_on(event, chosen, notes=notes)

    @callback("drop")
    async def drop(self, event: CallbackEvent) -> None:
        """Leave the dialogue."""
        if event.dialogue is not None:
            await event.leave()
        await event.edit(event.t("generate-dropped"))

    async def _offer(self, event: Event, said: Said) -> None:
        """Offer the models, unless the person has to wait for a generation first."""
        if not await self._is_busy(event):
            await self.show_models(event, said, Place())

    async def _is_busy(self, event: Event) -> bool:
        """Whether the person has to wait for a generation first, and has been told so.

        One that is being sent counts no more: it is there before the next one is confirmed.
        """
        active = await self.generations.active(event.user.id)
        running = [job for job in active if job.state not in (JobState.READY, JobState.DELIVERING)]
        if len(running) < self.generations.max_active:
            return False
        screen = self.screens.busy(event.t, running[-1])
        await event.reply(screen.text, keyboard=screen.keyboard)
        return True

    def _fitting_prompt(self, model: Model, prompt: str) -> tuple[str, UserFacingError | None]:
        """The words that were said, if the model takes them; else why it does not."""
        if not prompt or not model.takes_prompt:
            return "", None
        try:
            return self.generations.check_prompt(model.id, prompt), None
        except UserFacingError as error:
            return "", error
