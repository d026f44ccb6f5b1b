"""Money: totals, what waits for a decision, and the ways to payments, codes, debts and the books."""

from __future__ import annotations

from plugins.admin.part import Part, usd
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    Event,
    Html,
    Screen,
    Totals,
    Translator,
    callback,
)


class Till(Part):
    """What is earned, and what is to be done about it."""

    async def money_page(self, event: Event) -> Screen:
        """The totals, with all that there is to do."""
        t, money = event.t, self.context.panel.money
        cases = await self.context.billing.cases.open_ones()
        topups = sum(case.kind == "topup" for case in cases)
        parts = [
            t("admin-money", waiting=len(cases), topups=topups),
            self._totals(t, "today", await money.today()),
            self._totals(t, "month", await money.month()),
            t("admin-money-ways"),
        ]
        return Screen(
            Html("\n\n".join(parts)),
            (
                (Button(t.plain("admin-money-inbox", count=len(cases)), "inbox"),),
                (
                    Button(t.plain("admin-money-reconcile"), "reconcile"),
                    Button(t.plain("admin-ledger-now"), "ledger"),
                ),
                (
                    Button(t.plain("admin-money-codes"), "promos", ("0",)),
                    Button(t.plain("admin-money-debts"), "debts"),
                ),
                (Button(t.plain("admin-money-export"), "export"),),
            ),
        )

    @callback("export", role=AdminRole.ADMIN)
    async def export(self, event: CallbackEvent) -> None:
        """Hand over the payments of this month."""
        await event.answer()
        table = await self.context.panel.money.export(by=event.user.id)
        month = f"{self.context.statistics.today:%Y-%m}"
        await event.reply_document(table, file_name=f"payments-{month}.csv", mime_type="text/csv")

    def _totals(self, t: Translator, what: str, totals: Totals) -> Html:
        money = self.context.panel.overview.money_of(totals.summary)
        return t(
            "admin-money-totals",
            what=what,
            payments=totals.payments,
            paid=totals.paid,
            returned=totals.returned,
            earned=money.stars,
            usd=usd(money.usd),
            cost=usd(money.cost_usd),
            margin=usd(money.margin_usd),
        )
