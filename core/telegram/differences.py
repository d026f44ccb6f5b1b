"""Asks Telegram for the updates that are missing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from pyrogram.raw import functions as F
from pyrogram.raw import types as T

from core.clock import Clock
from core.errors import FloodWaited, PersonUnreachable, TelegramError
from core.telegram.boxes import COMMON, QTS, Arrival, Box, place_of
from core.telegram.client import TelegramClient
from core.telegram.parse import parties

_log = structlog.stdlib.get_logger(__name__)

_CHANNEL_SLICE = 1_000
_RETRY_SECONDS = 1.0
_UNKNOWN_POSITION = frozenset({"PERSISTENT_TIMESTAMP_INVALID", "PERSISTENT_TIMESTAMP_EMPTY"})
_NO_CHANNEL = frozenset({"CHANNEL_INVALID", "CHANNEL_PRIVATE", "CHANNEL_PUBLIC_GROUP_NA"})


class Differences:
    """Brings boxes up to date. `accept` records updates before the stored state moves past them."""

    def __init__(
        self,
        client: TelegramClient,
        boxes: dict[int, Box],
        accept: Callable[[Sequence[Arrival]], Awaitable[None]],
        clock: Clock,
        patience: float,
    ) -> None:
        self._client = client
        self._boxes = boxes
        self._accept = accept
        self._clock = clock
        self._patience = patience

    async def state_now(self) -> Any:
        """Where Telegram's counters stand. Raises TelegramError."""
        return await self._client.invoke(F.updates.GetState())

    async def recover(self, box_id: int) -> None:
        """Fetch what a box is missing; if that fails now, it is due again later."""
        box = self._boxes[box_id]
        try:
            if box_id in (COMMON, QTS):
                await self._recover_common()
            else:
                await self._recover_channel(box_id, box)
        except TelegramError as error:
            wait = error.seconds if isinstance(error, FloodWaited) else _RETRY_SECONDS
            _log.warning("difference_failed", error=error.name, retry_in=wait)
            box.postpone(self._clock.monotonic() + wait)

    async def _recover_common(self) -> None:
        common, counted = self._boxes[COMMON], self._boxes[QTS]
        while True:
            known = self._client.storage.state(COMMON)
            date = (known.date if known is not None else None) or int(self._clock.now().timestamp())
            query = F.updates.GetDifference(pts=common.pts, date=date, qts=counted.pts or 0)
            try:
                answer = await self._client.invoke(query)
            except TelegramError as error:
                if error.name not in _UNKNOWN_POSITION:
                    raise
                _log.error("update_state_unknown_to_telegram", pts=common.pts)
                state = await self.state_now()
                await self._accept(self._jump({COMMON: state.pts, QTS: state.qts}))
                return
            if isinstance(answer, T.updates.DifferenceEmpty):
                await self._accept(self._jump({COMMON: common.pts or 0, QTS: counted.pts or 0}))
                return
            if isinstance(answer, T.updates.DifferenceTooLong):
                _log.error("difference_too_long", pts=common.pts, to=answer.pts)
                await self._accept(self._jump({COMMON: answer.pts}))
                continue
            sliced = isinstance(answer, T.updates.DifferenceSlice)
            state = answer.intermediate_state if sliced else answer.state
            stuck = state.pts == common.pts
            missed = self._missed(answer, T.UpdateNewMessage, {COMMON, QTS})
            await self._accept(missed + self._jump({COMMON: state.pts, QTS: state.qts}))
            if not sliced or stuck:
                return

    async def _recover_channel(self, box_id: int, box: Box) -> None:
        while True:
            try:
                channel = _input_channel(await self._client.resolve(box_id))
                query = F.updates.GetChannelDifference(
                    channel=channel,
                    filter=T.ChannelMessagesFilterEmpty(),
                    pts=box.pts or 1,
                    limit=_CHANNEL_SLICE,
                    force=False,
                )
                answer = await self._client.invoke(query)
            except TelegramError as error:
                gone = isinstance(error, PersonUnreachable) or error.name in _NO_CHANNEL | _UNKNOWN_POSITION
                if not gone:
                    raise
                del self._boxes[box_id]
                await self._client.storage.delete_update_state(box_id)
                return
            if isinstance(answer, T.updates.ChannelDifferenceEmpty):
                await self._accept(self._jump({box_id: answer.pts}))
                return
            if isinstance(answer, T.updates.ChannelDifferenceTooLong):
                _log.error("channel_difference_too_long", pts=box.pts)
                pts = answer.dialog.pts or box.pts or 1
            else:
                pts = answer.pts
            missed = self._missed(answer, T.UpdateNewChannelMessage, {box_id})
            await self._accept(missed + self._jump({box_id: pts}))
            if answer.final:
                return

    def _missed(self, answer: Any, kind: Any, counted_here: set[int]) -> list[Arrival]:
        """The updates of a difference; what belongs to other boxes is counted there."""
        users, chats = parties(answer.users, answer.chats)
        too_long = isinstance(answer, T.updates.ChannelDifferenceTooLong)
        messages = answer.messages if too_long else answer.new_messages
        missed = [
            Arrival(kind(message=message, pts=0, pts_count=0), users, chats)
            for message in sorted(messages, key=lambda message: message.id)
        ]
        now = self._clock.monotonic()
        for update in [] if too_long else answer.other_updates:
            box_id, pts, count = place_of(update)
            arrival = Arrival(update, users, chats, box_id, pts, count)
            if box_id is None or box_id in counted_here:
                missed.append(arrival)
            else:
                box = self._boxes.setdefault(box_id, Box(None))
                missed += box.take(arrival, now=now, patience=self._patience)
        return missed

    def _jump(self, positions: dict[int, int]) -> list[Arrival]:
        now = self._clock.monotonic()
        return [
            arrival
            for box_id, pts in positions.items()
            for arrival in self._boxes[box_id].jump(pts, now=now, patience=self._patience)
        ]


def _input_channel(peer: Any) -> Any:
    return T.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)
