"""What the pipeline needs of the rest of the house, as it needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from core.errors import ProviderError
from core.generation.job import Job
from core.generation.provider import InputFile
from core.i18n import Translator
from core.telegram.types import Keyboard, MediaDetails, MessageRef, OutgoingMedia

if TYPE_CHECKING:
    from core.telegram.upload.file import UploadedFile

_log = structlog.stdlib.get_logger(__name__)

Notify = Callable[[Job], Awaitable[None]]
"""Told of every change of a job; must not raise and not take long."""

Translators = Callable[[str | None], Translator]
"""A translator into a language."""


class Messenger(Protocol):
    """The part of the outbox that results and notices go through."""

    async def send_text(
        self,
        chat_id: int,
        html: str,
        *,
        keyboard: Keyboard = (),
        reply_to: int | None = None,
        silent: bool = False,
        random_id: int,
    ) -> MessageRef:
        """Send a message; one that was sent under this `random_id` before counts as sent."""
        ...

    async def send_media(
        self,
        chat_id: int,
        media: OutgoingMedia,
        caption: str,
        *,
        keyboard: Keyboard = (),
        reply_to: int | None = None,
        silent: bool = False,
        random_id: int,
    ) -> MessageRef:
        """Send a file; what was sent under this `random_id` before counts as sent."""
        ...

    async def send_album(
        self,
        chat_id: int,
        media: Sequence[OutgoingMedia],
        caption: str,
        *,
        reply_to: int | None = None,
        silent: bool = False,
        random_ids: Sequence[int],
    ) -> tuple[MessageRef, ...]:
        """Send files as one album; what was sent under these `random_ids` before counts as sent."""
        ...

    async def chat_action(self, chat_id: int, action: str) -> None:
        """Show for some seconds what is being done."""
        ...

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message; one that is gone is no error."""
        ...


class Inputs(Protocol):
    """Files that people gave; see `core.media.files`."""

    def open(self, kept: Mapping[str, Any]) -> InputFile:
        """A job's input as a provider gets it."""
        ...

    async def discard(self, inputs: Iterable[Mapping[str, Any]]) -> None:
        """Forget files that nobody needs any more; does not raise."""
        ...

    async def are_there(self, inputs: Iterable[Mapping[str, Any]]) -> bool:
        """Whether files are there, and stay for as long as a generation may last."""
        ...


class MediaUploader(Protocol):
    """Brings files to Telegram while they are still arriving."""

    most_bytes: int
    """The largest file that Telegram takes."""

    async def file(
        self,
        source: AsyncIterator[bytes],
        *,
        name: str,
        size: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> UploadedFile:
        """Bring the bytes of a file to Telegram, of known size or not; `progress` hears what has arrived.

        Raises TelegramError `FILE_TOO_LARGE` for more than Telegram takes.
        """
        ...

    async def register(
        self, chat_id: int, file: UploadedFile, thumbnail: bytes | None, details: MediaDetails
    ) -> OutgoingMedia:
        """Make media of a file whose bytes are there, for `chat_id`; as often as there are forms of it."""
        ...

    async def refreshed(self, media: OutgoingMedia, message: MessageRef) -> OutgoingMedia | None:
        """The same media, as it can be sent now, from a message that shows it; None if that is gone."""
        ...


class LargeFiles(Protocol):
    """Where files are kept that are too large for Telegram; see `core.media.results`."""

    @property
    def hours(self) -> float:
        """For so long a link holds."""
        ...

    @property
    def can_be_linked(self) -> bool:
        """Whether people can fetch from there at all."""
        ...

    async def keep(self, source: AsyncIterator[bytes], mime_type: str) -> str:
        """Keep what `source` gives; answers its ref."""
        ...

    async def link(self, ref: str) -> str:
        """An address that holds for `hours` from now on; empty if the file is gone."""
        ...


class Hooks(Protocol):
    """The part of the plugin manager that asks plugins."""

    async def notify(self, hook: str, /, **arguments: Any) -> None:
        """Tell all plugins; none is waited for."""
        ...

    async def decide(self, hook: str, /, **arguments: Any) -> Any:
        """The first refusal of a decision, or None."""
        ...

    async def rewrite_prompt(self, prompt: str, /, **arguments: Any) -> str:
        """What plugins make of a prompt."""
        ...

    def wants(self, hook: str) -> bool:
        """Whether any plugin that is on implements a hook."""
        ...

    async def image(self, image: bytes, /, **arguments: Any) -> bytes:
        """What plugins make of a picture."""
        ...

    async def price_for(self, stars: int, /, **arguments: Any) -> int:
        """What plugins make of a price, in whole Stars."""
        ...

    async def keyboard(self, hook: str, /, **arguments: Any) -> Keyboard:
        """The buttons of all plugins; those of one that fails are left out."""
        ...


class Room(Protocol):
    """What is set aside for an order; free again unless it is `taken`."""

    taken: bool


class Spending(Protocol):
    """What the operator allows to be spent at providers; see `core.budgets`."""

    def room(self, provider: str, cost_usd: Decimal) -> AbstractAsyncContextManager[Room]:
        """Set aside what an order costs while it is written down; raise UserFacingError where it may not be.

        `taken` is to be set on what is entered once the order is there.
        """
        ...


class Alerts(Protocol):
    """How the operator hears of something that needs a person."""

    async def alert(self, kind: str, job: Job, detail: str) -> None:
        """Tell the operator of a job. `kind` is one word; `detail` names no person and no prompt."""
        ...

    async def provider_rests(self, provider: str, reason: str, minutes: int) -> None:
        """Tell the operator that a provider, or `provider/account`, is not offered for so long, and why."""
        ...

    async def model_gone(self, provider: str, model_id: str) -> None:
        """Tell the operator that a provider does not have a model any more, so that it is not offered."""
        ...


class LoggedAlerts:
    """Alerts that stand in the log alone."""

    async def alert(self, kind: str, job: Job, detail: str) -> None:
        """Log it as an error."""
        _log.error("operator alert", kind=kind, request_id=job.id, provider=job.provider, detail=detail)

    async def provider_rests(self, provider: str, reason: str, minutes: int) -> None:
        """Log it as an error."""
        _log.error("operator alert", kind="provider rests", provider=provider, reason=reason, minutes=minutes)

    async def model_gone(self, provider: str, model_id: str) -> None:
        """Log it as an error."""
        _log.error("operator alert", kind="model gone", provider=provider, model=model_id)


class SharedKeys(Protocol):
    """The limits of the providers' keys, of which each worker has its part; see `core.http`."""

    def share(self, sharers: int, *, joining: bool = False) -> None:
        """Keep to an equal part among so many workers; this one may be `joining` them just now."""
        ...


class OwnKeys:
    """Keys that nobody else uses, or that have no limits."""

    def share(self, sharers: int, *, joining: bool = False) -> None:
        """Nothing is shared."""


class NoInputs:
    """Where no files can be given."""

    def open(self, kept: Mapping[str, Any]) -> InputFile:
        """Raises ProviderError: there are none."""
        raise ProviderError(f"no files are kept for {kept['field']}")

    async def discard(self, inputs: Iterable[Mapping[str, Any]]) -> None:
        """Forget nothing."""

    async def are_there(self, inputs: Iterable[Mapping[str, Any]]) -> bool:
        """None are."""
        return not list(inputs)


class NoLargeFiles:
    """Where no file can be given but through Telegram."""

    hours = 0.0
    can_be_linked = False

    async def keep(self, source: AsyncIterator[bytes], mime_type: str) -> str:
        """Raises ProviderError: it cannot be kept."""
        raise ProviderError("no place for large files")

    async def link(self, ref: str) -> str:
        """There is none."""
        return ""
