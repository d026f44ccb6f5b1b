"""A bot's command menus: by scope and language, and which of them a person sees."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.world.state import Account, BotProfile, Chat, PeerKind
from sandbox.world.world import World

DEFAULT = "default"
PRIVATE_CHATS = "users"
GROUPS = "chats"
GROUP_ADMINS = "chat_admins"


def chat_scope(peer_id: int) -> str:
    """One chat or one private chat."""
    return f"peer:{peer_id}"


def admins_scope(peer_id: int) -> str:
    """The admins of one chat."""
    return f"peer_admins:{peer_id}"


def member_scope(peer_id: int, user_id: int) -> str:
    """One member of one chat."""
    return f"peer_user:{peer_id}:{user_id}"


def visible_commands(bot: BotProfile, person: Account, place: Chat | None = None) -> list[tuple[str, str]]:
    """The commands that a person sees: in the private chat with the bot, or in a group.

    The narrowest scope that has any wins, the person's language before all languages in each of them:
    https://core.telegram.org/bots/api#determining-list-of-commands
    """
    for scope in _private_scopes(person) if place is None else _group_scopes(person, place):
        for language in (person.language, ""):
            commands = bot.commands.get((scope, language))
            if commands:
                return commands
    return []


def peer_exists(world: World, kind: PeerKind, peer_id: int) -> bool:
    """Whether there is such an account or chat."""
    return peer_id in (world.accounts if kind is PeerKind.USER else world.chats)


def _private_scopes(person: Account) -> Iterator[str]:
    yield chat_scope(person.id)
    yield PRIVATE_CHATS
    yield DEFAULT


def _group_scopes(person: Account, place: Chat) -> Iterator[str]:
    admin = person.id in place.admins
    yield member_scope(place.id, person.id)
    if admin:
        yield admins_scope(place.id)
    yield chat_scope(place.id)
    if admin:
        yield GROUP_ADMINS
    yield GROUPS
    yield DEFAULT
