"""Handles on what is not a person: bots, groups and channels."""

from __future__ import annotations

from typing import Protocol

from sandbox.world import members
from sandbox.world.state import Account, Chat, ChatKind, Peer
from sandbox.world.world import World

_CHANNEL_BASE = -1_000_000_000_000


class Addressable(Protocol):
    """Whom one can write to: a bot, a person, a group."""

    @property
    def peer(self) -> Peer:
        """The address."""
        ...


class Bot:
    """A bot, as its owner knows it from BotFather."""

    def __init__(self, world: World, account: Account) -> None:
        if account.bot is None:
            raise ValueError("the account is a person's")
        self._profile = account.bot
        self._account = account
        self._world = world

    @property
    def id(self) -> int:
        """The bot's id."""
        return self._account.id

    @property
    def peer(self) -> Peer:
        """Its address."""
        return self._account.peer

    @property
    def token(self) -> str:
        """With it a client logs in."""
        return self._profile.token

    @property
    def username(self) -> str:
        """The name without "@"."""
        return self._account.username or ""

    @property
    def name(self) -> str:
        """The name that people see."""
        return self._account.first_name

    @property
    def stars(self) -> int:
        """Its balance in Stars."""
        return self._world.stars.balance(self.id)

    def allow_inline(self, placeholder: str = "") -> None:
        """Turn inline mode on, as BotFather's /setinline does."""
        self._profile.inline_placeholder = placeholder

    def set_privacy(self, *, on: bool) -> None:
        """Let it see all messages of groups (`on=False`), or only those meant for it."""
        self._profile.privacy = on


class Place:
    """A group, supergroup or channel."""

    def __init__(self, world: World, place: Chat) -> None:
        self._world = world
        self._place = place

    @property
    def id(self) -> int:
        """The bare id, as Telegram's own objects have it."""
        return self._place.id

    @property
    def chat_id(self) -> int:
        """The id as Pyrogram and the Bot API write it: negative, channels below -10^12."""
        return -self.id if self._place.kind is ChatKind.GROUP else _CHANNEL_BASE - self.id

    @property
    def peer(self) -> Peer:
        """Its address."""
        return self._place.peer

    @property
    def title(self) -> str:
        """What it is called."""
        return self._place.title

    @property
    def members(self) -> list[int]:
        """The accounts in it, in order of joining."""
        return list(self._place.members)

    def add(self, who: Addressable, *, admin: bool = False) -> None:
        """Add a person or a bot."""
        members.join(self._world, self._place, self._world.accounts[who.peer.id], admin=admin)

    def remove(self, who: Addressable) -> None:
        """Throw a person or a bot out."""
        members.throw_out(self._world, self._place, self._world.accounts[who.peer.id])

    def mute(self, who: Addressable) -> None:
        """Let a member read but not write."""
        self._place.muted.add(who.peer.id)

    def hide(self, who: Addressable) -> None:
        """Let an admin of a supergroup write in its name from now on, as "remain anonymous" does."""
        self._place.anonymous.add(who.peer.id)

    def unmute(self, who: Addressable) -> None:
        """Let a muted member write again."""
        self._place.muted.discard(who.peer.id)
