"""What all parts of the plugin share: settings, screens, and words that become a prompt."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

from pydantic import Field

from plugins.generate.catalogue import FOUND, Catalogue, Listing, Place
from plugins.generate.catalogue_screens import CatalogueScreens
from plugins.generate.index import ModelIndex
from plugins.generate.popular import Popularity
from plugins.generate.presets import Preset, Presets
from plugins.generate.said import NEW, Said, offered_from
from plugins.generate.screen import Screen
from plugins.generate.screens import Screens
from starloom.api import (
    CallbackEvent,
    Event,
    Html,
    IncomingMedia,
    Keyboard,
    MessageEvent,
    Model,
    Plugin,
    PluginConfig,
    PluginContext,
    Quote,
    Translator,
    UserFacingError,
)

MODEL, SEARCH, GIVE, PROMPT, OPTION, CONFIRM = "model", "search", "give", "prompt", "option", "confirm"
"""The steps of the dialogue: what the person's next message is an answer to."""


class GenerateConfig(PluginConfig):
    """The settings of the plugin."""

    models_per_page: int = Field(default=8, ge=1, le=50)
    """How many models one page of the choice shows."""
    built_in_presets: bool = True
    """Whether the ideas that come with the plugin are offered: nature, cars, city, food."""
    presets: tuple[Preset, ...] = ()
    """The operator's own ideas, which come first; one with the id of a built-in one takes its place."""


class Part(Plugin[GenerateConfig]):
    """The base of every part of the plugin."""

    def __init__(self, context: PluginContext[GenerateConfig]) -> None:
        super().__init__(context)
        page_size = context.config.models_per_page
        self.generations = context.generations
        self.presets = Presets(context.config.presets, built_in=context.config.built_in_presets)
        self.screens = Screens(context.generations, context.amounts, self.presets)
        self.catalogue = Catalogue(context.generations, page_size=page_size)
        self.catalogue_screens = CatalogueScreens(context.generations, page_size=page_size)
        self.popularity = Popularity(context.statistics, context.clock)

    async def ask(
        self,
        event: Event,
        step: str,
        said: Said,
        screen: Screen,
        *,
        notes: tuple[Html, ...] = (),
        keep_files: bool = False,
    ) -> None:
        """Show the screen of a step, with `notes` above it, and enter the step.

        It is shown in the pressed button's message, in the last screen where the person changed words that
        they sent before, or in a new message: always where `said.screen` is `NEW`. The files of an album come
        each in a message of its own, and are answered together in one.
        """
        text = Html("\n\n".join([*notes, screen.text]))
        place = 0 if said.screen == NEW else _place(event, said)
        if place:
            await event.answers.edit(place, text, keyboard=screen.keyboard)
        else:
            place = (await event.reply(text, keyboard=screen.keyboard)).message_id
        album = event.message.album_id if isinstance(event, MessageEvent) else None
        if album:
            said = replace(said, album=album, album_message=place)
        said = replace(said, chat=event.chat.id, screen=place)
        await event.begin(step, said.kept(), keep_files=keep_files)

    async def show_models(
        self, event: Event, said: Said, place: Place, *, notes: tuple[Html, ...] = ()
    ) -> None:
        """Offer the models at a place of the catalogue: those that take what was sent, if anything was."""
        kept = said.for_other_model()
        listing = self.catalogue.listing(
            self.suitable(kept),
            place,
            used={**await self.popularity.counts(), **self.context.generations.pins},
            query=kept.query,
        )
        await self.ask(event, MODEL, kept, await self.models_screen(event, listing, kept), notes=notes)

    async def find_models(self, event: Event, said: Said, query: str) -> None:
        """Offer the models that are called so."""
        await self.show_models(event, replace(said, query=query), Place(FOUND))

    async def models_screen(self, event: Event, listing: Listing, said: Said) -> Screen:
        """A listing with prices for this person."""
        quotes = await self.generations.quotes_for(event.user, [model.id for model in listing.models])
        prices = {quote.model_id: quote for quote in quotes}
        prompt = self.shown_prompt(event.t, said)
        return self.catalogue_screens.models(event.t, listing, prices, said, prompt=prompt)

    def suitable(self, said: Said) -> ModelIndex:
        """The models that take all that was sent."""
        index = self.catalogue.index()
        media = [offered_from(kept) for kept in said.offered]
        if not media:
            return index
        return index.among([each for each in index.models if all(self.takes(each, sent) for sent in media)])

    def takes(self, model: Model, media: IncomingMedia) -> bool:
        """Whether a model has any use for a file."""
        return any(self.context.media.takes(media, given) for given in model.media)

    def shown_prompt(self, t: Translator, said: Said) -> str:
        """What people read of the words said so far."""
        return self.presets.shown(t, said.preset, said.prompt)

    def model_of(self, said: Said) -> Model | None:
        """The model of the dialogue, or None if it is not on offer any more."""
        try:
            return self.generations.model(said.model)
        except UserFacingError:
            return None

    async def model_gone(self, event: Event, said: Said) -> None:
        """Say that the model went, and let the person choose another one for the same words and files."""
        await self.show_models(event, said, Place(), notes=(event.t("generate-model-gone"),))

    async def words(self, event: MessageEvent) -> str:
        """What the person wrote; if it is nothing that can be read, they are told, and it is empty."""
        message = event.message
        if message.media is None and message.text.strip():
            return message.text
        await self.once(event, event.t("generate-words-only"), "words-only")
        return ""

    async def once(self, event: MessageEvent, text: Html, about: str, keyboard: Keyboard = ()) -> None:
        """Answer a message; the files of an album come each in one, and get one answer together."""
        album = event.message.album_id
        if album is None:
            await event.reply(text, keyboard=keyboard)
        else:
            key = f"{about}:{event.chat.id}:{album}"
            await self.context.outbox.send(event.chat.id, text, key=key, keyboard=keyboard)

    async def is_made(self, event: Event, said: Said) -> bool:
        """Whether what this dialogue confirms has become a job, by its button or by its payment."""
        return bool(said.draft) and await self.generations.made_for(event.user.id, said.draft) is not None

    def check_moments(self, model: Model, said: Said) -> None:
        """Check that moments lie within what they belong to.

        Raises:
            UserFacingError: one does not.

        """
        self.generations.check_moments(model.id, said.options, said.files, source_seconds=said.source_seconds)

    def chosen(self, event: CallbackEvent, number: int = 0) -> Model | None:
        """The model that a button names in an argument, if the dialogue is still about it."""
        model = self.model_of(said_in(event))
        return model if model and named(event, number) == self.generations.token(model.id) else None

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


def _place(event: Event, said: Said) -> int:
    """The message to show a screen in, or 0 for a new one."""
    if isinstance(event, CallbackEvent):
        return event.message_id
    if not isinstance(event, MessageEvent):
        return 0
    if event.message.edited:
        return said.screen if said.chat == event.chat.id else 0
    album = event.message.album_id
    return said.album_message if album and said.album == album else 0


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
