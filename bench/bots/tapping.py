"""The plugin that is measured: a button that counts, and an answer to every text."""

from __future__ import annotations

from itertools import count

from starloom.api import (
    Button,
    CallbackEvent,
    Keyboard,
    MessageEvent,
    Plugin,
    PluginConfig,
    PluginContext,
    callback,
    command,
    on_text,
)

LABEL = "+1"
"""What stands on the button."""


class TappingPlugin(Plugin[PluginConfig]):
    """Does as little as a plugin can that still answers."""

    name = "tapping"
    version = "1.0"

    def __init__(self, context: PluginContext[PluginConfig]) -> None:
        super().__init__(context)
        self._numbers = count(1)

    @command("start")
    async def begin(self, event: MessageEvent) -> None:
        """Show the button."""
        await event.reply("0", keyboard=_keyboard())

    @callback("tap")
    async def tap(self, event: CallbackEvent) -> None:
        """Let the button rest, and change the message."""
        await event.answer()
        await event.edit(str(next(self._numbers)), keyboard=_keyboard())

    @on_text
    async def text(self, event: MessageEvent) -> None:
        """Answer with a number."""
        await event.reply(str(next(self._numbers)))


def _keyboard() -> Keyboard:
    return ((Button(LABEL, "tap"),),)
