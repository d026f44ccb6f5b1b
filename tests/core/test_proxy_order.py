"""Proxies in their order: past those that do not answer, and back to the first."""

from __future__ import annotations

from dataclasses import dataclass

from core.proxies import ProxyNews, ProxyOrder, ProxyState
from sandbox.clock import ManualClock


@dataclass(frozen=True)
class Named:
    label: str


async def test_they_are_tried_in_their_order(clock: ManualClock) -> None:
    a, b, c = (Named(name) for name in "abc")
    up = {"a", "b", "c"}
    told: list[tuple[str, ProxyNews]] = []
    moved: list[str] = []
    shown: dict[str, bool] = {}

    async def probe(proxy: Named) -> bool:
        return proxy.label in up

    async def tell(proxy: ProxyState, news: ProxyNews) -> None:
        told.append((proxy.label, news))

    async def move() -> None:
        moved.append(order.current.label)

    def show(purpose: str, label: str, works: bool) -> None:
        assert purpose == "test"
        shown[label] = works

    order = ProxyOrder("test", (a, b, c), clock, probe=probe, show=show)
    up -= {"a"}
    order.failed(a)
    order.failed(a)
    assert order.current is b, "two that find out at once move on one place"
    await order.look(tell, move)
    assert (told, moved) == ([("a", ProxyNews.DOWN)], [])
    up -= {"b"}
    await order.look(tell, move)
    assert moved == ["c"]
    assert shown == {"a": False, "b": False, "c": True}
    up |= {"a"}
    await order.look(tell, move)
    assert moved == ["c", "a"]
    assert told[1:] == [("b", ProxyNews.DOWN), ("a", ProxyNews.UP)]
    assert order.states()[0] == ProxyState("test", "a", up=True, used=True)
    del told[:]
    up.clear()
    await order.look(tell, move)
    assert told == [("a", ProxyNews.ALL_DOWN), ("c", ProxyNews.ALL_DOWN)]
    for proxy in (a, b, c):
        assert order.current is proxy, "with none that answers each has its turn"
        order.failed(proxy)


async def test_a_failure_that_passes_is_not_told(clock: ManualClock) -> None:
    only = Named("only")
    told: list[ProxyNews] = []

    async def probe(_proxy: Named) -> bool:
        return True

    async def tell(_proxy: ProxyState, news: ProxyNews) -> None:
        told.append(news)

    order = ProxyOrder("test", (only,), clock, probe=probe)
    order.failed(only)
    assert not order.states()[0].up
    await order.look(tell)
    assert (order.states()[0].up, told) == (True, [])
