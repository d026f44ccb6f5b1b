"""Generations: found by anything that names them, followed in time, stopped, paid back, delivered again."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.admin.cards import decision_words
from plugins.admin.part import Part, moment, operator_name, person_id, person_line, short_id
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    Claim,
    Event,
    Html,
    Job,
    JobState,
    Keyboard,
    MessageEvent,
    PersonUnreachable,
    Screen,
    Stage,
    Translator,
    callback,
    can_be_roused,
    command,
    may,
    panel_button,
    seen_of,
    step,
    timeline,
)

_WHICH = "job-which"
_SUPPORT, _ADMIN = AdminRole.SUPPORT, AdminRole.ADMIN


class Generated(Part):
    """What was ordered."""

    @command("job", description="admin-job-command", role=_SUPPORT, private=True)
    async def find_job(self, event: MessageEvent) -> None:
        """Find generations by a request id, a task id, a person, a model or a state."""
        await self.leave(event)
        if event.argument.strip():
            await self._show_jobs(event, event.argument)
        else:
            await event.begin(_WHICH)
            await event.say("admin-jobs-ask")

    async def jobs_page(self, event: Event) -> Screen:
        """Those that are being made, and the way to others."""
        t, found = event.t, await self.context.panel.jobs.newest()
        find = (Button(t.plain("admin-jobs-find"), "jobs-find"),)
        return Screen(t("admin-jobs", count=len(found)), (*self._choices_of(t, found), find))

    @callback("jobs-find", role=_SUPPORT)
    async def ask_which(self, event: CallbackEvent) -> None:
        """Ask which are meant."""
        await event.begin(_WHICH)
        await event.answer()
        await event.say("admin-jobs-ask")

    @step(_WHICH, role=_SUPPORT)
    async def take_which(self, event: MessageEvent) -> None:
        """Show those that are meant."""
        await self.record(event, "jobs.find", None, {"words": event.message.text})
        await self._show_jobs(event, event.message.text)

    @callback("user-jobs", role=_SUPPORT)
    async def show_jobs_of(self, event: CallbackEvent) -> None:
        """Show what somebody has had made last, behind their card."""
        user_id = person_id(event.arguments[0]) if event.arguments else None
        person = await self.person(user_id) if user_id is not None else None
        if person is None:
            await self.old_button(event)
            return
        t, found = event.t, await self.context.panel.jobs.of_person(person.id)
        text = t("admin-user-jobs", person=person_line(t, person.id, person), count=len(found))
        back = Button(t.plain("admin-user-back"), "user", (str(person.id),))
        await self.show(event, Screen(text, (*self._choices_of(t, found), (back,))))

    @callback("job", role=_SUPPORT)
    async def show_job(self, event: CallbackEvent) -> None:
        """Show one as it is now."""
        job = await self._job_of(event)
        if job is not None:
            await self.show(event, await self._job_card(event, job))

    @callback("job-do", role=_SUPPORT)
    async def act(self, event: CallbackEvent) -> None:
        """Retry, stop, give back or deliver again; money and stopping are for admins."""
        job = await self._job_of(event)
        if job is None or len(event.arguments) != 3:
            return
        _, what, seen = event.arguments
        desk, by = self.context.panel.jobs, event.user.id
        if what == "redeliver":
            await self._redeliver(event, job, seen)
        elif not may(event.role, _ADMIN):
            await self.old_button(event)
            return
        elif what == "refund":
            decided = await desk.refund(job, by=by)
            who = operator_name(event.t, decided.case.by, by)
            if decided.first:
                await self.tell(event, "admin-job-refunded")
            else:
                await self.tell(
                    event, "admin-case-second", who=who, what=decision_words(event.t, decided.case)
                )
        elif what in ("cancel", "retry"):
            claim = await (desk.cancel if what == "cancel" else desk.retry)(job, seen=seen, by=by)
            await self._tell_claim(event, claim)
        again = await desk.get(job.id)
        if again is not None:
            await self.show(event, await self._job_card(event, again))

    async def _redeliver(self, event: CallbackEvent, job: Job, seen: str) -> None:
        key, by = short_id(event.key), event.user.id
        try:
            claim = await self.context.panel.jobs.redeliver(job, key=key, seen=seen, by=by)
        except PersonUnreachable:
            await self.tell(event, "admin-user-unreachable")
        else:
            await self._tell_claim(event, claim)

    async def _tell_claim(self, event: CallbackEvent, claim: Claim) -> None:
        if claim.first:
            await self.tell(event, f"admin-job-did-{claim.what}")
        else:
            who = operator_name(event.t, claim.by, event.user.id)
            await self.tell(event, "admin-job-second", who=who)

    async def _show_jobs(self, event: MessageEvent, words: str) -> None:
        found = await self.context.panel.jobs.find(words)
        if not found:
            await event.say("admin-jobs-none")
            return
        await self.leave(event)
        if len(found) == 1:
            await self.show(event, await self._job_card(event, found[0]))
        else:
            await event.say("admin-jobs-found", count=len(found), keyboard=self._choices_of(event.t, found))

    async def _job_of(self, event: CallbackEvent) -> Job | None:
        job = await self.context.panel.jobs.get(event.arguments[0]) if event.arguments else None
        if job is None:
            await self.old_button(event)
        return job

    async def _job_card(self, event: Event, job: Job) -> Screen:
        t = event.t
        money = await self.context.panel.jobs.money(job)
        parts = [
            t(
                "admin-job",
                job=job.id,
                state=_state(t, job.state),
                model=self.context.generations.title(job.model_id, t.language),
                provider=job.provider,
                task=job.task_id or "none",
                person=person_line(t, job.user_id, await self.person(job.user_id)),
                price=job.price,
                moved=money.moved.value,
                failure=job.failure or "none",
                detail=job.detail or "none",
            ),
            Html("\n".join(_stage_line(t, stage) for stage in timeline(job))),
        ]
        if not job.active and job.state is not JobState.DELIVERED:
            parts.append(t("admin-job-over", moved=money.moved.value))
        return Screen(Html("\n\n".join(parts)), self._job_keyboard(event, job))

    def _job_keyboard(self, event: Event, job: Job) -> Keyboard:
        t = event.t
        ways = []
        if may(event.role, _ADMIN):
            if can_be_roused(job):
                ways.append("retry")
            if job.stoppable:
                ways.append("cancel")
            if job.state is JobState.DELIVERED and job.price and not job.free:
                ways.append("refund")
        if job.state is JobState.DELIVERED:
            ways.append("redeliver")
        seen = seen_of(job)
        rows = tuple((Button(t.plain(f"admin-job-{way}"), "job-do", (job.id, way, seen)),) for way in ways)
        person = Button(t.plain("admin-job-person"), "user", (str(job.user_id),))
        again = Button(t.plain("admin-again"), "job", (job.id,))
        return (*rows, (person, again), (panel_button(t),))

    def _choices_of(self, t: Translator, jobs: Sequence[Job]) -> Keyboard:
        rows = []
        for job in jobs:
            title = self.context.generations.title(job.model_id, t.language)
            label = t.plain(
                "admin-job-open", state=job.state.value, at=moment(job.created_at)[5:], model=title
            )
            rows.append((Button(label[:40], "job", (job.id,)),))
        return tuple(rows)


def _state(t: Translator, state: JobState) -> Html:
    return t(f"admin-state-{state.value}")


def _stage_line(t: Translator, stage: Stage) -> Html:
    seconds = "none" if stage.time is None else round(stage.time.total_seconds(), 1)
    at = stage.at.strftime("%Y-%m-%d %H:%M:%S")
    return t("admin-job-stage", at=at, state=_state(t, stage.state), seconds=seconds)
