"""Monthly plans: offered in the shop, begun by a link, cancelled and resumed with /plan."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.buy.part import BuyConfig, Screen, in_button, short_id
from plugins.buy.terms import Terms
from starloom.api import (
    Button,
    CallbackEvent,
    Event,
    Html,
    MessageEvent,
    PluginContext,
    Subscription,
    SubscriptionState,
    TelegramError,
    Translator,
    UserFacingError,
    callback,
    command,
)

_GOAL = "plan"
_STATES = {
    SubscriptionState.ACTIVE: "plans-active",
    SubscriptionState.CANCELED: "plans-canceled-until",
    SubscriptionState.FAILED: "plans-failed",
}


class Plans(Terms):
    """What `[billing.plans]` offers, and the plans that people have."""

    def __init__(self, context: PluginContext[BuyConfig]) -> None:
        super().__init__(context)
        self.goals[_GOAL] = self._offer_plan

    def plan_buttons(self, t: Translator, menu: str) -> list[Button]:
        """A button for each plan on sale, for the menu of this id."""
        return [
            Button(
                t.plain("plans-item", plan=in_button(offer.title), price=offer.stars),
                "plan",
                (short_id(offer.name), menu),
            )
            for offer in self.context.billing.subscriptions.offers(t.language)
        ]

    @command("plan", description="plans-command", private=True)
    async def show_plans(self, event: MessageEvent) -> None:
        """Show the person's plans."""
        await self.show(event, await self._plans(event))

    @callback("plans")
    async def show_plans_pressed(self, event: CallbackEvent) -> None:
        """The same, from a button."""
        await self.show(event, await self._plans(event))

    @callback("plan")
    async def choose_plan(self, event: CallbackEvent) -> None:
        """Go on with a plan."""
        self.context.billing.orders.must_sell()
        token, menu = (*event.arguments, "", "")[:2]
        await self.proceed(event, _GOAL, token, menu)

    @callback("plan-cancel")
    async def cancel_plan(self, event: CallbackEvent) -> None:
        """Let a plan end with the month that is paid."""
        await self._change(event, cancel=True)

    @callback("plan-resume")
    async def resume_plan(self, event: CallbackEvent) -> None:
        """Let a plan go on after all."""
        await self._change(event, cancel=False)

    async def _change(self, event: CallbackEvent, *, cancel: bool) -> None:
        plan = await self._own(event)
        subscriptions = self.context.billing.subscriptions
        change = subscriptions.cancel if cancel else subscriptions.resume
        try:
            await change(event.user.id, plan.id)
        except TelegramError as error:
            self.context.log.warning("plan not changed", error=error.name)
            await event.answer(event.t.plain("plans-telegram-away"), alert=True)
            return
        await event.answer(event.t.plain("plans-canceled" if cancel else "plans-resumed"))
        await self.show(event, await self._plans(event))

    async def _own(self, event: CallbackEvent) -> Subscription:
        """The plan of a button."""
        token = event.arguments[0] if event.arguments else ""
        for plan in await self.context.billing.subscriptions.of_user(event.user.id):
            if short_id(plan.id) == token:
                return plan
        raise UserFacingError("plan-unknown")

    async def _offer_plan(self, event: Event, chosen: str, menu: str) -> None:
        """Show what the plan gives, with the link by which Telegram lets people subscribe."""
        t = event.t
        subscriptions = self.context.billing.subscriptions
        offers = subscriptions.offers(t.language)
        offer = next((each for each in offers if short_id(each.name) == chosen), None)
        if offer is None:
            raise UserFacingError("plan-gone")
        if any(
            plan.plan == offer.name and plan.goes_on for plan in await subscriptions.of_user(event.user.id)
        ):
            await self.show(event, await self._plans(event))
            return
        link = await subscriptions.sell(
            event.user, event.chat.id, offer.name, key=f"plan:{offer.name}:{menu}", plugin=self.name
        )
        text = t(
            "plans-offer",
            plan=offer.title,
            price=t("stars", stars=offer.stars),
            grant=t("stars", stars=offer.grant),
        )
        subscribe = Button(t.plain("plans-subscribe", price=offer.stars), url=link)
        back = Button(t.plain("buy-back"), "shop")
        await self.show(event, Screen(text, ((subscribe,), (back,))))

    async def _plans(self, event: Event) -> Screen:
        t = event.t
        known = await self.context.billing.subscriptions.of_user(event.user.id)
        plans = [plan for plan in known if plan.state is not SubscriptionState.ENDED]
        if not plans:
            on_sale = bool(self.context.billing.subscriptions.offers(t.language))
            buttons = ((Button(t.plain("plans-see"), "shop"),),) if on_sale else ()
            return Screen(t("plans-none" if on_sale else "plans-none-on-sale"), buttons)
        told = [
            t(
                _STATES[plan.state],
                plan=plan.title,
                price=t("stars", stars=plan.stars),
                grant=t("stars", stars=plan.grant),
                day=self.day(t, plan.until),
            )
            for plan in plans
        ]
        return Screen(Html("\n\n".join(told)), _buttons(t, plans))


def _buttons(t: Translator, plans: Sequence[Subscription]) -> tuple[tuple[Button, ...], ...]:
    """One for each plan: to cancel it, or to take it up again."""
    single = len(plans) == 1
    rows = []
    for plan in plans:
        action = "cancel" if plan.goes_on else "resume"
        label = (
            t.plain(f"plans-{action}")
            if single
            else t.plain(f"plans-{action}-one", plan=in_button(plan.title))
        )
        rows.append((Button(label, f"plan-{action}", (short_id(plan.id),)),))
    return tuple(rows)
