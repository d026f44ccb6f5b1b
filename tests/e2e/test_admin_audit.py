"""Every word and button of those who operate the bot: for whom it works, and that the audit log has it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.money_talk import balance, buy, refund_ended
from support.operators import audited, member, owner_of
from support.studio_talk import arrive, ask, caught_up, shared_studio

from core.admin.roles import AdminRole, may
from sandbox.people.person import Person
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

GONE = {"en": "This button no longer works", "ru": "Эта кнопка больше не работает"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    async with shared_studio(database_uri, tmp_path_factory.mktemp("audit")) as studio:
        await owner_of(studio)
        yield studio


def commands_of_operators(studio: Studio) -> dict[str, AdminRole]:
    """Each command that takes a role, and which."""
    commands = studio.service.routes.commands(role=AdminRole.OWNER)
    return {each.name: each.role for each in commands if each.role is not None}


ROLES = [
    ("en", None),
    ("ru", AdminRole.VIEWER),
    ("en", AdminRole.SUPPORT),
    ("ru", AdminRole.ADMIN),
    ("en", AdminRole.OWNER),
]


@pytest.mark.parametrize(("language", "role"), ROLES)
async def test_each_command_answers_its_roles_alone_and_is_logged(
    studio: Studio, language: str, role: AdminRole | None
) -> None:
    person = await (arrive(studio, "Nobody", language) if role is None else member(studio, role, language))
    own = {f"/{each.name}" for each in studio.service.routes.commands(role=role)}
    unknown = (await ask(person, "/nonsense")).text
    commands = commands_of_operators(studio)
    assert len(commands) > 20
    refused = []
    for name, needed in commands.items():
        before = len(person.messages())
        await person.send(f"/{name} nosuch")
        if not may(role, needed):
            await caught_up(person)
            refused += [each.text for each in person.messages()[before:] if not each.out][:1]
    await caught_up(person)
    assert len(refused) == len([needed for needed in commands.values() if not may(role, needed)])
    # A word that is near one of their own commands is told so, as any slip is.
    assert all(text == unknown or set(re.findall(r"/\w+", text)) <= own for text in refused), refused
    logged = [row for row in await audited(studio, person) if row.command.startswith("/")]
    assert [row.command for row in logged] == [
        f"/{name}" for name, needed in commands.items() if may(role, needed)
    ]
    assert all(row.after == {"argument": "nosuch"} for row in logged)


async def everything_on(studio: Studio, owner: Person) -> dict[str, list[bytes]]:
    """Each page of the panel, and the data of the buttons below it."""
    panel = await ask(owner, "/admin")
    titles = [button.label for row in panel.buttons[1:] for button in row]
    found = {"": [button.data for row in panel.buttons for button in row if button.data is not None]}
    for title in titles:
        await owner.press(title, panel)
        page = await owner.expect(kind="edit")
        data = [button.data for row in page.buttons[:-1] for button in row if button.data is not None]
        found[title] = data
        await owner.press("‹", page)
        await owner.expect(kind="edit")
    assert len(titles) > 9
    return found


@pytest.mark.parametrize(
    ("language", "role"), [(language, role) for language, role in ROLES if role is not AdminRole.OWNER]
)
async def test_buttons_of_an_owner_do_nothing_once_the_role_is_gone(
    studio: Studio, language: str, role: AdminRole | None
) -> None:
    person = await member(studio, AdminRole.OWNER, language)
    pages = await everything_on(studio, person)
    owner = studio.sandbox.person("Admin 1")
    logged = [row.after for row in await audited(studio, person) if row.command == "admin:page"]
    assert len(logged) == len(pages) - 1
    own = await ask(person, "/admin")
    await studio.service.team.appoint(person.id, role, seen=AdminRole.OWNER, by=owner.id)
    allowed = await studio.service.panel.pages.of(role)
    team, done = dict(studio.service.team.roles()), len(await audited(studio, person))
    answers = [await person.press_data(data, own).answer() for data in pages[""]]
    refused = [each for each in answers if GONE[language] in (each.text or "")]
    # What is left are the doors that the role has, the chart, and the way back.
    expected = len(pages[""]) - len(allowed) - (2 if role is not None else 0)
    assert len(refused) == expected
    if role is None:
        everything = [data for page in pages.values() for data in page]
        answers = [await person.press_data(data, own).answer() for data in everything]
        assert all(GONE[language] in (each.text or "") for each in answers)
        assert len(await audited(studio, person)) == done
    assert dict(studio.service.team.roles()) == team


async def test_what_is_looked_for_and_written_in_a_dialogue_is_logged(studio: Studio) -> None:
    support = await member(studio, AdminRole.SUPPORT)
    person = await arrive(studio, "Known")
    await ask(support, "/user")
    await support.press("✉️", await ask(support, str(person.id)))
    await support.expect(kind="new")
    await ask(support, "Between us")
    assert [(row.command, row.after) for row in await audited(studio, support)] == [
        ("/user", {"argument": ""}),
        ("admin:person-who", {"characters": len(str(person.id))}),
        ("people.find", {"words": str(person.id)}),
        ("admin:user-ask", {"arguments": [str(person.id), "person-word"]}),
        ("admin:person-word", {"characters": 10}),
        ("people.write", {"of": f"user:{person.id}", "is": {"characters": 10}}),
    ]


async def test_each_change_of_money_says_what_was_before_and_after(studio: Studio) -> None:
    admin = await member(studio, AdminRole.ADMIN)
    person = await arrive(studio, "Payer", stars=1000)
    had = (await balance(studio, person)).available
    charge_id = await buy(studio, person, 100, key="audit")
    await admin.press("✅", await ask(admin, f"/grant {person.id} 50 sorry"))
    await admin.expect(kind="edit")
    await admin.press("✅", await ask(admin, f"/grant {person.id} -20 taken by mistake"))
    await admin.expect(kind="edit")
    await admin.press("↩️", await ask(admin, f"/payment {charge_id}"))
    await admin.expect(kind="edit")
    await refund_ended(studio, charge_id)
    # What its person has asked for is decided as their case, wherever that is done.
    charge_id = await buy(studio, person, 10, key="asked")
    assert await studio.service.billing.refund_cases.ask_for_payment(person.id, charge_id, "please")
    await admin.expect("please", kind="new")
    await admin.press("↩️", await ask(admin, f"/payment {charge_id}"))
    await refund_ended(studio, charge_id)
    rows = [row for row in await audited(studio, admin) if row.command.startswith("money.")]
    assert [row.command for row in rows] == ["money.grant", "money.grant", "money.refund", "money.decide"]
    assert (rows[3].before["state"], rows[3].after["decision"]) == ("open", "refund")
    moved = [(row.before["balance"], row.after["balance"]) for row in rows[:2]]
    assert moved == [(had + 100, had + 150), (had + 150, had + 130)]
    assert (await balance(studio, person)).available == had + 30
