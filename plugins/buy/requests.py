"""/refund: one of one's own payments or generations, why, and what the operators make of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from plugins.buy.items import GENERATION, PAYMENT, Item, items_in
from plugins.buy.part import Part, Screen, in_button, short_id
from starloom.api import (
    Button,
    CallbackEvent,
    Case,
    CaseState,
    Event,
    Html,
    MessageEvent,
    Translator,
    UserFacingError,
    callback,
    command,
    step,
)

_REASON = "reason"
_CONFIRM = "request"
_PAGE = 6
_ENTRIES = 400
"""How far back people's own payments and generations are looked for."""
_GENERATIONS_FOR = timedelta(days=30)
_LONGEST_REASON = 500
_SHOWN_REASON = 200


class Requests(Part):
    """Asking for Stars back."""

    @command("refund", description="refund-command", private=True)
    async def show_items(self, event: MessageEvent) -> None:
        """Show what can be asked back."""
        await self.leave(event)
        await self.show(event, await self._items_screen(event, 0))

    @callback("refunds")
    async def show_items_pressed(self, event: CallbackEvent) -> None:
        """The same, from a button; with a page in its place."""
        await self.leave(event)
        page = event.arguments[0] if event.arguments else ""
        if page.isdecimal():
            await self.show(event, await self._items_screen(event, int(page)))
            return
        await event.answer()
        screen = await self._items_screen(event, 0)
        await event.reply(screen.text, keyboard=screen.keyboard)

    @callback("refund")
    async def choose_item(self, event: CallbackEvent) -> None:
        """Ask why; or say what became of it, if it was asked for before."""
        item = await self._item(event, event.arguments)
        if item is None:
            await self._answer_old_button(event)
            return
        if await self._told_state(event, item):
            return
        await event.begin(_REASON, {"kind": item.kind, "id": item.id})
        skip = Button(event.t.plain("refund-skip"), "refund-skip", (item.token,))
        text = event.t("refund-why", what=await self._name(event.t, item), limit=_LONGEST_REASON)
        await event.edit(text, keyboard=((skip,), (_back(event.t),)))

    @callback("refund-skip")
    async def skip_reason(self, event: CallbackEvent) -> None:
        """Go on without a reason."""
        item = await self._item(event, event.arguments)
        if item is None:
            await self._answer_old_button(event)
        elif not await self._told_state(event, item):
            await self._ask_to_confirm(event, item, "")

    @step(_REASON)
    @step(_CONFIRM)
    async def take_reason(self, event: MessageEvent) -> None:
        """Take the reason, also a better one instead of the last."""
        said = _said(event)
        item = await self._item(event, (short_id(f"{said.get('kind')}:{said.get('id')}"),))
        reason = await self.words(event, event.t("refund-words-only"))
        if item is None:
            await event.leave()
            await event.say("buy-old-button")
        elif len(reason) > _LONGEST_REASON:
            await event.say("refund-too-long", length=len(reason), limit=_LONGEST_REASON)
        elif reason:
            await self._ask_to_confirm(event, item, reason)

    @callback("refund-ask")
    async def ask(self, event: CallbackEvent) -> None:
        """Hand the request to the operators, once."""
        item = await self._item(event, event.arguments)
        if item is None:
            await self._answer_old_button(event)
            return
        said = _said(event)
        if said.get("id") != item.id or "reason" not in said:
            if not await self._told_state(event, item):
                await self._answer_old_button(event)
            return
        cases = self.context.billing.refund_cases
        ask = cases.ask_for_payment if item.kind == PAYMENT else cases.ask_for_generation
        await ask(event.user.id, item.id, str(said["reason"]))
        await event.leave()
        await event.edit(event.t("refund-asked", what=await self._name(event.t, item)))

    async def _told_state(self, event: CallbackEvent, item: Item) -> bool:
        """Say how an earlier request for it stands, if there is one."""
        case = await self.context.billing.cases.get(item.case_id)
        state = await self._state(item, case)
        if not state:
            return False
        await self.leave(event)
        text = event.t(f"refund-state-{state}", what=await self._name(event.t, item))
        await event.edit(text, keyboard=((_back(event.t),),))
        return True

    async def _state(self, item: Item, case: Case | None) -> str:
        """How it stands: `open`, `decided`, `refunded`, `declined`, or nothing when it can be asked for."""
        if case is not None and case.state is not CaseState.DONE:
            return "open" if case.state is CaseState.OPEN else "decided"
        if case is not None:
            return "declined" if case.decision == "decline" else "refunded"
        return await self._state_of_refund(item) if item.kind == PAYMENT else ""

    async def _state_of_refund(self, item: Item) -> str:
        """How the refund of a payment stands that nobody asked for here."""
        try:
            preview = await self.context.billing.refunds.preview(item.id)
        except UserFacingError:
            # It is credited, and its record is still to be written.
            return ""
        return _STATES.get(preview.state.value, "") if preview.state else ""

    async def _ask_to_confirm(self, event: Event, item: Item, reason: str) -> None:
        t = event.t
        await event.begin(_CONFIRM, {"kind": item.kind, "id": item.id, "reason": reason})
        shown = reason if len(reason) <= _SHOWN_REASON else f"{reason[: _SHOWN_REASON - 1]}…"
        text = t(
            f"refund-confirm-{item.kind}",
            what=await self._name(t, item),
            reason=t("refund-reason", reason=shown) if reason else t("refund-no-reason"),
        )
        send = Button(t.plain("refund-send"), "refund-ask", (item.token,))
        await self.show(event, Screen(text, ((send,), (_back(t),))))

    async def _items_screen(self, event: Event, page: int) -> Screen:
        t = event.t
        items = await self._items(event.user.id)
        if not items:
            return Screen(t("refund-nothing"))
        last = (len(items) - 1) // _PAGE
        page = min(page, last)
        shown = items[page * _PAGE : (page + 1) * _PAGE]
        rows = [(button,) for button in await asyncio.gather(*(self._button(t, item) for item in shown))]
        turns = []
        if page > 0:
            turns.append(Button(t.plain("balance-newer"), "refunds", (str(page - 1),)))
        if page < last:
            turns.append(Button(t.plain("balance-older"), "refunds", (str(page + 1),)))
        return Screen(t("refund-choose"), (*rows, tuple(turns)) if turns else tuple(rows))

    async def _button(self, t: Translator, item: Item) -> Button:
        case = await self.context.billing.cases.get(item.case_id)
        state = await self._state(item, case)
        name = await self.model_title(t, item.id) if item.kind == GENERATION else ""
        mark = t.plain(f"refund-mark-{state or 'free'}")
        label = t.plain(
            f"refund-item-{item.kind}",
            mark=mark,
            stars=item.stars,
            model=in_button(name),
            day=t.plain("day-short", at=item.at),
        )
        return Button(label, "refund", (item.token,))

    async def _items(self, user_id: int) -> list[Item]:
        """A person's payments, and the generations of late that they paid for, newest first."""
        entries = await self.context.ledger.statement(user_id, _ENTRIES)
        since = self.context.clock.now() - _GENERATIONS_FOR
        return items_in(entries, user_id, since=since)

    async def _item(self, event: Event, arguments: Sequence[str]) -> Item | None:
        """The item of a button, if it is (still) one of the person's own."""
        token = arguments[0] if arguments else ""
        items = await self._items(event.user.id)
        return next((item for item in items if item.token == token), None)

    async def _name(self, t: Translator, item: Item) -> Html:
        model = await self.model_title(t, item.id) if item.kind == GENERATION else ""
        stars = t("stars", stars=item.stars)
        return t(f"refund-what-{item.kind}", stars=stars, model=model, day=self.day(t, item.at))

    async def _answer_old_button(self, event: CallbackEvent) -> None:
        await event.answer(event.t.plain("buy-old-button"), alert=True)


_STATES = {
    "begun": "decided",
    "taking": "decided",
    "asking": "decided",
    "refunded": "refunded",
    "done": "refunded",
    "undoing": "decided",
}
"""How a refund that nobody asked for here stands."""


def _said(event: Event) -> Mapping[str, Any]:
    return event.dialogue.data if event.dialogue is not None else {}


def _back(t: Translator) -> Button:
    return Button(t.plain("refund-back"), "refunds", ("0",))
