"""How admins hear of what needs a person: a message in their own language, and a line in the log."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

import structlog

from core.clock import Clock
from core.errors import StarloomError
from core.generation.job import Job
from core.i18n import Html, I18n, Translator
from core.plugins.status import Alert
from core.preferences import translator_for
from core.storage.users import UserStore
from core.telegram.outbox import Outbox
from core.telegram.random_ids import random_id
from core.telegram.types import Keyboard, MessageRef

_log = structlog.stdlib.get_logger(__name__)

Draw = Callable[[Translator], tuple[Html, Keyboard]]
"""Makes a text and what stands below it in a language."""

_SAME_ALERT_SECONDS = 600
"""The same alert is told once in this time, however often and by however many instances it is raised."""


class AdminAlerts:
    """Tells all admins. Nothing that goes wrong here reaches the caller."""

    def __init__(
        self,
        outbox: Outbox,
        users: UserStore,
        i18n: I18n,
        admins: Callable[[], Iterable[int]],
        clock: Clock,
        *,
        also: Callable[[Alert], Awaitable[None]] | None = None,
        note: Callable[[str, str, str], Awaitable[None]] | None = None,
    ) -> None:
        """`also` is told of each alert as well.

        `note` writes it down: what it is about, in words, and what it is quoted by.
        """
        self._also = also
        self._note = note
        self._outbox = outbox
        self._users = users
        self._i18n = i18n
        self._admins = admins
        self._clock = clock

    async def tell(self, alert: Alert) -> None:
        """Tell every admin."""
        _log.error("alert", alert=alert.key)
        if self._note is not None:
            words = " ".join(f"{name}={value}" for name, value in sorted(alert.variables.items()))
            with self._passed_over(alert.key):
                await self._note(alert.key, words, str(alert.variables.get("request", "")))
        period = int(self._clock.now().timestamp()) // _SAME_ALERT_SECONDS
        for admin in self._admins():
            with self._passed_over(alert.key):
                await self._tell_one(
                    admin, alert, f"alert:{alert.key}:{sorted(alert.variables.items())}:{period}"
                )
        if self._also is not None:
            with self._passed_over(alert.key):
                await self._also(alert)

    async def alert(self, kind: str, job: Job, detail: str) -> None:
        """Tell of a generation that needs a person; see `core.generation.ports.Alerts`."""
        await self.tell(
            Alert(
                "alert-generation",
                {"kind": kind, "request": job.id, "provider": job.provider, "detail": detail},
            )
        )

    async def provider_rests(self, provider: str, reason: str, minutes: int) -> None:
        """Tell that nothing of a provider's is offered for a while; see `core.generation.ports.Alerts`."""
        await self.tell(
            Alert("alert-provider-rests", {"provider": provider, "reason": reason, "minutes": minutes})
        )

    async def model_gone(self, provider: str, model_id: str) -> None:
        """Tell that a model is not offered any more; see `core.generation.ports.Alerts`."""
        await self.tell(Alert("alert-model-gone", {"provider": provider, "model": model_id}))

    async def send(self, key: str, *, about: str, keyboard: Keyboard = (), **variables: object) -> None:
        """Send the text of a bundle's `key` to every admin, once for each `about`."""
        for admin in self._admins():
            with self._passed_over(key):
                text = await self._text(admin, key, variables)
                await self._outbox.send_durable(f"admins:{about}:{admin}", admin, text, keyboard=keyboard)

    async def show(self, draw: Draw, *, about: str) -> None:
        """Send every admin what `draw` makes for their language, once for each `about`."""
        for admin in self._admins():
            with self._passed_over("screen"):
                text, keyboard = draw(await self._translator(admin))
                await self._outbox.send_durable(f"admins:{about}:{admin}", admin, text, keyboard=keyboard)

    async def forward(self, message: MessageRef, *, about: str, to: int | None = None) -> None:
        """Forward a message to every admin, or `to` one of them alone, once for each `about`."""
        for admin in self._admins() if to is None else (to,):
            with self._passed_over("forward"):
                number = random_id(f"admins:{about}:{admin}")
                await self._outbox.forward(message, admin, random_id=number)

    @contextlib.contextmanager
    def _passed_over(self, key: str) -> Iterator[None]:
        try:
            yield
        except StarloomError as error:
            _log.warning("an admin could not be told", alert=key, error=type(error).__name__)

    async def _tell_one(self, admin: int, alert: Alert, key: str) -> None:
        text = await self._text(admin, alert.key, alert.variables)
        await self._outbox.send_text(admin, text, random_id=random_id(f"{key}:{admin}"))

    async def _text(self, admin: int, key: str, variables: Mapping[str, object]) -> Html:
        return alert_words(await self._translator(admin), key, variables)

    async def _translator(self, admin: int) -> Translator:
        return translator_for(self._i18n, await self._users.get(admin))


def alert_words(t: Translator, key: str, variables: Mapping[str, object]) -> Html:
    """What admins are told in the reader's language.

    A `reason_key` among the variables names a text, with the same variables, that becomes `reason`: so a
    plugin says in words of its own what is wrong, to readers of any language.
    """
    reason_key = variables.get("reason_key")
    if reason_key is None:
        return t(key, **variables)
    # Its plugin, and with it its words, may be gone when this is read.
    known = str(reason_key) if t.has(str(reason_key)) else "plugin-health-unknown"
    return t(key, **{**variables, "reason": t(known, **variables)})
