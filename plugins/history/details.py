"""One generation: everything worth telling of it, and what can be done with it."""

from __future__ import annotations

from datetime import datetime

from plugins.history.pages import ALL, FAVOURITES, Pages
from plugins.history.part import Screen, argument, is_over, number_in, state_of
from starloom.api import (
    Button,
    CallbackEvent,
    Event,
    HistoryRow,
    Html,
    Job,
    JobMoney,
    JobState,
    Keyboard,
    Translator,
    UserFacingError,
    callback,
    hookimpl,
    value_label,
)

_LONGEST_PROMPT = 1500


class Details(Pages):
    """The screen of one generation."""

    @hookimpl
    async def result_keyboard(self, job: Job) -> Keyboard | None:
        """A button below every result that makes it a favourite."""
        if not job.number:
            return None
        t = self.context.catalogue.translator(job.language)
        return ((Button(t.plain("history-favour-result"), "keep", (job.id,)),),)

    @callback("keep")
    async def keep_result(self, event: CallbackEvent) -> None:
        """Make a favourite of the result below which the button stands; once more, and it is none."""
        row = await self.context.generations.history.get(event.user.id, argument(event, 0))
        if row is None:
            raise UserFacingError("history-gone")
        await self._mark(event, row, on=not row.favourite)

    @callback("row")
    async def open_row(self, event: CallbackEvent) -> None:
        """Show one generation."""
        await self._show_row(event, await self._row_of(event))

    @callback("star")
    async def mark(self, event: CallbackEvent) -> None:
        """Make it a favourite, or none."""
        row = await self._row_of(event)
        changed = await self._mark(event, row, on=not row.favourite)
        await self._show_row(event, changed)

    @callback("again")
    async def send_again(self, event: CallbackEvent) -> None:
        """Send the files once more."""
        row = await self._row_of(event)
        await self.context.generations.send_again(
            event.user.id, row.job.id, chat_id=event.chat.id, key=event.key
        )
        await event.answer(event.t.plain("history-sent-again"))

    @callback("forget")
    async def forget_words(self, event: CallbackEvent) -> None:
        """Erase the words that are kept with it."""
        row = await self._row_of(event)
        changed = await self.context.generations.history.forget_prompt(event.user.id, row.job.id)
        await event.answer(event.t.plain("history-words-forgotten"))
        await self._show_row(event, changed or row)

    @callback("delete")
    async def ask_to_delete(self, event: CallbackEvent) -> None:
        """Ask before a row goes for good."""
        row = await self._row_of(event)
        t, where = event.t, _where(event)
        if not is_over(row.job):
            await event.answer(t.plain("history-not-over"), alert=True)
            return
        text = t("history-delete", number=str(row.job.number), model=self.title(t, row.job))
        yes = Button(t.plain("history-delete-yes"), "deleted", (row.job.id, *where))
        no = Button(t.plain("history-delete-no"), "row", (row.job.id, *where))
        await self.show(event, Screen(text, ((yes,), (no,))))

    @callback("deleted")
    async def delete(self, event: CallbackEvent) -> None:
        """Take it out of the person's view for good; what is left of the list is shown."""
        if not await self.context.generations.history.remove(event.user.id, argument(event, 0)):
            await event.answer(event.t.plain("history-not-over"), alert=True)
            return
        await event.answer(event.t.plain("history-deleted"))
        await self.show(event, await self.page(event, argument(event, 1), number_in(event, 2)))

    async def _row_of(self, event: CallbackEvent) -> HistoryRow:
        row = await self.context.generations.history.get(event.user.id, argument(event, 0))
        if row is None:
            raise UserFacingError("history-gone")
        return row

    async def _mark(self, event: CallbackEvent, row: HistoryRow, *, on: bool) -> HistoryRow:
        changed = await self.context.generations.history.set_favourite(event.user.id, row.job.id, on=on)
        await event.answer(event.t.plain("history-favoured" if on else "history-not-favoured"))
        return changed or row

    async def _show_row(self, event: CallbackEvent, row: HistoryRow) -> None:
        money = await self.context.generations.history.money(row.job)
        await self.show(event, Screen(self._words(event, row, money), self._keyboard(event, row)))

    def _words(self, event: Event, row: HistoryRow, money: JobMoney) -> Html:
        t, job = event.t, row.job
        head = t(
            "history-details",
            number=str(job.number),
            mark=" ⭐" if row.favourite else "",
            model=self.context.generations.title(job.model_id, t.language),
            state=t(f"history-state-{state_of(job)}"),
            time=self.time(event, job.created_at),
        )
        took = _seconds(job.created_at, job.since(JobState.READY))
        made_in = t("history-made-in", time=_in_words(t, took)) if took else Html("")
        parts = [
            Html("\n".join(part for part in (head, made_in) if part)),
            self._options(t, job),
            t("history-words", words=_shortened(row.prompt)) if row.prompt else Html(""),
            t("history-money", what=t(f"history-money-{money.moved.value}", stars=money.stars)),
            t("history-request", request=job.id),
        ]
        return Html("\n\n".join(part for part in parts if part))

    def _options(self, t: Translator, job: Job) -> Html:
        """The options that differ from what everybody gets, and those that say what was made."""
        try:
            model = self.context.generations.model(job.model_id)
        except UserFacingError:
            return Html("")
        lines = []
        for option in model.options:
            value = job.options.get(option.field)
            if value is None or value == "" or (option.advanced and value == option.default):
                continue
            label = option.label(value) or value_label(t, option, value)
            name = t(option.title_key) if t.has(option.title_key) else Html("")
            if name:
                lines.append(t("history-option", option=name, value=label))
        return Html("\n".join(lines))

    def _keyboard(self, event: CallbackEvent, row: HistoryRow) -> Keyboard:
        t, job = event.t, row.job
        where = (job.id, *_where(event))
        rows: list[tuple[Button, ...]] = []
        if job.state is JobState.DELIVERED and job.uploaded:
            rows.append((Button(t.plain("history-send-again"), "again", where),))
            label = "history-unfavour" if row.favourite else "history-favour"
            rows.append((Button(t.plain(label), "star", where),))
        if row.prompt:
            rows.append((Button(t.plain("history-forget-words"), "forget", where),))
        if is_over(job):
            rows.append((Button(t.plain("history-delete-ask"), "delete", where),))
        rows.append((Button(t.plain("history-back"), "page", _where(event)),))
        return tuple(rows)


def _where(event: CallbackEvent) -> tuple[str, str]:
    """The list, and the place in it, that the person came from."""
    kind = FAVOURITES if argument(event, 1) == FAVOURITES else ALL
    return kind, str(number_in(event, 2))


def _seconds(begun: datetime | None, ended: datetime | None) -> int:
    return max(1, round((ended - begun).total_seconds())) if begun and ended else 0


def _in_words(t: Translator, seconds: int) -> Html:
    minutes, rest = divmod(seconds, 60)
    return t("time-minutes", minutes=minutes, seconds=rest) if minutes else t("time", seconds=rest)


def _shortened(words: str) -> str:
    return words if len(words) <= _LONGEST_PROMPT else f"{words[: _LONGEST_PROMPT - 1]}…"
