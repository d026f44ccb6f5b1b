"""Who may open the panel: by each role in both languages, and by people without one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from support.operators import audited, member, owner_of
from support.studio_talk import arrive, ask, project_plugins, shared_studio, write_plugin

from core.admin.roles import AdminRole
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = """
    class PagesPlugin(Plugin):
        name = "pages"

        @hookimpl
        async def admin_pages(self):
            def page(key, role):
                return AdminPage(key, f"pages-{key}", role, getattr(self, key))

            return [
                page("figures", AdminRole.VIEWER),
                page("people", AdminRole.SUPPORT),
                page("levers", AdminRole.ADMIN),
                page("crown", AdminRole.OWNER),
                page("broken", AdminRole.ADMIN),
            ]

        async def figures(self, event):
            return Screen("figures for " + event.role.value, ((Button("More", "more"),),))

        people = levers = crown = figures

        async def broken(self, event):
            raise RuntimeError("out of order")

        @callback("more", role=AdminRole.SUPPORT)
        async def more(self, event):
            await event.answer("more of it")
"""
TUNED = """
    from typing import Literal

    from pydantic import Field, SecretStr, field_validator

    class TunedConfig(PluginConfig):
        loud: bool = False
        tone: Literal["warm", "cold"] = "warm"
        words: int = Field(default=3, ge=1, le=9)
        names: tuple[str, ...] = ()
        key: SecretStr = SecretStr("")

        @field_validator("names")
        @classmethod
        def check(cls, names):
            if "nobody" in names:
                raise ValueError("nobody is no name")
            return names

    class Tuned(Plugin):
        name = "tuned"
        version = "2.3"
        Config = TunedConfig
        well = True

        @command("untune")
        async def untune(self, event):
            Tuned.well = not Tuned.well
            await event.reply("well" if Tuned.well else "ill")

        @command("stumble")
        async def stumble(self, event):
            raise RuntimeError("over a string")

        @command("tuned")
        async def tuned(self, event):
            of = self.config
            await event.reply(f"{of.loud} {of.tone} {of.words} {','.join(of.names) or '-'}")

        @hookimpl
        async def check_health(self):
            return None if Tuned.well else Unhealthy("tuned-away", {"count": 2})
"""
TUNED_TEXTS = {
    "en": {"tuned-away": "two strings are missing"},
    "ru": {"tuned-away": "не хватает двух струн"},
}
TITLES = ("figures", "people", "levers", "crown", "broken")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory: Path = tmp_path_factory.mktemp("roles")
    texts = {
        language: {f"pages-{title}": f"{word} {title}" for title in TITLES}
        for language, word in (("en", "The"), ("ru", "Это"))
    }
    plugins = project_plugins(directory)
    plugins["plugins"]["leans"] = write_plugin(
        directory, "leans", "class Leans(Plugin):\n    name = 'leans'\n    requires = ('stats',)\n"
    )
    plugins["plugins"]["pages"] = write_plugin(directory, "pages", PAGES, texts)
    plugins["plugins"]["tuned"] = write_plugin(directory, "tuned", TUNED, TUNED_TEXTS) | {
        "words": 4,
        "grants": ["operations"],
    }
    plugins.setdefault("limits", {}).setdefault("plugins", {})["health_seconds"] = 1
    async with shared_studio(database_uri, directory, plugins=plugins) as studio:
        await owner_of(studio)
        yield studio


SEEN = {
    AdminRole.VIEWER: {"figures"},
    AdminRole.SUPPORT: {"figures", "people"},
    AdminRole.ADMIN: {"figures", "people", "levers", "broken"},
    AdminRole.OWNER: set(TITLES),
}


@pytest.mark.parametrize(("language", "word"), [("en", "The"), ("ru", "Это")])
@pytest.mark.parametrize("role", list(AdminRole))
async def test_the_panel_has_the_pages_of_the_role(
    studio: Studio, role: AdminRole, language: str, word: str
) -> None:
    person = await member(studio, role, language)
    panel = await ask(person, "/admin")
    of_plugin = {label.removeprefix(f"{word} ") for label in panel.labels if label.startswith(f"{word} ")}
    assert of_plugin == SEEN[role], panel
    await person.press(f"{word} figures", panel)
    page = await person.expect(kind="edit")
    assert page.text == f"figures for {role.value}"
    answer = await person.press("More", page)
    assert (answer.text == "more of it") is role.covers(AdminRole.SUPPORT)
    await person.press("‹", page)
    assert (await person.expect(kind="edit")).labels == panel.labels


async def test_a_page_that_fails_takes_nothing_else_down(studio: Studio) -> None:
    person = await member(studio, AdminRole.ADMIN)
    panel = await ask(person, "/admin")
    answer = await person.press("The broken", panel)
    assert "cannot be shown" in (answer.text or "")
    await person.press("The figures", panel)
    assert "figures for admin" in (await person.expect(kind="edit")).text


@pytest.mark.parametrize(
    ("language", "seen"),
    [
        (
            "en",
            (r"People: \d+, here today \d+, now \d+", r"margin \$", "No errors|errors? in 24", "on duty for"),
        ),
        ("ru", (r"Людей: \d+, сегодня были \d+, сейчас \d+", r"остаётся \$", "ошиб", "на посту")),
    ],
)
async def test_the_front_page_says_how_it_goes(studio: Studio, language: str, seen: tuple[str, ...]) -> None:
    person = await member(studio, AdminRole.VIEWER, language)
    panel = await ask(person, "/admin")
    for each in seen:
        assert re.search(each, panel.text), panel.text
    await person.press("📈", panel)
    assert (await person.expect(kind="new")).media is not None


@pytest.mark.parametrize(
    ("language", "done", "second"), [("en", "Done", "was first"), ("ru", "Готово", "Первым успел")]
)
async def test_owners_appoint_and_dismiss_in_the_chat(
    studio: Studio, language: str, done: str, second: str
) -> None:
    first, late = [await member(studio, AdminRole.OWNER, language) for _ in range(2)]
    person = await arrive(studio, f"Zoe {language}", username=f"zoe_{language}")
    cards = []
    for each in (first, late):
        await each.press("👑", await ask(each, "/admin"))
        await each.press("➕", await each.expect(kind="edit"))
        await each.expect(kind="new")
        cards.append(await ask(each, f"@zoe_{language}"))
    assert done in ((await first.press("💬", cards[0])).text or "")
    assert second in ((await late.press("🛠", cards[1])).text or "")
    assert studio.service.team.role_of(person.id) is AdminRole.SUPPORT
    await late.press("✖️", await late.expect(kind="edit"))
    assert studio.service.team.role_of(person.id) is None


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("needs these", "Needed by", "is on")), ("ru", ("те, кто ему нужен", "Он нужен", "включён"))],
)
async def test_a_plugin_is_switched_with_what_depends_on_it(
    studio: Studio, language: str, words: tuple[str, ...]
) -> None:
    first, late = [await member(studio, AdminRole.ADMIN, language) for _ in range(2)]
    cards = []
    for each in (first, late):
        await each.press("stats", await ask(each, "/plugins"))
        cards.append(await each.expect(kind="edit"))
    assert words[1] in cards[0].text
    questions = []
    for each, card in zip((first, late), cards, strict=True):
        await each.press("⏻", card)
        questions.append(await each.expect(kind="edit"))
    assert "leans" in questions[0].text
    await first.press("⏻", questions[0])
    await first.expect(kind="edit")
    assert not studio.service.plugins.is_on("leans")
    assert not studio.service.plugins.is_on("stats")
    answer = await late.press("⏻", questions[1])
    assert str(first.id) in (answer.text or "")
    await late.expect(kind="edit")
    # What needs it does not come back without it.
    await first.press("leans", await ask(first, "/plugins"))
    await first.press("⏻", await first.expect(kind="edit"))
    question = await first.expect(kind="edit")
    assert words[0] in question.text
    assert words[2] in ((await first.press("⏻", question)).text or "")
    assert studio.service.plugins.is_on("leans")
    assert studio.service.plugins.is_on("stats")


async def test_the_data_of_anothers_buttons_does_nothing(studio: Studio) -> None:
    owner, viewer = [await member(studio, role) for role in (AdminRole.OWNER, AdminRole.VIEWER)]
    outsider = await arrive(studio, "Outsider")
    panel = await ask(owner, "/admin")
    await owner.press("👑", panel)
    team = await owner.expect(kind="edit")
    await owner.press("✏️", team)
    card = await owner.expect(kind="edit")
    before = dict(studio.service.team.roles())
    rows = [row for screen in (panel, team, card) for row in screen.buttons]
    stolen = [button.data for row in rows for button in row if button.data is not None]
    assert len(stolen) > len(panel.labels)
    for thief in (viewer, outsider):
        own = await ask(thief, "/start")
        for data in stolen:
            answer = await thief.press_data(data, own).answer()
            assert "no longer works" in (answer.text or "")
    assert dict(studio.service.team.roles()) == before


@pytest.mark.parametrize(("language", "default"), [("en", "default"), ("ru", "по умолчанию")])
async def test_settings_are_shown_as_the_schema_has_them(studio: Studio, language: str, default: str) -> None:
    person = await member(studio, AdminRole.ADMIN, language)
    await person.press("stats", await ask(person, "/plugins"))
    await person.press("🔧", await person.expect(kind="edit"))
    shown = await person.expect(kind="edit")
    assert f'cost = "everybody" ({default})' in shown.text
    assert "everybody | admins | nobody" in shown.text
    await person.press("admin", await ask(person, "/plugins"))
    own = await person.expect(kind="edit")
    assert not any("⏻" in label for label in own.labels), "the panel would switch itself off"


SETTINGS = {
    "en": ("is true now", "is 5 now", "does not fit", "from 1 up to 9", "nobody is no name", "Somebody else"),
    "ru": ("теперь true", "теперь 5", "не подходит", "от 1 до 9", "nobody is no name", "тем временем"),
}


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_settings_are_changed_from_the_chat_and_count_at_once(studio: Studio, language: str) -> None:
    done, written, refused, bounds, own, stale = SETTINGS[language]
    person = await member(studio, AdminRole.ADMIN, language)

    async def card(setting: str) -> MessageView:
        await person.press("tuned", await ask(person, "/plugins"))
        await person.press("🔧", await person.expect(kind="edit"))
        await person.press(f"▫️ {setting}", await person.expect(kind="edit"))
        return await person.expect(kind="edit")

    assert (await ask(person, "/tuned")).text == "False warm 4 -"
    loud = await card("loud")
    assert done in ((await person.press("⏻", loud)).text or "")
    changed = await person.expect(kind="edit")
    await person.press("○ cold", await card("tone"))
    await person.expect(kind="edit")
    assert (await ask(person, "/tuned")).text == "True cold 4 -"
    assert stale in ((await person.press("⏻", changed)).text or "")
    changed = await person.expect(kind="edit")
    other = await member(studio, AdminRole.ADMIN, language)
    await other.press("tuned", await ask(other, "/plugins"))
    await other.press("🔧", await other.expect(kind="edit"))
    await other.press("▫️ loud", await other.expect(kind="edit"))
    theirs = await other.expect(kind="edit")
    await person.press("⏻", await card("loud"))
    await person.expect(kind="edit")
    assert str(person.id) in ((await other.press("⏻", theirs)).text or ""), "who was first is told"
    await person.press("⏻", await card("loud"))
    await person.expect(kind="edit")

    await person.press("✏️", await card("words"))
    assert bounds in (await person.expect(kind="new")).text
    for wrong in ("many", "10", "4.5"):
        answer = await ask(person, wrong)
        assert refused in answer.text
        assert bounds in answer.text
    assert written in (await ask(person, "5")).text
    words = await person.expect(kind="new")
    assert (await ask(person, "/tuned")).text == "True cold 5 -"
    await person.press("✏️", await card("names"))
    await person.expect(kind="new")
    assert own in (await ask(person, "anna, nobody")).text
    await ask(person, "anna, otto")
    await person.expect(kind="new")
    assert (await ask(person, "/tuned")).text == "True cold 5 anna,otto"
    assert not any("✏️" in label for label in (await card("key")).labels), "no secret is written in a chat"
    for setting in ("loud", "tone", "words", "names"):
        await person.press("↩️", await card(setting))
        await person.expect(kind="edit")
    assert (await ask(person, "/tuned")).text == "False warm 4 -"
    assert words.labels[-1] != changed.labels[0]


async def test_each_change_of_a_setting_is_in_the_journal(studio: Studio) -> None:
    person = await member(studio, AdminRole.ADMIN)
    plugins = studio.service.panel.plugins
    status = plugins.get("tuned")
    assert status is not None
    assert (await plugins.configure("tuned", "words", "7", seen=status.serial, by=person.id)).first
    late = await plugins.configure("tuned", "words", "8", seen=status.serial, by=person.id)
    assert (late.first, late.by) == (False, person.id)
    rows = await studio.service.panel.audit.last(20)
    (row,) = [row for row in rows if row.command == "plugins.set" and row.actor == f"user:{person.id}"]
    assert row.before == {"plugin": "tuned", "setting": "words", "value": "4"}
    assert row.after == {"plugin": "tuned", "setting": "words", "value": "7"}
    after = plugins.get("tuned")
    assert after is not None
    assert (await plugins.configure("tuned", "words", None, seen=after.serial, by=person.id)).first


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                *("🟡", "not well", "two strings are missing", "Granted in plugins.toml: operations"),
                *("tuned 2.3", "Hooks: check_health", "loaded in {time} ms", "last minutes: {errors}"),
            ),
        ),
        (
            "ru",
            (
                *("🟡", "не здоров", "не хватает двух струн", "Разрешено в plugins.toml: operations"),
                *("tuned 2.3", "Хуки: check_health", "загружен за {time} мс", "последние минуты: {errors}"),
            ),
        ),
    ],
)
async def test_the_card_says_what_it_may_do_and_what_it_lacks(
    studio: Studio, language: str, words: tuple[str, ...]
) -> None:
    person = await member(studio, AdminRole.ADMIN, language)
    assert (await ask(person, "/untune")).text == "ill"
    assert words[2] in (await person.expect(kind="new")).text, "two checks in a row are told to operators"
    await ask(person, "/stumble")
    status = studio.service.panel.plugins.get("tuned")
    assert status is not None
    assert status.errors >= 1
    assert status.import_seconds > 0
    listed = await ask(person, "/plugins")
    (line,) = [line for line in listed.text.splitlines() if "tuned" in line]
    assert words[4] in line
    assert str(status.errors) in line.partition("2.3")[2]
    await person.press("tuned", listed)
    card = await person.expect(kind="edit")
    for each in words:
        asked = each.format(time=round(status.import_seconds * 1000), errors=status.errors)
        assert asked in card.text, card.text
    assert (await ask(person, "/untune")).text == "well"
    assert "tuned" in (await person.expect(kind="new")).text, "so is that it is well again"


async def test_nobody_else_learns_that_there_is_a_panel(studio: Studio) -> None:
    person = await arrive(studio, "Outsider")
    unknown = (await ask(person, "/nonsense")).text
    assert (await ask(person, "/admin")).text == unknown
    assert "/admin" not in (await ask(person, "/help")).text
    assert "admin" not in [name for name, _ in person.commands()]


async def test_whoever_is_dismissed_is_nobody_at_once(studio: Studio) -> None:
    person = await member(studio, AdminRole.ADMIN)
    panel = await ask(person, "/admin")

    async def has_menu() -> bool:
        return "admin" in [name for name, _ in person.commands()]

    async def has_none() -> bool:
        return not await has_menu()

    await studio.until(has_menu)
    owner = studio.sandbox.person("Admin 1")
    await studio.service.team.appoint(person.id, None, seen=AdminRole.ADMIN, by=owner.id)
    answer = await person.press("The levers", panel)
    stranger = await arrive(studio, "Outsider")
    assert (answer.text or "") == "This button no longer works. Please ask for a new message."
    assert (await ask(person, "/admin")).text == (await ask(stranger, "/admin")).text
    await studio.until(has_none)


async def test_all_of_it_is_in_the_log(studio: Studio) -> None:
    person = await member(studio, AdminRole.VIEWER)
    panel = await ask(person, "/admin")
    await person.press("The figures", panel)
    await person.expect(kind="edit")
    done = [(row.command, row.after) for row in await audited(studio, person)]
    assert done == [("/admin", {"argument": ""}), ("admin:page", {"arguments": ["pages", "figures"]})]
    rows = await audited(studio, studio.sandbox.person("Admin 1"))
    appointed = [row for row in rows if row.command == "team.appoint" and str(person.id) in str(row.after)]
    assert [(row.before["role"], row.after["role"]) for row in appointed] == [(None, "viewer")]
