"""From an update that comes next to its handler: the middleware in order, then the router."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from core.admin.roles import AdminRole
from core.telegram.answers import Discard, SlowDown, UpdateAnswers, no_files, no_waiting
from core.telegram.files import FileOutbox
from core.telegram.middleware import Middleware, Passage, chain
from core.telegram.outbox import Outbox
from core.telegram.parse import (
    Incoming,
    IncomingBlock,
    IncomingCallback,
    IncomingMessage,
    IncomingSubscription,
)
from core.telegram.people import People
from core.telegram.router import Router
from core.telegram.types import Chat, ChatKind, Message, Profile
from core.users import Dialogue, User


class UserWrites(Protocol):
    """What is needed of `core.storage.users`."""

    async def set_blocked(self, user_id: int, blocked: bool) -> None:
        """Note a block of the bot, or its end."""
        ...

    async def set_dialogue(self, user_id: int, dialogue: Dialogue | None, chat_id: int | None = None) -> None:
        """Put somebody into a dialogue, or out of any."""
        ...


Behind = Callable[[Chat, AdminRole], Awaitable[Profile | None]]
"""Who among the admins of a place has this role of ours, or a higher one."""


async def nobody_behind(_chat: Chat, _role: AdminRole) -> Profile | None:
    """Know nobody."""
    return None


class Handling:
    """Handles one update; what the update pump calls.

    `stages` are the middleware in order. `person_seen` is told of everybody who writes or presses in private,
    each time; `person_returned` of everybody who ends a block of the bot,
    `subscription_changed` of what people do with their subscriptions in Telegram itself. `discard` deletes
    files that people gave in a dialogue that is over. `slow_down` lets a plugin wait that answers on and on.
    `behind` knows who stands behind what nobody signs.
    """

    def __init__(
        self,
        *,
        stages: Sequence[Middleware],
        router: Router,
        people: People,
        users: UserWrites,
        outbox: Outbox,
        files: FileOutbox,
        person_seen: Callable[[User], None] = lambda _: None,
        person_returned: Callable[[int], Awaitable[None]] | None = None,
        subscription_changed: Callable[[IncomingSubscription], Awaitable[None]] | None = None,
        discard: Discard = no_files,
        slow_down: SlowDown = no_waiting,
        behind: Behind = nobody_behind,
    ) -> None:
        self._way = chain(stages, router)
        self._router = router
        self._people = people
        self._users = users
        self._outbox = outbox
        self._files = files
        self._person_seen = person_seen
        self._person_returned = person_returned
        self._subscription_changed = subscription_changed
        self._discard = discard
        self._slow_down = slow_down
        self._behind = behind

    async def __call__(self, incoming: Incoming) -> bool:
        """Handle an update; False if it must be handled again after the next start."""
        if isinstance(incoming, IncomingBlock):
            await self._users.set_blocked(incoming.user_id, incoming.blocked)
            if not incoming.blocked:
                await self._returned(incoming.user_id)
            return True
        if isinstance(incoming, IncomingSubscription):
            if self._subscription_changed is not None:
                await self._subscription_changed(incoming)
            return True
        if isinstance(incoming, IncomingMessage):
            return await self._message(incoming)
        if isinstance(incoming, IncomingCallback):
            user = await self._load(incoming.sender, incoming.chat)
            answers = self.answers(incoming.key, incoming.chat.id, user.id, incoming.query_id)
            return await self._way(Passage(incoming, user, answers))
        return True

    def answers(
        self,
        key: str,
        chat_id: int,
        user_id: int,
        query_id: int | None = None,
        reply_to: int | None = None,
    ) -> UpdateAnswers:
        """The ways to answer one update; messages reply to the person's own `reply_to`, if it is given."""
        return UpdateAnswers(
            self._outbox,
            self._files,
            self._users.set_dialogue,
            discard=self._discard,
            slow_down=self._slow_down,
            key=key,
            chat_id=chat_id,
            user_id=user_id,
            query_id=query_id,
            reply_to=reply_to,
        )

    async def _load(self, sender: Profile, chat: Chat) -> User:
        """The person's record; who writes again after a block gets what has waited for them."""
        user = await self._people.load(sender)
        if user.has_returned:
            await self._returned(user.id)
        if chat.kind is ChatKind.PRIVATE:
            self._person_seen(user)
        return user.in_chat(chat.id)

    async def _returned(self, user_id: int) -> None:
        if self._person_returned is not None:
            await self._person_returned(user_id)

    async def _message(self, incoming: IncomingMessage) -> bool:
        message = incoming.message
        if not await self._router.concerns(message):
            return True
        sender = message.sender or await self._signatory(message)
        if sender is None:
            return True
        user = await self._load(sender, message.chat)
        # In a group it is not plain to see who is answered.
        reply_to = None if message.chat.kind is ChatKind.PRIVATE else message.id
        answers = self.answers(incoming.key, message.chat.id, user.id, reply_to=reply_to)
        return await self._way(Passage(incoming, user, answers))

    async def _signatory(self, message: Message) -> Profile | None:
        role = self._router.role_for_unsigned(message)
        return None if role is None else await self._behind(message.chat, role)
