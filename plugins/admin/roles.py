"""The team: owners see who operates the bot, and give and take roles."""

from __future__ import annotations

import json
from collections.abc import Sequence

from plugins.admin.part import Part, fitting, moment, operator_name, person_id, person_line
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    Event,
    Html,
    MessageEvent,
    PersonRow,
    Screen,
    callback,
    panel_button,
    step,
)

_WHO = "team-who"
_NONE = "none"
_FOUND = 8
_SHOWN = 25
_LONGEST = 60


class Roles(Part):
    """Who may do what."""

    async def team_page(self, event: Event) -> Screen:
        """Everybody of the team, and the way to appoint somebody."""
        t, team = event.t, self.context.panel.team
        lines, rows = [], []
        for user_id, role in team.roles().items():
            person = await self.person(user_id)
            name = person_line(t, user_id, person)
            lines.append(t("admin-team-line", person=name, role=t(f"admin-role-{role.value}")))
            if not team.is_configured(user_id):
                label = t.plain("admin-team-open", name=(person.name if person else "") or str(user_id))
                rows.append((Button(label[:40], "role", (str(user_id),)),))
        add = (Button(t.plain("admin-team-add"), "role-add"),)
        return Screen(t("admin-team", count=len(lines), lines=Html("\n".join(lines))), (*rows, add))

    async def journal_page(self, event: Event) -> Screen:
        """What operators did last."""
        t = event.t
        rows = await self.context.panel.audit.last(_SHOWN)
        lines = fitting(
            t,
            (
                t(
                    "admin-journal-line",
                    at=moment(row.at),
                    who=operator_name(t, row.actor.removeprefix("user:"), event.user.id),
                    what=row.command,
                    before=_short(row.before),
                    after=_short(row.after),
                )
                for row in rows
            ),
        )
        return Screen(t("admin-journal", count=len(rows), lines=lines))

    @callback("role-add", role=AdminRole.OWNER)
    async def ask_appointee(self, event: CallbackEvent) -> None:
        """Ask whom to appoint."""
        await event.begin(_WHO)
        await event.answer()
        await event.say("admin-team-ask")

    @step(_WHO, role=AdminRole.OWNER)
    async def take_appointee(self, event: MessageEvent) -> None:
        """Show whoever was meant."""
        await self.record(event, "people.find", None, {"words": event.message.text})
        found = await self.context.panel.people.find(event.message.text, _FOUND)
        if not found:
            await event.say("admin-nobody-found")
            return
        await event.leave()
        if len(found) == 1:
            await self.show(event, await self._member_card(event, found[0].id))
        else:
            await event.say("admin-several-found", keyboard=_choices(found))

    @callback("role", role=AdminRole.OWNER)
    async def show_role(self, event: CallbackEvent) -> None:
        """Show one person's role with what it can become."""
        user_id = person_id(event.arguments[0]) if event.arguments else None
        if user_id is None:
            await self.old_button(event)
        else:
            await self.show(event, await self._member_card(event, user_id))

    @callback("role-set", role=AdminRole.OWNER)
    async def set_role(self, event: CallbackEvent) -> None:
        """Give or take a role; of two owners at once the first decides."""
        if len(event.arguments) != 3:
            await self.old_button(event)
            return
        person, seen, wanted = event.arguments
        appointed = await self.context.panel.team.appoint(
            int(person), _role(wanted), seen=_role(seen), by=event.user.id
        )
        t, member = event.t, appointed.member
        role = t(f"admin-role-{member.role.value if member.role else _NONE}")
        if appointed.first:
            await self.tell(event, "admin-team-done", role=role)
        else:
            who = operator_name(t, member.by, event.user.id)
            await self.tell(event, "admin-team-second", who=who, role=role)
        await self.show(event, await self._member_card(event, int(person)))

    async def _member_card(self, event: Event, user_id: int) -> Screen:
        t, team = event.t, self.context.panel.team
        now = team.role_of(user_id)
        seen = now.value if now else _NONE
        person = person_line(t, user_id, await self.person(user_id))
        text = t("admin-team-card", person=person, role=t(f"admin-role-{seen}"))
        wishes = [*(role.value for role in AdminRole), _NONE]
        rows = tuple(
            (Button(t.plain(f"admin-team-to-{wish}"), "role-set", (str(user_id), seen, wish)),)
            for wish in wishes
            if wish != seen and not team.is_configured(user_id)
        )
        back = Button(t.plain("admin-team-all"), "page", ("admin", "team"))
        return Screen(text, (*rows, (back, panel_button(t))))


def _short(value: object) -> str:
    """What was so before or after, as much of it as a line has room for."""
    text = "" if value is None else json.dumps(value, ensure_ascii=False, default=str)
    return (text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…") or "none"


def _role(word: str) -> AdminRole | None:
    return None if word == _NONE else AdminRole(word)


def _choices(found: Sequence[PersonRow]) -> tuple[tuple[Button, ...], ...]:
    return tuple((Button((each.name or str(each.id))[:40], "role", (str(each.id),)),) for each in found)
