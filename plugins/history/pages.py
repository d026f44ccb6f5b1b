"""/history: what a person has made, page by page, and the favourites among it."""

from __future__ import annotations

from plugins.history.part import Part, Screen, argument, number_in, state_of
from starloom.api import (
    Button,
    CallbackEvent,
    Event,
    HistoryPage,
    HistoryRow,
    Html,
    MessageEvent,
    callback,
    command,
)

ALL, FAVOURITES = "a", "f"
"""Which list a button means."""


class Pages(Part):
    """The lists."""

    @command("history", description="history-command", private=True)
    async def show_history(self, event: MessageEvent) -> None:
        """Show the newest page."""
        await self.show(event, await self.page(event, ALL))

    @callback("open")
    async def show_history_pressed(self, event: CallbackEvent) -> None:
        """The same below a screen of another plugin's, which stays as it is."""
        await event.answer()
        screen = await self.page(event, ALL)
        await event.reply(screen.text, keyboard=screen.keyboard)

    @callback("page")
    async def turn(self, event: CallbackEvent) -> None:
        """Show the page of a list below a number; the newest one without."""
        await self.show(event, await self.page(event, argument(event, 0), number_in(event, 1)))

    @callback("newer")
    async def turn_back(self, event: CallbackEvent) -> None:
        """Show the page of a list that stands before a number."""
        kind = argument(event, 0)
        page = await self.context.generations.history.newer_page(
            event.user.id,
            after=number_in(event, 1),
            favourites=kind == FAVOURITES,
            limit=self.config.rows_per_page,
        )
        await self.show(event, self._page(event, kind, page))

    async def page(self, event: Event, kind: str, before: int = 0) -> Screen:
        """A list from a number downwards."""
        page = await self.context.generations.history.page(
            event.user.id, before=before, favourites=kind == FAVOURITES, limit=self.config.rows_per_page
        )
        return self._page(event, kind, page)

    def _page(self, event: Event, kind: str, page: HistoryPage) -> Screen:
        t, favourites = event.t, kind == FAVOURITES
        kind = FAVOURITES if favourites else ALL
        if not page.rows and not page.newer and not page.older:
            text = t("history-no-favourites" if favourites else "history-empty")
        else:
            title = t("history-favourites" if favourites else "history")
            rows = [self._row(event, row) for row in page.rows] or [t("history-gap")]
            text = Html("\n\n".join([title, *rows]))
        turns = []
        if page.newer:
            turns.append(Button(t.plain("history-newer"), "newer", (kind, str(page.after))))
        if page.older:
            turns.append(Button(t.plain("history-older"), "page", (kind, str(page.before))))
        top = page.rows[0].job.number + 1 if page.rows else 0
        rows_of_buttons = (
            tuple(
                Button(
                    t.plain("history-number", number=str(row.job.number)), "row", (row.job.id, kind, str(top))
                )
                for row in page.rows
            ),
            tuple(turns),
            (
                Button(t.plain("history-all"), "page", (ALL,))
                if favourites
                else Button(t.plain("history-to-favourites"), "page", (FAVOURITES,)),
            ),
        )
        return Screen(text, tuple(row for row in rows_of_buttons if row))

    def _row(self, event: Event, row: HistoryRow) -> Html:
        t, job = event.t, row.job
        state = state_of(job)
        if job.free:
            price = t("history-price-free")
        elif state in ("failed", "stopped", "expired"):
            price = t("history-price-none")
        else:
            price = t("history-price", stars=job.price)
        return t(
            "history-row",
            number=str(job.number),
            mark=" ⭐" if row.favourite else "",
            model=self.title(t, job),
            state=t(f"history-state-{state}"),
            price=price,
            time=self.time(event, job.created_at),
        )
