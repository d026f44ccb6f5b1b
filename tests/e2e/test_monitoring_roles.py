"""Who may ask what: each command and button by each role, and nobody else learns that there are any."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.studio_talk import Screen, arrive, ask, assert_readable, caught_up, shared_studio

from core.admin.roles import AdminRole
from core.notifications.notification import NotificationType
from sandbox.people.person import Person
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

READING = ("status", "credits", "daily", "weekly", "character", "platform", "budget", "schedule", "id")
DECIDING = ("notifications", "testnotification", "pause", "resume", "restart")
MAY = {
    None: (),
    AdminRole.VIEWER: READING,
    AdminRole.SUPPORT: READING,
    AdminRole.ADMIN: READING + DECIDING,
    AdminRole.OWNER: READING + DECIDING,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    async with shared_studio(database_uri, tmp_path_factory.mktemp("roles"), admins=2) as studio:
        yield studio


async def somebody(studio: Studio, role: AdminRole | None, language: str) -> Person:
    """Somebody with a role, who has read the welcome."""
    if role is AdminRole.OWNER:
        owner = studio.sandbox.person("Admin 1" if language == "en" else "Admin 2")
        owner.account.language = language
        await owner.start()
        await owner.expect(kind="new")
        return owner
    person = await arrive(studio, f"{role or 'nobody'} {language}", language)
    if role is not None:
        owner = studio.sandbox.person("Admin 1")
        assert (await studio.service.team.appoint(person.id, role, seen=None, by=owner.id)).first
    return person


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("role", [None, *AdminRole])
async def test_commands_by_role(studio: Studio, role: AdminRole | None, language: str) -> None:
    person = await somebody(studio, role, language)
    screen = Screen(person)
    unknown = (await ask(person, "/nonsense")).text[:20]
    for command in READING + DECIDING:
        answer = (await ask(person, f"/{command}")).text
        allowed = command in MAY[role]
        assert answer.startswith(unknown) is not allowed, (command, answer)
        if not allowed:
            assert f"/{command}" not in answer
            hint = (await ask(person, f"/{command[:-1]}")).text
            assert f"/{command}" not in hint, "a slip of the pen is not put right"
    listed = {name for name, _ in person.commands()} & {*READING, *DECIDING}
    assert listed == {*MAY[role]}
    screen.read_menu()
    assert_readable(
        screen, allowed=(person.name, "Admin 1", "Admin 2", "Starloom", "Telegram", *READING, *DECIDING)
    )


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("role", [None, AdminRole.VIEWER, AdminRole.SUPPORT, AdminRole.ADMIN])
async def test_buttons_by_role(studio: Studio, role: AdminRole | None, language: str) -> None:
    """What operators are told may stand in a group that has other people in it."""
    person = await somebody(studio, role, language)
    group = studio.sandbox.add_group(f"{role} {language}", [person, studio.bot])
    notifications, title = studio.service.notifications, f"Told to {role} in {language}"
    made = notifications.made(
        NotificationType.SYSTEM_ERROR, title, source="test", chat_ids=[group.chat_id], key=title
    )
    await notifications.put([made])
    shown = await person.expect(title, chat=group)
    answers = []
    for word in ("Mute", "I look after it"):  # a group reads the fallback language
        label = next(label for label in shown.labels if word in label)
        answers.append((await person.press(label, shown)).text or "")
    await caught_up(person)
    (place,) = (await notifications.store.open_bulletins({made.group})).values()
    bulletin = await notifications.store.bulletin(place.id)
    assert bulletin is not None
    assert bool(bulletin.taken_by) is (role in (AdminRole.SUPPORT, AdminRole.ADMIN))
    assert (made.group in await notifications.store.muted()) is (role is AdminRole.ADMIN)
    if role is None:
        assert len(set(answers)) == 1, "the same as for any button that is not theirs"
