"""Sends what is uploaded of a generation: words, buttons and files, each message once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypedDict

import structlog

from core.errors import TelegramError
from core.generation.albums import Envelope
from core.generation.job import Job, JobState
from core.generation.media import media_from, original_from
from core.generation.ports import Hooks, LargeFiles, Messenger, Translators
from core.generation.registry import Registry
from core.generation.uploading import LINK
from core.production.account import is_production
from core.telegram.random_ids import random_id
from core.telegram.types import Keyboard, MessageRef, OutgoingMedia

_log = structlog.stdlib.get_logger(__name__)

_MEGABYTE = 1_000_000
_KEYBOARD_REFUSED = ("BUTTON_", "REPLY_MARKUP_")


class _Manner(TypedDict):
    reply_to: int | None
    silent: bool


def _manner(job: Job, chat_id: int) -> _Manner:
    """How a result is shown: as a reply in the chat where it was asked for, with a sound or without."""
    return {"reply_to": job.reply_to_id if chat_id == job.chat_id else None, "silent": job.silent}


class LinkGone(Exception):
    """A file that was to be linked is not in our store any more."""


class Sending:
    """Sends envelopes. Whatever Telegram refuses is raised as it is."""

    def __init__(
        self,
        *,
        messenger: Messenger,
        registry: Registry,
        hooks: Hooks,
        large: LargeFiles,
        translators: Translators,
    ) -> None:
        self._messenger = messenger
        self._registry = registry
        self._hooks = hooks
        self._large = large
        self._translators = translators

    async def send(
        self, job: Job, envelope: Envelope, *, chat_id: int, first: bool, buttons: bool
    ) -> tuple[MessageRef, ...]:
        """Send one envelope: the `first` of a result says what it is, one with `buttons` carries plugins'.

        Raises:
            LinkGone: the file to be linked is gone.
            TelegramError: Telegram refused.

        """
        caption = self._caption(job) if first else ""
        if len(envelope.files) > 1:
            media = [media_from(job.uploaded[file]) for file in envelope.files]
            return await self._messenger.send_album(
                chat_id, media, caption, **_manner(job, chat_id), random_ids=envelope.random_ids
            )
        (file,), (number,) = envelope.files, envelope.random_ids
        fields = job.uploaded[file]
        if fields["kind"] == LINK:
            text = await self._link(job, file)
            return (await self._with_buttons(job, buttons, self._texts(job, chat_id, text, number)),)
        media_or_original = original_from(fields) if envelope.original else media_from(fields)
        send = self._files(job, chat_id, media_or_original, caption, number)
        return (await self._with_buttons(job, buttons, send),)

    async def send_buttons(self, job: Job) -> None:
        """Send the plugins' buttons in a short message of their own, if there are any."""
        keyboard = await self._buttons(job)
        if not keyboard:
            return
        text = self._translators(job.language)("delivery-buttons")
        number = random_id(f"{job.delivery_random_id}:buttons")
        try:
            await self._messenger.send_text(job.chat_id, text, keyboard=keyboard, random_id=number)
        except (ValueError, TelegramError) as error:
            if not _about_keyboard(error):
                raise
            _log.warning("buttons refused", request_id=job.id, error=str(error))

    def _files(
        self, job: Job, chat_id: int, media: OutgoingMedia, caption: str, number: int
    ) -> Callable[[Keyboard], Awaitable[MessageRef]]:
        return lambda keyboard: self._messenger.send_media(
            chat_id, media, caption, keyboard=keyboard, **_manner(job, chat_id), random_id=number
        )

    def _texts(
        self, job: Job, chat_id: int, text: str, number: int
    ) -> Callable[[Keyboard], Awaitable[MessageRef]]:
        return lambda keyboard: self._messenger.send_text(
            chat_id, text, keyboard=keyboard, **_manner(job, chat_id), random_id=number
        )

    async def _buttons(self, job: Job) -> Keyboard:
        """The plugins' buttons; in a group they are the person's whose result it is.

        A video of a series is nobody's.
        """
        if is_production(job):
            return ()
        keyboard = await self._hooks.keyboard("result_keyboard", job=job)
        if job.chat_id == job.user_id:
            return keyboard
        return tuple(
            tuple(replace(button, owner=job.user_id) if button.action else button for button in row)
            for row in keyboard
        )

    async def _with_buttons(
        self, job: Job, buttons: bool, send: Callable[[Keyboard], Awaitable[MessageRef]]
    ) -> MessageRef:
        """Send with the plugins' buttons; without, if Telegram, or our own packing, refuses those."""
        keyboard = await self._buttons(job) if buttons else ()
        try:
            return await send(keyboard)
        except (ValueError, TelegramError) as error:
            if not keyboard or not _about_keyboard(error):
                raise
            _log.warning("buttons refused", request_id=job.id, error=str(error))
            return await send(())

    async def _link(self, job: Job, file: int) -> str:
        kept = job.uploaded[file]["file"]
        address = await self._large.link(kept["ref"])
        if not address:
            raise LinkGone
        say = self._translators(job.language)
        return say(
            "delivery-link",
            about=self._caption(job),
            address=address,
            megabytes=-(-kept["size"] // _MEGABYTE),
            hours=round(self._large.hours),
        )

    def _caption(self, job: Job) -> str:
        say = self._translators(job.language)
        begun, finished = job.created_at, job.since(JobState.READY)
        seconds = round((finished - begun).total_seconds()) if begun and finished else 0
        minutes, rest = divmod(max(1, seconds), 60)
        time = say("time-minutes", minutes=minutes, seconds=rest) if minutes else say("time", seconds=rest)
        return say(
            "delivery-caption",
            model=self._registry.title(job.model_id, say.language),
            price=say(f"price-free-{job.free}") if job.free else say("stars", stars=job.price),
            time=time,
        )


def has_room_for_buttons(envelopes: Sequence[Envelope]) -> bool:
    """Whether a result is one message that can carry buttons."""
    main = [envelope for envelope in envelopes if not envelope.original]
    return len(main) == 1 and len(main[0].files) == 1


def _about_keyboard(error: ValueError | TelegramError) -> bool:
    return isinstance(error, ValueError) or error.name.startswith(_KEYBOARD_REFUSED)
