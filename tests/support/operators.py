"""Those who operate the bot: how tests appoint them, and what the audit log says of them."""

from __future__ import annotations

from support.studio_talk import arrive

from core.admin.roles import AdminRole
from core.storage.audit import AuditLog, AuditRow
from sandbox.people.person import Person
from sandbox.studio import Studio


async def owner_of(studio: Studio) -> Person:
    """The owner by configuration, who has pressed Start."""
    owner = studio.sandbox.person("Admin 1")
    await owner.start()
    await owner.expect(kind="new")
    return owner


async def two_owners_of(studio: Studio) -> tuple[Person, Person]:
    """Both owners by configuration, who have pressed Start."""
    owners = studio.sandbox.person("Admin 1"), studio.sandbox.person("Admin 2")
    for owner in owners:
        await owner.start()
        await owner.expect(kind="new")
    return owners


async def member(studio: Studio, role: AdminRole, language: str = "en") -> Person:
    """Somebody whom the owner has appointed."""
    person = await arrive(studio, f"The {role.value}", language)
    owner = studio.sandbox.person("Admin 1")
    assert (await studio.service.team.appoint(person.id, role, seen=None, by=owner.id)).first
    return person


async def audited(studio: Studio, operator: Person) -> list[AuditRow]:
    """What the audit log says of what somebody did today, oldest first."""
    async with studio.database() as database:
        rows = await AuditLog(database, studio.clock).of_day(studio.clock.now().date())
    return [row for row in rows if row.actor == f"user:{operator.id}"]
