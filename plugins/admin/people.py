"""Users: found by what is known of them, looked at, written to, shut out; and the table of all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from plugins.admin.codes import end_of
from plugins.admin.grants import Grants
from plugins.admin.part import (
    balance_line,
    entry_line,
    moment,
    operator_name,
    person_id,
    short_id,
    whole,
)
from plugins.admin.table import markdown_table
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    Event,
    Html,
    Keyboard,
    MessageEvent,
    Outcome,
    PersonCard,
    PersonFigures,
    PersonRow,
    PersonUnreachable,
    Screen,
    Translator,
    callback,
    command,
    may,
    panel_button,
    people_csv,
    step,
)

_WHO, _BAN, _WORD, _GIVE = "person-who", "person-ban", "person-word", "person-give"
_FOUND, _ENTRIES, _IN_CHAT = 10, 5, 15
_BUTTON = 40
_COLUMNS = ("id", "name", "generations", "seen", "payments", "paid")
_SUPPORT, _ADMIN = AdminRole.SUPPORT, AdminRole.ADMIN


class Users(Grants):
    """People."""

    @command("user", description="admin-user-command", role=_SUPPORT, private=True)
    async def find_user(self, event: MessageEvent) -> None:
        """Find somebody by id, username or name."""
        await self.leave(event)
        if event.argument.strip():
            await self._show_found(event, event.argument)
        else:
            await event.begin(_WHO)
            await event.say("admin-users-ask")

    async def users_page(self, event: Event) -> Screen:
        """The ways to people."""
        t = event.t
        rows: Keyboard = ((Button(t.plain("admin-users-find"), "users-find"),),)
        if may(event.role, _ADMIN):
            rows = (*rows, (Button(t.plain("admin-users-table"), "users-table"),))
        return Screen(t("admin-users", count=await self.context.panel.people.count()), rows)

    @callback("users-find", role=_SUPPORT)
    async def ask_who(self, event: CallbackEvent) -> None:
        """Ask who is meant."""
        await event.begin(_WHO)
        await event.answer()
        await event.say("admin-users-ask")

    @step(_WHO, role=_SUPPORT)
    async def take_who(self, event: MessageEvent) -> None:
        """Show whoever is meant."""
        await self.record(event, "people.find", None, {"words": event.message.text})
        await self._show_found(event, event.message.text)

    @callback("users-table", role=_ADMIN)
    async def show_table(self, event: CallbackEvent) -> None:
        """The latest of all in the chat, everybody in a file."""
        await event.answer()
        everybody = [each async for each in self.context.panel.desk.figures()]
        latest = sorted(everybody, key=lambda each: str(each.person.seen_on or ""), reverse=True)[:_IN_CHAT]
        t = event.t
        header = [t.plain(f"admin-users-column-{name}") for name in _COLUMNS]
        table = markdown_table(header, map(_table_row, latest))
        await event.say("admin-users-latest", count=len(everybody), shown=len(latest), table=table)
        day = self.context.clock.now().date().isoformat()
        await event.reply_document(people_csv(everybody), file_name=f"people-{day}.csv", mime_type="text/csv")

    @callback("user", role=_SUPPORT)
    async def show_user(self, event: CallbackEvent) -> None:
        """Show somebody's card."""
        card = await self._asked_for(event)
        if card is not None:
            await self.leave(event)
            await self.show(event, await self._user_card(event, card))

    @callback("user-entries", role=_SUPPORT)
    async def show_entries(self, event: CallbackEvent) -> None:
        """Show somebody's last entries."""
        card = await self._asked_for(event)
        if card is None:
            return
        t = event.t
        entries = await self.context.billing.desk.statement(card.row.id, _ENTRIES * 2)
        lines = (
            Html("\n".join(entry_line(t, entry) for entry in entries)) if entries else t("admin-user-empty")
        )
        back = Button(t.plain("admin-user-back"), "user", (str(card.row.id),))
        await self.show(event, Screen(t("admin-user-entries", lines=lines), ((back,),)))

    @callback("user-ask", role=_SUPPORT)
    async def ask_word(self, event: CallbackEvent) -> None:
        """Ask for what is written to them, given to them, or why they are shut out."""
        card = await self._asked_for(event)
        what = event.arguments[1] if card is not None and len(event.arguments) > 1 else ""
        if card is None or what not in (_BAN, _WORD, _GIVE):
            return
        if what != _WORD and not may(event.role, _ADMIN):
            await self.old_button(event)
            return
        await event.begin(what, {"user": card.row.id, "seen": card.ban_seen})
        await event.answer()
        await event.say(f"admin-{what}-ask", person=_name(event.t, card.row))

    @step(_WORD, role=_SUPPORT)
    async def take_word(self, event: MessageEvent) -> None:
        """Write to them."""
        user_id = int(event.dialogue.data["user"]) if event.dialogue is not None else 0
        try:
            await self.context.panel.desk.write(
                user_id, event.message.text, key=short_id(event.key), by=event.user.id
            )
        except PersonUnreachable:
            await event.say("admin-user-unreachable")
        else:
            await event.say("admin-user-written")
        await event.leave()

    @step(_GIVE, role=_ADMIN)
    async def take_grant(self, event: MessageEvent) -> None:
        """Go on as /grant does: it asks once more."""
        user_id = int(event.dialogue.data["user"]) if event.dialogue is not None else 0
        number, _, reason = event.message.text.strip().partition(" ")
        if whole(number) is None or not reason.strip():
            await event.say("admin-person-give-ask", person=str(user_id))
            return
        await self.grant_asked(event, f"{user_id} {number} {reason}")

    @step(_BAN, role=_ADMIN)
    async def take_ban(self, event: MessageEvent) -> None:
        """Shut them out: until when, and why."""
        data = event.dialogue.data if event.dialogue is not None else {}
        until, reason = self._ban_of(event.message.text)
        if not reason:
            await event.say("admin-person-ban-ask", person=str(data["user"]))
            return
        claim = await self.context.panel.desk.ban(
            int(data["user"]), until, reason, seen=str(data["seen"]), by=event.user.id
        )
        await event.leave()
        if claim.first:
            await event.say("admin-user-banned", until=moment(until) or "none")
        else:
            who = operator_name(event.t, claim.by, event.user.id)
            await event.say(f"admin-user-second-{claim.what or 'ban'}", who=who)

    @callback("user-unban", role=_ADMIN)
    async def unban(self, event: CallbackEvent) -> None:
        """Let them in again."""
        card = await self._asked_for(event)
        if card is None or len(event.arguments) != 2:
            return
        claim = await self.context.panel.desk.unban(card.row.id, seen=event.arguments[1], by=event.user.id)
        if not claim.first:
            who = operator_name(event.t, claim.by, event.user.id)
            await self.tell(event, f"admin-user-second-{claim.what or 'unban'}", who=who)
        await self._refresh(event, card.row.id)

    @callback("user-language", role=_SUPPORT)
    async def set_language(self, event: CallbackEvent) -> None:
        """Speak to them in another language."""
        card = await self._asked_for(event)
        languages = self.context.catalogue.languages()
        if card is None or len(event.arguments) != 3 or event.arguments[1] not in languages:
            return
        _, language, seen = event.arguments
        desk, by = self.context.panel.desk, event.user.id
        claim = await desk.set_language(card.row.id, language, seen=seen, by=by)
        if not claim.first:
            who = operator_name(event.t, claim.by, by)
            chosen = languages.get(claim.what, "none")
            await self.tell(event, "admin-user-second-language", who=who, language=chosen)
        await self._refresh(event, card.row.id)

    async def _refresh(self, event: CallbackEvent, user_id: int) -> None:
        card = await self.context.panel.desk.card(user_id)
        if card is not None:
            await self.show(event, await self._user_card(event, card))

    async def _show_found(self, event: MessageEvent, words: str) -> None:
        found = await self.context.panel.people.find(words, _FOUND)
        if not found:
            await event.say("admin-nobody-found")
            return
        await self.leave(event)
        card = await self.context.panel.desk.card(found[0].id) if len(found) == 1 else None
        if card is not None:
            await self.show(event, await self._user_card(event, card))
        else:
            await event.say("admin-several-found", keyboard=_choices(found))

    async def _asked_for(self, event: CallbackEvent) -> PersonCard | None:
        user_id = person_id(event.arguments[0]) if event.arguments else None
        card = await self.context.panel.desk.card(user_id) if user_id is not None else None
        if card is None:
            await self.old_button(event)
        return card

    async def _user_card(self, event: Event, card: PersonCard) -> Screen:
        t, row = event.t, card.row
        text = t(
            "admin-user",
            person=_name(t, row),
            language=self.context.catalogue.languages().get(row.language, row.language),
            since=str(row.created_on or ""),
            seen=str(row.seen_on or ""),
            balance=balance_line(t, card.balance),
            count=card.summary.generations.count,
            delivered=card.summary.of(Outcome.DELIVERED).count,
            spent=card.summary.stars,
            payments=card.payments,
            paid=card.paid,
            blocked="yes" if row.blocked_bot else "no",
        )
        parts = [text]
        if row.banned:
            until = moment(card.banned_until) or "none"
            parts.append(t("admin-user-is-banned", until=until, reason=card.user.ban_reason or "-"))
        return Screen(Html("\n\n".join(parts)), self._user_keyboard(event, card))

    def _user_keyboard(self, event: Event, card: PersonCard) -> Keyboard:
        t, number = event.t, str(card.row.id)
        rows = [
            (
                Button(t.plain("admin-user-to-entries"), "user-entries", (number,)),
                Button(t.plain("admin-user-to-jobs"), "user-jobs", (number,)),
            ),
            (Button(t.plain("admin-user-to-word"), "user-ask", (number, _WORD)),),
        ]
        languages = [
            Button(name, "user-language", (number, code, card.row.language))
            for code, name in self.context.catalogue.languages().items()
            if code != card.row.language
        ]
        if may(event.role, _ADMIN):
            ban = (
                Button(t.plain("admin-user-unban"), "user-unban", (number, card.ban_seen))
                if card.row.banned
                else Button(t.plain("admin-user-ban"), "user-ask", (number, _BAN))
            )
            rows.append((Button(t.plain("admin-user-give"), "user-ask", (number, _GIVE)), ban))
        return (*rows, tuple(languages), (panel_button(t),))

    def _ban_of(self, text: str) -> tuple[datetime | None, str]:
        """Until when and why, as in `7d spam`; without a time it is for good."""
        first, _, rest = text.strip().partition(" ")
        try:
            until = end_of(first, self.context.clock.now())
        except ValueError:
            return None, text.strip()
        if until is not None and until - self.context.clock.now() <= timedelta(0):
            return None, ""
        return until, rest.strip()


def _name(t: Translator, row: PersonRow) -> Html:
    return t("admin-person", id=str(row.id), name=row.name or "none", username=row.username or "none")


def _table_row(each: PersonFigures) -> tuple[str, ...]:
    person = each.person
    return (
        str(person.id),
        person.name or person.username,
        str(each.generations),
        str(person.seen_on or ""),
        str(each.payments),
        str(each.paid),
    )


def _choices(found: Sequence[PersonRow]) -> Keyboard:
    return tuple(
        (Button(f"{each.name} {each.username} {each.id}".strip()[:_BUTTON], "user", (str(each.id),)),)
        for each in found
    )
