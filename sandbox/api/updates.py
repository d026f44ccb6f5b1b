"""What a client missed: the state of its box and the difference since another one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.api.peers import account_of, find_channel
from sandbox.api.registry import method
from sandbox.rpc import Caller, RpcError
from sandbox.world import audience, feed, render
from sandbox.world.feed import Delta
from sandbox.world.state import Account, Box, Change, ChangeKind, Chat, Peer
from sandbox.world.world import World

_SEQ = 1
"""Nothing here is counted by seq; Telegram's own state is never 0."""


@dataclass(slots=True)
class _Missed:
    """Changes of a box as a client that was away is told of them: messages in their latest form."""

    messages: list[TLObject] = field(default_factory=list)
    updates: list[TLObject] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)


@method(F.updates.GetState)
async def get_state(world: World, caller: Caller, query: Any) -> TLObject:
    """Where the account's box is now."""
    account = account_of(world, caller)
    return _state(world, account, account.box.pts)


@method(F.updates.GetDifference)
async def get_difference(world: World, caller: Caller, query: Any) -> TLObject:
    """What happened in the account's box since `pts`, in slices."""
    account = account_of(world, caller)
    box = account.box
    _require_pts(query.pts, box)
    counted = _counted(account, query.qts, query.date)
    changes = _since(box, query.pts)
    if not changes and not counted:
        return T.updates.DifferenceEmpty(date=world.now(), seq=_SEQ)
    limit = min(query.pts_limit or world.rules.difference_slice, world.rules.difference_slice)
    slice_ = changes[:limit]
    missed = _collect(world, account, box, slice_, None)
    users, chats = render.parties(world, account.id, missed.peers)
    common = {"new_messages": missed.messages, "new_encrypted_messages": [], "users": users, "chats": chats}
    if len(slice_) < len(changes):
        state = _state(world, account, slice_[-1].pts)
        return T.updates.DifferenceSlice(**common, other_updates=missed.updates, intermediate_state=state)
    state = _state(world, account, box.pts)
    return T.updates.Difference(**common, other_updates=missed.updates + counted, state=state)


@method(F.updates.GetChannelDifference)
async def get_channel_difference(world: World, caller: Caller, query: Any) -> TLObject:
    """What happened in a channel since `pts`, in slices."""
    account = account_of(world, caller)
    place = find_channel(world, account, query.channel)
    if account.id not in place.members:
        raise RpcError(400, "CHANNEL_PRIVATE")
    _require_pts(query.pts, place.box)
    changes = _since(place.box, query.pts)
    if not changes:
        return T.updates.ChannelDifferenceEmpty(pts=place.box.pts, final=True)
    slice_ = changes[: min(query.limit, world.rules.difference_slice)]
    missed = _collect(world, account, place.box, slice_, place)
    users, chats = render.parties(world, account.id, [*missed.peers, place.peer])
    return T.updates.ChannelDifference(
        pts=slice_[-1].pts,
        final=len(slice_) == len(changes),
        new_messages=missed.messages,
        other_updates=missed.updates,
        users=users,
        chats=chats,
    )


def _state(world: World, account: Account, pts: int) -> TLObject:
    return T.updates.State(pts=pts, qts=account.qts, date=world.now(), seq=_SEQ, unread_count=0)


def _require_pts(pts: int, box: Box) -> None:
    if pts <= 0:
        raise RpcError(400, "PERSISTENT_TIMESTAMP_EMPTY")
    if pts > box.pts:
        raise RpcError(400, "PERSISTENT_TIMESTAMP_INVALID")


def _since(box: Box, pts: int) -> Sequence[Change]:
    return box.changes[bisect_right(box.changes, pts, key=lambda change: change.pts) :]


def _counted(account: Account, qts: int, date: int) -> list[TLObject]:
    """Updates counted by qts; a client that does not count them (Pyrogram) gets those since its date."""
    if qts > 0:
        return [update for number, _, update in account.qts_updates if number > qts]
    return [update for _, made, update in account.qts_updates if made >= date]


def _collect(
    world: World, account: Account, box: Box, changes: Iterable[Change], place: Chat | None
) -> _Missed:
    missed = _Missed()
    new: set[int] = set()
    edited: dict[int, Change] = {}
    for change in changes:
        if change.kind is ChangeKind.DELETE:
            missed.updates.append(feed.deletion_update(change, None if place is None else place.id))
        elif change.kind is ChangeKind.EDIT:
            edited[change.ids[0]] = change
        else:
            new.update(change.ids)
    for message_id in sorted(new | edited.keys()):
        stored = box.messages.get(message_id)
        if stored is None or (place is not None and not audience.sees(world, place, account, stored)):
            continue
        missed.peers += render.peers_of(stored)
        if message_id in new:
            missed.messages.append(render.message(world, account.id, stored))
        else:
            delta = Delta(stored, {box.owner_id: edited[message_id]})
            missed.updates.append(feed.message_update(world, account.id, delta))
    return missed
