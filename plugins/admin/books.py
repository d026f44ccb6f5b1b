"""/ledger and /reconcile: a person's entries, the proof of the whole ledger, the comparison with Telegram."""

from __future__ import annotations

from plugins.admin.part import Part, balance_line, entry_line, fitting, person_id
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    Event,
    Html,
    MessageEvent,
    Screen,
    callback,
    command,
)

_ENTRIES = 20
_CHECK = "check"


class Books(Part):
    """What the books say."""

    @command("ledger", description="admin-ledger-command", role=AdminRole.ADMIN, private=True)
    async def show_ledger(self, event: MessageEvent) -> None:
        """Prove the ledger (`check`), or show the last entries of a person."""
        wanted = event.argument.strip()
        if wanted.lower() == _CHECK:
            await self._check(event)
            return
        user_id = person_id(wanted)
        if user_id is None:
            now = Button(event.t.plain("admin-ledger-now"), "ledger")
            await event.say("admin-ledger-usage", keyboard=((now,),))
            return
        await self.show(event, await self._statement(event, user_id))

    @callback("ledger", role=AdminRole.ADMIN)
    async def check_pressed(self, event: CallbackEvent) -> None:
        """Prove the ledger."""
        await event.answer()
        await self._check(event)

    @command("reconcile", description="admin-reconcile-command", role=AdminRole.ADMIN, private=True)
    async def reconcile(self, event: MessageEvent) -> None:
        """Compare our payments with Telegram's list now."""
        await self._reconcile(event)

    @callback("reconcile", role=AdminRole.ADMIN)
    async def reconcile_pressed(self, event: CallbackEvent) -> None:
        """The same, from the page about money."""
        await event.answer()
        await self._reconcile(event)

    async def _reconcile(self, event: Event) -> None:
        report = await self.context.billing.reconciler.run_now()
        t = event.t
        parts = [
            t(
                "admin-reconcile",
                seen=report.seen,
                pages=report.pages,
                credited=report.credited,
                stars=report.stars,
                refunds=report.refunds,
                missing=report.missing,
                waiting=report.waiting,
                failed=report.failed,
            )
        ]
        if report.history.count:
            parts.append(t("admin-reconcile-history", count=report.history.count, stars=report.history.stars))
        if report.error:
            parts.append(t("admin-reconcile-error", error=report.error))
        elif not report.complete:
            parts.append(t("admin-reconcile-goes-on"))
        await event.reply(Html("\n\n".join(parts)))

    async def _check(self, event: Event) -> None:
        report = await self.context.billing.desk.check()
        t = event.t
        text = t(
            "admin-ledger-checked" if not report.problems else "admin-ledger-wrong",
            accounts=report.accounts,
            entries=report.entries,
            total=report.total,
            count=len(report.problems),
        )
        if report.problems:
            problems = fitting(t, (t("admin-ledger-problem", problem=each) for each in report.problems))
            text = Html(f"{text}\n\n{problems}")
        await event.reply(text)

    async def _statement(self, event: Event, user_id: int) -> Screen:
        t = event.t
        desk = self.context.billing.desk
        entries = await desk.statement(user_id, _ENTRIES)
        if not entries:
            return Screen(t("admin-ledger-nothing", person=str(user_id)))
        lines = fitting(
            t,
            (
                t("admin-ledger-entry", entry=entry_line(t, entry), key=entry.key, actor=entry.actor)
                for entry in entries
            ),
        )
        balance = balance_line(t, await desk.balance(user_id))
        return Screen(
            t("admin-ledger-statement", person=str(user_id), balance=balance, count=len(entries), lines=lines)
        )
