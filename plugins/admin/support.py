"""The support inbox: what people wrote, as threads that the team answers."""

from __future__ import annotations

from plugins.admin.part import Part, fitting, moment, operator_name, person_id, person_line, short_id
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    Event,
    Html,
    MessageEvent,
    PersonUnreachable,
    Screen,
    StarloomError,
    SupportThread,
    Translator,
    callback,
    may,
    panel_button,
    step,
)

_ANSWER = "support-answer"
_SHOWN = 8
_BUTTON = 40


class Support(Part):
    """Threads."""

    async def support_page(self, event: Event) -> Screen:
        """Those that wait for an answer, the longest first."""
        t, waiting = event.t, await self.context.panel.support.waiting()
        rows = []
        for thread in waiting:
            person = await self.person(thread.user_id)
            name = (person.name if person else "") or str(thread.user_id)
            label = t.plain("admin-thread-open", name=name, at=moment(thread.at)[5:])
            rows.append((Button(label[:_BUTTON], "thread", (str(thread.user_id),)),))
        return Screen(t("admin-support", count=len(waiting)), tuple(rows))

    @callback("thread", role=AdminRole.SUPPORT)
    async def show_thread(self, event: CallbackEvent) -> None:
        """Show what was written."""
        thread = await self._thread_of(event)
        if thread is not None:
            await self.show(event, await self._thread_screen(event.t, thread, event.user.id))

    @callback("thread-answer", role=AdminRole.SUPPORT)
    async def ask_answer(self, event: CallbackEvent) -> None:
        """Ask for the answer to what the operator has seen."""
        thread = await self._thread_of(event)
        if thread is None or len(event.arguments) != 2:
            return
        await event.begin(_ANSWER, {"user": thread.user_id, "seen": int(event.arguments[1])})
        await event.answer()
        await event.say("admin-thread-ask")

    @step(_ANSWER, role=AdminRole.SUPPORT)
    async def take_answer(self, event: MessageEvent) -> None:
        """Send it; of two who answer the first does."""
        data = event.dialogue.data if event.dialogue is not None else {}
        try:
            claim = await self.context.panel.support.answer(
                int(data["user"]),
                event.message.text,
                seen=int(data["seen"]),
                key=short_id(event.key),
                by=event.user.id,
            )
        except PersonUnreachable:
            await event.leave()
            await event.say("admin-user-unreachable")
            return
        await event.leave()
        if claim.first:
            await event.say("admin-thread-answered")
        else:
            await event.say("admin-thread-second", who=operator_name(event.t, claim.by, event.user.id))

    async def tell_of_thread(self, thread: SupportThread) -> None:
        """Tell everybody who answers people that somebody wrote."""
        for user_id, role in self.context.panel.team.roles().items():
            if not may(role, AdminRole.SUPPORT):
                continue
            member = await self.person(user_id)
            t = self.context.catalogue.translator(member.language if member else None)
            screen = await self._thread_screen(t, thread, user_id)
            try:
                await self.context.outbox.send(
                    user_id,
                    screen.text,
                    key=f"thread:{thread.user_id}:{thread.version}:{user_id}",
                    keyboard=screen.keyboard,
                    durable=True,
                )
            except StarloomError as error:
                self.context.log.warning("support not told", error=type(error).__name__)

    async def _thread_of(self, event: CallbackEvent) -> SupportThread | None:
        user_id = person_id(event.arguments[0]) if event.arguments else None
        thread = await self.context.panel.support.get(user_id) if user_id is not None else None
        if thread is None:
            await self.old_button(event)
        return thread

    async def _thread_screen(self, t: Translator, thread: SupportThread, viewer: int) -> Screen:
        person = person_line(t, thread.user_id, await self.person(thread.user_id))
        lines = fitting(
            t,
            (
                t(
                    "admin-thread-line",
                    at=moment(each.at),
                    who=operator_name(t, each.by, viewer) if each.by else person,
                    text=each.text,
                )
                for each in thread.messages[-_SHOWN:]
            ),
        )
        number = str(thread.user_id)
        answer = Button(t.plain("admin-thread-answer"), "thread-answer", (number, str(thread.version)))
        card = Button(t.plain("admin-job-person"), "user", (number,))
        text = t("admin-thread", person=person, waits="yes" if thread.waits else "no", lines=Html(lines))
        return Screen(text, ((answer, card), (panel_button(t),)))
