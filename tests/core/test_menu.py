"""The command menu: everybody's by the language of their app, somebody's by the one that they chose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.admin.roles import AdminRole, may
from core.errors import TelegramError
from core.i18n import CORE, I18n
from core.menu import CommandMenu
from core.plugin_views import EnabledCommand
from core.users import User

ADMIN, PERSON = 1, 2
COMMANDS = [
    EnabledCommand("start", "start", "hello"),
    EnabledCommand("buy", "buy", "bought", private=True),
    EnabledCommand("admin", "grant", "granted", role=AdminRole.ADMIN),
]


class Telegram:
    """Remembers the menus, and counts what is sent."""

    def __init__(self) -> None:
        self.menus: dict[tuple[str, int | None, bool], list[tuple[str, str]]] = {}
        self.sent = 0
        self.away: set[int] = set()

    async def set_commands(
        self,
        commands: list[tuple[str, str]],
        language: str = "",
        chat_id: int | None = None,
        *,
        groups: bool = False,
    ) -> None:
        self.sent += 1
        if chat_id in self.away:
            raise TelegramError(400, "PEER_ID_INVALID")
        self.menus[language, chat_id, groups] = commands


class House:
    def __init__(self, directory: Path) -> None:
        for language, word in (("en", "hi"), ("ru", "привет")):
            text = "".join(f"{key} = {word} {key}\n" for key in ("hello", "bought", "granted"))
            (directory / f"{language}.ftl").write_text(text, encoding="utf-8")
        i18n = I18n()
        i18n.add(CORE, directory)
        self.telegram = Telegram()
        self.operators = {ADMIN: AdminRole.ADMIN}
        self.commands = list(COMMANDS)
        self.menu = CommandMenu(self.enabled, i18n, self.telegram.set_commands, lambda: self.operators)

    def enabled(self, *, role: AdminRole | None = None) -> list[EnabledCommand]:
        return [each for each in self.commands if may(role, each.role)]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.menu.run())
        await self.quiet()
        yield
        task.cancel()

    async def quiet(self) -> None:
        for _ in range(50):
            await asyncio.sleep(0)

    def words(self, language: str, chat_id: int | None = None, *, groups: bool = False) -> list[str]:
        return [description for _, description in self.telegram.menus[language, chat_id, groups]]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_everybody_has_the_menu_of_their_app_groups_what_is_for_groups(house: House) -> None:
    async with house.running():
        assert house.words("") == ["hi hello", "hi bought"]
        assert house.words("ru") == ["привет hello", "привет bought"]
        assert house.words("ru", groups=True) == ["привет hello"]
        assert house.words("ru", ADMIN) == ["привет hello", "привет bought", "привет granted"]


async def test_a_chosen_language_is_that_of_the_menu_at_once(house: House) -> None:
    async with house.running():
        house.menu.choose_language(PERSON, "ru")
        house.menu.choose_language(ADMIN, "ru")
        await house.quiet()
        assert house.words("", PERSON) == ["привет hello", "привет bought"]
        assert house.words("en", ADMIN)[-1] == "привет granted"
        house.commands.pop(0)
        house.menu.refresh()
        await house.quiet()
        assert house.words("en", ADMIN) == ["привет bought", "привет granted"]
        house.menu.choose_language(PERSON, "en")
        await house.quiet()
        assert house.words("", PERSON) == ["hi bought"]


async def test_whoever_chose_another_language_is_followed_once(house: House) -> None:
    chose = User(PERSON, telegram_language="en", language="ru")
    async with house.running():
        for user in (chose, User(3, telegram_language="ru", language="ru"), User(4, telegram_language="ru")):
            house.menu.follow(user)
        await house.quiet()
        assert house.words("", PERSON) == ["привет hello", "привет bought"]
        assert {chat for _, chat, _ in house.telegram.menus} == {None, ADMIN, PERSON}
        sent = house.telegram.sent
        house.menu.follow(chose)
        await house.quiet()
        assert house.telegram.sent == sent
        house.commands.pop(0)
        house.menu.refresh()
        house.menu.follow(chose)
        await house.quiet()
        assert house.words("", PERSON) == ["привет bought"]


async def test_somebody_who_cannot_be_reached_keeps_nobody_waiting(house: House) -> None:
    house.telegram.away = {ADMIN}
    async with house.running():
        house.menu.choose_language(PERSON, "ru")
        await house.quiet()
        assert house.words("", PERSON) == ["привет hello", "привет bought"]
