"""A person with a Telegram app: writes, presses, waits, reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from pyrogram.raw.core import TLObject

from sandbox.people.buttons import Buttons
from sandbox.people.handles import Addressable, Bot
from sandbox.people.inbox import Arrival, Inbox, Match, wanting
from sandbox.people.payments import Payments
from sandbox.people.reading import PATIENCE, Address, PersonError
from sandbox.people.uploads import Uploads
from sandbox.people.views import MessageView, view
from sandbox.world import members
from sandbox.world.events import ChatAction, EditedMessage, Event, NewMessage
from sandbox.world.state import Account, Draft, Peer
from sandbox.world.text import found_entities, utf16_length
from sandbox.world.world import World

_ACTIONS_KEPT = 1000


class Person(Buttons, Payments, Uploads):
    """One person, with eyes (`sandbox.people.reading`) and hands.

    Methods that wait do so without polling, for at most `within` seconds of real time.
    """

    def __init__(self, world: World, account: Account, default_bot: Callable[[], Bot | None]) -> None:
        super().__init__(world, account, default_bot)
        self.actions: list[ChatAction] = []
        """What others were seen doing (typing, uploading), the newest last."""
        self._inbox = Inbox()
        self._stop_watching = world.watch(account.id, self._see)

    async def send(
        self,
        text: str,
        *,
        to: Addressable | None = None,
        reply_to: MessageView | int | None = None,
        formatting: Sequence[TLObject] = (),
    ) -> MessageView:
        """Write a text; one that is too long goes in several messages, as from any app, the last is returned.

        `formatting` is Telegram's entities in a text that goes in one message.

        Raises:
            PersonError: for an empty text, or a chat where the person cannot write.
        """
        peer = self.target(to)
        pieces = _pieces(text.strip(), self.world.rules.message_length)
        reply_key = None if reply_to is None else self.stored(reply_to, Address(peer)).key
        for piece in pieces:
            entities = found_entities(piece, formatting)
            draft = Draft(sender=self.peer, peer=peer, text=piece, entities=entities, reply_to=reply_key)
            stored = self.post(draft)[0]
        return view(self.world, self.id, stored)

    async def start(self, payload: str = "", *, bot: Bot | None = None) -> MessageView:
        """Press Start, or follow a link `t.me/bot?start=payload`; a stopped bot is allowed again."""
        chosen = bot or self.bot
        self.unblock(chosen)
        return await self.send(f"/start {payload}", to=chosen)

    async def edit(self, message: MessageView | int, text: str) -> MessageView:
        """Change a text or caption that the person wrote.

        Raises:
            PersonError: if it is not the person's own.
        """
        stored = self.stored(message)
        if stored.sender != self.peer or stored.action is not None:
            raise PersonError("a person edits only what is the person's own")
        text = text.strip()
        self.world.edit(stored, text=text, entities=list(found_entities(text)))
        return view(self.world, self.id, stored)

    async def delete(self, message: MessageView | int) -> None:
        """Delete a message for both sides."""
        self.world.delete([self.stored(message)])

    async def expect(
        self,
        match: Match = None,
        *,
        within: float = PATIENCE,
        kind: str | None = None,
        chat: Addressable | None = None,
    ) -> MessageView:
        """Take the oldest message or edit by others that was not yet expected and fits, or wait for it.

        `match` is a part of the text, a pattern or a function of the message; `kind` is `new`, `edit`, or a
        kind of message (`text`, `photo`, `video`, `service`, ...).

        Raises:
            AssertionError: with the transcript, if nothing that fits comes within `within` seconds.
        """
        wanted = wanting(match, kind, None if chat is None else chat.peer.id)
        try:
            async with asyncio.timeout(within):
                return await self._inbox.take(wanted)
        except TimeoutError:
            named = [repr(part) for part in (kind, match) if part is not None and not callable(part)]
            sought = " ".join(named or ["message"]) + (" that fits" if callable(match) else "")
            raise AssertionError(
                f"{self.name} saw no {sought} in {within} s\n{self.transcript(chat)}"
            ) from None

    @property
    def unexpected(self) -> tuple[MessageView, ...]:
        """What came and was not yet expected; after a barrier (something the bot does last) it tells all."""
        return tuple(arrival.message for arrival in self._inbox.arrivals)

    def block(self, bot: Bot | None = None) -> None:
        """Stop the bot."""
        members.block(self.world, self.account, self.world.accounts[(bot or self.bot).id])

    def unblock(self, bot: Bot | None = None) -> None:
        """Allow the bot again."""
        members.unblock(self.world, self.account, self.world.accounts[(bot or self.bot).id])

    def leave(self) -> None:
        """Delete the account, as Telegram shows it to others; the person can do nothing more."""
        self.account.deleted = True
        self._stop_watching()

    def _see(self, event: Event) -> None:
        if isinstance(event, ChatAction):
            if event.sender != self.peer:
                self.actions.append(event)
                del self.actions[:-_ACTIONS_KEPT]
        elif isinstance(event, NewMessage | EditedMessage) and self._is_news(event.message.sender, event):
            kind = "new" if isinstance(event, NewMessage) else "edit"
            self._inbox.put(Arrival(kind, view(self.world, self.id, event.message)))

    def _is_news(self, sender: Peer, event: NewMessage | EditedMessage) -> bool:
        """Whether others made it; service messages (a payment) count even where the person caused them."""
        return sender != self.peer or event.message.action is not None


def _pieces(text: str, limit: int) -> list[str]:
    """A text in pieces of at most `limit` UTF-16 units."""
    if not text:
        raise PersonError("an app does not send an empty message")
    pieces = []
    while utf16_length(text) > limit:
        end = limit
        while utf16_length(text[:end]) > limit:
            end -= 1
        pieces.append(text[:end])
        text = text[end:]
    return [*pieces, text]
