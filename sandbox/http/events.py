"""What happens to a person, told over a WebSocket as it happens."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.http.shapes import answer_shape, chat_number, message_shape
from sandbox.people.person import Person
from sandbox.people.views import MessageView, name_of, view
from sandbox.world.events import ChatAction, DeletedMessages, EditedMessage, Event, NewMessage
from sandbox.world.queries import CallbackAnswer

_MOST_WAITING = 10_000
"""Events that wait for a slow listener; then it is sent away, to read the messages anew."""
_HEARTBEAT = 30.0
_PRESENCE = 0.5
"""Seconds between two looks at whether a bot is connected; the wire tells nobody of it."""

Listener = Callable[[dict[str, Any]], None]


class Hub:
    """Those who listen to a person; it adds the answers to pressed buttons, which only the presser gets."""

    def __init__(self) -> None:
        self._listeners: defaultdict[int, set[Listener]] = defaultdict(set)
        self._sockets: set[web.WebSocketResponse] = set()

    def answered(self, person: Person, message: MessageView, answer: CallbackAnswer) -> None:
        """Tell a person's listeners what a bot answered to a button."""
        place = {"type": "answer", "chat": chat_number(message.chat), "message": message.id}
        for listener in tuple(self._listeners[person.id]):
            listener(place | answer_shape(answer))

    async def serve(self, person: Person, request: web.Request) -> web.WebSocketResponse:
        """Tell one listener everything until it goes away."""
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT)
        await socket.prepare(request)
        events: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

        def listen(shape: dict[str, Any]) -> None:
            events.put_nowait(shape if events.qsize() < _MOST_WAITING else None)

        stop = person.world.watch(person.id, lambda event: listen(event_shape(person, event)))
        self._listeners[person.id].add(listen)
        self._sockets.add(socket)
        tasks = [asyncio.create_task(_send(socket, events)), asyncio.create_task(_presence(person, listen))]
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            stop()
            self._listeners[person.id].discard(listen)
            self._sockets.discard(socket)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return socket

    async def close(self) -> None:
        """Send all listeners away."""
        for socket in tuple(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)


def event_shape(person: Person, event: Event) -> dict[str, Any]:
    """An event in JSON."""
    if isinstance(event, NewMessage | EditedMessage):
        kind = "new" if isinstance(event, NewMessage) else "edited"
        shown = view(person.world, person.id, event.message)
        return {"type": kind, "message": message_shape(person, shown)}
    if isinstance(event, DeletedMessages):
        return {"type": "deleted", "chat": chat_number(event.peer), "ids": list(event.ids)}
    return _action(person, event)


def _action(person: Person, event: ChatAction) -> dict[str, Any]:
    sender = {"id": chat_number(event.sender), "name": name_of(person.world, event.sender)}
    return {
        "type": "action",
        "chat": chat_number(event.peer),
        "sender": sender,
        "action": event.name,
        "progress": event.progress,
    }


async def _presence(person: Person, listen: Listener) -> None:
    """Tell of each bot whether it is connected, now and whenever that changes."""
    known: dict[int, bool] = {}
    while True:
        wire = person.world.wire
        bots = [account.id for account in person.world.accounts.values() if account.is_bot]
        for bot in bots:
            online = wire is not None and wire.listens(bot)
            if known.get(bot) is not online:
                known[bot] = online
                listen({"type": "presence", "chat": bot, "online": online})
        await asyncio.sleep(_PRESENCE)


async def _send(socket: web.WebSocketResponse, events: asyncio.Queue[dict[str, Any] | None]) -> None:
    while (shape := await events.get()) is not None:
        await socket.send_json(shape)
    await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
