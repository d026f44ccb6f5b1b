"""Finds the handler that a plugin declared for an update, and answers where there is none."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog

from core.admin.roles import AdminRole, may
from core.errors import (
    DatabaseAway,
    InsufficientStars,
    PersonUnreachable,
    TelegramError,
    UserFacingError,
)
from core.events import CallbackEvent, Event, MessageEvent
from core.plugins.status import CallOutcome, CallResult
from core.routes import LINKED_COMMAND, Route, Routes
from core.telegram.keyboards import CallbackSigner, ForgedCallback
from core.telegram.middleware import Passage, reference_of, tell
from core.telegram.money import MoneyTaker
from core.telegram.parse import IncomingCallback, IncomingMessage
from core.telegram.people import People
from core.telegram.types import Button, ChatKind, Message, MessageRef
from core.users import Dialogue, User

_log = structlog.stdlib.get_logger(__name__)

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@(\w+))?(?:\s+(.*))?$", re.DOTALL)
_START = "start"
_TRIES = 3
"""How often an update is handled whose handler meets no database."""


@dataclass(frozen=True, slots=True)
class _BrokenOff:
    """Where a handler began that the database left alone, and how often it will have been called."""

    dialogue: Dialogue | None
    tries: int


class PluginCaller(Protocol):
    """What is needed of the plugin manager."""

    async def call(self, route: Route, event: Event) -> CallOutcome:
        """Call a handler inside its plugin's guard."""
        ...


class Audit(Protocol):
    """What is needed of the audit log."""

    async def write(self, actor: str, command: str, before: Any = None, after: Any = None) -> None:
        """Note what an administrator did."""
        ...


class Router:
    """Calls handlers inside their plugins' guards.

    `bot_username` tells commands for this bot from those for others in a group, `is_own` messages of the
    bot's from others' there. `person_arrived` is told of everybody who writes for the first time. `money`
    takes payments and refunds.

    What a handler broke off because the database went away is handled again, from where the dialogue stood,
    before its person is asked to try again: half of it may have been done, and they see that half.
    """

    def __init__(
        self,
        *,
        routes: Routes,
        plugins: PluginCaller,
        people: People,
        signer: CallbackSigner,
        audit: Audit,
        bot_username: Callable[[], str | None],
        is_own: Callable[[MessageRef], Awaitable[bool]],
        person_arrived: Callable[[User], Awaitable[None]],
        money: MoneyTaker,
    ) -> None:
        self._routes = routes
        self._plugins = plugins
        self._people = people
        self._signer = signer
        self._audit = audit
        self._bot_username = bot_username
        self._is_own = is_own
        self._person_arrived = person_arrived
        self._take_money = money
        self._broken_off: dict[str, _BrokenOff] = {}
        """By the keys of the updates that are to be handled again."""

    async def concerns(self, message: Message) -> bool:
        """Whether a message is for the bot: of those in a group only commands and replies to it are.

        Of those that were changed only private ones are, where a plugin declares that it wants them; of those
        in a channel, and of those that nobody signs, only commands that are declared for it.
        """
        if message.chat.kind is ChatKind.CHANNEL or message.sender is None:
            return not message.edited and self._unsigned(message) is not None
        if message.edited:
            return message.chat.kind is ChatKind.PRIVATE and self._routes.want_edits
        if message.chat.kind is ChatKind.PRIVATE or message.payment or message.refund:
            return True
        if _COMMAND.match(message.text) or message.reply_to_id is None:
            return self._command(message) is not None
        return await self._is_own(MessageRef(message.chat.id, message.reply_to_id))

    def role_for_unsigned(self, message: Message) -> AdminRole | None:
        """What somebody among the admins of a place must be for an unsigned command to be answered there."""
        route = self._unsigned(message)
        return None if route is None else route.role

    async def __call__(self, passage: Passage) -> bool:
        """Handle an update; False if it must be handled again later, as a payment that was not taken.

        Raises:
            DatabaseAway: it is to be handled again when the database is back.

        """
        incoming = passage.incoming
        broken_off = self._broken_off.pop(incoming.key, None)
        if broken_off is not None:
            passage.tries = broken_off.tries
            passage.user = replace(passage.user, dialogue=broken_off.dialogue)
        link = self._link(incoming) if isinstance(incoming, IncomingMessage) else None
        if link is not None and not link.instead and isinstance(incoming, IncomingMessage):
            # Before the person has arrived: after a crash in between, they are new still.
            await self._follow_link(passage, incoming, link)
        if passage.user.is_new:
            await self._person_arrived(passage.user)
        if passage.about_money and isinstance(incoming, IncomingMessage):
            return await self._take_money(passage.user, incoming.message)
        try:
            if isinstance(incoming, IncomingCallback):
                await self._callback(passage, incoming)
                return True
            if incoming.message.edited:
                await self._edited(passage, incoming)
                return True
            if link is None or not link.instead or passage.user.is_new:
                await self._message(passage, incoming)
            if link is not None and link.instead:
                await self._follow_link(passage, incoming, link)
        except PersonUnreachable:
            _log.info("person_unreachable")
        except TelegramError as error:
            _log.warning("answer_failed", error=error.name)
        return True

    async def _message(self, passage: Passage, incoming: IncomingMessage) -> None:
        command = self._command(incoming.message)
        if command is not None:
            await self._run_command(passage, incoming, *command)
            return
        dialogue = passage.user.dialogue
        if dialogue is not None:
            route = self._routes.step(dialogue.plugin, dialogue.step)
            if route is None or not may(self._role(passage), route.role):
                await passage.answers.set_dialogue(None, was=dialogue)
                await self._say(passage, "feature-off" if route is None else "not-understood")
                return
            if route.role is not None:
                # What was written may be a letter to somebody; whatever it changes is noted where it does.
                said: dict[str, object] = {"characters": len(incoming.message.text)}
                await self._note(passage, f"{route.plugin}:{dialogue.step}", said)
        elif incoming.message.chat.id in passage.user.expired_in:
            # In private what comes so late is a new idea; here it answers a question that was forgotten.
            await passage.answers.set_dialogue(None)
            await self._say(passage, "dialogue-expired")
            return
        else:
            route = self._routes.text()
        if route is None:
            await self._say(passage, "not-understood")
            return
        await self._call(passage, route, self._message_event(passage, incoming))

    async def _edited(self, passage: Passage, incoming: IncomingMessage) -> None:
        """Tell the plugin in whose dialogue a message was changed; what was done about it stays done."""
        dialogue = passage.user.dialogue
        route = self._routes.edit(dialogue.plugin) if dialogue is not None else None
        if route is not None:
            await self._call(passage, route, self._message_event(passage, incoming))

    async def _run_command(
        self, passage: Passage, incoming: IncomingMessage, name: str, argument: str
    ) -> None:
        route = self._routes.command(name)
        declared = None if route is None else route.command
        in_private = incoming.message.chat.kind is ChatKind.PRIVATE
        if route is None or not may(self._role(passage), route.role):
            if in_private:
                await self._say_unknown(passage, name, off=route is None)
            return
        if declared is not None and declared.private and not in_private:
            await self._show_private_chat(passage, declared.name)
            return
        if declared is not None and route.role is not None:
            said: dict[str, object] = {"argument": argument}
            sender, chat = incoming.message.sender, incoming.message.chat
            # Nobody knows which of its admins writes in the name of a place.
            await self._note(passage, f"/{declared.name}", said, by=None if sender else f"chat:{chat.id}")
        await self._call(passage, route, self._message_event(passage, incoming, argument))

    def _link(self, incoming: IncomingMessage) -> Route | None:
        """Who is told of a deep link's parameter: who declared it, or the private command that it names."""
        name, argument = self._command(incoming.message) or ("", "")
        if name != _START or incoming.message.edited or incoming.message.chat.kind is not ChatKind.PRIVATE:
            return None
        linked = self._routes.command(argument.removeprefix(LINKED_COMMAND))
        if argument.startswith(LINKED_COMMAND) and linked and linked.command and linked.command.private:
            return None if linked.role is not None else replace(linked, instead=True)
        return self._routes.start(argument)

    async def _follow_link(self, passage: Passage, incoming: IncomingMessage, route: Route) -> None:
        """Call whoever a link leads to; to a command it brings nothing but its name."""
        argument = "" if route.command is not None else (self._command(incoming.message) or ("", ""))[1]
        try:
            await self._call(passage, route, self._message_event(passage, incoming, argument))
        except TelegramError as error:
            _log.warning("answer_failed", error=error.name)

    async def _say_unknown(self, passage: Passage, name: str, *, off: bool) -> None:
        """Say that nobody answers a command: it is off, it is elsewhere now, or another one was meant."""
        t = self._people.translator(passage.user)
        nearest = self._routes.nearest_command(name, role=self._role(passage))
        if off and self._routes.off_command(name) is not None:
            await self._say(passage, "feature-off")
        elif t.has(f"unknown-command-{name}"):
            await self._say(passage, f"unknown-command-{name}")
        elif nearest is not None:
            await self._say(passage, "unknown-command-like", nearest=nearest)
        else:
            await self._say(passage, "unknown-command")

    async def _show_private_chat(self, passage: Passage, command: str) -> None:
        """Say that something is between the person and the bot, with the way there."""
        t = self._people.translator(passage.user)
        link = f"https://t.me/{self._bot_username()}?start={LINKED_COMMAND}{command}"
        way = Button(t.plain("private-chat"), url=link)
        await passage.answers.send(t("private-only"), keyboard=((way,),))

    async def _callback(self, passage: Passage, incoming: IncomingCallback) -> None:
        try:
            wanted = self._signer.unpack(incoming.data, incoming.chat.id)
        except ForgedCallback:
            await self._say(passage, "button-expired")
            return
        if wanted.owner not in (0, passage.user.id):
            name = await self._people.name(wanted.owner)
            t = self._people.translator(passage.user)
            await self._say(passage, "button-of-another", name=name or t.plain("somebody-else"))
            return
        route = self._routes.callback(wanted.plugin, wanted.action)
        if route is None:
            # A plugin that is on and knows no such action has changed since the button was sent.
            off = self._routes.is_known(wanted.plugin) and not self._has_routes(wanted.plugin)
            await self._say(passage, "feature-off" if off else "button-expired")
            return
        if not may(self._role(passage), route.role):
            await self._say(passage, "button-expired")
            return
        if route.role is not None:
            await self._note(passage, f"{route.plugin}:{wanted.action}", {"arguments": wanted.arguments})
        event = CallbackEvent(
            key=incoming.key,
            user=passage.user,
            chat=incoming.chat,
            t=self._people.translator(passage.user),
            answers=passage.answers,
            role=self._role(passage),
            plugin=route.plugin,
            message_id=incoming.message_id,
            arguments=wanted.arguments,
        )
        await self._call(passage, route, event)
        await event.answer()

    async def _call(self, passage: Passage, route: Route, event: MessageEvent | CallbackEvent) -> None:
        event.plugin = passage.answers.plugin = route.plugin
        outcome = await self._plugins.call(route, event)
        error = outcome.error
        if outcome.result is CallResult.DONE or isinstance(error, PersonUnreachable):
            return
        if isinstance(error, DatabaseAway) and passage.tries < _TRIES:
            self._broken_off[event.key] = _BrokenOff(passage.user.dialogue, passage.tries + 1)
            raise error
        if isinstance(error, InsufficientStars) and event.chat.kind is not ChatKind.PRIVATE:
            # What somebody has is nobody else's business.
            await self._say(passage, "balance-short-in-group", event, needed=error.needed)
        elif isinstance(error, UserFacingError):
            await self._say(passage, error.key, event, **error.variables)
        elif outcome.result is CallResult.OFF:
            await self._say(passage, "feature-off", event)
        elif outcome.result is CallResult.BUSY:
            passage.went_wrong = True
            await self._say(passage, "feature-busy", event)
        else:
            reference = reference_of(event.key)
            passage.went_wrong = True
            _log.error(
                "handler_failed", plugin=route.plugin, result=outcome.result.value, reference=reference
            )
            await self._say(passage, "something-went-wrong", event, reference=reference)

    def _message_event(
        self, passage: Passage, incoming: IncomingMessage, argument: str = "", plugin: str = ""
    ) -> MessageEvent:
        return MessageEvent(
            key=incoming.key,
            user=passage.user,
            chat=incoming.message.chat,
            t=self._people.translator(passage.user),
            answers=passage.answers,
            role=self._role(passage),
            plugin=plugin,
            message=incoming.message,
            argument=argument,
        )

    async def _say(self, passage: Passage, key: str, event: Event | None = None, **variables: object) -> None:
        text = self._people.translator(passage.user)(key, **variables)
        if not isinstance(event, CallbackEvent):
            await tell(passage, text)
        elif event.answered:
            await passage.answers.send(text)
        else:
            await event.answer(text, alert=True)

    def _command(self, message: Message) -> tuple[str, str] | None:
        """Name and argument of a command for this bot."""
        found = _COMMAND.match(message.text)
        if found is None or message.media is not None:
            return None
        name, addressee, argument = found.groups()
        username = self._bot_username()
        if addressee and addressee.lower() != (username or "").lower():
            return None
        return name.lower(), (argument or "").strip()

    def _unsigned(self, message: Message) -> Route | None:
        """What answers a command that nobody signs; only those for operators may."""
        route = self._routes.command((self._command(message) or ("", ""))[0])
        declared = None if route is None else route.command
        return route if declared is not None and declared.unsigned and declared.role is not None else None

    async def _note(
        self, passage: Passage, what: str, said: dict[str, object], *, by: str | None = None
    ) -> None:
        """Write down that an operator asks for something, before it is done."""
        await self._audit.write(by or f"user:{passage.user.id}", what, after=said)

    def _role(self, passage: Passage) -> AdminRole | None:
        return self._people.role(passage.user.id)

    def _has_routes(self, plugin: str) -> bool:
        return bool(self._routes.of(plugin))
