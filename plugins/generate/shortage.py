"""When the balance is short: the offer to pay for exactly this generation, which then begins by itself."""

from __future__ import annotations

from typing import Any

from plugins.generate.said import Said
from plugins.generate.screen import Screen, drop_button, models_button
from starloom.api import (
    Button,
    CallbackEvent,
    Chat,
    ChatKind,
    Event,
    Keyboard,
    Offer,
    PluginContext,
    Quote,
    Translator,
    UserFacingError,
)

TERMS_ACCEPTED = "terms_accepted"
"""The setting of a person's that says when they accepted the terms of purchases."""
_BUY = "buy"
"""The command that tops up, where there is one."""
_EXACT = "exact"
_PACKAGE = "package"


class Shortage:
    """Offers invoices where `plugins.toml` grants `billing`; without it says what is missing, and no more."""

    def __init__(self, context: PluginContext[Any]) -> None:
        self._context = context

    async def screen(self, event: Event, quote: Quote, said: Said) -> Screen:
        """What is missing, and the ways on: pay it, take a package, choose another model.

        Where others read along it tells the price and the way to the private chat: nothing of the balance.
        """
        if event.chat.kind is not ChatKind.PRIVATE:
            return self._before_others(event.t, quote, said)
        t = event.t
        balance = await self._context.ledger.balance(event.user.id)
        missing = max(1, quote.stars - balance.available) + balance.owed
        text = t("generate-balance-short", needed=quote.stars, available=balance.available, missing=missing)
        if balance.owed:
            text = t("generate-balance-owed", text=text, owed=balance.owed)
        ways = await self._ways(event, quote, said)
        if ways:
            text = t("generate-can-be-paid", text=text)
        return Screen(text, (*ways, *_ways_on(t, quote, said)))

    def sells_in(self, chat: Chat) -> bool:
        """Whether what is missing can be paid there: an invoice tells whoever reads along how much it is."""
        return self._context.granted_billing is not None and chat.kind is ChatKind.PRIVATE

    def _before_others(self, t: Translator, quote: Quote, said: Said) -> Screen:
        catalogue = self._context.catalogue
        sells = any(command.name == _BUY for command in catalogue.commands())
        link = catalogue.link(command=_BUY if sells else "")
        way = Button(t.plain("generate-private-top-up" if sells else "generate-private-chat"), url=link)
        text = t("generate-short-in-group", needed=quote.stars)
        return Screen(text, ((way,), *_ways_on(t, quote, said)))

    async def pay(self, event: CallbackEvent, quote: Quote, said: Said, *, choice: str) -> Screen:
        """Send the invoice that was chosen, once for each confirmation; what to show in its place.

        Raises:
            UserFacingError: no order can be made of it.

        """
        t = event.t
        billing = self._context.billing
        offer = await self._offer(event, quote, said)
        order = offer.package if choice == _PACKAGE and offer.package else offer.exact
        await billing.invoices.send(order, again=f"{said.draft}:{choice}")
        text = t("generate-invoice-below", stars=t("stars", stars=order.stars))
        return Screen(text, ((models_button(t),), (drop_button(t),)))

    def ask_for_terms(self, t: Translator, draft: str, choice: str) -> Screen:
        """The question before the first purchase of all."""
        terms = t("terms-text") if t.has("terms-text") else t("generate-terms")
        agree = Button(t.plain("generate-terms-accept"), "agree", (draft, choice))
        back = Button(t.plain("generate-back"), "unpaid", (draft,))
        return Screen(t("generate-terms-question", terms=terms), ((agree,), (back,), (drop_button(t),)))

    async def accept_terms(self, event: CallbackEvent) -> None:
        """Note that the person accepts the terms of purchases."""
        if TERMS_ACCEPTED not in event.user.settings:
            at = self._context.clock.now().isoformat()
            await self._context.people.set_setting(event.user.id, TERMS_ACCEPTED, at)

    async def _offer(self, event: Event, quote: Quote, said: Said) -> Offer:
        return await self._context.billing.offers.for_generation(
            event.user,
            event.chat.id,
            quote,
            said.prompt,
            said.draft,
            inputs=said.files,
            source=said.taken_source,
            plugin=self._context.name,
        )

    async def _ways(self, event: Event, quote: Quote, said: Said) -> Keyboard:
        """The buttons that pay; none where nothing may be sold, or one payment cannot cover it."""
        if not self.sells_in(event.chat):
            return ()
        try:
            offer = await self._offer(event, quote, said)
        except UserFacingError:
            return ()
        t = event.t
        exact = Button(t.plain("generate-pay-exact", stars=offer.exact.stars), "pay", (said.draft, _EXACT))
        if offer.package is None:
            return ((exact,),)
        label = t.plain("generate-pay-package", stars=offer.package.stars)
        return ((exact,), (Button(label, "pay", (said.draft, _PACKAGE)),))


def _ways_on(t: Translator, quote: Quote, said: Said) -> Keyboard:
    """What can be done once the balance covers it, or without."""
    again = Button(t.plain("generate-again", price=quote.stars), "make", (said.draft,))
    return ((again,), (models_button(t),), (drop_button(t),))
