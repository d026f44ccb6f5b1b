"""The command menu beside the input field: kept equal to what is enabled, in every language."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from core.errors import TelegramError
from core.i18n import I18n
from core.plugin import EnabledCommand

_log = structlog.stdlib.get_logger(__name__)

SetCommands = Callable[[list[tuple[str, str]], str, int | None], Awaitable[None]]
"""Sends a menu: commands with descriptions, a language ("" for all others), an admin's chat or None."""


class CommandMenu:
    """Tells Telegram which commands there are; changes that come close together are sent once."""

    def __init__(
        self,
        commands: Callable[[bool], Sequence[EnabledCommand]],
        i18n: I18n,
        set_commands: SetCommands,
        admins: Sequence[int],
    ) -> None:
        self._commands = commands
        self._i18n = i18n
        self._set_commands = set_commands
        self._admins = admins
        self._wanted = asyncio.Event()
        self._sent: dict[tuple[str, int | None], list[tuple[str, str]]] = {}

    def refresh(self) -> None:
        """Ask for the menu to be made equal to what is enabled now."""
        self._wanted.set()

    async def run(self) -> None:
        """Send the menu now and after each `refresh`, until cancelled."""
        self.refresh()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self._send_all()

    async def _send_all(self) -> None:
        for language in ("", *self._i18n.languages()):
            await self._send(language, None)
            for admin in self._admins:
                await self._send(language, admin)

    async def _send(self, language: str, admin: int | None) -> None:
        translator = self._i18n.translator(language or None)
        menu = [
            (command.name, translator.plain(command.description))
            for command in self._commands(admin is not None)
            if command.description
        ]
        if self._sent.get((language, admin)) == menu:
            return
        try:
            await self._set_commands(menu, language, admin)
            self._sent[language, admin] = menu
        except TelegramError as error:
            # An admin who never wrote to the bot has no chat to set a menu in; the others still get theirs.
            _log.info("menu not set", language=language, error=error.name)
