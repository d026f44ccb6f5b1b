"""What passes between the wire (MTProto sessions) and the API (what Telegram's methods do)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from pyrogram.raw.core import TLObject


class RpcError(Exception):
    """A method's refusal, sent to the client as Telegram's own `rpc_error`.

    `code` is the HTTP-like class (400 bad request, 403 forbidden, 406, 420 flood, 500 internal) and
    `message` Telegram's name for it, such as `MESSAGE_NOT_MODIFIED` or `FLOOD_WAIT_3`.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


@dataclass(slots=True)
class Caller:
    """Who calls a method: one MTProto session of one auth key."""

    auth_key_id: bytes
    session_id: bytes
    user_id: int | None = None
    """The account that the auth key is logged in to, or None before log-in."""
    layer: int = 0
    without_updates: bool = False
    """Whether the call came inside `invokeWithoutUpdates`: its session wants no updates."""
    details: dict[str, Any] = field(default_factory=dict)


class Api(Protocol):
    """The methods of Telegram, as the wire calls them."""

    async def call(self, caller: Caller, query: TLObject) -> Any:
        """Answer `query` (already unwrapped) with a TL object, a bool, an int or a list of TL objects.

        Raises:
            RpcError: where Telegram would refuse.
        """
        ...


class Wire(Protocol):
    """The way from the world back to the clients."""

    def log_in(self, auth_key_id: bytes, user_id: int) -> None:
        """Bind an auth key to an account; its sessions' later calls carry `user_id`."""
        ...

    def log_out(self, auth_key_id: bytes) -> None:
        """Unbind an auth key."""
        ...

    def push(self, user_id: int, updates: TLObject, *, besides: bytes | None = None) -> int:
        """Send `updates` to every auth key of the account but `besides`, to its main session only.

        Returns to how many connected sessions they went; where there is none, they are dropped.
        """
        ...

    def listens(self, user_id: int, *, besides: bytes | None = None) -> bool:
        """Whether `push` would reach anybody: updates for nobody need not be made."""
        ...
