"""Top-ups by card or phone transfer: the amount, where to send it, and the receipt."""

from __future__ import annotations

from decimal import Decimal

from plugins.buy.numbers import ROUBLES, read_number
from plugins.buy.part import BuyConfig, Screen
from plugins.buy.terms import Terms
from starloom.api import (
    Button,
    CallbackEvent,
    Event,
    Html,
    MessageEvent,
    PluginContext,
    TopUp,
    Translator,
    UserFacingError,
    callback,
    step,
)

_AMOUNT = "roubles"
_RECEIPT = "receipt"
_GOAL = "transfer"
_KOPECK = Decimal("0.01")


class Transfers(Terms):
    """Where the operator takes transfers: from an amount in roubles to a receipt with the operators."""

    def __init__(self, context: PluginContext[BuyConfig]) -> None:
        super().__init__(context)
        self.goals[_GOAL] = self._begin

    @callback("transfer")
    async def choose_transfer(self, event: CallbackEvent) -> None:
        """Go on with the transfer there is, or ask how much it is to be."""
        await self.proceed(event, _GOAL, "", "")

    @step(_AMOUNT)
    async def take_roubles(self, event: MessageEvent) -> None:
        """Take the amount, and say where to send it."""
        unclear = self._limits(event.t, "transfer-amount-no-number")
        written = await self.words(event, unclear)
        if not written:
            return
        rub = read_number(written, ROUBLES)
        if rub is None:
            await event.reply(unclear)
        elif rub != rub.quantize(_KOPECK):
            await event.reply(self._limits(event.t, "transfer-amount-kopecks"))
        else:
            await self._request(event, rub.quantize(_KOPECK))

    @callback("receipt")
    async def ask_for_receipt(self, event: CallbackEvent) -> None:
        """Wait for the receipt of the transfer there is."""
        asked = await self.context.billing.topups.waiting(event.user.id)
        if asked is None:
            await event.edit(event.t("transfer-none"))
        elif asked.receipt is not None:
            await event.edit(_submitted(event.t, asked))
        else:
            await event.begin(_RECEIPT)
            await event.say("transfer-receipt-ask")

    @step(_RECEIPT)
    async def take_receipt(self, event: MessageEvent) -> None:
        """Take the receipt and hand it to the operators."""
        album = event.message.album_id
        if album is not None and event.dialogue is not None and event.dialogue.data.get("album") == album:
            return
        try:
            asked = await self.context.billing.topups.receipt(event.user.id, event.message)
        except UserFacingError as error:
            await self._refuse_receipt(event, error)
            return
        await event.reply(_submitted(event.t, asked))
        if album is None:
            await event.leave()
        else:
            # The other files of the album are still to come, and are no receipts of their own.
            await event.begin(_RECEIPT, {"album": album})

    @callback("withdraw")
    async def withdraw(self, event: CallbackEvent) -> None:
        """Give the transfer up, as long as no operator has its receipt."""
        gone = await self.context.billing.topups.withdraw(event.user.id)
        await self.leave(event)
        await event.edit(event.t("transfer-withdrawn" if gone else "transfer-none"))

    async def _begin(self, event: Event, chosen: str, screen: str) -> None:
        topups = self.context.billing.topups
        asked = await topups.waiting(event.user.id)
        if asked is not None:
            await self._go_on(event, asked)
        elif not topups.available:
            raise UserFacingError("topup-off")
        else:
            await event.begin(_AMOUNT)
            await self.show(event, Screen(self._limits(event.t, "transfer-ask"), (_drop(event.t),)))

    async def _request(self, event: MessageEvent, rub: Decimal) -> None:
        """A request, or in the place of a new one the one that waits; wrong amounts can be said again."""
        topups = self.context.billing.topups
        try:
            asked = await topups.begin(event.user.id, rub, key=event.key)
        except UserFacingError:
            waiting = await topups.waiting(event.user.id)
            if waiting is None:
                raise
            asked = waiting
        await self._go_on(event, asked)

    async def _go_on(self, event: Event, asked: TopUp) -> None:
        if asked.receipt is not None:
            await self.leave(event)
            await self.show(event, Screen(_submitted(event.t, asked)))
            return
        await event.begin(_RECEIPT)
        await self.show(event, self._instructions(event.t, asked))

    async def _refuse_receipt(self, event: MessageEvent, error: UserFacingError) -> None:
        """Tell what is wrong; the dialogue goes on only where another message can make it right."""
        text = event.t(error.key, **error.variables)
        if error.key == "topup-receipt-kind":
            await self.say_once(event, text)
        else:
            await event.leave()
            await event.reply(text)

    def _instructions(self, t: Translator, asked: TopUp) -> Screen:
        to = self.context.billing.topups.requisites
        named = (("bank", to.bank), ("card", to.card), ("holder", to.holder), ("phone", to.phone))
        lines = [t(f"transfer-{name}", value=value) for name, value in named if value]
        text = t(
            "transfer-instructions",
            roubles=asked.rub,
            exact=f"{asked.rub.normalize():f}",
            stars=t("stars", stars=asked.stars),
            where=Html("\n".join(lines)),
            rate=t(
                "transfer-rate-official" if asked.official else "transfer-rate-own",
                rate=str(asked.usd_rub),
                day=self.day(t, asked.day),
            ),
        )
        paid = Button(t.plain("transfer-paid"), "receipt")
        cancel = Button(t.plain("transfer-withdraw"), "withdraw")
        return Screen(text, ((paid,), (cancel,)))

    def _limits(self, t: Translator, key: str) -> Html:
        least, most = self.context.billing.topups.limits
        return t(key, least=least, most=most)


def _submitted(t: Translator, asked: TopUp) -> Html:
    return t("transfer-submitted", roubles=asked.rub, stars=t("stars", stars=asked.stars))


def _drop(t: Translator) -> tuple[Button, ...]:
    return (Button(t.plain("buy-never-mind"), "drop"),)
