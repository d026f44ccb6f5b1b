"""Pages of the admin panel: each plugin brings its own, and `/admin` lists them by role."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from core.admin.roles import AdminRole, may
from core.errors import PluginError, UserFacingError
from core.events import Event
from core.i18n import Translator
from core.telegram.types import Button, Keyboard

_KEY = re.compile(r"[a-z][a-z0-9-]{0,15}")
_NAMES = 36
"""Letters of a plugin and a key of its page together: both stand in a button's data."""
_PANEL = "admin"
"""The plugin that shows the panel, and the action of its first screen."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A text as HTML, with what stands below it."""

    text: str
    keyboard: Keyboard = ()


@dataclass(frozen=True, slots=True)
class AdminPage:
    """A page of the panel.

    `key` names it within its plugin: at most 16 small letters, digits and hyphens. `title` is a message key
    of the plugin's bundle and stands on a button. `render` draws it for whoever asks; it changes nothing, and
    who lacks the `role` never reaches it. Its own buttons are the plugin's, declared with
    `@callback(action, role=...)`.
    """

    key: str
    title: str
    role: AdminRole
    render: Callable[[Event], Awaitable[Screen]]


@dataclass(frozen=True, slots=True)
class OwnedPage:
    """A page and the plugin it belongs to."""

    plugin: str
    page: AdminPage


class PageSource(Protocol):
    """What is needed of the plugin manager."""

    async def admin_pages(self) -> tuple[OwnedPage, ...]:
        """The pages of all plugins that are on; a plugin that fails or is late has none."""
        ...

    async def render_page(self, owned: OwnedPage, event: Event) -> object:
        """Draw a page inside its plugin's guard; raises what it raises."""
        ...


class AdminPages:
    """The pages of all plugins. What one of them does wrong stays its own matter."""

    def __init__(self, source: PageSource) -> None:
        self._source = source

    async def of(self, role: AdminRole | None) -> tuple[OwnedPage, ...]:
        """The pages that somebody with this role sees."""
        return tuple(each for each in await self._source.admin_pages() if may(role, each.page.role))

    async def render(self, plugin: str, key: str, event: Event) -> Screen:
        """A page for whoever is behind `event`, with the way back to the panel below it.

        Raises:
            UserFacingError: there is no such page for them, or it cannot be drawn just now.

        """
        pages = await self.of(event.role)
        owned = next((each for each in pages if (each.plugin, each.page.key) == (plugin, key)), None)
        if owned is None:
            raise UserFacingError("button-expired")
        try:
            drawn = await self._source.render_page(owned, replace(event, plugin=plugin))
            if not isinstance(drawn, Screen):
                raise PluginError(f"{plugin} drew {type(drawn).__name__}; allowed: Screen")
            rows = tuple(tuple(_owned(button, plugin) for button in row) for row in drawn.keyboard)
        except UserFacingError:
            raise
        except Exception as error:
            raise UserFacingError("admin-page-failed") from error
        return Screen(drawn.text, (*rows, (panel_button(event.t),)))


def panel_button(t: Translator) -> Button:
    """The way back to the panel, from whatever plugin's screen."""
    return Button(t.plain("admin-panel"), _PANEL, plugin=_PANEL)


def pages_of(answer: object, plugin: str) -> tuple[OwnedPage, ...]:
    """The pages that a plugin has answered with.

    Raises:
        PluginError: these are none, or one's key is no key.

    """
    if not isinstance(answer, Sequence) or not all(isinstance(page, AdminPage) for page in answer):
        raise PluginError(f"answered {type(answer).__name__}; allowed: AdminPage in a list, None")
    wrong = [page.key for page in answer if not _KEY.fullmatch(page.key)]
    if wrong:
        raise PluginError(f"admin page {wrong[0]!r}: a key has at most 16 small letters, digits and hyphens")
    long = [page.key for page in answer if len(plugin) + len(page.key) > _NAMES]
    if long:
        raise PluginError(f"admin page {long[0]!r}: key and plugin have at most {_NAMES} letters together")
    return tuple(OwnedPage(plugin, page) for page in answer)


def flat(found: Iterable[tuple[OwnedPage, ...]]) -> tuple[OwnedPage, ...]:
    """All plugins' pages in one row, in the order in which the plugins started."""
    return tuple(page for pages in found for page in pages)


def _owned(button: Button, plugin: str) -> Button:
    return button if button.plugin or button.url else replace(button, plugin=plugin)
