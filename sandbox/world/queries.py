"""What people ask bots and wait for: pressed buttons and inline queries, which are told once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.rpc import RpcError
from sandbox.world.state import Media, PeerKind, StoredMessage

if TYPE_CHECKING:
    from sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What a bot answers to a pressed button: nothing, a short notice, an alert, or an address to open."""

    text: str = ""
    alert: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class InlineOffer:
    """One result: Telegram's own `InputBotInlineResult...`, and the file that is sent with it, if any."""

    result: TLObject
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """What a bot answers to an inline query.

    A client may keep it for `cache_seconds`, for this person alone where it is `private`.
    """

    results: tuple[InlineOffer, ...]
    next_offset: str = ""
    button: str | None = None
    """Label of the button above the results, which leads to a chat with the bot."""
    start: str = ""
    """The `/start` parameter that the button brings there."""
    gallery: bool = False
    private: bool = False
    cache_seconds: int = 0


@dataclass(slots=True, eq=False)
class Query:
    """A question on its way; `answer` gets the bot's answer."""

    id: int
    bot_id: int
    user_id: int
    asked: float
    """By the world's monotonic clock."""
    answer: asyncio.Future[Any]
    key: tuple[Any, ...] = ()
    """What the same question would be, for answers that a client may keep for a while."""


@dataclass(slots=True)
class Queries:
    """The questions that wait for an answer, and answers that may be used again."""

    waiting: dict[int, Query] = field(default_factory=dict)
    kept: dict[tuple[Any, ...], tuple[float, CallbackAnswer]] = field(default_factory=dict)
    """By question: until when (monotonic), and what."""

    def press(self, world: World, user_id: int, stored: StoredMessage, data: bytes) -> Query:
        """Tell the bot that wrote the message that a person pressed a button with `data`."""
        bot_id = stored.via_bot_id or stored.sender.id
        if bot_id not in world.accounts:
            raise ValueError("only a bot's message has buttons to press")
        query = self._ask(world, bot_id, user_id)
        query.key = (user_id, stored.key, data)
        now = world.clock.monotonic()
        until, answer = self.kept.get(query.key, (0.0, CallbackAnswer()))
        if now < until:
            query.answer.set_result(answer)
            return query
        self.waiting[query.id] = query
        peer = stored.peer_for(bot_id)
        update = T.UpdateBotCallbackQuery(
            query_id=query.id,
            user_id=user_id,
            peer=peer.raw(),
            msg_id=stored.ids[peer.id if peer.kind is PeerKind.CHANNEL else bot_id],
            chat_instance=world.ids.access_hash(0, peer.id),
            data=data,
        )
        world.push(bot_id, update, [world.accounts[user_id].peer, peer])
        return query

    def ask_inline(self, world: World, user_id: int, bot_id: int, text: str, offset: str = "") -> Query:
        """Tell a bot that a person typed `@bot text` in some chat."""
        query = self._ask(world, bot_id, user_id)
        self.waiting[query.id] = query
        update = T.UpdateBotInlineQuery(
            query_id=query.id,
            user_id=user_id,
            query=text,
            offset=offset,
            peer_type=T.InlineQueryPeerTypePM(),
        )
        world.push(bot_id, update, [world.accounts[user_id].peer])
        return query

    def take(self, world: World, bot_id: int, query_id: int, seconds: float) -> Query:
        """The waiting question that a bot answers; each is answered once, within `seconds`.

        Raises:
            RpcError: QUERY_ID_INVALID for one that is unknown, not the bot's, answered or too old.
        """
        query = self.waiting.get(query_id)
        if query is None or query.bot_id != bot_id:
            raise RpcError(400, "QUERY_ID_INVALID")
        del self.waiting[query_id]
        if world.clock.monotonic() - query.asked > seconds:
            raise RpcError(400, "QUERY_ID_INVALID")
        return query

    def _ask(self, world: World, bot_id: int, user_id: int) -> Query:
        now = world.clock.monotonic()
        self._forget(now - 2 * max(world.rules.callback_answer_seconds, world.rules.inline_answer_seconds))
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        return Query(world.ids.long(), bot_id, user_id, now, answer)

    def _forget(self, before: float) -> None:
        """Drop questions from the front (the oldest) that nobody answered."""
        while self.waiting:
            oldest = next(iter(self.waiting.values()))
            if oldest.asked >= before:
                return
            del self.waiting[oldest.id]
