"""A message of the wire as a page can show it: names and values, secrets and long bytes left out."""

from __future__ import annotations

import struct
from typing import Any

from pyrogram.raw.core import TLObject

from sandbox.mtproto import WireEvent
from sandbox.mtproto.codec import Malformed, name_of, parse, unwrap

_LONGEST = 64 * 1024
"""Bytes of a message that is read; parts of files are not."""
_TEXT = 2_000
_ITEMS = 50
_BYTES_SHOWN = 16
_RESULT = struct.Struct("<Iq")
_SECRETS = frozenset({"api_hash", "bot_auth_token", "access_hash", "bytes", "auth_key_id"})
"""Fields that are tokens or keys, or only make a message unreadable."""


def wire_shape(event: WireEvent) -> dict[str, Any]:
    """A message that passed; `content` is None where it cannot be told in a page's length."""
    return {
        "time": event.time,
        "direction": event.direction,
        "kind": event.kind,
        "connection": event.connection,
        "session": event.session,
        "name": event.name,
        # A string: larger than JavaScript can count.
        "msg_id": str(event.msg_id),
        "size": event.size,
        "error": event.error,
        "user": event.user_id,
        "content": _content(event),
    }


def _content(event: WireEvent) -> Any:
    body = event.body
    if event.kind == "answer":
        body = body[_RESULT.size :]
    if not 4 <= len(body) <= _LONGEST:
        return None
    try:
        thing = parse(body)
    except Malformed:
        # A bare answer, such as a number or true, has no constructor that says what it is.
        return None
    return _shown(unwrap(thing).query if event.kind == "request" else thing)


def _field(name: str, value: Any) -> Any:
    return "…" if name in _SECRETS else _shown(value)


def _shown(value: Any) -> Any:
    if isinstance(value, TLObject):
        named = {name: getattr(value, name, None) for name in value.__slots__}
        fields = {
            name: "…" if name in _SECRETS else _shown(each)
            for name, each in named.items()
            if each is not None
        }
        return {"_": name_of(value), **fields}
    if isinstance(value, bytes):
        more = "…" if len(value) > _BYTES_SHOWN else ""
        return f"{len(value)} bytes: {value[:_BYTES_SHOWN].hex()}{more}"
    if isinstance(value, str):
        return value if len(value) <= _TEXT else f"{value[:_TEXT]}…"
    if isinstance(value, list):
        shown = [_shown(each) for each in value[:_ITEMS]]
        return shown if len(value) <= _ITEMS else [*shown, f"… {len(value) - _ITEMS}"]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 53:
        return str(value)
    return value if isinstance(value, int | float | bool) or value is None else str(value)
