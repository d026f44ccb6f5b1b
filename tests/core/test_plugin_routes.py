"""What two plugins cannot both have, and what the one that comes second is told to do."""

from __future__ import annotations

import pytest

from core.errors import PluginError
from core.events import InlineEvent, MessageEvent
from core.plugin import Plugin, PluginConfig
from core.plugin_handlers import command, on_inline, on_text
from core.routes import Routes


class _Sharing(Plugin[PluginConfig]):
    name = "sharing"

    @on_inline
    async def offer(self, event: InlineEvent) -> None: ...

    @on_text
    async def read(self, event: MessageEvent) -> None: ...

    @command("share")
    async def share(self, event: MessageEvent) -> None: ...


class _Offers(Plugin[PluginConfig]):
    name = "stickers"

    @on_inline
    async def offer(self, event: InlineEvent) -> None: ...


class _Reads(Plugin[PluginConfig]):
    name = "stickers"

    @on_text
    async def read(self, event: MessageEvent) -> None: ...


class _Shares(Plugin[PluginConfig]):
    name = "stickers"

    @command("share")
    async def share(self, event: MessageEvent) -> None: ...


class _Twice(_Offers):
    @on_inline
    async def offer_too(self, event: InlineEvent) -> None: ...


OFF = r"switch that one off first \(python run\.py plugins disable sharing\)"


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (_Reads, f"^plain text belongs to plugin sharing already; one plugin at a time can have it: {OFF}$"),
        (_Shares, f"^command /share belongs to plugin sharing already; take another name, or {OFF}$"),
        (_Twice, "^inline mode has two handlers in plugin stickers; one of them has to go$"),
    ],
)
def test_the_second_is_told_what_to_do(second: type[Plugin[PluginConfig]], told: str) -> None:
    routes = Routes()
    if second is not _Twice:
        routes.add(_Sharing.__new__(_Sharing))
    with pytest.raises(PluginError, match=told):
        routes.add(second.__new__(second))
    routes.remove("sharing")
    if second is not _Twice:
        routes.add(second.__new__(second))
        assert len(routes.of("stickers")) == 1


def test_several_may_answer_inline_in_the_order_in_which_they_came() -> None:
    routes = Routes()
    routes.add(_Sharing.__new__(_Sharing))
    routes.add(_Offers.__new__(_Offers))
    assert [route.plugin for route in routes.inline()] == ["sharing", "stickers"]
