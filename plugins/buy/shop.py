"""/buy: packages, any amount, and the invoice for what was chosen."""

from __future__ import annotations

from plugins.buy.numbers import Unclear, explain, read_stars
from plugins.buy.part import BuyConfig, Screen, rows_of, short_id
from plugins.buy.plans import Plans
from starloom.api import (
    MAX_PAYMENT,
    Button,
    CallbackEvent,
    Event,
    MessageEvent,
    OrderKind,
    PluginContext,
    PromoState,
    callback,
    command,
    on_start,
    step,
)

_AMOUNT = "amount"
_GOAL = "stars"


class Shop(Plans):
    """Stars for the balance.

    Each menu has an id, which stands in its buttons and in the orders made from it: so of many taps on one
    button there is one invoice.
    """

    def __init__(self, context: PluginContext[BuyConfig]) -> None:
        super().__init__(context)
        self.goals[_GOAL] = self._send_invoice

    @command("buy", description="buy-command", private=True)
    async def show_shop(self, event: MessageEvent) -> None:
        """Show what can be bought; what stands behind the command is an amount."""
        await self.leave(event)
        if event.argument:
            await self._take_amount(event, event.argument)
        else:
            await self.show(event, await self._shop(event))

    @callback("open")
    async def show_shop_pressed(self, event: CallbackEvent) -> None:
        """The same, from a button elsewhere."""
        await event.answer()
        screen = await self._shop(event)
        await event.reply(screen.text, keyboard=screen.keyboard)

    @callback("shop")
    async def go_back(self, event: CallbackEvent) -> None:
        """The same, in the place of what was chosen from it."""
        await self.leave(event)
        await self.show(event, await self._shop(event))

    @callback("package")
    async def choose_package(self, event: CallbackEvent) -> None:
        """Go on with a package."""
        self.context.billing.orders.must_sell()
        chosen, screen = (*event.arguments, "", "")[:2]
        await self.proceed(event, _GOAL, chosen, screen)

    @callback("amount")
    async def ask_amount(self, event: CallbackEvent) -> None:
        """Ask how many Stars it is to be."""
        self.context.billing.orders.must_sell()
        await event.begin(_AMOUNT)
        text = event.t("buy-ask-amount", most=MAX_PAYMENT)
        await event.edit(text, keyboard=((Button(event.t.plain("buy-back"), "shop"),),))

    @step(_AMOUNT)
    async def take_amount(self, event: MessageEvent) -> None:
        """Take the amount; whatever it is not, the person can say it again."""
        written = await self.words(event, explain(event.t, Unclear.NO_NUMBER))
        if written:
            await self._take_amount(event, written)

    @callback("drop")
    async def drop(self, event: CallbackEvent) -> None:
        """Leave a question open."""
        await self.leave(event)
        await event.edit(event.t("buy-dropped"))

    @on_start("order_")
    async def open_order(self, event: MessageEvent) -> None:
        """Answer the button of a forwarded invoice: its buyer gets it again, others are told how it is."""
        key = await self.context.billing.invoices.open_again(event.argument, event.user.id, key=event.key)
        if key:
            await event.say(key)

    async def _take_amount(self, event: MessageEvent, written: str) -> None:
        self.context.billing.orders.must_sell()
        stars = read_stars(written)
        if isinstance(stars, Unclear):
            await event.begin(_AMOUNT)
            await event.reply(explain(event.t, stars))
        else:
            await self.proceed(event, _GOAL, str(stars), short_id(event.key))
            await self.leave(event)

    async def _send_invoice(self, event: Event, chosen: str, screen: str) -> None:
        """Place the order and send its invoice, once for each menu."""
        stars = int(chosen) if chosen.isdecimal() else 0
        billing = self.context.billing
        order = await billing.orders.place(
            key=f"stars:{stars}:{screen}",
            user=event.user,
            chat_id=event.chat.id,
            plugin=self.name,
            kind=OrderKind.STARS,
            stars=stars,
        )
        await billing.invoices.send(order)
        if isinstance(event, CallbackEvent):
            t = event.t
            back = Button(t.plain("buy-something-else"), "shop")
            await event.edit(t("buy-invoice-below", stars=t("stars", stars=stars)), keyboard=((back,),))

    async def _shop(self, event: Event) -> Screen:
        t = event.t
        billing = self.context.billing
        menu = short_id(event.key)
        balance = await self.context.ledger.balance(event.user.id)
        sells = billing.orders.sells
        packages = [
            Button(
                t.plain("buy-package", stars=stars, value=billing.amounts.approx(t, stars)),
                "package",
                (str(stars), menu),
            )
            for stars in billing.settings.packages
        ]
        rows: list[tuple[Button, ...]] = []
        if sells:
            rows = [*rows_of(packages, 2), (Button(t.plain("buy-another-amount"), "amount"),)]
            rows += [(button,) for button in self.plan_buttons(t, menu)]
        if billing.topups.available:
            rows.append((Button(t.plain("buy-by-transfer"), "transfer"),))
        if any(billing.promo.state(code) is PromoState.ACTIVE for code in await billing.promo.codes()):
            rows.append((Button(t.plain("buy-by-code"), "code"),))
        text = t("buy" if sells else "buy-rehearsal", balance=t("stars", stars=balance.available))
        return Screen(text, tuple(rows))
