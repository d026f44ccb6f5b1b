"""What every update passes before a handler sees it, in this order.

A person's record is loaded first, since bans stand in it and every refusal is in the person's language.
Payments and refunds pass untouched: they are never limited, deduplicated by time, or turned away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from core.clock import Clock
from core.limits import UpdateLimits
from core.telegram.answers import UpdateAnswers
from core.telegram.parse import IncomingCallback, IncomingMessage
from core.telegram.people import People
from core.telegram.rate_limits import ActionRates, Recently, Verdict
from core.users import User

_NOTICE_SECONDS = 300.0
"""How long somebody who was told that nothing is to be had here is not told again."""

Incoming = IncomingMessage | IncomingCallback


@dataclass(slots=True)
class Passage:
    """An update on its way: what it is, who is behind it, how to answer."""

    incoming: Incoming
    user: User
    answers: UpdateAnswers
    went_wrong: bool = False
    """Whether its person has been asked to try again."""
    tries: int = 1
    """Which try this is: there are more where the database went away."""

    @property
    def about_money(self) -> bool:
        """Whether it tells of a payment or a refund."""
        incoming = self.incoming
        if not isinstance(incoming, IncomingMessage):
            return False
        return incoming.message.payment is not None or incoming.message.refund is not None


Proceed = Callable[[Passage], Awaitable[bool]]
"""The rest of the way; False if the update is to be handled again after the next start."""


class Middleware(Protocol):
    """One stage of the way."""

    async def __call__(self, passage: Passage, proceed: Proceed) -> bool:
        """Let the update proceed, or end its way here."""
        ...


def chain(stages: Sequence[Middleware], end: Proceed) -> Proceed:
    """All stages, one after another, and then `end`."""
    way = end
    for stage in reversed(stages):
        way = _staged(stage, way)
    return way


def _staged(stage: Middleware, proceed: Proceed) -> Proceed:
    async def step(passage: Passage) -> bool:
        return await stage(passage, proceed)

    return step


def reference_of(key: str) -> str:
    """A short name for an update, for logs and for people to quote; tells nothing about anybody."""
    return hashlib.blake2b(key.encode(), digest_size=4).hexdigest()


class Correlation:
    """Binds the update's reference and the end of the person's id into the log context."""

    async def __call__(self, passage: Passage, proceed: Proceed) -> bool:
        """Proceed within the context."""
        with structlog.contextvars.bound_contextvars(
            update=reference_of(passage.incoming.key), user=f"…{passage.user.id % 10_000:04d}"
        ):
            return await proceed(passage)


class Gate:
    """Turns away who is banned, and during maintenance everybody but operators; says so once in a while."""

    def __init__(
        self,
        people: People,
        clock: Clock,
        maintenance: Callable[[], bool],
        notice: Callable[[str], str] = lambda _: "",
    ) -> None:
        """`notice` is what operators say about the maintenance in a language; empty for the usual words."""
        self._people = people
        self._clock = clock
        self._maintenance = maintenance
        self._notice = notice
        self._told = Recently(_NOTICE_SECONDS, clock)

    async def __call__(self, passage: Passage, proceed: Proceed) -> bool:
        """Proceed, or say why not."""
        user = passage.user
        if passage.about_money or self._people.role(user.id) is not None:
            return await proceed(passage)
        t = self._people.translator(user)
        if user.banned_until is not None and user.banned_until > self._clock.now():
            reason = user.ban_reason or "-"
            return await self._turn_away(passage, t("banned", reason=reason), ("ban", user.id))
        if self._maintenance():
            words = self._notice(t.language)
            text = t("maintenance-notice", words=words) if words else t("maintenance")
            return await self._turn_away(passage, text, ("maintenance", user.id))
        return await proceed(passage)

    async def _turn_away(self, passage: Passage, text: str, what: object) -> bool:
        if not self._told.happened(what):
            await tell(passage, text)
        return True


class RateLimit:
    """Stops who asks too much: says so once, then is silent until it is less."""

    def __init__(self, people: People, limits: UpdateLimits, clock: Clock) -> None:
        self._people = people
        self._rates = ActionRates(limits, clock)

    async def __call__(self, passage: Passage, proceed: Proceed) -> bool:
        """Proceed unless it is too much."""
        if passage.about_money or self._people.role(passage.user.id) is not None:
            return await proceed(passage)
        incoming = passage.incoming
        album = incoming.message.album_id if isinstance(incoming, IncomingMessage) else None
        verdict = self._rates.count(passage.user.id, album)
        if verdict is Verdict.ALLOWED:
            return await proceed(passage)
        if verdict is Verdict.NOTICE:
            await tell(passage, self._people.translator(passage.user)("too-many-actions"))
        return True


class SameButton:
    """Lets a button of a message act once within some seconds; the second press is only answered.

    What went wrong may be tried again at once.
    """

    def __init__(self, limits: UpdateLimits, clock: Clock) -> None:
        self._pressed = Recently(limits.same_button_seconds, clock)

    async def __call__(self, passage: Passage, proceed: Proceed) -> bool:
        """Proceed unless the same was pressed just now."""
        incoming = passage.incoming
        if isinstance(incoming, IncomingCallback):
            what = (incoming.sender.id, incoming.chat.id, incoming.message_id, incoming.data)
            if self._pressed.happened(what):
                await passage.answers.answer_callback("")
                return True
            try:
                done = await proceed(passage)
            except BaseException:
                # Whoever called handles it again, and is not to meet its own first try here.
                self._pressed.forget(what)
                raise
            if passage.went_wrong:
                self._pressed.forget(what)
            return done
        return await proceed(passage)


async def tell(passage: Passage, text: str) -> None:
    """Say something where the person looks: at the button that was pressed, or in the chat."""
    if isinstance(passage.incoming, IncomingCallback):
        await passage.answers.answer_callback(text, alert=True)
    else:
        await passage.answers.send(text)
