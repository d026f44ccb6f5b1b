"""The other side of a provider for the conformance suite, where a scripted server plays it."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Generic, Self, TypeVar

from support.scripted_http import ScriptedServer, lost

from starloom.api import Provider
from starloom.testing import ManualClock
from starloom.testing.provider_contract import ProviderBackend

ServerT = TypeVar("ServerT", bound=ScriptedServer)


class ScriptedBackend(ProviderBackend, ABC, Generic[ServerT]):
    """What is the same for every scripted server; `order_route` is the route that takes orders.

    Providers are made by `make`, and end with the backend's context.
    """

    order_route: str

    def __init__(self, server: ServerT, clock: ManualClock, directory: Path) -> None:
        self.clock = clock
        self._server = server
        self._directory = directory
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    @abstractmethod
    def make(self) -> contextlib.AbstractAsyncContextManager[Provider]:
        """A provider that talks to the server."""

    async def provider(self) -> Provider:
        return await self._stack.enter_async_context(self.make())

    async def script_garbage(self) -> None:
        self._server.garbage = True

    async def script_away(self) -> None:
        await self._server.go_away()

    async def script_recovered(self) -> None:
        if self._server.garbage:
            self._server.garbage = False
        else:
            await self._server.listen()

    async def script_lost_reply(self) -> None:
        self._server.next(self.order_route, lost())
