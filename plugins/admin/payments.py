"""/payment and /payments: a payment by its charge id or a person's payments, and giving one back."""

from __future__ import annotations

from plugins.admin.cards import verdict
from plugins.admin.part import Part, balance_line, moment, operator_name, person_id, short_id
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    CaseState,
    Event,
    Html,
    Keyboard,
    MessageEvent,
    Paid,
    PaidBack,
    RefundPreview,
    RefundState,
    Screen,
    Shortage,
    Translator,
    UserFacingError,
    callback,
    command,
)

_SHOWN = 10
_NO = "no"
_KINDS = ("stars", "generation", "plan", "sale", "unknown")
_BUTTON_CHARGE = 16


class Payments(Part):
    """Payments and their refunds."""

    @command("payment", description="admin-payment-command", role=AdminRole.ADMIN, private=True)
    @command("refund_payment", role=AdminRole.ADMIN, private=True)
    async def show_payment(self, event: MessageEvent) -> None:
        """Show the payment with a charge id."""
        charge_id = event.argument.strip()
        if not charge_id or " " in charge_id:
            await event.say("admin-payment-usage")
            return
        preview = await self.context.billing.refunds.preview(charge_id)
        await self.show(event, await self._payment_card(event, preview))

    @command("payments", description="admin-payments-command", role=AdminRole.ADMIN, private=True)
    async def show_payments(self, event: MessageEvent) -> None:
        """List a person's payments, newest first."""
        user_id = person_id(event.argument)
        if user_id is None:
            await event.say("admin-payments-usage")
            return
        found = await self.context.billing.desk.payments(user_id)
        if not found:
            await event.say("admin-payments-none", person=str(user_id))
            return
        t = event.t
        shown = found[:_SHOWN]
        lines = Html("\n".join(_line(t, each) for each in shown))
        text = t("admin-payments", person=str(user_id), count=len(found), shown=len(shown), lines=lines)
        buttons = tuple((_open_button(t, each.paid),) for each in shown)
        await event.reply(text, keyboard=buttons)

    @callback("payment", role=AdminRole.ADMIN)
    async def show_payment_pressed(self, event: CallbackEvent) -> None:
        """Show a payment of the list below it."""
        preview = await self._preview(event)
        if preview is None:
            await self.old_button(event)
            return
        await event.answer()
        screen = await self._payment_card(event, preview)
        await event.reply(screen.text, keyboard=screen.keyboard)

    @callback("refund", role=AdminRole.ADMIN)
    async def refund(self, event: CallbackEvent) -> None:
        """Give a payment back, in one of the ways that its card offers."""
        preview = await self._preview(event)
        if preview is None or len(event.arguments) != 3:
            await self.old_button(event)
            return
        way = event.arguments[2]
        if way == _NO:
            await event.edit((await self._payment_card(event, preview)).text)
            return
        await self._refund(event, preview.paid, Shortage(way))
        again = await self.context.billing.refunds.preview(preview.paid.charge_id)
        await self.show(event, await self._payment_card(event, again))

    async def _refund(self, event: CallbackEvent, paid: Paid, shortage: Shortage) -> None:
        """Carry it out: as the decision on the person's own request if that waits, else by itself."""
        cases = self.context.billing.cases
        case = await cases.get(f"refund:{paid.charge_id}")
        if case is not None and case.state is CaseState.OPEN:
            decision = "refund" if shortage is Shortage.STOP else shortage.value
            decided = await cases.decide(case.id, decision, event.user.id)
            if decided.first:
                await self.record_decision(event, case, decided.case)
                await event.answer(event.t(verdict(decided.case)), alert=True)
                return
        outcome = await self.context.billing.refunds.refund(
            paid.charge_id, actor=f"admin:{event.user.id}", reason="operator", shortage=shortage
        )
        about = {"charge": paid.charge_id}
        was, now = {"refund": paid.refund}, {"refund": outcome.refund.state, "result": outcome.result.value}
        await self.record(event, "money.refund", about | was, about | now)
        who = operator_name(event.t, outcome.refund.actor, event.user.id)
        await event.answer(event.t(f"admin-refund-{outcome.result.value}", who=who), alert=True)

    async def _preview(self, event: CallbackEvent) -> RefundPreview | None:
        """What a button's payment is about: the button has the payer and a short name of the charge."""
        user_id = person_id(event.arguments[0]) if event.arguments else None
        if user_id is None or len(event.arguments) < 2:
            return None
        for each in await self.context.billing.desk.payments(user_id):
            if short_id(each.paid.charge_id) == event.arguments[1]:
                try:
                    return await self.context.billing.refunds.preview(each.paid.charge_id)
                except UserFacingError:
                    return None
        return None

    async def _payment_card(self, event: Event, preview: RefundPreview) -> Screen:
        t, paid = event.t, preview.paid
        text = t(
            "admin-payment",
            charge=paid.charge_id,
            person=str(paid.user_id),
            stars=paid.stars,
            bonus=paid.bonus,
            kind=_kind(t, paid),
            order=paid.order_id or "none",
            at=moment(paid.at),
            served="yes" if paid.served else "no",
        )
        parts = [text, _refund_line(t, preview, event.user.id)]
        balance = await self.context.billing.desk.balance(paid.user_id)
        parts.append(balance_line(t, balance))
        keyboard: Keyboard = ()
        if preview.state in (None, RefundState.REFUSED):
            parts.append(t("admin-refund-preview", wanted=preview.wanted, missing=preview.missing))
            keyboard = _refund_keyboard(t, preview)
        return Screen(Html("\n\n".join(parts)), keyboard)


def _refund_keyboard(t: Translator, preview: RefundPreview) -> Keyboard:
    paid = preview.paid

    def button(key: str, way: str) -> tuple[Button]:
        label = t.plain(key, stars=paid.stars, missing=preview.missing)
        return (Button(label, "refund", (str(paid.user_id), short_id(paid.charge_id), way)),)

    no = button("admin-refund-no", _NO)
    if not preview.missing:
        return (button("admin-do-refund", Shortage.STOP.value), no)
    return (
        button("admin-do-debt", Shortage.DEBT.value),
        button("admin-do-forgive", Shortage.FORGIVE.value),
        no,
    )


def _refund_line(t: Translator, preview: RefundPreview, viewer: int) -> Html:
    refund = preview.refund
    if refund is None:
        return t("admin-refund-state-none")
    return t(
        "admin-refund-state",
        state=t(f"admin-refund-state-{refund.state.value}"),
        who=operator_name(t, refund.actor, viewer),
        at=moment(refund.ended_at or refund.begun_at),
        taken=refund.taken,
        owed=refund.owed,
        error=refund.error or "none",
    )


def _kind(t: Translator, paid: Paid) -> Html:
    return t(f"admin-kind-{paid.kind}") if paid.kind in _KINDS else t("admin-kind-unknown")


def _line(t: Translator, each: PaidBack) -> Html:
    paid, refund = each.paid, each.refund
    given_back = refund is not None and refund.state in (RefundState.REFUNDED, RefundState.DONE)
    return t(
        "admin-payments-line",
        stars=paid.stars,
        kind=_kind(t, paid),
        at=moment(paid.at),
        charge=paid.charge_id,
        refunded="yes" if given_back else "no",
    )


def _open_button(t: Translator, paid: Paid) -> Button:
    charge = paid.charge_id
    shown = charge if len(charge) <= _BUTTON_CHARGE else f"…{charge[1 - _BUTTON_CHARGE :]}"
    label = t.plain("admin-payments-open", stars=paid.stars, charge=shown)
    return Button(label, "payment", (str(paid.user_id), short_id(charge)))
