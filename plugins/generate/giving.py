"""The files that a model works from: asked for, taken, and told apart."""

from __future__ import annotations

from dataclasses import replace

from plugins.generate.catalogue import Place
from plugins.generate.catalogue_screens import preset_rows
from plugins.generate.index import from_words_alone
from plugins.generate.part import GIVE, MODEL, PROMPT, explained, named, numbered, said_in
from plugins.generate.said import (
    Said,
    meant_for,
    offered,
    offered_from,
    open_inputs,
    optional_inputs,
    wanted_inputs,
)
from plugins.generate.tuning import Tuning
from starloom.api import (
    Button,
    CallbackEvent,
    Event,
    Html,
    IncomingMedia,
    Keyboard,
    MediaInput,
    MessageEvent,
    Model,
    Taken,
    UserFacingError,
    callback,
    step,
)

_SAID_ALOUD = ("text", "lyrics")
"""Fields whose words are those of the result."""
_MOST_OFFERED = 10
"""Files that are remembered before a model is chosen: as many as an album has."""


class Giving(Tuning):
    """Takes photos, videos and sounds, one by one or as albums, in the order in which they were sent."""

    @step(GIVE)
    async def take_given(self, event: MessageEvent) -> None:
        """Take what was asked for; words are the prompt, which can come first."""
        said = said_in(event)
        model = self.model_of(said)
        if model is None:
            await self.model_gone(event, said)
        elif event.message.media is not None:
            await self.take_file(event, model, said)
        elif not model.takes_prompt:
            await event.reply(event.t("generate-file-wanted"))
        elif prompt := await self.words(event):
            checked = self.generations.check_prompt(model.id, prompt)
            # Who writes instead of sending what may be left out has left it out.
            wanted = wanted_inputs(model, said)
            passed = said.passed if wanted else tuple(each.field for each in model.media)
            said = replace(said, prompt=checked, preset="", words=event.message.id, passed=passed)
            await self.go_on(event, said, notes=(event.t("generate-words-kept"),) if wanted else ())

    @callback("given")
    async def enough(self, event: CallbackEvent) -> None:
        """Go on without more files: with those that are there, or none."""
        said, model = said_in(event), self.chosen(event)
        if model is None:
            await self.answer_old(event)
            return
        left = [given.field for given in model.media]
        await self.go_on(event, replace(said, passed=(*said.passed, *left), field=""))

    @callback("give")
    async def ask_for(self, event: CallbackEvent) -> None:
        """Ask for files of one kind, chosen among several."""
        said, model = said_in(event), self.chosen(event)
        chosen = numbered(model.media, named(event, 1)) if model else None
        if model is None or not isinstance(chosen, MediaInput):
            await self.answer_old(event)
            return
        await self._ask_for(event, model, replace(said, field=chosen.field), chosen)

    @callback("add")
    async def offer_more(self, event: CallbackEvent) -> None:
        """Offer, once more, everything that may still be given."""
        said, model = said_in(event), self.chosen(event)
        if model is None:
            await self.answer_old(event)
            return
        await self.ask_for_files(event, model, replace(said, passed=()), open_inputs(model, said))

    @callback("empty")
    async def take_back(self, event: CallbackEvent) -> None:
        """Forget all files, and ask for them again."""
        said, model = said_in(event), self.chosen(event)
        if model is None:
            await self.answer_old(event)
            return
        await self.go_on(event, replace(said, files=(), sources=(), passed=(), ordered=False))

    @callback("bare")
    async def go_without_words(self, event: CallbackEvent) -> None:
        """Go on without a prompt."""
        said, model = said_in(event), self.chosen(event)
        if model is None or model.needs_prompt:
            await self.answer_old(event)
            return
        await self.go_on(event, replace(said, prompt="", passed=(*said.passed, PROMPT)))

    async def go_on(self, event: Event, said: Said, *, notes: tuple[Html, ...] = ()) -> None:
        """Ask for the next thing that is missing: files, words, options; or for the last word.

        What may be given beside what is needed is asked for all at once. `notes` are told beside it.
        """
        model = self.generations.model(said.model)
        missing = wanted_inputs(model, said) or optional_inputs(model, said)
        if missing:
            await self.ask_for_files(event, model, said, missing, notes)
        elif model.takes_prompt and not said.prompt and PROMPT not in said.passed:
            await self.ask_prompt(event, model, said, notes)
        else:
            await self.finish_options(event, model, said, notes)

    async def ask_prompt(self, event: Event, model: Model, said: Said, notes: tuple[Html, ...] = ()) -> None:
        """Ask for a description."""
        quote = await self.price_of(event, said)
        presets: Keyboard = ()
        if _is_described(model) and not said.files:
            token = self.generations.token(model.id)
            presets = preset_rows(event.t, self.presets.all(model.category), token)
        screen = self.screens.ask_prompt(event.t, model, said, quote, presets)
        await self.ask(event, PROMPT, said, screen, notes=notes)

    async def ask_for_files(
        self,
        event: Event,
        model: Model,
        said: Said,
        inputs: tuple[MediaInput, ...],
        notes: tuple[Html, ...] = (),
    ) -> None:
        """Ask for a file, or let the person choose which of several to give."""
        if len(inputs) == 1:
            await self._ask_for(event, model, replace(said, field=inputs[0].field), inputs[0], notes)
            return
        said = replace(said, field="")
        screen = self.screens.choose_input(event.t, model, inputs, needed=bool(wanted_inputs(model, said)))
        await self.ask(event, GIVE, said, screen, notes=notes)

    async def take_offered(self, event: Event, model: Model, said: Said) -> tuple[Said, tuple[Html, ...]]:
        """Take the files that were sent before the model was chosen; what cannot be taken is told."""
        notes: list[Html] = []
        kept, said = said.offered, replace(said, offered=())
        for each in kept:
            sent = offered_from(each)
            given = self._place_for(model, replace(said, field=meant_for(each)), sent)
            if given is None:
                notes.append(event.t("generate-no-room"))
                continue
            try:
                taken = await self.context.media.take(sent, model, given.field)
            except UserFacingError as error:
                notes.append(explained(event, error))
                continue
            said = said.with_file(taken.file, sent)
            notes += _told(event, taken)
        return said, tuple(dict.fromkeys(notes))

    async def take_file(self, event: MessageEvent, model: Model, said: Said) -> None:
        """Take a file for the model: where it was asked for, else where there is room for its kind."""
        message = event.message
        if message.media is None or message.id in said.seen:
            return
        if not self.takes(model, message.media):
            await self._refuse_kind(event, model, said)
            return
        said, given = self._room_for(model, said, message.media, same_album=_same_album(event, said))
        if given is None:
            await self.once(event, event.t("generate-no-room"), "no-room")
            return
        taken = await self.context.media.take(message.media, model, given.field)
        said, notes = said.with_file(taken.file, message.media, message.id), _told(event, taken)
        said, notes = self._take_caption(event, model, said, notes)
        if not _same_album(event, said):
            said = replace(said, album=message.album_id or 0, album_message=0)
        count = said.count(given.field)
        # Whoever has said what is to be made of it can begin, and may send more all the same.
        all_said = count >= given.least and bool(said.prompt)
        if given.many and count < given.most and not all_said:
            said = replace(said, field=given.field)
            screen = self.screens.enough(event.t, model, given, count)
            await self.ask(event, GIVE, said, screen, notes=notes)
            return
        if all_said:
            said = replace(said, passed=tuple(each.field for each in model.media))
        await self.go_on(event, replace(said, field=""), notes=notes)

    async def offer_models_for(self, event: MessageEvent, media: IncomingMedia) -> None:
        """Offer the models that take a file which was sent out of the blue; its caption is the prompt."""
        said, message = said_in(event), event.message
        again = _same_album(event, said) and bool(said.offered)
        before = said.offered if again else ()
        if len(before) >= _MOST_OFFERED:
            return
        said = replace(said, offered=(*before, offered(media)), album=message.album_id or 0)
        if message.text.strip():
            said = replace(said, prompt=message.text.strip(), preset="", words=message.id)
        if not any(self.takes(model, media) for model in self.generations.models()):
            await self.once(event, event.t("generate-words-only"), "words-only")
        elif again:
            # The list is there since the first of the album.
            await event.begin(MODEL, said.kept())
        else:
            await self.show_models(event, replace(said, query="", album_message=0), Place())

    def _place_for(self, model: Model, said: Said, media: IncomingMedia) -> MediaInput | None:
        """Where a file goes: where it was asked for, where one is needed, or the first place with room."""
        rooms = [given for given in open_inputs(model, said) if self.context.media.takes(media, given)]
        asked = [given for given in rooms if given.field == said.field]
        needed = [given for given in rooms if given in wanted_inputs(model, said)]
        return next(iter((*asked, *needed, *rooms)), None)

    def _room_for(
        self, model: Model, said: Said, media: IncomingMedia, *, same_album: bool
    ) -> tuple[Said, MediaInput | None]:
        """A place for a file; a single one that is taken is made free, unless the same album filled it."""
        place = self._place_for(model, said, media)
        if place is not None or same_album:
            return said, place
        taken = [given for given in model.media if given.most == 1 and self.context.media.takes(media, given)]
        taken = [given for given in taken if said.count(given.field)]
        if len(taken) != 1:
            return said, None
        return replace(said.without(taken[0].field), ordered=False), taken[0]

    def _take_caption(
        self, event: MessageEvent, model: Model, said: Said, notes: tuple[Html, ...]
    ) -> tuple[Said, tuple[Html, ...]]:
        text = event.message.text
        if not text.strip() or not model.takes_prompt:
            return said, notes
        try:
            prompt = self.generations.check_prompt(model.id, text)
            return replace(said, prompt=prompt, preset="", words=event.message.id), notes
        except UserFacingError as error:
            return said, (*notes, explained(event, error))

    async def _refuse_kind(self, event: MessageEvent, model: Model, said: Said) -> None:
        given = model.media_input(said.field)
        if given is None and model.media:
            given = model.media[0]
        if given is None:
            await self._refuse_file(event, said)
        else:
            formats = ", ".join(name.upper() for name in given.formats)
            await self.once(event, event.t(f"media-not-{given.kind}", formats=formats), "wrong-kind")

    async def _refuse_file(self, event: MessageEvent, said: Said) -> None:
        """Say that the model works from words alone, and offer those that take the file, if there are any."""
        media, dialogue = event.message.media, event.dialogue
        if media is None or dialogue is None:
            return
        keyboard: Keyboard = ()
        if any(self.takes(each, media) for each in self.catalogue.index().models):
            keyboard = ((Button(event.t.plain("generate-models-for-file"), "spare"),),)
            before = said.spare if _same_album(event, said) else ()
            spare = (*before, offered(media))[:_MOST_OFFERED]
            said = replace(said, spare=spare, album=event.message.album_id or 0, album_message=0)
            await event.begin(dialogue.step, said.kept())
        await self.once(event, event.t("generate-no-files"), "no-files", keyboard)

    @callback("spare")
    async def choose_for_file(self, event: CallbackEvent) -> None:
        """Choose among the models that take what the last one has no use for."""
        said = said_in(event)
        if not said.spare:
            await self.answer_old(event)
            return
        await self.show_models(event, replace(said, offered=(*said.offered, *said.spare)), Place())

    async def _ask_for(
        self, event: Event, model: Model, said: Said, given: MediaInput, notes: tuple[Html, ...] = ()
    ) -> None:
        screen = self.screens.ask_file(event.t, model, given, count=said.count(given.field))
        await self.ask(event, GIVE, said, screen, notes=notes)


def _is_described(model: Model) -> bool:
    """Whether the words of a model describe what is to be made, rather than being read out or sung."""
    return from_words_alone(model) and model.prompt_field not in _SAID_ALOUD and model.option("voice") is None


def _same_album(event: MessageEvent, said: Said) -> bool:
    return event.message.album_id is not None and event.message.album_id == said.album


def _told(event: Event, taken: Taken) -> tuple[Html, ...]:
    return tuple(event.t(note.key, **note.variables) for note in taken.notes)
