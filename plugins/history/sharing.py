"""Inline mode: a person types the bot's name in any chat and shares what they have made."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

from plugins.history.part import Part
from starloom.api import (
    FileReferenceExpired,
    HistoryRow,
    InlineButton,
    InlineEvent,
    InlineFile,
    InlineResult,
    Job,
    Translator,
    files_of,
    on_inline,
)

_START = "share"
"""The `/start` parameter of the button that leads to the bot."""
_MOST = 50
"""How many results Telegram takes in one answer."""
_LOOKED_AT = 200
"""How many of a person's newest generations are looked through."""


class Sharing(Part):
    """Answers inline queries with the person's own results."""

    @on_inline
    async def offer(self, event: InlineEvent) -> None:
        """Offer the newest results, or those whose model or kept words have all that is typed."""
        history = self.context.generations.history
        rows = () if event.user.is_new else await history.recent(event.user.id, _LOOKED_AT)
        wanted = event.query.casefold().split()
        found = [row for row in rows if files_of(row.job) and self._fits(event.t, row, wanted)]
        begin = int(event.offset) if event.offset.isdecimal() else 0
        shown = found[begin : begin + self.config.shared]
        end = begin + len(shown)
        button = self._button(event.t, rows, shown)
        next_offset = str(end) if end < len(found) else ""
        try:
            results = list(self._results(event.t, shown))[:_MOST]
            await event.answer(results, button=button, next_offset=next_offset)
        except FileReferenceExpired:
            results = list(self._results(event.t, await self._refreshed(shown)))[:_MOST]
            await event.answer(results, button=button, next_offset=next_offset)

    async def _refreshed(self, rows: Sequence[HistoryRow]) -> list[HistoryRow]:
        """The rows with references that Telegram takes; those whose files are gone are left out."""
        jobs = await asyncio.gather(
            *(self.context.generations.refreshed(row.job.user_id, row.job.id) for row in rows),
            return_exceptions=True,
        )
        return [replace(row, job=job) for row, job in zip(rows, jobs, strict=True) if isinstance(job, Job)]

    def _fits(self, t: Translator, row: HistoryRow, wanted: Sequence[str]) -> bool:
        names = (self.context.generations.title(row.job.model_id, t.language), row.job.model_id, row.prompt)
        text = " ".join(names).casefold()
        return all(word in text for word in wanted)

    def _results(self, t: Translator, rows: Sequence[HistoryRow]) -> Iterator[InlineResult]:
        """Each file of each row. What goes into the other chat is the file alone, without a word of ours."""
        for row in rows:
            title = self.context.generations.title(row.job.model_id, t.language)
            description = row.prompt or t.plain("history-number", number=str(row.job.number))
            for place, media in enumerate(files_of(row.job)):
                yield InlineFile(f"{row.job.id}:{place}", media, title, description)

    def _button(
        self, t: Translator, rows: Sequence[HistoryRow], shown: Sequence[HistoryRow]
    ) -> InlineButton | None:
        """The way to the bot, for who finds nothing here."""
        if shown:
            return None
        return InlineButton(t.plain("history-share-no-match" if rows else "history-share-nothing"), _START)
