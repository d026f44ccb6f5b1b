"""What the world remembers: accounts, chats, messages, and the box in which each account keeps its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject


class PeerKind(StrEnum):
    """What a message can be addressed to."""

    USER = "user"
    CHAT = "chat"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Peer:
    """The address of an account (`USER`), a basic group (`CHAT`) or a channel or supergroup (`CHANNEL`)."""

    kind: PeerKind
    id: int

    def raw(self) -> TLObject:
        """The same as Telegram's own `Peer`."""
        if self.kind is PeerKind.USER:
            return T.PeerUser(user_id=self.id)
        if self.kind is PeerKind.CHAT:
            return T.PeerChat(chat_id=self.id)
        return T.PeerChannel(channel_id=self.id)


@dataclass(slots=True, eq=False)
class Media:
    """What hangs on a message.

    `raw` is Telegram's `MessageMedia...`, the same for every viewer unless `raw_for` has another one for
    the viewer's account. `file_id` is the id of the main file in `world.files`, None for what has no file
    (an invoice). A changed media (an invoice that was paid) is a new `Media`, put in by `world.edit`.
    """

    raw: TLObject
    file_id: int | None = None
    raw_for: dict[int, TLObject] = field(default_factory=dict)
    details: dict[str, str | int] = field(default_factory=dict)
    """What its own part of the API wants to remember beside it (the payload of an invoice); saved with it."""

    def seen_by(self, viewer_id: int) -> TLObject:
        """The `MessageMedia...` that the viewer gets."""
        return self.raw_for.get(viewer_id, self.raw)


@dataclass(slots=True, eq=False)
class StoredMessage:
    """One message, shared by everybody who has a copy of it.

    `ids` gives the id of each copy: by account for private chats and basic groups, where every account
    counts for itself, and by channel for channels and supergroups, where all see the same one.
    """

    key: int
    """World-wide number, in order of sending; never seen through Telegram."""
    sender: Peer
    peer: Peer
    """To whom it was sent; in a private chat the other account."""
    date: int
    """Unix seconds."""
    text: str = ""
    entities: list[TLObject] = field(default_factory=list)
    media: Media | None = None
    markup: TLObject | None = None
    reply_to: int | None = None
    """`key` of the message that this one answers."""
    album_id: int | None = None
    forward: TLObject | None = None
    via_bot_id: int | None = None
    action: TLObject | None = None
    """`MessageAction...` of a service message."""
    action_for: dict[int, TLObject] = field(default_factory=dict)
    """The action by viewer, where accounts see different ones (`messageActionPaymentSentMe`, `...Sent`)."""
    silent: bool = False
    noforwards: bool = False
    edit_date: int | None = None
    ids: dict[int, int] = field(default_factory=dict)

    def seen_action(self, viewer_id: int) -> TLObject | None:
        """The action of a service message as the viewer gets it; None for an ordinary message."""
        return self.action_for.get(viewer_id, self.action)

    def peer_for(self, viewer_id: int) -> Peer:
        """The chat that the message is in, seen from an account: its other side, or the group."""
        if self.peer.kind is PeerKind.USER and self.peer.id == viewer_id:
            return self.sender
        return self.peer


class ChangeKind(StrEnum):
    """What happened to messages of a box."""

    NEW = "new"
    EDIT = "edit"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a box: after it the box is at `pts`; `ids` are the messages concerned."""

    kind: ChangeKind
    pts: int
    pts_count: int
    ids: tuple[int, ...]


@dataclass(slots=True, eq=False)
class Box:
    """The messages of an account (all its private chats and basic groups) or of a channel, counted by pts."""

    owner_id: int
    messages: dict[int, StoredMessage] = field(default_factory=dict)
    last_id: int = 0
    pts: int = 1
    changes: list[Change] = field(default_factory=list)

    def add(self, message: StoredMessage) -> Change:
        """Give the message its id here and count it."""
        self.last_id += 1
        self.messages[self.last_id] = message
        message.ids[self.owner_id] = self.last_id
        return self._count(ChangeKind.NEW, (self.last_id,))

    def edited(self, message: StoredMessage) -> Change:
        """Count an edit."""
        return self._count(ChangeKind.EDIT, (message.ids[self.owner_id],))

    def remove(self, ids: tuple[int, ...]) -> Change:
        """Forget the copies here and count each."""
        for message_id in ids:
            self.messages.pop(message_id).ids.pop(self.owner_id)
        return self._count(ChangeKind.DELETE, ids)

    def _count(self, kind: ChangeKind, ids: tuple[int, ...]) -> Change:
        self.pts += len(ids)
        change = Change(kind, self.pts, len(ids), ids)
        self.changes.append(change)
        return change


@dataclass(slots=True, eq=False)
class BotProfile:
    """What only a bot has."""

    token: str
    description: dict[str, str] = field(default_factory=dict)
    """By language code; "" is for all others."""
    about: dict[str, str] = field(default_factory=dict)
    name: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)
    """By scope (`world.menus` writes and reads it) and language code: pairs of command and description."""
    menu_buttons: dict[int, TLObject] = field(default_factory=dict)
    """By person; 0 is the default."""
    inline_placeholder: str | None = None
    """None: no inline mode."""
    privacy: bool = True
    """In groups it gets only what is meant for it: commands, mentions, replies."""


@dataclass(slots=True, eq=False)
class Account:
    """A person or a bot."""

    id: int
    first_name: str
    box: Box
    username: str | None = None
    language: str = "en"
    bot: BotProfile | None = None
    deleted: bool = False
    blocked: set[int] = field(default_factory=set)
    """Accounts that this one has blocked."""
    dialogs: set[int] = field(default_factory=set)
    """Accounts with which a conversation was begun by writing to them or being written to."""
    qts: int = 1
    qts_updates: list[tuple[int, int, TLObject]] = field(default_factory=list)
    """Updates counted by qts (a bot stopped, a subscription), for `getDifference`: qts, date, update."""

    @property
    def is_bot(self) -> bool:
        """Whether the account is a bot."""
        return self.bot is not None

    @property
    def peer(self) -> Peer:
        """Its address."""
        return Peer(PeerKind.USER, self.id)


class ChatKind(StrEnum):
    """The sorts of chats of more than two."""

    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


@dataclass(slots=True, eq=False)
class Chat:
    """A basic group, a supergroup or a channel.

    `box` stays empty in a basic group: its messages lie in the boxes of its members.
    """

    id: int
    kind: ChatKind
    title: str
    creator_id: int
    date: int
    box: Box
    username: str | None = None
    members: dict[int, int] = field(default_factory=dict)
    """By account: when it joined (Unix seconds), in order of joining."""
    admins: set[int] = field(default_factory=set)
    banned: set[int] = field(default_factory=set)
    muted: set[int] = field(default_factory=set)
    """Members who may read but not write."""
    anonymous: set[int] = field(default_factory=set)
    """Admins who write in the group's name."""
    deactivated: bool = False

    @property
    def peer(self) -> Peer:
        """Its address."""
        return Peer(PeerKind.CHAT if self.kind is ChatKind.GROUP else PeerKind.CHANNEL, self.id)

    def may_write(self, account_id: int) -> bool:
        """Whether the account is in the chat and may send messages there."""
        if account_id not in self.members or account_id in self.muted or self.deactivated:
            return False
        return self.kind is not ChatKind.CHANNEL or account_id in self.admins


@dataclass(frozen=True, slots=True)
class Draft:
    """A message about to be sent, already checked; `world.post` makes a `StoredMessage` of it."""

    sender: Peer
    peer: Peer
    text: str = ""
    entities: tuple[TLObject, ...] = ()
    media: Media | None = None
    markup: TLObject | None = None
    reply_to: int | None = None
    album_id: int | None = None
    forward: TLObject | None = None
    via_bot_id: int | None = None
    action: TLObject | None = None
    action_for: Mapping[int, TLObject] = field(default_factory=dict)
    silent: bool = False
    noforwards: bool = False
