"""The last word before money, and what comes of it: a job, an invoice, or another price."""

from __future__ import annotations

from dataclasses import replace

from plugins.generate.orders import LastOrders
from plugins.generate.part import CONFIRM, GenerateConfig, Part, explained, named, said_in, short_id
from plugins.generate.said import Said
from plugins.generate.shortage import TERMS_ACCEPTED, Shortage
from starloom.api import (
    CallbackEvent,
    ChatKind,
    Event,
    Html,
    InsufficientStars,
    Model,
    PluginContext,
    Preference,
    Preferences,
    PriceChanged,
    Quote,
    TooManyActive,
    UserFacingError,
    callback,
)


class Confirming(Part):
    """Shows what will be made and for how much, and begins it once, however often the button is pressed.

    Each confirmation has a draft id of its own.
    """

    def __init__(self, context: PluginContext[GenerateConfig]) -> None:
        super().__init__(context)
        self._shortage = Shortage(context)
        self.orders = LastOrders(context)

    async def ask_to_confirm(
        self, event: Event, model: Model, said: Said, notes: tuple[Html, ...] = ()
    ) -> None:
        """Show everything that was chosen, with its price.

        Raises:
            UserFacingError: the choices do not go together.

        """
        model.check_inputs(said.facts().counts, model.check_options(said.options))
        self.check_moments(model, said)
        quote = await self._quote(event, said)
        private = event.chat.kind is ChatKind.PRIVATE
        available = (await self.context.ledger.balance(event.user.id)).available if private else None
        said = _drafted(event, said, quote)
        usual = await self.generations.expected_seconds(model.id)
        screen = self.screens.confirm(
            event.t,
            model,
            quote,
            said,
            available=available,
            usual=usual,
            units=Preferences.of(event.user).units,
        )
        await self.ask(event, CONFIRM, said, screen, notes=notes)

    @callback("make")
    async def make(self, event: CallbackEvent) -> None:
        """Begin the generation that was confirmed."""
        confirmed = await self._confirmed(event)
        if confirmed is None:
            return
        said, quote = confirmed
        try:
            job = await self.generations.create(
                request_id=said.draft,
                user=event.user,
                chat_id=event.chat.id,
                quote=quote,
                prompt=said.prompt,
                inputs=said.files,
                source=said.taken_source,
                progress_message_id=event.message_id,
            )
        except TooManyActive as error:
            await event.answer(event.t.plain(error.key, **error.variables), alert=True)
        except PriceChanged as change:
            await self._ask_again(event, said, change.quote)
        except InsufficientStars:
            await self._tell_shortage(event, said, quote)
        except UserFacingError as error:
            await self._give_up(event, error)
        else:
            await self.orders.keep(event.user.id, said)
            await self._remember_model(event, said)
            await event.leave(keep_files=True)
            await event.answer(event.t.plain("generate-joined" if job.waits else "generate-begun"))

    @callback("pay")
    async def pay(self, event: CallbackEvent) -> None:
        """Send an invoice for what is missing, or for a package; begin at once if nothing is missing now."""
        confirmed = await self._confirmed(event)
        if confirmed is None:
            return
        said, quote = confirmed
        balance = await self.context.ledger.balance(event.user.id)
        if balance.available >= quote.to_pay:
            await self.make(event)
            return
        await self._send_invoice(event, said, quote)

    @callback("agree")
    async def agree(self, event: CallbackEvent) -> None:
        """Accept the terms of purchases and go on to the invoice."""
        confirmed = await self._confirmed(event)
        if confirmed is None:
            return
        said, quote = confirmed
        await self._shortage.accept_terms(event)
        await self._send_invoice(event, said, quote, accepted=True)

    @callback("unpaid")
    async def leave_terms(self, event: CallbackEvent) -> None:
        """Go back from the terms to the ways on; to the last word if nothing is missing now."""
        confirmed = await self._confirmed(event)
        if confirmed is None:
            return
        said, quote = confirmed
        balance = await self.context.ledger.balance(event.user.id)
        model = self.model_of(said)
        if model is not None and balance.available >= quote.to_pay:
            await self.ask_to_confirm(event, model, said)
        else:
            await self._tell_shortage(event, said, quote)

    async def _quote(self, event: Event, said: Said) -> Quote:
        return await self.generations.quote_for(event.user, said.model, said.options, said.facts())

    async def _confirmed(self, event: CallbackEvent) -> tuple[Said, Quote] | None:
        """What the button confirms, at the price that was agreed to; None if the person has been answered."""
        draft, said = named(event, 0), said_in(event)
        if not draft or said.draft != draft:
            await self._answer_old_confirmation(event, draft)
            return None
        if self.model_of(said) is None and not await self.is_made(event, said):
            await self.model_gone(event, said)
            return None
        try:
            quote = await self._quote(event, said)
        except UserFacingError as error:
            await self._give_up(event, error)
            return None
        if quote.to_pay != said.stars and not await self.is_made(event, said):
            await self._ask_again(event, said, quote)
            return None
        return said, quote

    async def _remember_model(self, event: Event, said: Said) -> None:
        """The first model that somebody orders is theirs from then on, until they choose another one."""
        if not Preferences.of(event.user).model:
            await self.context.people.set_setting(event.user.id, Preference.MODEL, said.model)

    async def _ask_again(self, event: CallbackEvent, said: Said, quote: Quote) -> None:
        was = said.stars
        said = _drafted(event, said, quote)
        await self.ask(
            event, CONFIRM, said, self.screens.price_changed(event.t, quote, was=was, draft=said.draft)
        )

    async def _tell_shortage(self, event: CallbackEvent, said: Said, quote: Quote) -> None:
        """Say what is missing. An order has the files as well then, and needs them come what may."""
        said = _drafted(event, said, quote)
        screen = await self._shortage.screen(event, quote, said)
        shared = bool(said.files) and self._shortage.sells_in(event.chat)
        said = replace(said, ordered=said.ordered or shared)
        await self.orders.keep(event.user.id, said)
        await self.ask(event, CONFIRM, said, screen, keep_files=shared)

    async def _send_invoice(
        self, event: CallbackEvent, said: Said, quote: Quote, *, accepted: bool = False
    ) -> None:
        """Go on to the invoice; `accepted` tells that the terms of purchases have just been accepted."""
        choice = named(event, 1)
        if not (accepted or TERMS_ACCEPTED in event.user.settings):
            await self.ask(event, CONFIRM, said, self._shortage.ask_for_terms(event.t, said.draft, choice))
            return
        try:
            screen = await self._shortage.pay(event, quote, said, choice=choice)
        except UserFacingError as error:
            await self._give_up(event, error)
            return
        await self.ask(event, CONFIRM, said, screen)

    async def _give_up(self, event: CallbackEvent, error: UserFacingError) -> None:
        await event.leave()
        await event.edit(explained(event, error))
        await event.answer()

    async def _answer_old_confirmation(self, event: CallbackEvent, draft: str) -> None:
        """A confirmation that is over: its job is there, or it was given up."""
        job = await self.generations.made_for(event.user.id, draft) if draft else None
        if job is not None:
            await event.answer(event.t.plain("generate-is-running" if job.active else "generate-is-over"))
            return
        await self.answer_old(event)
        await event.edit(event.t("generate-old-button"))


def _drafted(event: Event, said: Said, quote: Quote) -> Said:
    """What is to be confirmed, under a new draft id, which a repeated update makes again."""
    return replace(said, stars=quote.to_pay, draft=short_id(event.key), field="", option="")
