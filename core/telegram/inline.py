"""Inline queries: what people type behind the bot's name in other chats, and what they can pick there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

import structlog

from core.clock import Clock
from core.errors import StarloomError
from core.events import InlineEvent
from core.limits import UpdateLimits
from core.routes import Route, Routes
from core.telegram.answers import UpdateAnswers
from core.telegram.inline_table import InlineTable, split_offset
from core.telegram.middleware import reference_of
from core.telegram.parse import IncomingInline
from core.telegram.people import People
from core.telegram.rate_limits import ActionRates, Verdict
from core.telegram.router import PluginCaller
from core.telegram.types import Chat, ChatKind, InlineAnswer
from core.users import User
from core.waiting import finishes

_log = structlog.stdlib.get_logger(__name__)

INLINE_SECONDS = 8.0
"""Telegram forgets an inline query after 10 s; the rest is for the way of the answer."""
_JOINED = 0.5
"""The part of that time for which each of several plugins is waited for."""
_KEYSTROKES = 6
"""How many queries count as much as one message: apps ask anew while people type."""


class KnownPeople(Protocol):
    """What is needed of `core.storage.users`."""

    async def get(self, user_id: int) -> User | None:
        """Read a record."""
        ...


class InlineDesk:
    """Asks the plugins that have `@on_inline`, and answers in any case: an app that waits shows nothing.

    Who has never written to the bot gets no record by this: typing a name somewhere is no visit. `answers`
    makes the ways to answer of a key, a chat, a person and a query.
    """

    def __init__(
        self,
        *,
        routes: Routes,
        plugins: PluginCaller,
        people: People,
        known: KnownPeople,
        answers: Callable[[str, int, int, int], UpdateAnswers],
        limits: UpdateLimits,
        maintenance: Callable[[], bool],
        clock: Clock,
        seconds: float = INLINE_SECONDS,
    ) -> None:
        self._routes = routes
        self._plugins = plugins
        self._people = people
        self._known = known
        self._answers = answers
        self._rates = ActionRates(
            limits.model_copy(
                update={
                    "actions_per_minute": _KEYSTROKES * limits.actions_per_minute,
                    "burst": _KEYSTROKES * limits.burst,
                }
            ),
            clock,
        )
        self._maintenance = maintenance
        self._clock = clock
        self._seconds = seconds

    async def __call__(self, incoming: IncomingInline) -> None:
        """Answer one query; with nothing, where nobody has anything to say."""
        profile = incoming.sender
        event = InlineEvent(
            key=incoming.key,
            user=User(profile.id, profile.first_name, profile.username, profile.language_code, is_new=True),
            chat=Chat(profile.id, ChatKind.PRIVATE),
            t=self._people.translator(None),
            answers=self._answers(incoming.key, profile.id, profile.id, incoming.query_id),
            role=self._people.role(profile.id),
            query=incoming.text,
            offset=incoming.offset,
        )
        with structlog.contextvars.bound_contextvars(update=reference_of(incoming.key)):
            try:
                if not await finishes(self._ask(event, incoming.query_id), self._clock, self._seconds):
                    _log.warning("inline_query_late")
                if not event.answered:
                    await event.answer(())
            except StarloomError as error:
                _log.warning("inline_query_not_answered", error=type(error).__name__)

    async def _ask(self, event: InlineEvent, query_id: int) -> None:
        routes = self._routes.inline()
        if not routes or self._rates.count(event.user.id) is not Verdict.ALLOWED:
            return
        event.user = await self._known.get(event.user.id) or event.user
        event.t = self._people.translator(event.user)
        if self._is_shut_out(event):
            return
        if len(routes) == 1:
            event.plugin = routes[0].plugin
            event.offset = event.offset.removeprefix(f"{event.plugin}=")
            await self._plugins.call(routes[0], event)
        else:
            await self._ask_all(routes, event, query_id)

    async def _ask_all(self, routes: Sequence[Route], event: InlineEvent, query_id: int) -> None:
        """Ask several plugins at once and join what they answer; who is slow is left out."""
        offsets = split_offset(event.offset)
        asked = [route for route in routes if not event.offset or route.plugin in offsets]

        async def send(answer: InlineAnswer) -> None:
            await event.answers.answer_inline(answer)
            event.answered = True

        table = InlineTable([route.plugin for route in asked], send)

        async def ask(route: Route) -> None:
            name = route.plugin
            answers = self._answers(f"{event.key}:{name}", event.user.id, event.user.id, query_id)
            answers.plugin, answers.share = name, partial(table.give, name)
            own = replace(event, answers=answers, plugin=name, offset=offsets.get(name, ""))
            await self._plugins.call(route, own)
            await table.leave(name)

        hurrying = asyncio.create_task(self._hurry(table))
        try:
            await asyncio.gather(*map(ask, asked))
        finally:
            hurrying.cancel()

    async def _hurry(self, table: InlineTable) -> None:
        await self._clock.sleep(_JOINED * self._seconds)
        await table.hurry()

    def _is_shut_out(self, event: InlineEvent) -> bool:
        if event.role is not None:
            return False
        until = event.user.banned_until
        return self._maintenance() or (until is not None and until > self._clock.now())
