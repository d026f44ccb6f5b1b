"""Who joins and leaves chats, and who blocks whom."""

from __future__ import annotations

from pyrogram.raw import types as T

from sandbox.world.state import Account, Chat, ChatKind, Draft
from sandbox.world.world import World


def found(world: World, place: Chat) -> None:
    """Tell the first members of a group or channel that there is one."""
    if place.kind is ChatKind.GROUP:
        action = T.MessageActionChatCreate(title=place.title, users=list(place.members))
    else:
        action = T.MessageActionChannelCreate(title=place.title)
    sender = place.peer if place.kind is ChatKind.CHANNEL else world.accounts[place.creator_id].peer
    world.post(Draft(sender=sender, peer=place.peer, action=action))


def join(world: World, place: Chat, account: Account, *, admin: bool = False) -> None:
    """Let the creator add somebody; in a channel nobody is told."""
    place.banned.discard(account.id)
    place.members.setdefault(account.id, world.now())
    if admin:
        place.admins.add(account.id)
    if place.kind is not ChatKind.CHANNEL:
        creator = world.accounts[place.creator_id]
        action = T.MessageActionChatAddUser(users=[account.id])
        world.post(Draft(sender=creator.peer, peer=place.peer, action=action))


def throw_out(world: World, place: Chat, account: Account) -> None:
    """Let the creator remove somebody, who cannot come back alone."""
    if place.kind is not ChatKind.CHANNEL:
        creator = world.accounts[place.creator_id]
        action = T.MessageActionChatDeleteUser(user_id=account.id)
        world.post(Draft(sender=creator.peer, peer=place.peer, action=action))
    place.members.pop(account.id, None)
    place.admins.discard(account.id)
    place.banned.add(account.id)


def block(world: World, person: Account, bot: Account) -> None:
    """Let a person stop a bot, which is told."""
    if bot.id not in person.blocked:
        person.blocked.add(bot.id)
        _tell_stopped(world, person, bot, stopped=True)


def unblock(world: World, person: Account, bot: Account) -> None:
    """Let a person allow a stopped bot again, which is told."""
    if bot.id in person.blocked:
        person.blocked.remove(bot.id)
        _tell_stopped(world, person, bot, stopped=False)


def _tell_stopped(world: World, person: Account, bot: Account, *, stopped: bool) -> None:
    date = world.now()
    world.push_counted(
        bot.id,
        lambda qts: T.UpdateBotStopped(user_id=person.id, date=date, stopped=stopped, qts=qts),
        [person.peer],
    )
