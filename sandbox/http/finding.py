"""Whom and what a request's address means."""

from __future__ import annotations

from aiohttp import web

from sandbox.http.errors import not_found
from sandbox.http.events import Hub
from sandbox.http.shapes import peer_of_number
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.people.reading import Address
from sandbox.people.views import MessageView, view
from sandbox.server import Sandbox
from sandbox.world.state import PeerKind

SANDBOX = web.AppKey("SANDBOX", Sandbox)
HUB = web.AppKey("HUB", Hub)


def sandbox_of(request: web.Request) -> Sandbox:
    """The local Telegram behind the face."""
    return request.app[SANDBOX]


def person_of(request: web.Request) -> Person:
    """The person in the address, by id or name.

    Raises:
        ApiError: 404.
    """
    named = request.match_info["person"]
    for person in sandbox_of(request).people:
        if named in (str(person.id), person.name, person.username) and not person.account.deleted:
            return person
    raise not_found(f"person {named!r}")


def chat_of(request: web.Request) -> Address:
    """The chat in the address, by number or a bot's username.

    Raises:
        ApiError: 404.
    """
    sandbox, named = sandbox_of(request), request.match_info["chat"]
    if named in sandbox.bots:
        return Address(sandbox.bots[named].peer)
    if not named.removeprefix("-").isascii() or not named.removeprefix("-").isdigit() or int(named) == 0:
        raise not_found(f"chat {named!r}")
    peer = peer_of_number(int(named))
    if peer.kind is PeerKind.USER:
        if peer.id not in sandbox.world.accounts:
            raise not_found(f"chat {named!r}")
    elif (
        peer.id not in sandbox.world.chats
        or person_of(request).id not in sandbox.world.chats[peer.id].members
    ):
        raise not_found(f"chat {named!r}")
    return Address(peer)


def bot_of(request: web.Request) -> Bot:
    """The bot with which the chat in the address is.

    Raises:
        ApiError: 404.
    """
    peer = chat_of(request).peer
    for bot in sandbox_of(request).bots.values():
        if bot.peer == peer:
            return bot
    raise not_found("bot in this chat")


def message_of(request: web.Request, message_id: int) -> MessageView:
    """A message of the chat in the address.

    Raises:
        PersonError: if there is none.
    """
    person = person_of(request)
    return view(person.world, person.id, person.stored(message_id, chat_of(request)))
