"""The world on disk: one JSON file, beside the directory in which the files lie anyway."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

from pyrogram.raw.all import layer
from pyrogram.raw.core import TLObject

from sandbox.world.feed import Delta
from sandbox.world.state import (
    Account,
    BotProfile,
    Box,
    Change,
    ChangeKind,
    Chat,
    ChatKind,
    Media,
    Peer,
    PeerKind,
    StoredMessage,
)
from sandbox.world.world import World

_FILE = "world.json"


class SavedWorldUnreadableError(Exception):
    """The saved world was written with another layer of Telegram's schema."""


def dump(world: World) -> dict[str, Any]:
    """Everything in the world, as JSON can hold it; questions that wait for an answer are not kept."""
    version, numbers, gauss = world.random.getstate()
    return {
        "layer": layer,
        "secret": world.ids.secret.hex(),
        "random": [version, list(numbers), gauss],
        "last_key": world.last_key,
        "accounts": [_account(account) for account in world.accounts.values()],
        "chats": [_chat(place) for place in world.chats.values()],
        "messages": [_message(stored) for stored in world.messages.values()],
        "sent": [
            [account_id, random_id, delta.message.key, _changes(delta)]
            for (account_id, random_id), delta in world.sent.items()
            if delta.message.key in world.messages
        ],
        "stars": world.stars.to_json(),
    }


def write(world: World, directory: Path) -> None:
    """Save the world and the list of its files; what was saved before is replaced in one step."""
    world.files.save()
    replace_text(directory / _FILE, json.dumps(dump(world)))


def read(world: World, directory: Path) -> bool:
    """Fill a new world with what was saved; False if nothing was.

    Raises:
        SavedWorldUnreadableError: if it was saved with another layer.
    """
    path = directory / _FILE
    if not path.exists():
        return False
    rows = json.loads(path.read_text())
    if rows["layer"] != layer:
        raise SavedWorldUnreadableError(f"{path} has layer {rows['layer']}, this Pyrogram has {layer}")
    world.ids.secret = bytes.fromhex(rows["secret"])
    version, numbers, gauss = rows["random"]
    world.random.setstate((version, tuple(numbers), gauss))
    world.last_key = rows["last_key"]
    for row in rows["accounts"]:
        world.take_account(_account_from(row))
    for row in rows["chats"]:
        world.take_chat(_chat_from(row))
    for row in rows["messages"]:
        _take_message(world, row)
    for account_id, random_id, key, changes in rows["sent"]:
        delta = Delta(world.messages[key], {int(owner): _change_from(row) for owner, row in changes.items()})
        world.sent[account_id, random_id] = delta
    world.stars.load_json(rows["stars"])
    return True


def replace_text(path: Path, text: str) -> None:
    """Write a file so that a crash leaves the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.new")
    partial.write_text(text)
    partial.replace(path)


def _account(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "first_name": account.first_name,
        "username": account.username,
        "language": account.language,
        "deleted": account.deleted,
        "blocked": sorted(account.blocked),
        "dialogs": sorted(account.dialogs),
        "qts": account.qts,
        "qts_updates": [[qts, date, _tl(update)] for qts, date, update in account.qts_updates],
        "box": _box(account.box),
        "bot": None if account.bot is None else _bot(account.bot),
    }


def _account_from(row: dict[str, Any]) -> Account:
    known = row | {
        "blocked": set(row["blocked"]),
        "dialogs": set(row["dialogs"]),
        "qts_updates": [(qts, date, _tl_from(text)) for qts, date, text in row["qts_updates"]],
        "box": _box_from(row["box"]),
        "bot": None if row["bot"] is None else _bot_from(row["bot"]),
    }
    return Account(**known)


def _bot(bot: BotProfile) -> dict[str, Any]:
    return {
        "token": bot.token,
        "description": bot.description,
        "about": bot.about,
        "name": bot.name,
        "commands": [[scope, language, commands] for (scope, language), commands in bot.commands.items()],
        "menu_buttons": [[owner, _tl(button)] for owner, button in bot.menu_buttons.items()],
        "inline_placeholder": bot.inline_placeholder,
        "privacy": bot.privacy,
    }


def _bot_from(row: dict[str, Any]) -> BotProfile:
    known = row | {
        "commands": {
            (scope, language): [(command, text) for command, text in commands]
            for scope, language, commands in row["commands"]
        },
        "menu_buttons": {owner: _tl_from(button) for owner, button in row["menu_buttons"]},
    }
    return BotProfile(**known)


def _chat(place: Chat) -> dict[str, Any]:
    return {
        "id": place.id,
        "kind": place.kind,
        "title": place.title,
        "creator_id": place.creator_id,
        "date": place.date,
        "box": _box(place.box),
        "username": place.username,
        "members": list(place.members.items()),
        "admins": sorted(place.admins),
        "banned": sorted(place.banned),
        "muted": sorted(place.muted),
        "anonymous": sorted(place.anonymous),
        "deactivated": place.deactivated,
    }


def _chat_from(row: dict[str, Any]) -> Chat:
    known = row | {
        "kind": ChatKind(row["kind"]),
        "box": _box_from(row["box"]),
        "members": dict(row["members"]),
        "admins": set(row["admins"]),
        "banned": set(row["banned"]),
        "muted": set(row["muted"]),
        "anonymous": set(row.get("anonymous", ())),
    }
    return Chat(**known)


def _box(box: Box) -> dict[str, Any]:
    """A box without its messages, which find their way back by the ids that each of them has."""
    changes = [_change(change) for change in box.changes]
    return {"owner_id": box.owner_id, "last_id": box.last_id, "pts": box.pts, "changes": changes}


def _box_from(row: dict[str, Any]) -> Box:
    changes = [_change_from(change) for change in row["changes"]]
    return Box(row["owner_id"], last_id=row["last_id"], pts=row["pts"], changes=changes)


def _change(change: Change) -> list[Any]:
    return [change.kind, change.pts, change.pts_count, list(change.ids)]


def _change_from(row: list[Any]) -> Change:
    kind, pts, pts_count, ids = row
    return Change(ChangeKind(kind), pts, pts_count, tuple(ids))


def _changes(delta: Delta) -> dict[str, list[Any]]:
    return {str(owner): _change(change) for owner, change in delta.changes.items()}


def _message(stored: StoredMessage) -> dict[str, Any]:
    plain = (
        "key", "date", "text", "reply_to", "album_id", "via_bot_id", "silent", "noforwards", "edit_date",
    )  # fmt: skip
    row = {name: getattr(stored, name) for name in plain}
    row |= {name: _tl(getattr(stored, name)) for name in ("markup", "forward", "action")}
    return row | {
        "sender": [stored.sender.kind, stored.sender.id],
        "peer": [stored.peer.kind, stored.peer.id],
        "entities": [_tl(entity) for entity in stored.entities],
        "media": None if stored.media is None else _media(stored.media),
        "action_for": [[viewer, _tl(action)] for viewer, action in stored.action_for.items()],
        "ids": list(stored.ids.items()),
    }


def _take_message(world: World, row: dict[str, Any]) -> None:
    known = row | {
        "sender": Peer(PeerKind(row["sender"][0]), row["sender"][1]),
        "peer": Peer(PeerKind(row["peer"][0]), row["peer"][1]),
        "entities": [_tl_from(entity) for entity in row["entities"]],
        "media": None if row["media"] is None else _media_from(world, row["media"]),
        "markup": _tl_from(row["markup"]),
        "forward": _tl_from(row["forward"]),
        "action": _tl_from(row["action"]),
        "action_for": {viewer: _tl_from(action) for viewer, action in row["action_for"]},
        "ids": dict(row["ids"]),
    }
    stored = StoredMessage(**known)
    world.messages[stored.key] = stored
    for owner, message_id in stored.ids.items():
        world.box_for(owner, stored.peer).messages[message_id] = stored


def _media(media: Media) -> dict[str, Any]:
    return {
        "raw": _tl(media.raw),
        "file_id": media.file_id,
        "raw_for": [[viewer, _tl(raw)] for viewer, raw in media.raw_for.items()],
        "details": media.details,
    }


def _media_from(world: World, row: dict[str, Any]) -> Media:
    raw = _tl_from(row["raw"])
    if row["file_id"] is not None:
        # One object for all messages with this file, so that a renewed reference is seen in each of them.
        name = "photo" if getattr(raw, "photo", None) is not None else "document"
        setattr(raw, name, world.files.get(row["file_id"]).raw)
    return Media(
        raw=raw,
        file_id=row["file_id"],
        raw_for={viewer: _tl_from(own) for viewer, own in row["raw_for"]},
        details=row["details"],
    )


def _tl(value: TLObject | None) -> str | None:
    return None if value is None else base64.b64encode(value.write()).decode()


def _tl_from(text: str | None) -> TLObject | None:
    return None if text is None else TLObject.read(io.BytesIO(base64.b64decode(text)))
