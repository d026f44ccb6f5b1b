"""How people, chats and messages look in JSON: the one place that decides it."""

from __future__ import annotations

from typing import Any

from sandbox.faults import FaultHandle
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.people.views import Button, EntityView, MessageView, name_of
from sandbox.world.queries import CallbackAnswer
from sandbox.world.state import Peer, PeerKind
from sandbox.world.world import World

_CHANNEL_BASE = -1_000_000_000_000


def chat_number(peer: Peer) -> int:
    """A chat as Pyrogram and the Bot API number it."""
    if peer.kind is PeerKind.USER:
        return peer.id
    return -peer.id if peer.kind is PeerKind.CHAT else _CHANNEL_BASE - peer.id


def peer_of_number(number: int) -> Peer:
    """The address that `chat_number` wrote."""
    if number > 0:
        return Peer(PeerKind.USER, number)
    if number > _CHANNEL_BASE:
        return Peer(PeerKind.CHAT, -number)
    return Peer(PeerKind.CHANNEL, _CHANNEL_BASE - number)


def person_shape(person: Person) -> dict[str, Any]:
    """A person."""
    return {
        "id": person.id,
        "name": person.name,
        "username": person.username,
        "language": person.language,
        "stars": person.stars,
    }


def bot_shape(world: World, bot: Bot) -> dict[str, Any]:
    """A bot, as its page in an app shows it."""
    profile = world.accounts[bot.id].bot
    return {
        "id": bot.id,
        "username": bot.username,
        "name": bot.name,
        "inline": profile.inline_placeholder if profile else None,
        "stars": bot.stars,
        "about": profile.about if profile else {},
        "description": profile.description if profile else {},
    }


def chat_shape(person: Person, peer: Peer, last: MessageView | None) -> dict[str, Any]:
    """A chat in a person's list: with a `bot` or a `user`, or a `group`, `supergroup` or `channel`."""
    account = person.world.accounts.get(peer.id) if peer.kind is PeerKind.USER else None
    place = person.world.chats[peer.id] if account is None else None
    return {
        "id": chat_number(peer),
        "kind": str(place.kind) if place else "bot" if account and account.is_bot else "user",
        "title": name_of(person.world, peer),
        "username": account.username if account else place.username if place else None,
        "members": len(place.members) if place else None,
        "blocked": peer.id in person.account.blocked,
        "last": None if last is None else message_shape(person, last),
    }


def message_shape(person: Person, message: MessageView) -> dict[str, Any]:
    """A message as one person sees it."""
    place = f"/api/people/{person.id}/chats/{chat_number(message.chat)}/messages/{message.id}"
    media = message.media
    return {
        "id": message.id,
        "chat": chat_number(message.chat),
        "date": message.date.isoformat(),
        "kind": message.kind,
        "out": message.out,
        "sender": {"id": message.sender_id, "name": message.sender_name},
        "text": message.text,
        "entities": [_entity(entity) for entity in message.entities],
        "buttons": [[_button(button) for button in row] for row in message.buttons],
        "media": None
        if media is None
        else {
            "kind": media.kind,
            "mime": media.mime,
            "size": media.size,
            "width": media.width,
            "height": media.height,
            "duration": media.duration,
            "file_name": media.file_name,
            "title": media.title,
            "performer": media.performer,
            "streaming": media.streaming,
            "spoiler": media.spoiler,
            # The number is there for apps that keep what they fetched: an edit may show another file.
            "url": f"{place}/file?of={media.file_id}",
            "thumbnail": f"{place}/file?of={media.file_id}&thumbnail=1" if media.has_thumbnail else None,
        },
        # A string: the numbers of albums are larger than JavaScript can count.
        "album": None if message.album_id is None else str(message.album_id),
        "reply_to": message.reply_to,
        "edited": message.edited,
        "forwarded": message.forwarded,
        "via": message.via,
        "invoice": None
        if message.invoice is None
        else {
            "title": message.invoice.title,
            "description": message.invoice.description,
            "currency": message.invoice.currency,
            "amount": message.invoice.amount,
            "paid": message.invoice.paid,
        },
        "service": None
        if message.service is None
        else {
            "kind": message.service.kind,
            "currency": message.service.currency,
            "amount": message.service.amount,
        },
    }


def answer_shape(answer: CallbackAnswer) -> dict[str, Any]:
    """What a bot answered to a pressed button."""
    return {"text": answer.text, "alert": answer.alert, "url": answer.url}


def fault_shape(handle: FaultHandle) -> dict[str, Any]:
    """A fault in force."""
    return {"id": handle.id, "hits": handle.hits, "active": handle.active, "fault": handle.fault.as_dict()}


def _entity(entity: EntityView) -> dict[str, Any]:
    return {"kind": entity.kind, "offset": entity.offset, "length": entity.length, "url": entity.url}


def _button(button: Button) -> dict[str, Any]:
    return {"label": button.label, "kind": button.kind, "url": button.url}
