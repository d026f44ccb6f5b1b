"""The world itself: who and what there is, and how messages come, change and go."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from pyrogram.raw.core import TLObject

from core.clock import Clock, SystemClock
from sandbox.rpc import Wire
from sandbox.world import audience, feed, render
from sandbox.world.events import DeletedMessages, EditedMessage, Event, NewMessage, Watcher
from sandbox.world.feed import Delta
from sandbox.world.files import FileStore
from sandbox.world.flood import Flood
from sandbox.world.ids import Ids
from sandbox.world.queries import Queries
from sandbox.world.rules import Rules
from sandbox.world.stars import Stars
from sandbox.world.state import (
    Account,
    BotProfile,
    Box,
    Change,
    Chat,
    ChatKind,
    Draft,
    Peer,
    PeerKind,
    StoredMessage,
)

calling_key: ContextVar[bytes | None] = ContextVar("calling_key", default=None)
"""The auth key whose call is being answered; set by `sandbox.api`."""


class World:
    """Everything that exists on the local Telegram, and the only place that changes it.

    Its methods are plain functions: a change is made whole before anybody else runs. They trust their
    arguments; what a client may do is checked in `sandbox.api`, what a person may do in `sandbox.people`.

    Clients hear of changes through `wire` (None: nobody listens); people through `watch`. Files lie below
    `directory`.
    """

    def __init__(
        self,
        directory: Path,
        *,
        seed: int | None = None,
        clock: Clock | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.ids = Ids(seed)
        self.rules = rules or Rules()
        self.wire: Wire | None = None
        self.flood = Flood(self.clock)
        self.queries = Queries()
        self.address: tuple[str, int] = ("127.0.0.1", 0)
        """Where the server listens; told to clients."""
        self.tickets: dict[bytes, int] = {}
        """Exported authorizations that were not used yet: whom they log in."""
        self.stars = Stars(self)
        self.files = FileStore(directory / "files", self.clock, self.ids.random)
        self.accounts: dict[int, Account] = {}
        self.chats: dict[int, Chat] = {}
        self.messages: dict[int, StoredMessage] = {}
        """By `key`; deleted ones are gone from here too."""
        self.usernames: dict[str, Peer] = {}
        """By the name in lower case."""
        self.tokens: dict[str, int] = {}
        """Bots by token."""
        self.sent: dict[tuple[int, int], Delta] = {}
        """What an account sent with a `random_id`, by (account, random id)."""
        self.last_key = 0
        """`key` of the newest message."""
        self._watchers: dict[int, list[Watcher]] = {}

    @property
    def random(self) -> random.Random:
        """The source of everything random here."""
        return self.ids.random

    def now(self) -> int:
        """Unix seconds by the world's clock."""
        return int(self.clock.now().timestamp())

    # Who and what there is

    def add_person(self, first_name: str, *, language: str = "en", username: str | None = None) -> Account:
        """Let a person register."""
        number = self.ids.account()
        return self.take_account(
            Account(id=number, first_name=first_name, box=Box(number), username=username, language=language)
        )

    def add_bot(self, first_name: str, *, username: str, token: str | None = None) -> Account:
        """Make a bot, as BotFather does; its token is `account.bot.token`.

        With a `token` of the form `id:secret` the bot gets that id and token.
        """
        number = int(token.partition(":")[0]) if token else self.ids.account()
        profile = BotProfile(token or self.ids.token(number))
        return self.take_account(
            Account(id=number, first_name=first_name, box=Box(number), username=username, bot=profile)
        )

    def add_chat(
        self,
        title: str,
        kind: ChatKind,
        *,
        creator: int,
        members: Iterable[int] = (),
        admins: Iterable[int] = (),
        username: str | None = None,
    ) -> Chat:
        """Found a group or channel; the creator is its first member and admin."""
        now = self.now()
        number = self.ids.group() if kind is ChatKind.GROUP else self.ids.channel()
        place = Chat(number, kind, title, creator, now, Box(number))
        place.admins = {creator, *admins}
        place.members = dict.fromkeys((creator, *members, *place.admins), now)
        place.username = username
        return self.take_chat(place)

    def take_account(self, account: Account) -> Account:
        """Add an account that is complete: a new one, or one of a saved world."""
        self.ids.remember(account.id)
        self.accounts[account.id] = account
        if account.username is not None:
            self.usernames[account.username.lower()] = account.peer
        if account.bot is not None:
            self.tokens[account.bot.token] = account.id
        return account

    def take_chat(self, place: Chat) -> Chat:
        """Add a chat that is complete: a new one, or one of a saved world."""
        self.ids.remember(place.id)
        self.chats[place.id] = place
        if place.username is not None:
            self.usernames[place.username.lower()] = place.peer
        return place

    def box_for(self, viewer_id: int, peer: Peer) -> Box:
        """The box in which the viewer finds the messages of a chat: its own, or the channel's."""
        if peer.kind is PeerKind.CHANNEL:
            return self.chats[peer.id].box
        return self.accounts[viewer_id].box

    # Messages

    def post(self, *drafts: Draft, answered: int | None = None) -> list[Delta]:
        """Send messages (several: an album) and tell everybody who sees them.

        `answered` is the account whose call does it: the client that called reads the outcome in the call's
        answer (`feed.answer`), so that it is pushed to the account's other clients only.
        """
        deltas = [self._store(draft) for draft in drafts]
        self._tell(deltas, answered)
        return deltas

    def edit(
        self, stored: StoredMessage, *, answered: int | None = None, hide: bool = False, **changes: Any
    ) -> Delta:
        """Change fields of a message (`text`, `entities`, `media`, `markup`) and tell everybody who sees it.

        `hide` leaves the edit date alone: a change that is not an edit by its author, such as a paid invoice.
        """
        for name, value in changes.items():
            setattr(stored, name, value)
        if not hide:
            stored.edit_date = self.now()
        delta = Delta(stored, {owner: self._box(owner, stored).edited(stored) for owner in stored.ids})
        self._tell([delta], answered)
        return delta

    def delete(
        self,
        stored: Sequence[StoredMessage],
        *,
        owners: Iterable[int] | None = None,
        answered: int | None = None,
    ) -> dict[int, Change]:
        """Delete messages from everybody's boxes, or from those of `owners` only; the step of each box."""
        ids: dict[int, list[int]] = {}
        boxes: dict[int, tuple[Box, Peer]] = {}
        wanted = None if owners is None else set(owners)
        for message in stored:
            for owner, message_id in message.ids.items():
                if wanted is None or owner in wanted:
                    ids.setdefault(owner, []).append(message_id)
                    boxes[owner] = self._box(owner, message), message.peer_for(owner)
        changes: dict[int, Change] = {}
        for owner, (box, peer) in boxes.items():
            changes[owner] = box.remove(tuple(ids[owner]))
            self._tell_deleted(owner, peer, changes[owner], answered)
        for message in stored:
            if not message.ids:
                self.messages.pop(message.key, None)
        return changes

    # Telling

    def push(self, account_id: int, update: TLObject, peers: Iterable[Peer] = ()) -> None:
        """Send an update that is not about a box (a callback query, say) to the account's clients."""
        self._push(account_id, [update], peers, None)

    def push_counted(
        self, account_id: int, make: Callable[[int], TLObject], peers: Iterable[Peer] = ()
    ) -> None:
        """Send an update that is counted by qts (`make` gets the number), and keep it for `getDifference`."""
        account = self.accounts[account_id]
        account.qts += 1
        update = make(account.qts)
        account.qts_updates.append((account.qts, self.now(), update))
        self.push(account_id, update, peers)

    def watch(self, account_id: int, watcher: Watcher) -> Callable[[], None]:
        """Tell `watcher` everything that the account sees; the returned function ends it."""
        watchers = self._watchers.setdefault(account_id, [])
        watchers.append(watcher)
        return lambda: watchers.remove(watcher)

    def notify(self, account_id: int, event: Event) -> None:
        """Tell the watchers of an account."""
        for watcher in tuple(self._watchers.get(account_id, ())):
            watcher(event)

    # Inside

    def _store(self, draft: Draft) -> Delta:
        self.last_key += 1
        stored = StoredMessage(
            key=self.last_key,
            sender=draft.sender,
            peer=draft.peer,
            date=self.now(),
            text=draft.text,
            entities=list(draft.entities),
            media=draft.media,
            markup=draft.markup,
            reply_to=draft.reply_to,
            album_id=draft.album_id,
            forward=draft.forward,
            via_bot_id=draft.via_bot_id,
            action=draft.action,
            action_for=dict(draft.action_for),
            silent=draft.silent,
            noforwards=draft.noforwards,
        )
        self.messages[stored.key] = stored
        changes: dict[int, Change] = {}
        for box in audience.boxes(self, stored):
            changes[box.owner_id] = box.add(stored)
        if draft.peer.kind is PeerKind.USER:
            self.accounts[draft.sender.id].dialogs.add(draft.peer.id)
            self.accounts[draft.peer.id].dialogs.add(draft.sender.id)
        return Delta(stored, changes)

    def _box(self, owner_id: int, stored: StoredMessage) -> Box:
        return self.box_for(owner_id, stored.peer)

    def _tell(self, deltas: Sequence[Delta], answered: int | None) -> None:
        first = deltas[0].message
        event = NewMessage if next(iter(deltas[0].changes.values())).kind == "new" else EditedMessage
        for viewer_id in audience.viewers(self, first):
            if self._is_listening(viewer_id, answered):
                updates = [feed.message_update(self, viewer_id, delta) for delta in deltas]
                peers = [peer for delta in deltas for peer in render.peers_of(delta.message)]
                self._push(viewer_id, updates, peers, answered)
            if viewer_id in self._watchers:
                for delta in deltas:
                    self.notify(viewer_id, event(delta.message))

    def _tell_deleted(self, owner_id: int, peer: Peer, change: Change, answered: int | None) -> None:
        channel = self.chats.get(owner_id)
        viewers = [owner_id] if channel is None else list(channel.members)
        update = feed.deletion_update(change, None if channel is None else owner_id)
        for viewer_id in viewers:
            if self._is_listening(viewer_id, answered):
                self._push(viewer_id, [update], () if channel is None else (peer,), answered)
            self.notify(viewer_id, DeletedMessages(peer, change.ids))

    def _is_listening(self, account_id: int, answered: int | None) -> bool:
        """Whether a client of the account, besides the one whose call is answered, is there to be told."""
        if self.wire is None or not self.accounts[account_id].is_bot:
            return False
        return self.wire.listens(account_id, besides=self._answered_key(account_id, answered))

    def _push(
        self, account_id: int, updates: Sequence[TLObject], peers: Iterable[Peer], answered: int | None
    ) -> None:
        if self.wire is not None:
            besides = self._answered_key(account_id, answered)
            self.wire.push(account_id, feed.envelope(self, account_id, updates, peers), besides=besides)

    @staticmethod
    def _answered_key(account_id: int, answered: int | None) -> bytes | None:
        return calling_key.get() if account_id == answered else None
