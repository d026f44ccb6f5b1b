"""The command menu beside the input field: kept equal to what is enabled, in everybody's language.

Telegram chooses the menu by the app's language. Whoever has chosen another one here gets a menu of their own.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from core.admin.roles import AdminRole
from core.errors import TelegramError
from core.i18n import I18n
from core.plugin_views import EnabledCommand
from core.users import User

_log = structlog.stdlib.get_logger(__name__)

_PEOPLE_REMEMBERED = 10_000

_Menu = list[tuple[str, str]]


class Commands(Protocol):
    """What is needed of `core.routes`."""

    def __call__(self, *, role: AdminRole | None = None) -> Sequence[EnabledCommand]:
        """The commands with a description that this role may use."""
        ...


class SetCommands(Protocol):
    """What is needed of `core.telegram.outbox`."""

    async def __call__(
        self, commands: _Menu, language: str = "", chat_id: int | None = None, *, groups: bool = False
    ) -> None:
        """Send a menu: commands with descriptions, a language ("" for all others), and where it is shown."""
        ...


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a menu is shown: for everybody with an app in that language, in groups, or in one chat."""

    language: str
    chat_id: int | None = None
    groups: bool = False


class CommandMenu:
    """Tells Telegram which commands there are; changes that come close together are sent once.

    `operators` answers who has a menu with more than everybody's.
    """

    def __init__(
        self,
        commands: Commands,
        i18n: I18n,
        set_commands: SetCommands,
        operators: Callable[[], Mapping[int, AdminRole]],
    ) -> None:
        self._commands = commands
        self._i18n = i18n
        self._set_commands = set_commands
        self._operators = operators
        self._had_a_role: set[int] = set()
        self._wanted = asyncio.Event()
        self._everybody_waits = False
        self._waiting: dict[int, None] = {}
        self._chosen: OrderedDict[int, str] = OrderedDict()
        self._sent: OrderedDict[_Place, _Menu] = OrderedDict()

    def refresh(self) -> None:
        """Ask for the menu to be made equal to what is enabled now."""
        self._everybody_waits = True
        # Those who chose a language get theirs when they are seen next: nobody else looks at it before.
        for place in [place for place in self._sent if place.chat_id not in (None, *self._operators())]:
            del self._sent[place]
        self._wanted.set()

    def role_changed(self, user_id: int) -> None:
        """Show somebody the menu of the role that they have now, or of nobody's."""
        self._had_a_role.add(user_id)
        self._waiting[user_id] = None
        self._wanted.set()

    def choose_language(self, user_id: int, language: str) -> None:
        """Show somebody's menu in the language that they have just chosen."""
        self._chosen[user_id] = language
        self._chosen.move_to_end(user_id)
        while len(self._chosen) > _PEOPLE_REMEMBERED:
            self._chosen.popitem(last=False)
        self._waiting[user_id] = None
        self._wanted.set()

    def follow(self, user: User) -> None:
        """Give somebody who writes the menu of the language that they chose once, if it is another one."""
        if user.language is None or user.language == self._i18n.choose_language(None, user.telegram_language):
            return
        is_known = self._chosen.get(user.id) == user.language
        if not is_known or _Place("", user.id) not in self._sent:
            self.choose_language(user.id, user.language)

    async def run(self) -> None:
        """Send the menu now and after each `refresh`, until cancelled."""
        self.refresh()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if self._everybody_waits:
                self._everybody_waits = False
                await self._send_all()
            while self._waiting:
                await self._send_own(self._waiting.popitem()[0])

    async def _send_all(self) -> None:
        for language in ("", *self._i18n.languages()):
            await self._send(_Place(language), language)
            await self._send(_Place(language, groups=True), language)
            for operator in self._operators():
                await self._send(_Place(language, operator), self._chosen.get(operator, language))

    async def _send_own(self, user_id: int) -> None:
        chosen = self._chosen.get(user_id)
        # An operator's chat has a menu for each language of the app: the choice takes the place of all.
        has_all = user_id in self._operators() or user_id in self._had_a_role
        for language in ("", *self._i18n.languages()) if has_all else ("",):
            await self._send(_Place(language, user_id), language if chosen is None else chosen)

    async def _send(self, place: _Place, language: str) -> None:
        translator = self._i18n.translator(language or None)
        menu = [
            (command.name, translator.plain(command.description))
            for command in self._commands(role=self._operators().get(place.chat_id or 0))
            if command.description and not (place.groups and (command.private or command.role is not None))
        ]
        if self._sent.get(place) == menu:
            return
        try:
            await self._set_commands(menu, place.language, place.chat_id, groups=place.groups)
        except TelegramError as error:
            # An admin who never wrote to the bot has no chat to set a menu in; the others still get theirs.
            _log.info("menu not set", language=language, error=error.name)
            return
        self._sent[place] = menu
        while len(self._sent) > _PEOPLE_REMEMBERED:
            self._sent.popitem(last=False)
