"""What a waiting person sees: how their generation stands, and the button that stops it."""

from __future__ import annotations

from plugins.generate.part import Part, named
from plugins.generate.screen import Screen, stop_keyboard
from starloom.api import (
    CallbackEvent,
    Generations,
    Job,
    JobState,
    MessageRef,
    Translator,
    callback,
    hookimpl,
)

_BAR_CELLS = 10


class Progress(Part):
    """Shows how jobs stand, each in the message that was its confirmation, and stops them."""

    @hookimpl
    async def generation_changed(self, job: Job) -> None:
        """Show how a job stands."""
        if not job.active or job.progress_message_id is None:
            return
        screen = progress_screen(self.generations, self.context.catalogue.translator(job.language), job)
        message = MessageRef(job.chat_id, job.progress_message_id)
        await self.context.outbox.progress(message, screen.text, keyboard=screen.keyboard)

    @callback("stop")
    async def stop_job(self, event: CallbackEvent) -> None:
        """Stop a running job; the notice about the money comes from the core."""
        if await self.generations.cancel(event.user.id, named(event, 0)):
            await event.answer(event.t.plain("generate-stopping"))
        else:
            await event.answer(event.t.plain("generate-too-late"), alert=True)


def progress_screen(generations: Generations, t: Translator, job: Job) -> Screen:
    """How a running job stands."""
    title = generations.title(job.model_id, t.language)
    price = t(f"price-free-{job.free}") if job.free else t("stars", stars=job.price)
    if job.state in (JobState.READY, JobState.DELIVERING):
        return Screen(t("generate-sending", model=title))
    if job.percent is None:
        return Screen(t("generate-waiting", model=title, price=price), stop_keyboard(t, job))
    text = t("generate-running", model=title, price=price, percent=job.percent, bar=_bar(job.percent))
    return Screen(text, stop_keyboard(t, job))


def _bar(percent: int) -> str:
    full = percent * _BAR_CELLS // 100
    return "▰" * full + "▱" * (_BAR_CELLS - full)
