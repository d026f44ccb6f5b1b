"""A walk over every screen that buttons and commands lead to, in each language: whole words, and own ones.

What plugins.toml switches on is walked through, so a new plugin needs no line here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from unittest.mock import AsyncMock

import pytest
import pytest_asyncio
from support.media_samples import picture
from support.studio_talk import FOREIGN_NAME, assert_readable, shared_studio
from support.walker import Walker

from core.admin.roles import AdminRole
from core.hooks import KINDS
from sandbox.people.person import Person
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

"""In the other letters, so that a name is told from the bot's own words."""
PROMPT = {"en": "a fox of clay", "ru": "лиса из глины"}
COMMON = ("Telegram", "Stars", "UTC", "USD", "RUB")
"""Names that are the same in every language."""
OPERANDS = ("USER_ID", "CHARGE_ID", "AMOUNT", "REASON", "check")
"""What operators write behind commands."""
BY_MACHINES = ("📜", "⚠️", "🔧")
"""How screens begin that quote the house itself: what was done, what went wrong, what can be set."""
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
EXAMPLES = ("failed", *LEVELS, "ADMIN_IDS", "plugins.toml", "x", "d")
"""Words in examples, levels of the log, names of files."""
REQUEST = re.compile(r"^[a-z2-7]{12}$", re.MULTILINE)
"""The number of a generation, on a line of its own."""
MOST = 600
SPARED = ("⏻", "⏸", "▫️", "📣 Send", "📣 Отправить", "⚪ Switch", "⚪ Выключить", *LEVELS)
"""What switches something for everybody else on the way, and each setting of each plugin."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    async with shared_studio(database_uri, tmp_path_factory.mktemp("walk"), admins=2) as studio:
        with pytest.MonkeyPatch.context() as patch:
            # What is drawn on a chart has tests of its own; to draw forty of them takes longer than the walk.
            patch.setattr(studio.service.charts, "draw", AsyncMock(return_value=picture(form="PNG")))
            yield studio


def names_of_models(studio: Studio, language: str) -> set[str]:
    """What models and their options' values are called, and their ids."""
    names: set[str] = set()
    for model in studio.service.studio.generations.models():
        names |= {model.id, model.title_in(language), *model.aliases}
        names |= {name.upper() for given in model.media for name in given.formats}
        for option in model.options:
            names |= {option.field, *option.labels, *(str(choice) for choice in option.choices or ())}
    return names


async def names_in_the_house(studio: Studio) -> set[str]:
    """What parts of the house are called by those who run it, in every language alike."""
    names = {f"Admin {number}" for number in (1, 2)} | set(KINDS)
    for status in studio.service.plugins.states():
        names |= {status.name, status.module, *status.hooks, *status.grants}
        names |= {line.name for line in studio.service.panel.plugins.settings(status.name)}
    upkeep = studio.service.panel.upkeep
    names |= {instance.name for instance in await upkeep.instances()}
    return names | {"demo", upkeep.level}


async def walked(studio: Studio, person: Person, *, admin: bool) -> Walker:
    """Somebody's way through all that is theirs; an operator's goes through what only operators have."""
    walker = Walker(studio, person, most=MOST, spared=SPARED)
    await person.start()
    await person.expect(kind="new")
    role = AdminRole.OWNER if admin else None
    commands = studio.service.routes.commands(role=role)
    commands = tuple(each for each in commands if (each.role is not None) is admin)
    await walker.walk(*(f"/{each.name}" for each in commands))
    if not admin:
        await walker.walk("/setduration", "/nosuchthing", PROMPT[person.language], "150", "/cancel")
    walker.screen.read_menu()
    assert len(walker.pressed) > len(commands)
    return walker


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("role", ["person", "admin"])
async def test_every_screen_speaks_its_own_language(studio: Studio, language: str, role: str) -> None:
    person = studio.person(FOREIGN_NAME[language], language)
    if role == "admin":
        person = studio.sandbox.person({"en": "Admin 1", "ru": "Admin 2"}[language])
        person.account.first_name, person.account.language = FOREIGN_NAME[language], language
    walker = await walked(studio, person, admin=role == "admin")
    assert len(walker.pressed) < MOST, "the walk has no end: something leads to ever new screens"
    allowed = (
        FOREIGN_NAME[language],
        PROMPT[language],
        *COMMON,
        *OPERANDS,
        *names_of_models(studio, language),
    )
    if role == "admin":
        allowed = (*allowed, *await names_in_the_house(studio), *EXAMPLES)
    texts = [REQUEST.sub("", text) for text in walker.screen.texts]
    walker.screen.texts = [text for text in texts if not text.startswith(BY_MACHINES)]
    assert_readable(walker.screen, allowed=allowed)
