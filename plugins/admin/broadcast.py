"""/broadcast: a word to many people, or a gift: drafted, tried on oneself, counted, sent, steered."""

from __future__ import annotations

from typing import Protocol

from plugins.admin.part import Part, moment, operator_name, person_line, short_id, whole
from starloom.api import (
    Activity,
    AdminRole,
    Audience,
    Broadcast,
    BroadcastState,
    Button,
    CallbackEvent,
    Event,
    Html,
    Keyboard,
    MessageEvent,
    Screen,
    Steered,
    Translator,
    UserFacingError,
    callback,
    command,
    is_over,
    panel_button,
    step,
)


class SteerToAudience(Protocol):
    """What is done with a broadcast and those whom it is for."""

    async def __call__(self, broadcast_id: str, audience: Audience, /, *, by: int) -> Steered:
        """Do it in the name of the operator `by`."""
        ...


_TEXT, _GIFT = "broadcast-text", "broadcast-gift"
_SHOWN = 6
_PREVIEW = 300
_ANY = "any"
_STEPS = {
    BroadcastState.DRAFT: ("begin-ask", "stop"),
    BroadcastState.RUNNING: ("pause", "stop"),
    BroadcastState.PAUSED: ("go-on", "stop"),
}


class Announcements(Part):
    """Broadcasts, and compensations, which are broadcasts of Stars."""

    @command("broadcast", description="admin-broadcast-command", role=AdminRole.ADMIN, private=True)
    async def show_broadcasts(self, event: MessageEvent) -> None:
        """List the last ones, with the way to a new one."""
        screen = await self.broadcasts_page(event)
        await event.reply(screen.text, keyboard=(*screen.keyboard, (panel_button(event.t),)))

    async def broadcasts_page(self, event: Event) -> Screen:
        """The last ones."""
        t = event.t
        found = await self.context.panel.broadcasts.last(_SHOWN)
        rows = [
            (
                Button(
                    t.plain(
                        "admin-broadcast-open",
                        at=moment(each.created_at),
                        state=each.state.value,
                        reached=each.reached,
                    ),
                    "broadcast",
                    (each.id,),
                ),
            )
            for each in found
        ]
        new = (
            Button(t.plain("admin-broadcast-new"), "broadcast-new"),
            Button(t.plain("admin-broadcast-gift"), "broadcast-gift"),
        )
        return Screen(t("admin-broadcasts", count=len(found)), (*rows, new))

    @callback("broadcast-new", role=AdminRole.ADMIN)
    async def ask_text(self, event: CallbackEvent) -> None:
        """Ask what is to be said."""
        await event.begin(_TEXT)
        await event.answer()
        await event.say("admin-broadcast-ask-text")

    @callback("broadcast-gift", role=AdminRole.ADMIN)
    async def ask_gift(self, event: CallbackEvent) -> None:
        """Ask how much is to be given, and why."""
        await event.begin(_GIFT)
        await event.answer()
        await event.say("admin-broadcast-ask-gift")

    @step(_TEXT, role=AdminRole.ADMIN)
    async def take_text(self, event: MessageEvent) -> None:
        """Keep the draft of a word, or of a file with words."""
        album = event.message.album_id
        if album is not None and event.dialogue is not None and event.dialogue.data.get("album") == album:
            return
        try:
            draft = await self.context.panel.broadcasts.draft(
                short_id(event.key), event.message, by=event.user.id
            )
        except UserFacingError:
            if album is not None:
                # The rest of it comes in messages of their own: one answer is enough.
                await event.begin(_TEXT, {"album": album})
            raise
        await self._show_draft(event, draft)

    @step(_GIFT, role=AdminRole.ADMIN)
    async def take_gift(self, event: MessageEvent) -> None:
        """Keep the draft of a gift: Stars, and why."""
        number, _, reason = event.message.text.strip().partition(" ")
        stars = whole(number)
        if stars is None or stars <= 0 or not reason.strip():
            await event.say("admin-broadcast-ask-gift")
        else:
            draft = await self.context.panel.broadcasts.draft_gift(
                short_id(event.key), stars, reason, by=event.user.id
            )
            await self._show_draft(event, draft)

    @callback("broadcast", role=AdminRole.ADMIN)
    async def show_broadcast(self, event: CallbackEvent) -> None:
        """Show one as it is now."""
        found = await self._broadcast_of(event)
        if found is not None:
            await self.show(event, await self._broadcast_card(event, found))

    @callback("broadcast-to", role=AdminRole.ADMIN)
    async def choose_audience(self, event: CallbackEvent) -> None:
        """Choose whom it is for."""
        await self._steer_to_audience(event, self.context.panel.broadcasts.choose)

    @callback("broadcast-test", role=AdminRole.ADMIN)
    async def try_on_oneself(self, event: CallbackEvent) -> None:
        """Send it to the operator alone, as everybody would get it."""
        found = await self._broadcast_of(event)
        if found is None:
            return
        await event.answer()
        if found.stars:
            letter = event.t("grant-letter", stars=found.stars, repaid=0, balance="…", reason=found.text)
            await event.reply(letter)
        else:
            await self.context.panel.broadcasts.show(found, to=event.user.id, key=short_id(event.key))

    @callback("broadcast-begin", role=AdminRole.ADMIN)
    async def begin_broadcast(self, event: CallbackEvent) -> None:
        """Begin to send it to those that the operator was asked about, unless it is for others by now."""
        await self._steer_to_audience(event, self.context.panel.broadcasts.begin)

    @callback("broadcast-do", role=AdminRole.ADMIN)
    async def steer(self, event: CallbackEvent) -> None:
        """Ask before the beginning; pause, go on or stop. Of two operators the first decides."""
        found = await self._broadcast_of(event)
        if found is None or len(event.arguments) != 2:
            return
        what, broadcasts, by = event.arguments[1], self.context.panel.broadcasts, event.user.id
        if what == "begin-ask":
            await self.show(event, await self._question(event.t, found))
            return
        actions = {"pause": broadcasts.pause, "go-on": broadcasts.go_on, "stop": broadcasts.stop}
        await self._show_steered(event, await actions[what](found.id, by=by))

    async def tell_end(self, broadcast: Broadcast) -> None:
        """Tell whoever wrote it how it ended."""
        author = broadcast.author
        person = await self.person(author)
        t = self.context.catalogue.translator(person.language if person else None)
        text = Html(f"{t('admin-broadcast-over')}\n{_figures(t, broadcast)}")
        await self.context.outbox.send(author, text, key=f"broadcast-over:{broadcast.id}", durable=True)

    async def _show_draft(self, event: MessageEvent, draft: Broadcast) -> None:
        await event.leave()
        await self.show(event, await self._broadcast_card(event, draft))

    async def _broadcast_of(self, event: CallbackEvent) -> Broadcast | None:
        found = await self.context.panel.broadcasts.get(event.arguments[0]) if event.arguments else None
        if found is None:
            await self.old_button(event)
        return found

    async def _steer_to_audience(self, event: CallbackEvent, steer: SteerToAudience) -> None:
        """Do what a button says that names a broadcast and whom it is for."""
        if len(event.arguments) != 3:
            await self.old_button(event)
            return
        broadcast_id, language, activity = event.arguments
        audience = Audience("" if language == _ANY else language, Activity(activity))
        await self._show_steered(event, await steer(broadcast_id, audience, by=event.user.id))

    async def _show_steered(self, event: CallbackEvent, steered: Steered) -> None:
        now = steered.broadcast
        if not steered.first:
            who = operator_name(event.t, now.by, event.user.id)
            await self.tell(event, "admin-broadcast-second", who=who, state=now.state.value)
        await self.show(event, await self._broadcast_card(event, now))

    async def _question(self, t: Translator, draft: Broadcast) -> Screen:
        count = await self.context.panel.broadcasts.count(draft.audience)
        text = t("admin-broadcast-sure", count=count, stars=draft.stars, all=count * draft.stars)
        to = (draft.id, draft.language or _ANY, draft.activity)
        yes = Button(t.plain("admin-broadcast-begin", count=count), "broadcast-begin", to)
        no = Button(t.plain("admin-no"), "broadcast", (draft.id,))
        return Screen(text, ((yes,), (no,)))

    async def _broadcast_card(self, event: Event, broadcast: Broadcast) -> Screen:
        t = event.t
        draft = broadcast.state is BroadcastState.DRAFT
        count = await self.context.panel.broadcasts.count(broadcast.audience) if draft else broadcast.total
        author = person_line(t, broadcast.author, await self.person(broadcast.author))
        text = t(
            "admin-broadcast",
            what=t("admin-broadcast-of-stars", stars=broadcast.stars) if broadcast.stars else "none",
            text=_preview(broadcast),
            file=broadcast.media.kind.value if broadcast.media else "none",
            language=self.context.catalogue.languages().get(broadcast.language, _ANY),
            activity=broadcast.activity,
            count=count,
            author=author,
        )
        parts = [text] if draft else [text, _figures(t, broadcast)]
        again = Button(t.plain("admin-again"), "broadcast", (broadcast.id,))
        back = Button(t.plain("admin-broadcast-all"), "page", ("admin", "broadcasts"))
        rows: Keyboard = (
            *self._audiences(t, broadcast),
            *_steps(t, broadcast),
            (again,),
            (back, panel_button(t)),
        )
        return Screen(Html("\n\n".join(parts)), rows)

    def _audiences(self, t: Translator, draft: Broadcast) -> Keyboard:
        if draft.state is not BroadcastState.DRAFT:
            return ()
        now = draft.language or _ANY

        def to(label: str, language: str, activity: str) -> Button:
            chosen = (language, activity) == (now, draft.activity)
            words = t.plain("admin-broadcast-chosen", label=label) if chosen else label
            return Button(words, "broadcast-to", (draft.id, language, activity))

        languages = {_ANY: t.plain("admin-broadcast-any"), **self.context.catalogue.languages()}
        by_language = tuple(to(name, code, draft.activity) for code, name in languages.items())
        by_activity = tuple(
            to(t.plain(f"admin-broadcast-to-{each.value}"), now, each.value) for each in Activity
        )
        return (by_language, by_activity[:2], by_activity[2:])


def _steps(t: Translator, broadcast: Broadcast) -> Keyboard:
    if is_over(broadcast):
        return ()
    steps = tuple(
        Button(t.plain(f"admin-broadcast-{what}"), "broadcast-do", (broadcast.id, what))
        for what in _STEPS[broadcast.state]
    )
    if broadcast.state is not BroadcastState.DRAFT:
        return (steps,)
    return ((Button(t.plain("admin-broadcast-test"), "broadcast-test", (broadcast.id,)),), steps)


def _preview(broadcast: Broadcast) -> Html | str:
    """The words as people get them, or the beginning of many words without their formatting."""
    text = broadcast.text
    return Html(broadcast.html) if len(text) <= _PREVIEW else f"{text[: _PREVIEW - 1]}…"


def _figures(t: Translator, broadcast: Broadcast) -> Html:
    return t(
        "admin-broadcast-figures",
        state=broadcast.state.value,
        reached=broadcast.reached,
        total=max(broadcast.total, broadcast.reached),
        sent=broadcast.sent,
        blocked=broadcast.blocked,
        failed=broadcast.failed,
    )
