"""What all parts of the plugin share: who may use them, screens, and how numbers and moments are written."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from starloom.api import (
    Balance,
    CallbackEvent,
    Case,
    Entry,
    Event,
    Html,
    PersonRow,
    Plugin,
    PluginConfig,
    Screen,
    Translator,
    with_places,
)

_WHOLE = re.compile(r"[+-]?\d{1,15}")
_ACCOUNTS = ("user", "held", "debt", "manual", "revenue", "promo", "refund", "adjustment")
_LONGEST = 3600
"""Characters of a text with many lines; Telegram takes 4096, and some come as markup on top."""


class Part(Plugin[PluginConfig]):
    """The base of every part."""

    async def tell(self, event: Event, key: str, **variables: object) -> None:
        """Say something that changes no screen: in a box above a pressed button, else as a message."""
        if isinstance(event, CallbackEvent):
            await event.answer(event.t(key, **variables), alert=True)
        else:
            await event.reply(event.t(key, **variables))

    async def record(self, event: Event, what: str, before: object, after: object) -> None:
        """Write down what an operator has changed, or has looked for in a dialogue."""
        await self.context.panel.audit.write(f"user:{event.user.id}", what, before=before, after=after)

    async def record_decision(self, event: Event, before: Case, after: Case) -> None:
        """Write down what an operator has decided of somebody's case about money."""
        about = {"case": before.id}
        now = about | {"state": after.state, "decision": after.decision}
        await self.record(event, "money.decide", about | {"state": before.state}, now)

    async def show(self, event: Event, screen: Screen) -> None:
        """Put the screen in the place of the one whose button was pressed, or below what was written."""
        if isinstance(event, CallbackEvent):
            await event.edit(screen.text, keyboard=screen.keyboard)
        else:
            await event.reply(screen.text, keyboard=screen.keyboard)

    async def leave(self, event: Event) -> None:
        """End the dialogue, if it is one of this plugin's."""
        if event.dialogue is not None:
            await event.leave()

    async def person(self, user_id: int) -> PersonRow | None:
        """What is known of somebody."""
        found = await self.context.panel.people.find(str(user_id), 1)
        return next((each for each in found if each.id == user_id), None)

    async def old_button(self, event: CallbackEvent) -> None:
        """Say that a button means nothing any more."""
        await self.tell(event, "admin-old-button")


def whole(text: str) -> int | None:
    """The whole number that somebody wrote, in whatever digits; None if it is none."""
    written = text.strip().replace("\u2212", "-")
    return int(written) if _WHOLE.fullmatch(written) else None


def person_id(text: str) -> int | None:
    """The id of a person that somebody wrote; None if it cannot be one."""
    number = whole(text)
    return number if number is not None and number > 0 else None


def short_id(text: str) -> str:
    """Eight characters for a button, the same whenever they are made from the same text."""
    return base64.b32encode(hashlib.blake2b(text.encode(), digest_size=5).digest()).decode().lower()


def moment(at: datetime | None) -> str:
    """A moment as operators compare it with logs and with Telegram's lists: in UTC."""
    return at.strftime("%Y-%m-%d %H:%M") if at is not None else ""


def usd(amount: Decimal) -> object:
    """Dollars as a variable of a text, to the cent."""
    return with_places(amount.quantize(Decimal("0.01")), 2)


def person_line(t: Translator, user_id: int, person: PersonRow | None) -> Html:
    """Who somebody is: name, username and id, as far as they are known."""
    name, username = (person.name, person.username) if person else ("", "")
    return t("admin-person", id=str(user_id), name=name or "none", username=username or "none")


def balance_line(t: Translator, balance: Balance) -> Html:
    """What a person has, holds and owes."""
    return t("admin-balance", available=balance.available, held=balance.held, owed=balance.owed)


def operator_name(t: Translator, actor: int | str, viewer: int) -> Html:
    """Who did something: the operator who looks, another one, or what did it by itself."""
    number = str(actor).removeprefix("admin:")
    if number == "0":
        return t("admin-by-somebody")
    if not number.isdecimal():
        return t("admin-by-itself", actor=number)
    return t("admin-by-you") if int(number) == viewer else t("admin-by-other", operator=number)


def entry_line(t: Translator, entry: Entry) -> Html:
    """An entry of the ledger: how much went from where to where, and when."""
    return t(
        "admin-entry",
        amount=entry.amount,
        source=_account(t, entry.debit),
        target=_account(t, entry.credit),
        at=moment(entry.at),
    )


def fitting(t: Translator, lines: Iterable[Html]) -> Html:
    """As many of the lines as go into a message, and how many are left out."""
    shown: list[str] = []
    left = 0
    room = _LONGEST
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            left += 1
        else:
            shown.append(line)
    if left:
        shown.append(t("admin-more-lines", count=left))
    return Html("\n".join(shown))


def _account(t: Translator, account: str) -> Html:
    kind = account.partition(":")[0]
    if kind == "telegram":
        return t("admin-account-telegram")
    return t(f"admin-account-{kind}") if kind in _ACCOUNTS else Html(t("admin-code", value=account))
