"""The eyes of a person: chats, messages, menus, files; and the ground on which the hands stand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.people.handles import Addressable, Bot
from sandbox.people.transcript import write_transcript
from sandbox.people.views import MessageView, view
from sandbox.world import menus
from sandbox.world.state import Account, Draft, Peer, PeerKind, StoredMessage
from sandbox.world.world import World

PATIENCE = 30.0
"""Real seconds after which a person gives up waiting."""


class PersonError(Exception):
    """Something that an app would not let its person do."""


@dataclass(frozen=True, slots=True)
class Address:
    """A bare address where a handle is wanted."""

    peer: Peer


class Reading:
    """One person's view of the world. `bot` is whom it talks to when nothing else is said: the first bot."""

    def __init__(self, world: World, account: Account, default_bot: Callable[[], Bot | None]) -> None:
        self.world = world
        self.account = account
        self._default_bot = default_bot

    def __repr__(self) -> str:
        return f"<{self.name}>"

    @property
    def id(self) -> int:
        """The person's id."""
        return self.account.id

    @property
    def peer(self) -> Peer:
        """The person's address."""
        return self.account.peer

    @property
    def name(self) -> str:
        """The first name."""
        return self.account.first_name

    @property
    def username(self) -> str | None:
        """The name without "@"; None if the person has none."""
        return self.account.username

    @property
    def language(self) -> str:
        """The language of the app."""
        return self.account.language

    @property
    def stars(self) -> int:
        """The person's balance in Stars."""
        return self.world.stars.balance(self.id)

    @property
    def bot(self) -> Bot:
        """The bot that the person talks to.

        Raises:
            PersonError: if there is no bot in the world.
        """
        bot = self._default_bot()
        if bot is None:
            raise PersonError("there is no bot to talk to")
        return bot

    def messages(self, chat: Addressable | None = None) -> list[MessageView]:
        """All messages of a chat (or the one with the bot) as they are now, oldest first."""
        return [view(self.world, self.id, stored) for stored in self._in(self.target(chat))]

    @property
    def last(self) -> MessageView:
        """The newest message of the chat with the bot.

        Raises:
            PersonError: if there is none.
        """
        found = self.newest(lambda _: True)
        if found is None:
            raise PersonError("the chat is empty")
        return view(self.world, self.id, found)

    def refresh(self, message: MessageView) -> MessageView:
        """The message as it is now.

        Raises:
            PersonError: if it is gone.
        """
        return view(self.world, self.id, self.stored(message))

    def transcript(self, chat: Addressable | None = None) -> str:
        """The chat as it reads on the screen."""
        return write_transcript(self.messages(chat))

    def commands(self, chat: Addressable | None = None, *, bot: Bot | None = None) -> list[tuple[str, str]]:
        """The bot's command menu as this person sees it: pairs of command and description."""
        chosen = self.world.accounts[(bot or self.bot).id]
        if chosen.bot is None:
            return []
        place = None if chat is None else self.world.chats.get(chat.peer.id)
        return list(menus.visible_commands(chosen.bot, self.account, place))

    async def download(self, message: MessageView | int, *, chat: Addressable | None = None) -> bytes:
        """The bytes of the file on a message.

        Raises:
            PersonError: if it has none.
        """
        media = self.stored(message, chat).media
        if media is None or media.file_id is None:
            raise PersonError("the message has no file")
        return await asyncio.to_thread(self.world.files.data, self.world.files.get(media.file_id))

    # The ground for hands

    def stored(self, message: MessageView | int, chat: Addressable | None = None) -> StoredMessage:
        """The world's own message behind a view or an id (then of `chat`, or the chat with the bot).

        Raises:
            PersonError: if there is none in the chat.
        """
        if isinstance(message, MessageView):
            peer, message_id = message.chat, message.id
        else:
            peer, message_id = self.target(chat), message
        found = self.world.box_for(self.id, peer).messages.get(message_id)
        if found is None or found.peer_for(self.id) != peer:
            raise PersonError(f"there is no message {message_id} in this chat")
        return found

    def newest(
        self, fits: Callable[[StoredMessage], bool], chat: Addressable | None = None
    ) -> StoredMessage | None:
        """The newest message of a chat (or the one with the bot) that fits."""
        return next(filter(fits, reversed(self._in(self.target(chat)))), None)

    def everywhere(self) -> list[StoredMessage]:
        """The messages of all the person's chats, oldest first."""
        found = list(self.account.box.messages.values())
        for place in self.world.chats.values():
            if place.peer.kind is PeerKind.CHANNEL and self.id in place.members:
                found += place.box.messages.values()
        return sorted(found, key=lambda stored: stored.key)

    def target(self, to: Addressable | None) -> Peer:
        """The address of whom is meant: the bot, if nobody is named."""
        return self.bot.peer if to is None else to.peer

    def post(self, *drafts: Draft) -> list[StoredMessage]:
        """Send messages to one chat.

        Raises:
            PersonError: if the person cannot write there.
        """
        self._require_writable(drafts[0].peer)
        return [delta.message for delta in self.world.post(*drafts)]

    def _in(self, peer: Peer) -> list[StoredMessage]:
        found = self.world.box_for(self.id, peer).messages.values()
        return [stored for stored in found if stored.peer_for(self.id) == peer]

    def _require_writable(self, peer: Peer) -> None:
        if self.account.deleted:
            raise PersonError("the account is deleted")
        if peer.kind is PeerKind.USER:
            if peer.id in self.account.blocked:
                raise PersonError("the bot is blocked: unblock it first")
        elif not self.world.chats[peer.id].may_write(self.id):
            raise PersonError("the person may not write there")
