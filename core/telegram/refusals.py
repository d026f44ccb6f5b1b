"""Telegram's refusals, as one tree of our own errors."""

from __future__ import annotations

import re

from pyrogram.errors import RPCError
from pyrogram.errors.exceptions.all import exceptions
from pyrogram.raw import types as T

from core.errors import FileReferenceExpired, FloodWaited, MessageGone, PersonUnreachable, TelegramError

NO_ANSWER = "NO_ANSWER"
"""Name of the error (code 503) for a call that nobody answered, however often it was made."""
_FLOOD = 420
_PARAMETER = re.compile(r"_(\d+)")
_REFERENCE = re.compile(r"FILE_REFERENCE_(?:(\d+)_)?(?:EXPIRED|INVALID|EMPTY)")
"""https://core.telegram.org/api/file_reference; the number is the file's place in an album."""
_UNREACHABLE = frozenset(
    {
        "USER_IS_BLOCKED",
        "INPUT_USER_DEACTIVATED",
        "USER_DEACTIVATED",
        "USER_DELETED",
        "PEER_ID_INVALID",
        "USER_ID_INVALID",
        "CHAT_WRITE_FORBIDDEN",
        "CHAT_RESTRICTED",
        "CHANNEL_PRIVATE",
        "CHAT_ADMIN_REQUIRED",
        "USER_NOT_PARTICIPANT",
        "YOU_BLOCKED_USER",
    }
)
_GONE = frozenset(
    {
        "MESSAGE_ID_INVALID",
        "MESSAGE_EDIT_TIME_EXPIRED",
        "MESSAGE_DELETE_FORBIDDEN",
        "MSG_ID_INVALID",
        "REPLY_MESSAGE_ID_INVALID",
        "QUERY_ID_INVALID",
    }
)


class UnlistedRefusal(RPCError):
    """A refusal that Pyrogram does not know; its own way would write a file into the working directory."""

    def __init__(self, code: int, name: str) -> None:
        self.CODE = code
        self.ID = name
        super().__init__(name)


def raise_refusal(error: T.RpcError, query: type) -> None:
    """Raise Pyrogram's exception for an `rpc_error`, or ours where it has none."""
    code, name = abs(error.error_code), error.error_message
    if _PARAMETER.sub("_X", name) in exceptions.get(code, {}):
        RPCError.raise_it(error, query)
    raise UnlistedRefusal(code, name)


def telegram_error(error: RPCError) -> TelegramError:
    """The error of our own tree for one of Pyrogram's."""
    code, name = int(error.CODE or 0), str(error.ID or error.NAME or "UNKNOWN")
    if error.value is not None:
        name = name.replace("_X", f"_{error.value}")
    if code == _FLOOD and isinstance(error.value, int):
        return FloodWaited(error.value)
    found = _PARAMETER.search(name) if code == _FLOOD else None
    if found is not None:
        return FloodWaited(int(found[1]))
    if name in _UNREACHABLE:
        return PersonUnreachable(code, name)
    if (reference := _REFERENCE.fullmatch(name)) is not None:
        return FileReferenceExpired(code, name, None if reference[1] is None else int(reference[1]))
    if name in _GONE:
        return MessageGone(code, name)
    return TelegramError(code, name)
