"""The terms: shown at any time, accepted once before the first purchase."""

from __future__ import annotations

from datetime import datetime

from plugins.buy.part import Part, Screen
from starloom.api import Button, CallbackEvent, Event, MessageEvent, callback, command

ACCEPTED = "terms_accepted"
"""The setting of a person's that keeps when they accepted the terms."""


class Terms(Part):
    """/terms, and the question before the first purchase."""

    @command("terms", description="terms-command")
    async def show_terms(self, event: MessageEvent) -> None:
        """Show the terms; who has not accepted them yet may do so here."""
        await self.show(event, self._terms(event, event.user.settings.get(ACCEPTED)))

    @callback("accept")
    async def accept(self, event: CallbackEvent) -> None:
        """Note that the person accepts, and go on with what they chose before, if anything."""
        goal, chosen, screen = (*event.arguments, "", "", "")[:3]
        accepted = event.user.settings.get(ACCEPTED)
        if accepted is None:
            accepted = self.context.clock.now().isoformat()
            await self.context.people.set_setting(event.user.id, ACCEPTED, accepted)
            await event.answer(event.t.plain("terms-thanks"))
        if goal in self.goals:
            await self.goals[goal](event, chosen, screen)
        else:
            await self.show(event, self._terms(event, accepted))

    @callback("decline")
    async def decline(self, event: CallbackEvent) -> None:
        """Leave it; the terms can be accepted another time."""
        await self.leave(event)
        await event.edit(event.t("terms-declined"))

    async def proceed(self, event: Event, goal: str, chosen: str, screen: str) -> None:
        """Go on to a goal; first ask for the terms to be accepted, if they never were."""
        if ACCEPTED in event.user.settings:
            await self.goals[goal](event, chosen, screen)
            return
        t = event.t
        agree = Button(t.plain("terms-accept-and-go-on"), "accept", (goal, chosen, screen))
        decline = Button(t.plain("buy-never-mind"), "decline")
        question = t("terms-question", terms=t("terms-text"))
        await self.show(event, Screen(question, ((agree,), (decline,))))

    def _terms(self, event: Event, accepted: str | None) -> Screen:
        t = event.t
        if accepted is None:
            agree = Button(t.plain("terms-accept"), "accept")
            return Screen(t("terms", terms=t("terms-text")), ((agree,),))
        try:
            day = self.day(t, datetime.fromisoformat(accepted))
        except ValueError:
            # Another feature has noted it in its own way.
            return Screen(t("terms", terms=t("terms-text")))
        return Screen(t("terms-accepted", terms=t("terms-text"), day=day))
