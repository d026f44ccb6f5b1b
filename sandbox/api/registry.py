"""Which function answers which method, and the way every call takes to it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from pyrogram.raw.core import TLObject

from sandbox.rpc import Caller, RpcError
from sandbox.world.world import World, calling_key

Handler = Callable[[World, Caller, Any], Awaitable[Any]]

_HANDLERS: dict[type[TLObject], Handler] = {}
_BEFORE_LOG_IN: set[type[TLObject]] = set()
_log = logging.getLogger(__name__)


def method(query: type[TLObject], *, before_log_in: bool = False) -> Callable[[Handler], Handler]:
    """Make the decorated `async def handler(world, caller, query)` answer calls of `query`.

    The handler returns a TL object, a bool, an int or a list of TL objects, and raises `RpcError` to refuse.
    `caller.user_id` is set and names an account of the world, unless `before_log_in` is true.

    Raises:
        ValueError: if the method already has a handler.
    """

    def register(handler: Handler) -> Handler:
        if query in _HANDLERS:
            raise ValueError(f"{query.QUALNAME} has two handlers")
        _HANDLERS[query] = handler
        if before_log_in:
            _BEFORE_LOG_IN.add(query)
        return handler

    return register


class SandboxApi:
    """Telegram's methods on one world; the wire calls it (`sandbox.rpc.Api`)."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def call(self, caller: Caller, query: TLObject) -> Any:
        """Answer one call.

        Raises:
            RpcError: where Telegram would refuse; 400 `METHOD_NOT_IMPLEMENTED` for what the sandbox has not.
        """
        kind = type(query)
        handler = _HANDLERS.get(kind)
        if handler is None:
            _log.warning("the sandbox has no method %s", query.QUALNAME)
            raise RpcError(400, "METHOD_NOT_IMPLEMENTED")
        if kind not in _BEFORE_LOG_IN and caller.user_id not in self._world.accounts:
            raise RpcError(401, "AUTH_KEY_UNREGISTERED")
        calling = calling_key.set(caller.auth_key_id)
        try:
            return await handler(self._world, caller, query)
        finally:
            calling_key.reset(calling)
