"""Counting updates: which come next, which are known already, and where some are missing.

Telegram numbers the updates of each message box: `pts` is the number after an update, `pts_count` how many
steps it took. One box holds private chats and basic groups, each channel has its own, and some bot updates
are counted apart by `qts`. https://core.telegram.org/api/updates
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyrogram.raw import types as T
from pyrogram.utils import get_channel_id

COMMON = 0
"""The box of private chats and basic groups."""
QTS = 1
"""What is counted by `qts`; no chat has this id."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One update with the people and chats that came with it, and its place in a box.

    `box` is None for what is not counted. `update` is None where only the count is known, as in the
    answers to edits and deletions. `missing` marks a count whose content did not come with it.
    """

    update: Any | None
    users: Mapping[int, Any] = field(default_factory=dict)
    chats: Mapping[int, Any] = field(default_factory=dict)
    box: int | None = None
    pts: int = 0
    count: int = 0
    missing: bool = False

    @property
    def start(self) -> int:
        """Where the box must stand for this to come next."""
        return self.pts - self.count


class Box:
    """One counter: takes arrivals in any order, gives them back in theirs.

    `due` is when (on a monotonic clock) the difference is to be asked for, None while nothing is missing.
    """

    def __init__(self, pts: int | None) -> None:
        self.pts = pts
        self.due: float | None = None
        self._held: dict[int, Arrival] = {}

    def take(self, arrival: Arrival, *, now: float, patience: float) -> Iterator[Arrival]:
        """Count an arrival; gives it, and those that waited for it, if it comes next.

        One that comes too early is held: what is missing between may be on its way still. After `patience`
        seconds the difference is due.
        """
        if self.pts is None:
            self.pts = arrival.start
        if arrival.pts < self.pts or (arrival.pts == self.pts and arrival.count > 0):
            return
        if arrival.start > self.pts:
            self._held[arrival.pts] = arrival
            self.want_difference(now + patience)
        elif arrival.missing or arrival.start < self.pts:
            self.want_difference(now)
        else:
            self.pts = arrival.pts
            yield arrival
            yield from self._next()

    def jump(self, pts: int, *, now: float, patience: float) -> Iterator[Arrival]:
        """Move to where a difference ended; gives what was held and comes next there."""
        self.pts = pts
        self.due = None
        yield from self._next()
        if self._held:
            self.want_difference(now + patience)

    def want_difference(self, when: float) -> None:
        """Ask for the difference at `when`, or earlier if that was wanted before."""
        self.due = when if self.due is None else min(self.due, when)

    def postpone(self, when: float) -> None:
        """The difference could not be had; try again at `when`."""
        self.due = when

    def _next(self) -> Iterator[Arrival]:
        """What was held and comes next, one after another; what turned out to be known is dropped."""
        while self._held:
            first = self._held[min(self._held)]
            if self.pts is None or first.start > self.pts or first.missing:
                return
            del self._held[first.pts]
            if first.pts > self.pts:
                self.pts = first.pts
                yield first
        self.due = None


def place_of(update: Any) -> tuple[int | None, int, int]:
    """Box, pts and pts_count of an update; (None, 0, 0) for one that is not counted."""
    pts, count = getattr(update, "pts", None), getattr(update, "pts_count", None)
    if pts is not None and count is not None:
        channel_id = getattr(update, "channel_id", None)
        if channel_id is None:
            peer = getattr(getattr(update, "message", None), "peer_id", None)
            channel_id = getattr(peer, "channel_id", None)
        return COMMON if channel_id is None else get_channel_id(channel_id), pts, count
    qts = getattr(update, "qts", None)
    if qts:
        return QTS, qts, 1
    return None, 0, 0


def arrivals_of(item: Any, people: Mapping[int, Any], channel_id: int | None = None) -> list[Arrival]:
    """The updates in a raw updates object, or in the answer to a call.

    `people` are users seen before: the short forms name a user without describing them; where the user is
    not among them the content counts as missing. `channel_id` is what a bare count is about.
    """
    if isinstance(item, T.Updates | T.UpdatesCombined):
        users, chats = {user.id: user for user in item.users}, {chat.id: chat for chat in item.chats}
        return [Arrival(update, users, chats, *place_of(update)) for update in item.updates]
    if isinstance(item, T.UpdateShort):
        return [Arrival(item.update, {}, {}, *place_of(item.update))]
    if isinstance(item, T.UpdateShortMessage | T.UpdateShortChatMessage):
        return [_short(item, people)]
    if hasattr(item, "pts") and hasattr(item, "pts_count"):
        box = COMMON if channel_id is None else get_channel_id(channel_id)
        return [Arrival(None, {}, {}, box, item.pts, item.pts_count)]
    return []


def _short(item: Any, people: Mapping[int, Any]) -> Arrival:
    in_chat = isinstance(item, T.UpdateShortChatMessage)
    sender_id = item.from_id if in_chat else item.user_id
    if sender_id not in people or item.fwd_from is not None or item.via_bot_id is not None:
        return Arrival(None, {}, {}, COMMON, item.pts, item.pts_count, missing=True)
    message = T.Message(
        id=item.id,
        peer_id=T.PeerChat(chat_id=item.chat_id) if in_chat else T.PeerUser(user_id=item.user_id),
        from_id=T.PeerUser(user_id=sender_id) if in_chat else None,
        date=item.date,
        message=item.message,
        out=item.out,
        reply_to=item.reply_to,
        entities=item.entities,
    )
    update = T.UpdateNewMessage(message=message, pts=item.pts, pts_count=item.pts_count)
    return Arrival(update, {sender_id: people[sender_id]}, {}, COMMON, item.pts, item.pts_count)
