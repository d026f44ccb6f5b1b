"""The proxies of one purpose: in their order, past those that do not answer, and back to the first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

import structlog

from core.clock import Clock

_log = structlog.stdlib.get_logger(__name__)

_LOOK_SECONDS = 30.0


class Labelled(Protocol):
    """A proxy as people may see it."""

    @property
    def label(self) -> str:
        """Its kind and address, without user name, password or secret."""
        ...


P = TypeVar("P", bound=Labelled)


class ProxyNews(StrEnum):
    """What became of a proxy."""

    UP = "proxy_up"
    DOWN = "proxy_down"
    ALL_DOWN = "proxy_all_down"
    """It does not answer, and no other of its purpose does."""


@dataclass(frozen=True, slots=True)
class ProxyState:
    """One proxy as it stands. `purpose` is `telegram` or `providers`; `used`: it is the one in use."""

    purpose: str
    label: str
    up: bool
    used: bool


Show = Callable[[str, str, bool], None]
"""Shown a purpose, a label, and whether that proxy answered last."""
Tell = Callable[[ProxyState, ProxyNews], Awaitable[None]]
"""Told of a proxy that answers (again) or does not."""


def show_nobody(_purpose: str, _label: str, _up: bool) -> None:
    """Show nothing."""


class ProxyOrder(Generic[P]):
    """At least one proxy. `probe` tells whether one answers."""

    def __init__(
        self,
        purpose: str,
        proxies: Sequence[P],
        clock: Clock,
        *,
        probe: Callable[[P], Awaitable[bool]],
        show: Show = show_nobody,
    ) -> None:
        self.purpose = purpose
        self.proxies = tuple(proxies)
        self.current = self.proxies[0]
        self._clock = clock
        self._probe = probe
        self._show = show
        self._up = dict.fromkeys((each.label for each in proxies), True)
        self._told = dict(self._up)

    def failed(self, proxy: P) -> None:
        """Nothing came about through it: go on to the next one that may answer."""
        self._mark(proxy, up=False)
        place = self.proxies.index(proxy)
        following = (*self.proxies[place + 1 :], *self.proxies[: place + 1])
        self.current = next((each for each in following if self._up[each.label]), following[0])

    def worked(self, proxy: P) -> None:
        """Something came about through it."""
        self._mark(proxy, up=True)

    def states(self) -> tuple[ProxyState, ...]:
        """All of them as they stand."""
        return tuple(self._state(each) for each in self.proxies)

    async def answers(self, proxy: P) -> bool:
        """Ask one of them now."""
        return await self._probe(proxy)

    async def run(self, tell: Tell, move: Callable[[], Awaitable[None]] | None = None) -> None:
        """Look at them again and again; `move` makes connections anew, through a better one."""
        while True:
            try:
                await self.look(tell, move)
            except Exception:
                # One look that goes wrong must not end the way back to the first.
                _log.exception("proxies could not be looked at", purpose=self.purpose)
            await self._clock.sleep(_LOOK_SECONDS)

    async def look(self, tell: Tell, move: Callable[[], Awaitable[None]] | None = None) -> None:
        """Look once."""
        answers = await asyncio.gather(*map(self._probe, self.proxies))
        for proxy, up in zip(self.proxies, answers, strict=True):
            self._mark(proxy, up=up)
        best = next((each for each in self.proxies if self._up[each.label]), None)
        if best is not None and best is not self.current:
            _log.warning("proxy", purpose=self.purpose, proxy=best.label)
            self.current = best
            if move is not None:
                await move()
        for proxy in self.proxies:
            up = self._up[proxy.label]
            if self._told[proxy.label] != up:
                down = ProxyNews.DOWN if best is not None else ProxyNews.ALL_DOWN
                await tell(self._state(proxy), ProxyNews.UP if up else down)
                self._told[proxy.label] = up

    def _state(self, proxy: P) -> ProxyState:
        return ProxyState(self.purpose, proxy.label, self._up[proxy.label], proxy is self.current)

    def _mark(self, proxy: P, *, up: bool) -> None:
        self._up[proxy.label] = up
        self._show(self.purpose, proxy.label, up)
