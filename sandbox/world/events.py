"""What people (not clients) are told as it happens; the hands and the chat page listen to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.world.state import Peer, StoredMessage


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message came into the account's view, its own included."""

    message: StoredMessage


@dataclass(frozen=True, slots=True)
class EditedMessage:
    """A message changed."""

    message: StoredMessage


@dataclass(frozen=True, slots=True)
class DeletedMessages:
    """Messages went away; `ids` are the account's (or channel's) own."""

    peer: Peer
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChatAction:
    """Somebody is typing, uploading, or has stopped (`name` "cancel"); `progress` in percent."""

    peer: Peer
    sender: Peer
    name: str
    progress: int = 0


Event = NewMessage | EditedMessage | DeletedMessages | ChatAction
Watcher = Callable[[Event], None]
