"""What a waiting person sees: how their generation stands, and the button that stops it."""

from __future__ import annotations

from collections import OrderedDict

from plugins.generate.part import GenerateConfig, Part, named
from plugins.generate.screen import Screen, stop_keyboard
from starloom.api import (
    MADE_STATES,
    CallbackEvent,
    DeliveryProgress,
    DeliveryStage,
    Html,
    Job,
    JobState,
    MessageRef,
    PluginContext,
    Translator,
    about_time,
    callback,
    hookimpl,
)

_BAR_CELLS = 10
_MEGABYTE = 1_000_000
_MOST_SHOWN = 10_000
"""Messages of which it is remembered what they show. One that is forgotten is at worst edited for nothing."""


class Progress(Part):
    """Shows how jobs stand, each in the message that was its confirmation, and stops them."""

    def __init__(self, context: PluginContext[GenerateConfig]) -> None:
        super().__init__(context)
        self._shown: OrderedDict[str, Screen] = OrderedDict()

    @hookimpl
    async def generation_changed(self, job: Job) -> None:
        """Show how a job stands; the message of one that is over is gone, or about to be."""
        if not job.active:
            self._shown.pop(job.id, None)
        elif job.progress_message_id is not None:
            await self._show_progress(job, await self._screen_of(job))

    @hookimpl
    async def delivery_progress(self, job: Job, progress: DeliveryProgress) -> None:
        """Show how far the result is on its way."""
        if job.progress_message_id is None:
            return
        t = self.context.catalogue.translator(job.language)
        text = Html("\n\n".join((_sending(self._title(t, job), t, progress), _bytes_in_words(t, progress))))
        keyboard = () if progress.stage is DeliveryStage.SENDING else stop_keyboard(t, job)
        await self._show_progress(job, Screen(text, keyboard))

    @hookimpl
    async def generation_slow(self, job: Job) -> None:
        """Say once that it takes longer than usual, what that means for the money, and how to stop it.

        Whoever wants no reminders gets none.
        """
        if not (await self.context.people.preferences(job.user_id)).notify.reminders:
            return
        t = self.context.catalogue.translator(job.language)
        usual = await self.generations.expected_seconds(job.model_id)
        text = t(
            "generate-slow",
            model=self._title(t, job),
            usual=t("generate-slow-usual", time=about_time(t, usual)) if usual else "",
            money=t("generate-slow-free") if job.free else t("generate-slow-money", stars=job.price),
        )
        await self.context.outbox.send(
            job.chat_id, text, key=f"slow:{job.id}", keyboard=stop_keyboard(t, job), durable=True
        )

    @callback("stop")
    async def stop_job(self, event: CallbackEvent) -> None:
        """Stop a job; the notice about the money comes from the core."""
        if await self.generations.cancel(event.user.id, named(event, 0)):
            await event.answer(event.t.plain("generate-stopping"))
        else:
            await event.answer(event.t.plain("generate-too-late"), alert=True)

    async def _show_progress(self, job: Job, screen: Screen) -> None:
        """Edit the message, unless it shows this already."""
        if job.progress_message_id is None or self._shown.get(job.id) == screen:
            return
        self._shown[job.id] = screen
        if len(self._shown) > _MOST_SHOWN:
            self._shown.popitem(last=False)
        message = MessageRef(job.chat_id, job.progress_message_id)
        await self.context.outbox.progress(message, screen.text, keyboard=screen.keyboard)

    async def _screen_of(self, job: Job) -> Screen:
        t = self.context.catalogue.translator(job.language)
        title = self._title(t, job)
        if job.state in MADE_STATES:
            return Screen(t("generate-sending", model=title), stop_keyboard(t, job))
        price = t(f"price-free-{job.free}") if job.free else t("stars", stars=job.price)
        head = t("generate-underway", model=title, price=price)
        position = await self.generations.position(job)
        if position:
            told = (
                t("generate-queued", position=position),
                *await self._usual(t, job, "generate-queued-usually"),
            )
            return Screen(_lines(head, *told), stop_keyboard(t, job))
        return Screen(_lines(head, *await self._how_far(t, job)), stop_keyboard(t, job))

    async def _how_far(self, t: Translator, job: Job) -> tuple[Html, ...]:
        """By the provider's own word where it gives one, else by what is usual."""
        if job.state is not JobState.RUNNING:
            return (t("generate-waiting"), *await self._usual(t, job))
        usual = await self.generations.expected_seconds(job.model_id)
        left = usual - self._running_for(job) if usual else None
        if job.percent is not None:
            shown = t("generate-percent", bar=_bar(job.percent), percent=job.percent)
        elif usual and left is not None:
            shown = t("generate-bar", bar=_bar(round(100 * (1 - left / usual))))
        else:
            return (t("generate-working"),)
        if left is None:
            return (shown,)
        return (shown, t("generate-left", time=about_time(t, left)) if left > 0 else t("generate-longer"))

    async def _usual(self, t: Translator, job: Job, key: str = "generate-usually") -> tuple[Html, ...]:
        """How long it usually takes from its beginning, where that is known."""
        usual = await self.generations.expected_seconds(job.model_id)
        return (t(key, time=about_time(t, usual)),) if usual else ()

    def _running_for(self, job: Job) -> float:
        begun = job.since(JobState.SUBMITTED)
        return (self.context.clock.now() - begun).total_seconds() if begun else 0.0

    def _title(self, t: Translator, job: Job) -> str:
        return self.generations.title(job.model_id, t.language)


def _sending(title: str, t: Translator, progress: DeliveryProgress) -> Html:
    if progress.files > 1:
        return t("generate-sending-file", model=title, file=progress.file, files=progress.files)
    return t("generate-sending", model=title)


def _bytes_in_words(t: Translator, progress: DeliveryProgress) -> Html:
    """How far a file is: a bar where its size is known, else how much is there; speed, and time left."""
    if progress.stage is DeliveryStage.DOWNLOADING:
        return t("generate-fetching")
    if progress.stage is DeliveryStage.SENDING:
        return t("generate-last-step")
    if progress.percent is not None:
        lines = [t("generate-percent", bar=_bar(progress.percent), percent=progress.percent)]
    else:
        lines = [t("generate-megabytes", megabytes=round(progress.done / _MEGABYTE, 1))]
    if progress.speed > 0:
        lines.append(t("generate-speed", megabytes=round(progress.speed / _MEGABYTE, 1)))
    if progress.seconds_left is not None:
        lines.append(t("generate-left", time=about_time(t, progress.seconds_left)))
    return Html("\n".join(lines))


def _lines(head: Html, *lines: Html) -> Html:
    return Html(f"{head}\n\n" + "\n".join(lines))


def _bar(percent: int) -> str:
    full = min(_BAR_CELLS, max(0, percent) * _BAR_CELLS // 100)
    return "▰" * full + "▱" * (_BAR_CELLS - full)
