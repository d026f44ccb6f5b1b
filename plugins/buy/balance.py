"""/balance: what a person has, in words, and what came and went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import groupby

from plugins.buy.entries import Line, line_of
from plugins.buy.part import Part, Screen
from starloom.api import (
    Button,
    CallbackEvent,
    Entry,
    Event,
    Html,
    MessageEvent,
    Preferences,
    Translator,
    callback,
    command,
)

_PAGE = 10
"""How many entries one page shows."""


class Statements(Part):
    """Balance and statement."""

    @command("balance", description="balance-command", private=True)
    async def show_balance(self, event: MessageEvent) -> None:
        """Show the balance and the last entries."""
        await self.show(event, await self._balance(event, 0))

    @callback("balance")
    async def show_balance_pressed(self, event: CallbackEvent) -> None:
        """The same, from a button elsewhere."""
        await event.answer()
        screen = await self._balance(event, 0)
        await event.reply(screen.text, keyboard=screen.keyboard)

    @callback("statement")
    async def turn_page(self, event: CallbackEvent) -> None:
        """Show another page of the statement."""
        page = event.arguments[0] if event.arguments else ""
        await self.show(event, await self._balance(event, int(page) if page.isdecimal() else 0))

    async def _balance(self, event: Event, page: int) -> Screen:
        t = event.t
        amounts = self.context.billing.amounts
        balance = await self.context.ledger.balance(event.user.id)
        units = Preferences.of(event.user).units
        lines = [t("balance", available=amounts.words(t, balance.available, units))]
        if balance.held:
            lines.append(t("balance-held", held=amounts.words(t, balance.held, units)))
        if balance.owed:
            lines.append(t("balance-owed", owed=amounts.words(t, balance.owed, units)))
        shown, more = await self._page(event.user.id, page)
        lines.append(await self._statement(t, shown) if shown else t("balance-empty"))
        return Screen(Html("\n\n".join(lines)), self._keyboard(t, page, more=more))

    async def _page(self, user_id: int, page: int) -> tuple[Sequence[tuple[Entry, Line]], bool]:
        """The entries of a page that are worth showing, newest first, and whether there are older ones."""
        end = (page + 1) * _PAGE
        limit = 2 * end + 1
        while True:
            entries = await self.context.ledger.statement(user_id, limit)
            told = [(entry, line) for entry in entries if not (line := line_of(entry)).quiet]
            if len(told) > end or len(entries) < limit:
                return told[end - _PAGE : end], len(told) > end
            limit *= 2

    async def _statement(self, t: Translator, shown: Sequence[tuple[Entry, Line]]) -> Html:
        names = await asyncio.gather(*(self.model_title(t, line.job) for _, line in shown))
        told = [
            (self.day(t, entry.at), _words(t, line, name))
            for (entry, line), name in zip(shown, names, strict=True)
        ]
        days = [
            t("balance-day", day=day, lines=Html("\n".join(words for _, words in of_day)))
            for day, of_day in groupby(told, key=lambda each: each[0])
        ]
        return Html("\n\n".join(days))

    def _keyboard(self, t: Translator, page: int, *, more: bool) -> tuple[tuple[Button, ...], ...]:
        turns = []
        if page > 0:
            turns.append(Button(t.plain("balance-newer"), "statement", (str(page - 1),)))
        if more:
            turns.append(Button(t.plain("balance-older"), "statement", (str(page + 1),)))
        top_up = (Button(t.plain("menu-top-up"), "open"),)
        return (tuple(turns), top_up) if turns else (top_up,)


def _words(t: Translator, line: Line, model: str) -> Html:
    what = t(f"entry-{line.kind}", model=model, stars=line.amount)
    if line.change == 0:
        return t("balance-line-still", what=what)
    change = t("balance-more" if line.change > 0 else "balance-less", stars=abs(line.change))
    return t("balance-line", change=change, what=what)
