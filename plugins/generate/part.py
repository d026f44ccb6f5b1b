"""What all parts of the plugin share: settings, screens, and words that become a prompt."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

from pydantic import Field

from plugins.generate.catalogue import Catalogue, Place
from plugins.generate.said import Said, offered_from
from plugins.generate.screen import Screen
from plugins.generate.screens import Screens
from starloom.api import (
    CallbackEvent,
    Event,
    Html,
    IncomingMedia,
    MessageEvent,
    MessageRef,
    Model,
    Plugin,
    PluginConfig,
    PluginContext,
    Quote,
    UserFacingError,
)

MODEL, GIVE, PROMPT, OPTION, CONFIRM = "model", "give", "prompt", "option", "confirm"
"""The steps of the dialogue: what the person's next message is an answer to."""


class GenerateConfig(PluginConfig):
    """The settings of the plugin."""

    models_per_page: int = Field(default=8, ge=1, le=50)
    """How many models one page of the choice shows."""


class Part(Plugin[GenerateConfig]):
    """The base of every part of the plugin."""

    def __init__(self, context: PluginContext[GenerateConfig]) -> None:
        super().__init__(context)
        self.generations = context.generations
        self.screens = Screens(context.generations, context.amounts)
        self.catalogue = Catalogue(context.generations, page_size=context.config.models_per_page)

    async def show(
        self, event: Event, screen: Screen, *, notes: tuple[Html, ...] = (), anew: bool = False
    ) -> None:
        """Show a screen with `notes` above it: in the pressed button's message, or (`anew`) as a new one.

        The files of an album come each in a message of its own, and are answered together in one.
        """
        text = Html("\n\n".join([*notes, screen.text]))
        if isinstance(event, CallbackEvent) and not anew:
            await event.edit(text, keyboard=screen.keyboard)
            return
        said, album = said_in(event), event.message.album_id if isinstance(event, MessageEvent) else None
        if album and said.album == album and said.album_message:
            message = MessageRef(event.chat.id, said.album_message)
            await self.context.outbox.edit(message, text, keyboard=screen.keyboard)
            return
        sent = await event.reply(text, keyboard=screen.keyboard)
        if album and event.dialogue is not None:
            said = replace(said, album=album, album_message=sent.message_id)
            await event.begin(event.dialogue.step, said.kept())

    async def show_models(self, event: Event, said: Said, place: Place, *, anew: bool = False) -> None:
        """Offer the models at a place of the catalogue: those that take what was sent, if anything was."""
        kept = Said(prompt=said.prompt, offered=said.offered, seen=said.seen, album=said.album)
        await event.begin(MODEL, kept.kept())
        listing = self.catalogue.listing(self._suitable(said), place)
        quotes = await self.generations.quotes_for(event.user, [model.id for model in listing.models])
        screen = self.catalogue.screen(
            event.t,
            listing,
            {quote.model_id: quote for quote in quotes},
            prompt=said.prompt,
            with_files=bool(said.offered),
        )
        await self.show(event, screen, anew=anew)

    def _suitable(self, said: Said) -> list[Model]:
        media = [offered_from(kept) for kept in said.offered]
        return [
            model for model in self.generations.models() if all(self.takes(model, sent) for sent in media)
        ]

    def takes(self, model: Model, media: IncomingMedia) -> bool:
        """Whether a model has any use for a file."""
        return any(self.context.media.takes(media, given) for given in model.media)

    def model_of(self, said: Said) -> Model | None:
        """The model of the dialogue, or None if it is not on offer any more."""
        try:
            return self.generations.model(said.model)
        except UserFacingError:
            return None

    async def model_gone(self, event: MessageEvent, said: Said) -> None:
        """Say that the model went, and let the person choose another one for the same words."""
        await event.say("generate-model-gone")
        await self.show_models(event, replace(said, prompt=said.prompt or event.message.text), Place())

    async def words(self, event: MessageEvent) -> str:
        """What the person wrote; if it is nothing that can be read, they are told, and it is empty."""
        message = event.message
        if message.media is None and message.text.strip():
            return message.text
        await self.once(event, event.t("generate-words-only"), "words-only")
        return ""

    async def once(self, event: MessageEvent, text: Html, about: str) -> None:
        """Answer a message; the files of an album come each in one, and get one answer together."""
        album = event.message.album_id
        if album is None:
            await event.reply(text)
        else:
            await self.context.outbox.send(event.chat.id, text, key=f"{about}:{event.chat.id}:{album}")

    async def is_made(self, event: Event, said: Said) -> bool:
        """Whether what this dialogue confirms has become a job, by its button or by its payment."""
        return bool(said.draft) and await self.generations.made_for(event.user.id, said.draft) is not None

    def chosen(self, event: CallbackEvent) -> Model | None:
        """The model that a button is for, if the dialogue is still about it."""
        model = self.model_of(said_in(event))
        return model if model and named(event, 0) == self.generations.token(model.id) else None

    async def answer_old(self, event: CallbackEvent) -> None:
        """Say that a button is out of date."""
        await event.answer(event.t.plain("generate-old-button"), alert=True)

    async def price_of(self, event: Event, said: Said) -> Quote | None:
        """What it costs as far as that can be told yet; None where an option that decides it is missing."""
        model_id, options = said.model, said.options
        for facts in (said.facts(), None):
            try:
                return await self.generations.quote_for(event.user, model_id, options, facts)
            except UserFacingError:
                continue
        return None


def said_in(event: Event) -> Said:
    """What was said so far in this dialogue."""
    return Said.of(event.dialogue)


def explained(event: Event, error: UserFacingError) -> Html:
    """A refusal in the person's language."""
    return event.t(error.key, **error.variables)


def short_id(key: str) -> str:
    """Eight characters that are the same for the same update."""
    digest = hashlib.blake2b(key.encode(), digest_size=5).digest()
    return base64.b32encode(digest).decode().lower()


def named(event: CallbackEvent, number: int) -> str:
    """The argument of a button at this place, or nothing."""
    return event.arguments[number] if number < len(event.arguments) else ""


def numbered(items: tuple[Any, ...], place: str) -> Any | None:
    """The item that a button names by its number, or None."""
    return items[int(place)] if place.isdecimal() and int(place) < len(items) else None
