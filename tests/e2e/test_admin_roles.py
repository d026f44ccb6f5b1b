"""Who may open the panel: by each role in both languages, and by people without one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from support.studio_talk import arrive, ask, project_plugins, shared_studio, write_plugin

from core.admin.roles import AdminRole
from core.storage.audit import AuditLog
from sandbox.people.person import Person
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
TITLES = ("figures", "people", "levers", "crown", "broken")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory: Path = tmp_path_factory.mktemp("roles")
    texts = {
        language: {f"pages-{title}": f"{word} {title}" for title in TITLES}
        for language, word in (("en", "The"), ("ru", "Это"))
    }
    plugins = project_plugins(directory)
    plugins["plugins"]["pages"] = write_plugin(directory, "pages", PAGES, texts)
    async with shared_studio(database_uri, directory, plugins=plugins) as studio:
        owner = studio.sandbox.person("Admin 1")
        await owner.start()
        await owner.expect(kind="new")
        yield studio


async def member(studio: Studio, role: AdminRole, language: str = "en") -> Person:
    """Somebody whom the owner has appointed."""
    person = await arrive(studio, f"The {role.value}", language)
    owner = studio.sandbox.person("Admin 1")
    assert (await studio.service.team.appoint(person.id, role, seen=None, by=owner.id)).first
    return person


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
    async with studio.database() as database:
        rows = await AuditLog(database, studio.clock).of_day(studio.clock.now().date())
    done = [(row.command, row.after) for row in rows if row.actor == f"user:{person.id}"]
    assert done == [("/admin", {"argument": ""}), ("admin:page", {"arguments": ["pages", "figures"]})]
    appointed = [row for row in rows if row.command == "team.appoint" and str(person.id) in str(row.after)]
    assert [(row.before["role"], row.after["role"]) for row in appointed] == [(None, "viewer")]
