"""/generate, plain words or a file as a beginning, and words that are changed on the way."""

from __future__ import annotations

from dataclasses import replace

from plugins.generate.afterwards import Afterwards
from plugins.generate.catalogue import Place
from plugins.generate.linked import Linked
from plugins.generate.part import CONFIRM, MODEL, PROMPT, GenerateConfig, said_in
from plugins.generate.progress import Progress
from plugins.generate.said import NEW, Said
from starloom.api import (
    MADE_STATES,
    CallbackEvent,
    Event,
    MessageEvent,
    callback,
    command,
    on_edit,
    on_text,
    step,
)

__all__ = ["GenerateConfig", "GeneratePlugin"]


class GeneratePlugin(Afterwards, Linked, Progress):
    """Takes a person from an idea to a running job: model, files, words, options, and the last word.

    What is asked for comes from the model's schema alone: who works from words is never asked for a picture.
    What was said so far stands in the person's dialogue, so it goes on after a restart.
    """

    name = "generate"
    version = "2.0"
    requires = ("start",)
    Config = GenerateConfig

    @command("generate", description="generate-command")
    async def begin(self, event: MessageEvent) -> None:
        """Offer the models; what stands behind the command is the prompt."""
        if not await self._is_busy(event):
            await self.show_models(event, Said(prompt=event.argument, words=event.message.id), Place())

    @callback("open")
    async def begin_pressed(self, event: CallbackEvent) -> None:
        """The same, from a button."""
        await event.answer()
        if not await self._is_busy(event):
            await self.show_models(event, Said(screen=NEW), Place())

    @on_text
    @step(MODEL)
    async def take_first(self, event: MessageEvent) -> None:
        """Take plain words as a prompt, a file as what to work from, a model's name as its choice."""
        message, said = event.message, said_in(event)
        if event.dialogue is None and await self._is_busy(event):
            return
        if message.media is not None:
            await self.take_first_file(event, message.media)
            return
        prompt = await self.words(event)
        if not prompt:
            return
        if event.dialogue is not None and self.catalogue.index().names_one(prompt):
            await self.find_models(event, said, prompt.strip())
            return
        said = replace(said, prompt=prompt, preset="", query="", words=message.id)
        if event.dialogue is None:
            await self.begin_with(event, said)
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
            await self.model_gone(event, self._with_words(event, said))
        elif event.message.media is not None:
            await self.take_file(event, model, replace(said, draft=""))
        elif await self.take_choice(event, model, said):
            return
        elif not model.takes_prompt:
            await event.say("generate-no-words")
        elif prompt := await self.words(event):
            checked = self.generations.check_prompt(model.id, prompt)
            await self.go_on(event, replace(said, prompt=checked, preset="", words=event.message.id))

    @on_edit
    async def take_change(self, event: MessageEvent) -> None:
        """Follow a change of the words that are worked with, as long as nothing has begun."""
        dialogue, said = event.dialogue, said_in(event)
        if dialogue is None or event.message.id != said.words or await self.is_made(event, said):
            return
        text = _without_command(event.message.text)
        model = self.model_of(said)
        if model is None:
            if text.strip() and text != said.prompt:
                await self.show_models(event, replace(said, prompt=text, preset=""), Place())
            return
        prompt = self.generations.check_prompt(model.id, text)
        if prompt == said.prompt:
            return
        changed = replace(said, prompt=prompt, preset="")
        if said.draft:
            await self.go_on(event, changed)
        else:
            await event.begin(dialogue.step, changed.kept())

    @callback("drop")
    async def drop(self, event: CallbackEvent) -> None:
        """Leave the dialogue."""
        if event.dialogue is not None:
            await event.leave()
        await event.edit(event.t("generate-dropped"))

    def _with_words(self, event: MessageEvent, said: Said) -> Said:
        if said.prompt or not event.message.text.strip():
            return said
        return replace(said, prompt=event.message.text, words=event.message.id)

    async def _is_busy(self, event: Event) -> bool:
        """Whether the person has no room for another generation, and has been told so.

        One that is being sent counts no more: it is there before the next one is confirmed.
        """
        active = [job for job in await self.generations.active(event.user.id) if job.state not in MADE_STATES]
        if len(active) < self.generations.max_active + self.generations.max_queued:
            return False
        screen = self.screens.busy(event.t, active)
        await event.reply(screen.text, keyboard=screen.keyboard)
        return True


def _without_command(text: str) -> str:
    return text.partition(" ")[2] if text.startswith("/") else text
