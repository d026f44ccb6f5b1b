"""/generate, plain words as a prompt, and the dialogue up to the confirmed price."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from plugins.generate.screens import Screen, Screens
from plugins.generate.shortage import TERMS_ACCEPTED, Shortage
from starloom.api import (
    STOPPABLE_STATES,
    CallbackEvent,
    Event,
    InsufficientStars,
    Job,
    MessageEvent,
    MessageRef,
    Model,
    Plugin,
    PluginConfig,
    PluginContext,
    PriceChanged,
    Quote,
    TooManyActive,
    UserFacingError,
    callback,
    command,
    hookimpl,
    on_text,
    step,
)

_MODEL = "model"
_PROMPT = "prompt"
_CONFIRM = "confirm"


class GenerateConfig(PluginConfig):
    """The settings of the plugin."""

    models_per_page: int = Field(default=8, ge=1, le=50)
    """How many models one page of the choice shows."""


class GeneratePlugin(Plugin[GenerateConfig]):
    """Takes a person from an idea to a running job.

    What was said so far stands in the person's dialogue, so it goes on after a restart. Each confirmation has
    a draft id of its own, which makes one job however often the button is pressed.
    """

    name = "generate"
    version = "1.0"
    requires = ("start",)
    Config = GenerateConfig

    def __init__(self, context: PluginContext[GenerateConfig]) -> None:
        super().__init__(context)
        self._generations = context.generations
        self._screens = Screens(
            context.generations, context.amounts, page_size=context.config.models_per_page
        )
        self._shortage = Shortage(context)

    @command("generate", description="generate-command")
    async def begin(self, event: MessageEvent) -> None:
        """Offer the models; what stands behind the command is the prompt."""
        await self._offer(event, event.argument)

    @callback("open")
    async def begin_pressed(self, event: CallbackEvent) -> None:
        """The same, from a button."""
        await event.answer()
        await self._offer(event, "")

    @on_text
    async def take_words(self, event: MessageEvent) -> None:
        """Take plain words as a prompt."""
        prompt = await self._words(event)
        if prompt:
            await self._offer(event, prompt)

    @step(_MODEL)
    async def take_words_before_model(self, event: MessageEvent) -> None:
        """Take words while a model is to be chosen: they are the prompt."""
        prompt = await self._words(event)
        if prompt:
            await self._show_models(event, prompt)

    @step(_PROMPT)
    @step(_CONFIRM)
    async def take_prompt(self, event: MessageEvent) -> None:
        """Take the prompt, also a better one instead of the last."""
        said = _said(event)
        if await self._is_made(event, said):
            # It was paid for and began by itself; what comes now is the next idea.
            await self.take_words(event)
            return
        model = await self._chosen_model(event)
        prompt = await self._words(event) if model else ""
        if model and prompt:
            checked = self._generations.check_prompt(model.id, prompt)
            await self._ask_to_confirm(event, model, checked)

    @callback("models")
    async def show_models(self, event: CallbackEvent) -> None:
        """Go (back) to the choice of a model, at a page."""
        prompt = str(_said(event).get(_PROMPT, ""))
        page = event.arguments[0] if event.arguments else ""
        await event.begin(_MODEL, {_PROMPT: prompt})
        screen = await self._models(event, prompt, int(page) if page.isdecimal() else 0)
        await event.edit(screen.text, keyboard=screen.keyboard)

    @callback("model")
    async def choose_model(self, event: CallbackEvent) -> None:
        """Choose a model; go on to the prompt, or past it if it was said."""
        model = self._generations.by_token(event.arguments[0]) if event.arguments else None
        if model is None:
            await event.answer(event.t.plain("generate-model-gone"), alert=True)
            await self.show_models(event)
            return
        prompt = str(_said(event).get(_PROMPT, ""))
        if prompt:
            try:
                prompt = self._generations.check_prompt(model.id, prompt)
            except UserFacingError as error:
                await event.begin(_PROMPT, {_MODEL: model.id})
                await event.edit(event.t(error.key, **error.variables))
                return
            await self._ask_to_confirm(event, model, prompt)
            return
        await event.begin(_PROMPT, {_MODEL: model.id})
        screen = self._screens.ask_prompt(
            event.t, model, await self._generations.quote_for(event.user, model.id)
        )
        await event.edit(screen.text, keyboard=screen.keyboard)

    @callback("make")
    async def make(self, event: CallbackEvent) -> None:
        """Begin the generation that was confirmed."""
        confirmed = await self._confirmed(event)
        if confirmed is None:
            return
        said, quote = confirmed
        try:
            await self._generations.create(
                request_id=str(said["draft"]),
                user=event.user,
                chat_id=event.chat.id,
                quote=quote,
                prompt=str(said[_PROMPT]),
                progress_message_id=event.message_id,
            )
        except TooManyActive as error:
            await event.answer(event.t.plain(error.key, **error.variables), alert=True)
        except PriceChanged as change:
            await self._ask_again(event, said, change.quote)
        except InsufficientStars:
            await self._tell_shortage(event, said, quote)
        except UserFacingError as error:
            await self._give_up(event, error)
        else:
            await event.leave()
            await event.answer(event.t.plain("generate-begun"))

    @callback("pay")
    async def pay(self, event: CallbackEvent) -> None:
        """Send an invoice for what is missing, or for a package; begin at once if nothing is missing now."""
        confirmed = await self._confirmed(event)
        if confirmed is None:
            return
        said, quote = confirmed
        balance = await self.context.ledger.balance(event.user.id)
        if balance.available >= quote.to_pay:
            await self.make(event)
            return
        await self._send_invoice(event, said, quote)

    @callback("agree")
    async def agree(self, event: CallbackEvent) -> None:
        """Accept the terms of purchases and go on to the invoice."""
        confirmed = await self._confirmed(event)
        if confirmed is None:
            return
        said, quote = confirmed
        await self._shortage.accept_terms(event)
        await self._send_invoice(event, said, quote, accepted=True)

    @callback("stop")
    async def stop_job(self, event: CallbackEvent) -> None:
        """Stop a running job; the notice about the money comes from the core."""
        job_id = event.arguments[0] if event.arguments else ""
        stopped = await self._generations.cancel(event.user.id, job_id)
        if stopped:
            await event.answer(event.t.plain("generate-stopping"))
        else:
            await event.answer(event.t.plain("generate-too-late"), alert=True)

    @callback("drop")
    async def drop(self, event: CallbackEvent) -> None:
        """Leave the dialogue."""
        if event.dialogue is not None:
            await event.leave()
        await event.edit(event.t("generate-dropped"))

    @hookimpl
    async def generation_changed(self, job: Job) -> None:
        """Show how a job stands, in the message that was its confirmation."""
        if not job.active or job.progress_message_id is None:
            return
        screen = self._screens.progress(self.context.catalogue.translator(job.language), job)
        message = MessageRef(job.chat_id, job.progress_message_id)
        await self.context.outbox.progress(message, screen.text, keyboard=screen.keyboard)

    async def _offer(self, event: Event, prompt: str) -> None:
        """Offer the models, unless the person has to wait for a generation first.

        One that is being sent counts no more: it is there before the next one is confirmed.
        """
        running = [
            job for job in await self._generations.active(event.user.id) if job.state in STOPPABLE_STATES
        ]
        if len(running) >= self._generations.max_active:
            screen = self._screens.busy(event.t, running[-1])
            await event.reply(screen.text, keyboard=screen.keyboard)
            return
        await self._show_models(event, prompt)

    async def _show_models(self, event: Event, prompt: str) -> None:
        await event.begin(_MODEL, {_PROMPT: prompt})
        screen = await self._models(event, prompt, 0)
        await event.reply(screen.text, keyboard=screen.keyboard)

    async def _models(self, event: Event, prompt: str, page: int) -> Screen:
        shown, page, _ = self._screens.page(page)
        quotes = await self._generations.quotes_for(event.user, [model.id for model in shown])
        by_model = {quote.model_id: quote for quote in quotes}
        return self._screens.models(event.t, by_model, prompt=prompt, page=page)

    async def _words(self, event: MessageEvent) -> str:
        """What the person wrote; if it is something else than words, they are told, and it is empty."""
        message = event.message
        if message.media is None and message.text.strip():
            return message.text
        if message.album_id is None:
            await event.say("generate-words-only")
        else:
            # Each file of an album comes as a message of its own; one answer is enough for all of them.
            key = f"words-only:{event.chat.id}:{message.album_id}"
            await self.context.outbox.send(event.chat.id, event.t("generate-words-only"), key=key)
        return ""

    async def _chosen_model(self, event: MessageEvent) -> Model | None:
        """The model of this dialogue; if it is gone, another one is to be chosen."""
        try:
            return self._generations.model(str(_said(event).get(_MODEL, "")))
        except UserFacingError:
            await event.say("generate-model-gone")
            await self._show_models(event, event.message.text)
            return None

    async def _ask_to_confirm(self, event: Event, model: Model, prompt: str) -> None:
        quote = await self._generations.quote_for(event.user, model.id)
        balance = await self.context.ledger.balance(event.user.id)
        draft = await self._note_draft(event, {_MODEL: model.id, _PROMPT: prompt}, quote)
        screen = self._screens.confirm(
            event.t, model, quote, prompt=prompt, draft=draft, available=balance.available
        )
        await self._show(event, screen)

    async def _confirmed(self, event: CallbackEvent) -> tuple[Mapping[str, Any], Quote] | None:
        """What the button confirms, at the price that was agreed to; None if the person has been answered."""
        draft = event.arguments[0] if event.arguments else ""
        said = _said(event)
        if not draft or said.get("draft") != draft:
            await self._answer_old_button(event, draft)
            return None
        try:
            quote = await self._generations.quote_for(event.user, str(said[_MODEL]))
        except UserFacingError as error:
            await self._give_up(event, error)
            return None
        if quote.to_pay != said["stars"] and not await self._is_made(event, said):
            await self._ask_again(event, said, quote)
            return None
        return said, quote

    async def _is_made(self, event: Event, said: Mapping[str, Any]) -> bool:
        """Whether what this dialogue confirms has become a job, by its button or by its payment."""
        draft = str(said.get("draft", ""))
        return bool(draft) and await self._generations.made_for(event.user.id, draft) is not None

    async def _ask_again(self, event: CallbackEvent, said: Mapping[str, Any], quote: Quote) -> None:
        draft = await self._note_draft(event, said, quote)
        was = int(said["stars"])
        await self._show(event, self._screens.price_changed(event.t, quote, was=was, draft=draft))

    async def _tell_shortage(self, event: CallbackEvent, said: Mapping[str, Any], quote: Quote) -> None:
        draft = await self._note_draft(event, said, quote)
        screen = await self._shortage.screen(event, quote, prompt=str(said[_PROMPT]), draft=draft)
        await self._show(event, screen)

    async def _send_invoice(
        self, event: CallbackEvent, said: Mapping[str, Any], quote: Quote, *, accepted: bool = False
    ) -> None:
        """Go on to the invoice; `accepted` tells that the terms of purchases have just been accepted."""
        draft, choice = str(said["draft"]), (*event.arguments, "")[1]
        if not (accepted or TERMS_ACCEPTED in event.user.settings):
            await self._show(event, self._shortage.ask_for_terms(event.t, draft, choice))
            return
        try:
            screen = await self._shortage.pay(
                event, quote, prompt=str(said[_PROMPT]), draft=draft, choice=choice
            )
        except UserFacingError as error:
            await self._give_up(event, error)
            return
        await self._show(event, screen)

    async def _give_up(self, event: CallbackEvent, error: UserFacingError) -> None:
        await event.leave()
        await event.edit(event.t(error.key, **error.variables))
        await event.answer()

    async def _note_draft(self, event: Event, said: Mapping[str, Any], quote: Quote) -> str:
        """Enter the last step under a new draft id, which a repeated update makes again."""
        draft = _short_id(event.key)
        await event.begin(_CONFIRM, {**said, "stars": quote.to_pay, "draft": draft})
        return draft

    async def _answer_old_button(self, event: CallbackEvent, draft: str) -> None:
        """A confirmation that is over: its job is there, or it was given up."""
        job = await self._generations.made_for(event.user.id, draft) if draft else None
        if job is not None:
            await event.answer(event.t.plain("generate-is-running" if job.active else "generate-is-over"))
            return
        await event.answer(event.t.plain("generate-old-button"), alert=True)
        await event.edit(event.t("generate-old-button"))

    async def _show(self, event: Event, screen: Screen) -> None:
        if isinstance(event, CallbackEvent):
            await event.edit(screen.text, keyboard=screen.keyboard)
        else:
            await event.reply(screen.text, keyboard=screen.keyboard)


def _said(event: Event) -> Mapping[str, Any]:
    """What was said so far in this dialogue."""
    return event.dialogue.data if event.dialogue is not None else {}


def _short_id(key: str) -> str:
    digest = hashlib.blake2b(key.encode(), digest_size=5).digest()
    return base64.b32encode(digest).decode().lower()
