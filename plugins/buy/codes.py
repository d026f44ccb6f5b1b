"""/promo: a code that the operator gave away, for Stars."""

from __future__ import annotations

from plugins.buy.part import Part, Screen
from starloom.api import (
    Button,
    CallbackEvent,
    Event,
    Html,
    MessageEvent,
    UserFacingError,
    callback,
    command,
    step,
)

_CODE = "code"
_UNKNOWN = "promo-unknown"


class Codes(Part):
    """Promo codes."""

    @command("promo", description="promo-command", private=True)
    async def take_code(self, event: MessageEvent) -> None:
        """Redeem the code behind the command, or ask for one."""
        if event.argument:
            await self.leave(event)
            await event.reply(await self._redeemed(event, event.argument))
        else:
            await self._ask_for_code(event)

    @callback("code")
    async def ask_for_code(self, event: CallbackEvent) -> None:
        """Ask for a code."""
        await event.answer()
        await self._ask_for_code(event)

    @step(_CODE)
    async def take_code_said(self, event: MessageEvent) -> None:
        """Redeem what was written; after one that nobody knows, another can be tried."""
        code = await self.words(event, event.t("code-words-only"))
        if not code:
            return
        try:
            answer = await self._redeemed(event, code)
        except UserFacingError as error:
            if error.key != _UNKNOWN:
                await event.leave()
            raise
        await event.reply(answer)
        await event.leave()

    async def _ask_for_code(self, event: Event) -> None:
        await event.begin(_CODE)
        drop = Button(event.t.plain("buy-never-mind"), "drop")
        screen = Screen(event.t("code-ask"), ((drop,),))
        await event.reply(screen.text, keyboard=screen.keyboard)

    async def _redeemed(self, event: Event, code: str) -> Html:
        redeemed = await self.context.billing.promo.redeem(event.user.id, code, request=event.key)
        return event.t("promo-redeemed", stars=redeemed.stars, repaid=redeemed.repaid)
