"""/support and /paysupport: whom to turn to."""

from __future__ import annotations

import re

from plugins.buy.part import Part, Screen
from starloom.api import Button, CallbackEvent, Event, Html, MessageEvent, callback, command, step

_NAME = re.compile(
    r"(?:https?://)?(?:(?:www\.)?(?:t|telegram)\.(?:me|dog)/)?@?([A-Za-z][A-Za-z0-9_]{3,31})/?"
)
_WORDS = "support-words"
_LINK = re.compile(r"https?://\S+")


class Help(Part):
    """The ways to the people behind the bot."""

    @command("support", description="support-command")
    async def show_support(self, event: MessageEvent) -> None:
        """Show how to reach the operators."""
        await self.show(event, self._support(event, event.t("support")))

    @callback("support")
    async def show_support_pressed(self, event: CallbackEvent) -> None:
        """The same, from a button."""
        await event.answer()
        screen = self._support(event, event.t("support"))
        await event.reply(screen.text, keyboard=screen.keyboard)

    @command("paysupport", description="paysupport-command")
    async def show_payment_support(self, event: MessageEvent) -> None:
        """Say how to get help with a payment."""
        await self.show(event, self._support(event, event.t("paysupport")))

    @callback("support-here")
    async def ask_words(self, event: CallbackEvent) -> None:
        """Ask what the team is to be told."""
        await event.begin(_WORDS)
        await event.answer()
        await event.say("support-ask")

    @step(_WORDS)
    async def take_words(self, event: MessageEvent) -> None:
        """Hand it to the team."""
        await self.context.support.write(event.user.id, event.message.text, key=event.key)
        await event.leave()
        await event.say("support-sent")

    def _support(self, event: Event, first: Html) -> Screen:
        t = event.t
        support = self.context.billing.support
        link = link_of(support.telegram)
        lines = [first]
        if support.text:
            lines.append(t("support-text", text=support.text))
        if support.telegram and not link:
            lines.append(t("support-telegram", telegram=support.telegram))
        if support.email:
            lines.append(t("support-email", email=support.email))
        if not (support.text or support.telegram or support.email):
            lines.append(t("support-nobody"))
        lines.append(t("support-number", number=str(event.user.id)))
        write = ((Button(t.plain("support-write"), url=link),),) if link else ()
        refund = ((Button(t.plain("refund-open"), "refunds"),),)
        here = ((Button(t.plain("support-write-here"), "support-here"),),)
        return Screen(Html("\n\n".join(lines)), (*here, *write, *refund))


def link_of(contact: str) -> str:
    """A link to the Telegram contact that the operator named, as `@name`, `t.me/name` or a whole link."""
    name = _NAME.fullmatch(contact.strip())
    if name:
        return f"https://t.me/{name[1]}"
    return contact.strip() if _LINK.fullmatch(contact.strip()) else ""
