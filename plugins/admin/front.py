"""/admin: the front page, and the way to the pages of all plugins."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.admin.part import Part
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    Event,
    Keyboard,
    MessageEvent,
    OwnedPage,
    Screen,
    Translator,
    callback,
    command,
)

_IN_A_ROW = 2


class Front(Part):
    """The first screen, and the pages behind it."""

    @command("admin", description="admin-command", role=AdminRole.VIEWER, private=True)
    async def open_panel(self, event: MessageEvent) -> None:
        """Show the front page."""
        await self.leave(event)
        await self.show(event, await self._front(event))

    @callback("admin", role=AdminRole.VIEWER)
    async def back_to_panel(self, event: CallbackEvent) -> None:
        """Show the front page in the place of another one."""
        await self.show(event, await self._front(event))

    @callback("page", role=AdminRole.VIEWER)
    async def open_page(self, event: CallbackEvent) -> None:
        """Show a page, whichever plugin's it is. Its own role is asked for."""
        if len(event.arguments) != 2:
            await self.old_button(event)
            return
        await self.show(event, await self.context.panel.pages.render(*event.arguments, event))

    async def _front(self, event: Event) -> Screen:
        pages = await self.context.panel.pages.of(event.role)
        return Screen(event.t("admin-front"), _doors(event.t, pages))


def _doors(t: Translator, pages: Sequence[OwnedPage]) -> Keyboard:
    """A button for each page."""
    doors = [Button(t.plain(each.page.title), "page", (each.plugin, each.page.key)) for each in pages]
    return tuple(tuple(doors[start : start + _IN_A_ROW]) for start in range(0, len(doors), _IN_A_ROW))
