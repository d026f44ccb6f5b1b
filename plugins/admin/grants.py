"""/grant and /debts: Stars given, taken or forgiven by an operator's own decision, each asked for twice."""

from __future__ import annotations

from plugins.admin.part import Part, balance_line, person_id, short_id, whole
from starloom.api import AdminRole, Button, CallbackEvent, MessageEvent, Screen, callback, command, step

_GRANT = "grant"
_LONGEST_REASON = 200
_SHOWN = 20


class Grants(Part):
    """What operators do by hand."""

    @command("grant", description="admin-grant-command", role=AdminRole.ADMIN, private=True)
    async def ask_grant(self, event: MessageEvent) -> None:
        """Ask whether so many Stars are to be given or taken."""
        await self.grant_asked(event, event.argument)

    async def grant_asked(self, event: MessageEvent, argument: str) -> None:
        """Ask about what was written behind the command, or said to somebody's card."""
        person, _, rest = argument.strip().partition(" ")
        number, _, reason = rest.strip().partition(" ")
        user_id, amount = person_id(person), whole(number)
        reason = " ".join(reason.split())
        if user_id is None or not amount or not 0 < len(reason) <= _LONGEST_REASON:
            await event.say("admin-grant-usage", limit=_LONGEST_REASON)
            return
        if not await self.context.billing.desk.knows(user_id):
            await event.say("grant-nobody", user=str(user_id))
            return
        draft = short_id(event.key)
        await event.begin(_GRANT, {"user": user_id, "amount": amount, "reason": reason, "draft": draft})
        t = event.t
        way = "give" if amount > 0 else "take"
        text = t(
            f"admin-grant-{way}-ask",
            stars=abs(amount),
            person=str(user_id),
            reason=reason,
            balance=balance_line(t, await self.context.billing.desk.balance(user_id)),
        )
        yes = Button(t.plain(f"admin-grant-{way}", stars=abs(amount)), "grant", (draft,))
        await event.reply(text, keyboard=((yes,), (Button(t.plain("admin-no"), "grant-no", (draft,)),)))

    @step(_GRANT, role=AdminRole.ADMIN)
    async def take_words(self, event: MessageEvent) -> None:
        """Words are no answer to that question."""
        await event.say("admin-grant-press")

    @callback("grant", role=AdminRole.ADMIN)
    async def grant(self, event: CallbackEvent) -> None:
        """Give or take them, once."""
        said = event.dialogue.data if event.dialogue is not None else {}
        draft = event.arguments[0] if event.arguments else ""
        if not draft or said.get("draft") != draft:
            await self.old_button(event)
            return
        granted = await self.context.billing.desk.grant(
            int(said["user"]),
            int(said["amount"]),
            key=f"{event.user.id}:{draft}",
            by=event.user.id,
            reason=str(said["reason"]),
        )
        await event.leave()
        available, about = granted.balance.available, {"of": f"user:{said['user']}"}
        if granted.new:
            was = {"balance": available - granted.amount + granted.repaid}
            now = {"balance": available, "stars": granted.amount, "reason": said["reason"]}
            await self.record(event, "money.grant", about | was, about | now)
        t = event.t
        key = "admin-grant-given" if granted.amount > 0 else "admin-grant-taken"
        balance = balance_line(t, granted.balance)
        await event.edit(t(key, stars=abs(granted.amount), person=str(said["user"]), balance=balance))

    @callback("grant-no", role=AdminRole.ADMIN)
    async def drop_grant(self, event: CallbackEvent) -> None:
        """Leave everything as it is."""
        said = event.dialogue.data if event.dialogue is not None else {}
        if not event.arguments or said.get("draft") != event.arguments[0]:
            await self.old_button(event)
            return
        await event.leave()
        await event.edit(event.t("admin-nothing-done"))

    @command("debts", description="admin-debts-command", role=AdminRole.ADMIN, private=True)
    async def show_debts(self, event: MessageEvent) -> None:
        """List who owes Stars."""
        await self.show(event, await self._debts(event))

    @callback("debts", role=AdminRole.ADMIN)
    async def show_debts_pressed(self, event: CallbackEvent) -> None:
        """The same, in the place of a question."""
        await self.show(event, await self._debts(event))

    @callback("forgive", role=AdminRole.ADMIN)
    async def ask_forgive(self, event: CallbackEvent) -> None:
        """Ask whether a debt is to be forgiven."""
        user_id = person_id(event.arguments[0]) if event.arguments else None
        owed = (await self.context.billing.desk.balance(user_id)).owed if user_id else 0
        if not owed:
            await self.tell(event, "admin-debt-gone")
            await self.show(event, await self._debts(event))
            return
        t = event.t
        arguments = (str(user_id), str(owed), short_id(event.key))
        yes = Button(t.plain("admin-do-forgive-debt", stars=owed), "forgiven", arguments)
        text = t("admin-debt-ask", person=str(user_id), owed=owed)
        await event.edit(text, keyboard=((yes,), (Button(t.plain("admin-no"), "debts"),)))

    @callback("forgiven", role=AdminRole.ADMIN)
    async def forgive(self, event: CallbackEvent) -> None:
        """Forgive it, once."""
        if len(event.arguments) != 3:
            await self.old_button(event)
            return
        person, owed, token = event.arguments
        forgiven = await self.context.billing.desk.forgive(
            int(person), int(owed), key=f"{event.user.id}:{token}", by=event.user.id
        )
        about = {"of": f"user:{person}"}
        await self.record(event, "money.forgive", about | {"owed": int(owed)}, about | {"forgiven": forgiven})
        key = "admin-debt-forgiven" if forgiven else "admin-debt-gone"
        await self.tell(event, key, person=person, stars=forgiven)
        await self.show(event, await self._debts(event))

    async def _debts(self, event: MessageEvent | CallbackEvent) -> Screen:
        t = event.t
        debts = await self.context.billing.desk.debts()
        if not debts:
            return Screen(t("admin-debts-none"))
        shown = debts[:_SHOWN]
        text = t("admin-debts", count=len(debts), shown=len(shown), stars=sum(debt.owed for debt in debts))
        buttons = tuple(
            (
                Button(
                    t.plain("admin-debt", person=str(debt.user_id), owed=debt.owed),
                    "forgive",
                    (str(debt.user_id),),
                ),
            )
            for debt in shown
        )
        return Screen(text, buttons)
