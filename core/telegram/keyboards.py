"""Keyboards below messages, and the signature that makes a button good in its own chat only."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from pyrogram.raw import types as T

from core.errors import ConfigurationError
from core.telegram.types import Button, Keyboard

CALLBACK_BYTES = 64
"""What Telegram lets a button carry."""
_VERSION = b"\x01"
_OWNED = b"\x02"
"""The version of buttons that belong to somebody."""
_OWNER_BYTES = 7
_MAC_BYTES = 8
_SEPARATOR = "\x1f"
_SECRET_BYTES = 16


class ForgedCallback(Exception):
    """A button's data was not made by us for this chat, or by a version that is gone."""


@dataclass(frozen=True, slots=True)
class CallbackAction:
    """What a button asks for: the handler that a plugin declared, with arguments.

    `owner` is the id of the only person who may press it; 0: everybody in the chat.
    """

    plugin: str
    action: str
    arguments: tuple[str, ...] = ()
    owner: int = 0


class CallbackSigner:
    """Packs actions into callback data and reads them back.

    The data is a version byte, the first 8 bytes of an HMAC-SHA256 over the chat's id and the content, and
    the content, which begins with the owner's id in buttons that have one. `previous` are secrets that are
    still accepted, so that secrets can be changed.

    Raises:
        ConfigurationError: a secret is shorter than 16 bytes.

    """

    def __init__(self, secret: bytes, *previous: bytes) -> None:
        self._secrets = (secret, *previous)
        if any(len(known) < _SECRET_BYTES for known in self._secrets):
            raise ConfigurationError(f"The secret that signs buttons is shorter than {_SECRET_BYTES} bytes.")

    def pack(self, action: CallbackAction, chat_id: int) -> bytes:
        """Callback data for a button in that chat, 64 bytes at most.

        Raises:
            ValueError: names and arguments are too long together, or hold the separator U+001F.

        """
        words = (action.plugin, action.action, *action.arguments)
        if any(_SEPARATOR in word for word in words):
            raise ValueError(f"a button of {action.plugin} carries the separator U+001F")
        content = _SEPARATOR.join(words).encode()
        version = _VERSION
        if action.owner:
            version, content = _OWNED, action.owner.to_bytes(_OWNER_BYTES) + content
        data = version + _mac(self._secrets[0], chat_id, content, version) + content
        if len(data) > CALLBACK_BYTES:
            room = CALLBACK_BYTES - len(_VERSION) - _MAC_BYTES
            raise ValueError(f"button {action.plugin}/{action.action} needs {len(content)} bytes of {room}")
        return data

    def unpack(self, data: bytes, chat_id: int) -> CallbackAction:
        """What a pressed button asks for.

        Raises:
            ForgedCallback: the data is not ours, or not for this chat.

        """
        version = data[:1]
        if version not in (_VERSION, _OWNED):
            raise ForgedCallback("unknown version")
        mac, content = data[1 : 1 + _MAC_BYTES], data[1 + _MAC_BYTES :]
        good = [hmac.compare_digest(mac, _mac(secret, chat_id, content, version)) for secret in self._secrets]
        if not any(good):
            raise ForgedCallback("the signature does not fit")
        owner = 0
        if version == _OWNED:
            owner, content = int.from_bytes(content[:_OWNER_BYTES]), content[_OWNER_BYTES:]
        plugin, action, *arguments = content.decode().split(_SEPARATOR)
        return CallbackAction(plugin, action, tuple(arguments), owner)


def inline_markup(keyboard: Keyboard, chat_id: int, signer: CallbackSigner) -> Any | None:
    """The keyboard as Telegram takes it; None for an empty one.

    Raises:
        ValueError: a button does nothing, or its data is too long.

    """
    rows = [row for row in keyboard if row]
    if not rows:
        return None
    return T.ReplyInlineMarkup(
        rows=[
            T.KeyboardInlineButtonRow(
                buttons=[
                    T.KeyboardInlineButton(text=button.text, type=_kind(button, chat_id, signer))
                    for button in row
                ]
            )
            for row in rows
        ]
    )


def _kind(button: Button, chat_id: int, signer: CallbackSigner) -> Any:
    if button.pay:
        return T.InlineButtonTypeBuy()
    if button.url:
        return T.InlineButtonTypeUrl(url=button.url)
    if not (button.plugin and button.action):
        raise ValueError("a button needs an action of a plugin, a link, or the pay mark")
    # A private chat is its person's anyway, and the bytes are better used.
    owner = 0 if button.owner == chat_id else button.owner
    action = CallbackAction(button.plugin, button.action, button.arguments, owner)
    return T.InlineButtonTypeCallback(data=signer.pack(action, chat_id))


def _mac(secret: bytes, chat_id: int, content: bytes, version: bytes) -> bytes:
    mark = b"" if version == _VERSION else version
    return hmac.new(secret, mark + b"%d:%s" % (chat_id, content), hashlib.sha256).digest()[:_MAC_BYTES]
