"""What the pipeline needs of the rest of the house, as it needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol

import structlog

from core.generation.job import Job
from core.i18n import Translator
from core.telegram.types import Keyboard, MediaDetails, MessageRef, OutgoingMedia

_log = structlog.stdlib.get_logger(__name__)

Notify = Callable[[Job], Awaitable[None]]
"""Told of every change of a job; must not raise and not take long."""

Translators = Callable[[str | None], Translator]
"""A translator into a language."""


class Messenger(Protocol):
    """The part of the outbox that results and notices go through."""

    async def send_text(
        self, chat_id: int, html: str, *, keyboard: Keyboard = (), random_id: int
    ) -> MessageRef:
        """Send a message; one that was sent under this `random_id` before counts as sent."""
        ...

    async def send_media(
        self,
        chat_id: int,
        media: Sequence[OutgoingMedia],
        caption: str,
        *,
        keyboard: Keyboard = (),
        random_id: int,
    ) -> MessageRef:
        """Send files; what was sent under this `random_id` before counts as sent."""
        ...

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message; one that is gone is no error."""
        ...


class MediaUploader(Protocol):
    """Brings files to Telegram while they are still arriving."""

    async def upload(
        self, chat_id: int, source: AsyncIterator[bytes], details: MediaDetails
    ) -> OutgoingMedia:
        """Upload a file for `chat_id` and answer what sends it."""
        ...


class Hooks(Protocol):
    """The part of the plugin manager that asks plugins."""

    async def decide(self, hook: str, /, **arguments: Any) -> Any:
        """The first refusal of a decision, or None."""
        ...


class Alerts(Protocol):
    """How the operator hears of something that needs a person."""

    async def alert(self, kind: str, job: Job, detail: str) -> None:
        """Tell the operator. `kind` is one word for what it is; `detail` names no person and no prompt."""
        ...


class LoggedAlerts:
    """Alerts that stand in the log alone."""

    async def alert(self, kind: str, job: Job, detail: str) -> None:
        """Log it as an error."""
        _log.error("operator alert", kind=kind, request_id=job.id, provider=job.provider, detail=detail)
