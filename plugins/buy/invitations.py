"""/invite: one's own link for friends, and what it has brought."""

from __future__ import annotations

from urllib.parse import quote

from plugins.buy.part import Part
from starloom.api import Button, Html, MessageEvent, command, on_start

_LINK = "ref_"


class Invitations(Part):
    """Referral links."""

    @command("invite", description="invite-command", private=True)
    async def show_link(self, event: MessageEvent) -> None:
        """Show the link, what it is good for, and what it has brought."""
        referrals = self.context.billing.referrals
        if not referrals.bonus:
            await event.say("invite-off")
            return
        t = event.t
        invited = await referrals.invited(event.user.id)
        link = self.context.billing.link(await referrals.parameter(event.user.id))
        lines = [t("invite", link=link, bonus=t("stars", stars=referrals.bonus))]
        if invited.people:
            lines.append(t("invite-came", people=invited.people, buyers=invited.buyers, stars=invited.stars))
        share = Button(t.plain("invite-share"), url=f"https://t.me/share/url?url={quote(link, safe='')}")
        await event.reply(Html("\n\n".join(lines)), keyboard=((share,),))

    @on_start(_LINK)
    async def follow_link(self, event: MessageEvent) -> None:
        """Note by whose link somebody came."""
        token = event.argument.removeprefix(_LINK)
        await self.context.billing.referrals.note(event.user, token)
