"""/inbox: what waits for a decision, one card each; a card comes by itself when something new does."""

from __future__ import annotations

from plugins.admin.cards import TOPUP, Cards, decision_words, facts_of, verdict
from plugins.admin.part import Part, operator_name
from starloom.api import (
    AdminRole,
    CallbackEvent,
    Case,
    CaseState,
    Event,
    Html,
    Keyboard,
    MessageEvent,
    MessageRef,
    Screen,
    TopUp,
    Translator,
    callback,
    case_token,
    command,
    step,
)

_AMOUNT = "amount"
_AT_ONCE = 5
"""Cards that one /inbox shows."""


class Inbox(Part):
    """Cases: shown, pushed, decided."""

    async def start(self) -> None:
        """Hear of new cases from now on."""
        self._cards = Cards(self.context.billing)
        self.context.billing.cases.listeners.append(self._changed)

    async def stop(self) -> None:
        """Hear of no more."""
        self.context.billing.cases.listeners.remove(self._changed)

    @command("inbox", description="admin-inbox-command", role=AdminRole.ADMIN, private=True)
    async def show_cases(self, event: MessageEvent) -> None:
        """Show what waits for a decision, oldest first."""
        await self._show_cases(event)

    @callback("inbox", role=AdminRole.ADMIN)
    async def show_cases_pressed(self, event: CallbackEvent) -> None:
        """The same, from the page about money."""
        await event.answer()
        await self._show_cases(event)

    async def _show_cases(self, event: Event) -> None:
        waiting = await self.context.billing.cases.open_ones()
        if not waiting:
            await event.say("admin-inbox-empty")
            return
        await event.say("admin-inbox", count=len(waiting), shown=min(len(waiting), _AT_ONCE))
        for case in waiting[:_AT_ONCE]:
            await self._forward_receipt(case, f"inbox:{event.key}", to=event.user.id)
            screen = await self._screen(event.t, case, event.user.id)
            await event.reply(screen.text, keyboard=screen.keyboard)

    @callback("decide", role=AdminRole.ADMIN)
    async def decide(self, event: CallbackEvent) -> None:
        """Decide a case with one tap."""
        case = await self._case(event)
        if case is None or len(event.arguments) != 3:
            await self.old_button(event)
            return
        await self._decide(event, case, event.arguments[2], int(event.arguments[1]))

    @callback("amount", role=AdminRole.ADMIN)
    async def ask_amount(self, event: CallbackEvent) -> None:
        """Ask how much of a top-up has really come."""
        case = await self._case(event)
        if case is None or case.kind != TOPUP:
            await self.old_button(event)
        elif case.state is not CaseState.OPEN or str(case.round) != event.arguments[1]:
            await self._second(event, case)
        else:
            data = {"case": case.id, "round": case.round, "card": event.message_id}
            await event.begin(_AMOUNT, data)
            await event.answer()
            await event.say("admin-amount-ask", stars=TopUp.of(case).stars, rub=str(TopUp.of(case).rub))

    @step(_AMOUNT, role=AdminRole.ADMIN)
    async def take_amount(self, event: MessageEvent) -> None:
        """Credit the amount that the operator wrote."""
        said = event.dialogue.data if event.dialogue is not None else {}
        decision = self.context.billing.topups.correction(event.message.text)
        case = await self.context.billing.cases.get(str(said["case"]))
        await self.leave(event)
        if case is None:
            await event.say("admin-old-button")
            return
        await self._decide(event, case, decision, int(said["round"]), card=int(said["card"]))

    async def _decide(self, event: Event, case: Case, decision: str, round_: int, *, card: int = 0) -> None:
        """Decide, and show on the card what has become of the case, whoever decided it."""
        decided = await self.context.billing.cases.decide(case.id, decision, event.user.id, round=round_)
        if not decided.first:
            await self._second(event, decided.case, card)
            return
        await self.record_decision(event, case, decided.case)
        await self._redraw(event, decided.case, card)
        if isinstance(event, CallbackEvent) and decided.case.state is CaseState.DONE:
            await event.answer(event.t(verdict(decided.case)))
        else:
            await self.tell(event, verdict(decided.case))

    async def _second(self, event: Event, case: Case, card: int = 0) -> None:
        """Tell an operator who was first, and with what; and show the case as it is now."""
        t = event.t
        if case.state is CaseState.OPEN:
            await self.tell(event, "admin-case-anew")
        elif case.by == event.user.id:
            await self.tell(event, "admin-case-yours", what=decision_words(t, case))
        else:
            who = operator_name(t, case.by, event.user.id)
            await self.tell(event, "admin-case-second", who=who, what=decision_words(t, case))
        await self._redraw(event, case, card)

    async def _redraw(self, event: Event, case: Case, card: int) -> None:
        screen = await self._screen(event.t, case, event.user.id)
        if isinstance(event, CallbackEvent):
            await event.edit(screen.text, keyboard=screen.keyboard)
        elif card:
            message = MessageRef(event.chat.id, card)
            await self.context.outbox.edit(message, screen.text, keyboard=screen.keyboard)

    async def _screen(self, t: Translator, case: Case, viewer: int) -> Screen:
        return self._cards.card(t, case, await facts_of(self.context.billing, case), viewer)

    async def _case(self, event: CallbackEvent) -> Case | None:
        token = event.arguments[0] if event.arguments else ""
        return await self.context.billing.cases.by_token(token)

    async def _changed(self, case: Case) -> None:
        """Push the card of a case that has opened, also when it opens anew."""
        if case.state is not CaseState.OPEN:
            return
        about = f"{case_token(case.id)}:{case.round}"
        await self._forward_receipt(case, about)
        facts = await facts_of(self.context.billing, case)

        def draw(t: Translator) -> tuple[Html, Keyboard]:
            screen = self._cards.waiting(t, case, facts)
            return Html(screen.text), screen.keyboard

        await self.context.admins.show(draw, about=f"case:{about}")

    async def _forward_receipt(self, case: Case, about: str, *, to: int | None = None) -> None:
        receipt = TopUp.of(case).receipt if case.kind == TOPUP else None
        if receipt is not None:
            await self.context.admins.forward(receipt, about=f"receipt:{case_token(case.id)}:{about}", to=to)
