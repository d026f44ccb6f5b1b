"""How changes reach clients: as updates with pts, pushed or in the answer to the call that made them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.world import render
from sandbox.world.state import Change, ChangeKind, Peer, PeerKind, StoredMessage

if TYPE_CHECKING:
    from sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class Delta:
    """A change of one message, with the step of each box in which it lies, by the box's owner."""

    message: StoredMessage
    changes: dict[int, Change]


def message_update(world: World, viewer_id: int, delta: Delta, *, pts_count: int | None = None) -> TLObject:
    """A new or edited message as an update for the viewer.

    `pts_count` 0 says "you know this one": the answer to a send repeated with its `random_id`.
    """
    stored = delta.message
    in_channel = stored.peer.kind is PeerKind.CHANNEL
    change = delta.changes[stored.peer.id if in_channel else viewer_id]
    shown = render.message(world, viewer_id, stored)
    count = change.pts_count if pts_count is None else pts_count
    if change.kind is ChangeKind.NEW:
        kind = T.UpdateNewChannelMessage if in_channel else T.UpdateNewMessage
    else:
        kind = T.UpdateEditChannelMessage if in_channel else T.UpdateEditMessage
    return kind(message=shown, pts=change.pts, pts_count=count)


def deletion_update(change: Change, channel_id: int | None) -> TLObject:
    """Deleted messages as an update."""
    ids = list(change.ids)
    if channel_id is None:
        return T.UpdateDeleteMessages(messages=ids, pts=change.pts, pts_count=change.pts_count)
    return T.UpdateDeleteChannelMessages(
        channel_id=channel_id, messages=ids, pts=change.pts, pts_count=change.pts_count
    )


def envelope(world: World, viewer_id: int, updates: Sequence[TLObject], peers: Iterable[Peer]) -> TLObject:
    """Updates with the users and chats that they name, as one `Updates`."""
    users, chats = render.parties(world, viewer_id, peers)
    return T.Updates(updates=list(updates), users=users, chats=chats, date=world.now(), seq=0)


def answer(
    world: World,
    viewer_id: int,
    deltas: Sequence[Delta],
    random_ids: Sequence[int] = (),
    *,
    known: bool = False,
) -> TLObject:
    """The `Updates` that a call answers with: the ids for its `random_ids`, then the messages.

    `known` marks messages that were sent by an earlier call with the same `random_id`.
    """
    shown = [message_update(world, viewer_id, delta, pts_count=0 if known else None) for delta in deltas]
    named = [
        T.UpdateMessageID(id=update.message.id, random_id=random_id)
        for update, random_id in zip(shown, random_ids, strict=False)
    ]
    peers = [peer for delta in deltas for peer in render.peers_of(delta.message)]
    return envelope(world, viewer_id, [*named, *shown], peers)
