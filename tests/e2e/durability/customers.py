"""People who go on making things while the bot dies and comes back, as stubborn as people are."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from durability.processes import BotHand

from core.errors import DatabaseAway
from core.storage.database import Database
from sandbox.people.payments import Receipt
from sandbox.people.person import Person
from sandbox.people.reading import PersonError
from sandbox.people.views import MessageView

_PATIENCE = 100.0
_MAKE, _STOP = "✨", "🛑"
_MODELS = ("Demo image", "Demo melody")
_TRY_AGAIN = "try again"
_SLOW_MODEL = "Demo video"
"""Takes long enough to be stopped."""


class Wish(Enum):
    """What a person wants to come of a generation."""

    RESULT = ""
    FAILURE = "fault:fail "
    REFUSAL = "fault:safety "
    STOPPED = "and then not "


@dataclass(slots=True)
class Customer:
    """A person, with what they wished for and what they got, in order."""

    person: Person
    bot: BotHand
    database: Database
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    wishes: list[Wish] = field(default_factory=list)
    outcomes: list[MessageView] = field(default_factory=list)

    async def arrive(self) -> None:
        """Press Start."""
        await self.person.start()
        await self.person.expect("balance", kind="new", within=_PATIENCE)

    async def generate_until(self, enough: asyncio.Event) -> None:
        """Make one thing after another; what is begun is waited for."""
        while not enough.is_set():
            await self.generate(self.chance.choice((*[Wish.RESULT] * 3, *Wish)))

    async def generate(self, wish: Wish = Wish.RESULT) -> MessageView:
        """Go from an idea to whatever comes of it: a file, or a notice."""
        return await self.confirm(await self.propose(wish))

    async def propose(self, wish: Wish = Wish.RESULT) -> MessageView:
        """Go from an idea to the last question before money."""
        self.wishes.append(wish)
        model = _SLOW_MODEL if wish is Wish.STOPPED else self.chance.choice(_MODELS)
        offer = await self._say(f"{wish.value}a fox, number {len(self.wishes)}")
        await self.bot.studio.until(self._noted, seconds=_PATIENCE)
        # After a crash behind a confirmation words may be taken for better ones, and the last question comes.
        if not _with_button(_MAKE)(offer):
            await self.insist(model, offer, _with_button(_MAKE, on=offer), "edit")
        return offer

    async def confirm(self, offer: MessageView) -> MessageView:
        """Say yes to the last question; whatever comes of it."""
        stopping = asyncio.create_task(self._stop(offer)) if self.wishes[-1] is Wish.STOPPED else None
        outcome = await self.insist(_MAKE, offer, _is_outcome, "new")
        if stopping is not None:
            stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
        self.outcomes.append(outcome)
        return outcome

    async def begin(self, offer: MessageView) -> None:
        """Say yes to the last question, and see that it is being made."""
        await self.insist(_MAKE, offer, _with_button(_STOP, on=offer), "edit")

    async def stop(self, message: MessageView) -> None:
        """Stop what is being made; whatever comes of it."""
        self.outcomes.append(await self.insist(_STOP, message, _is_outcome, "new"))

    async def pay(self, invoice: MessageView) -> Receipt:
        """Pay an invoice; tried again after each return of the bot, which hears nothing while away."""
        while True:
            duty = self.bot.duties
            asking = asyncio.create_task(self.person.checkout(invoice, within=_PATIENCE))
            back = asyncio.create_task(self.bot.on_duty(after=duty))
            await asyncio.wait({asking, back}, return_when=asyncio.FIRST_COMPLETED)
            back.cancel()
            if asking.done():
                return await asking.result().confirm()
            asking.cancel()

    def story(self) -> str:
        """What happened so far, to read where it went wrong."""
        return f"{self.wishes}\n{self.person.transcript()}"

    async def insist(
        self, label: str, message: MessageView, until: Callable[[MessageView], bool], kind: str
    ) -> MessageView:
        """Press a button until what it is for has come.

        It is pressed again after each return of the bot, as a press while the bot is away is lost, and when
        the answer asks for it.
        """
        coming = asyncio.create_task(self.person.expect(until, kind=kind, within=_PATIENCE))
        duty = self.bot.duties
        try:
            while not coming.done():
                back = asyncio.create_task(self.bot.on_duty(after=duty))
                again = asyncio.create_task(self._press(label, message))
                await asyncio.wait({coming, back, again}, return_when=asyncio.FIRST_COMPLETED)
                back.cancel()
                again.cancel()
                duty = self.bot.duties
            return coming.result()
        finally:
            coming.cancel()

    async def _say(self, words: str) -> MessageView:
        """Write to the bot, again where it asks for that; what it offers."""
        while True:
            await self.person.send(words)
            answer = await self.person.expect(
                lambda message: _with_buttons(message) or is_apology(message),
                kind="new",
                within=_PATIENCE,
            )
            if _with_buttons(answer):
                return answer

    async def _press(self, label: str, message: MessageView) -> None:
        """Press a button; over when the answer asks to press it again."""
        with contextlib.suppress(PersonError):
            # Where the button is gone, it has been heard.
            answer = await self.person.press_nowait(label, message).answer(within=_PATIENCE)
            if _TRY_AGAIN in (answer.text or ""):
                return
        await asyncio.Event().wait()

    async def _noted(self) -> bool:
        """Whether the bot has noted that it has answered: nobody reads faster than it writes that down."""
        rows = self.database.collection("inbox")
        try:
            return not await rows.find({"pending": True, "lane": self.person.id}, fields=["_id"])
        except DatabaseAway:
            return False

    async def _stop(self, message: MessageView) -> None:
        """Press Stop once, as soon as it is there."""
        await self.person.expect(_with_button(_STOP, on=message), kind="edit", within=_PATIENCE)
        with contextlib.suppress(PersonError):
            self.person.press_nowait(_STOP, message)


def is_apology(message: MessageView) -> bool:
    """Whether it says only that the bot could not do what it was asked for just now."""
    return _TRY_AGAIN in message.text


def _is_outcome(message: MessageView) -> bool:
    return bool(message.text) and not is_apology(message)


async def live_through(customers: Sequence[Customer], events: Awaitable[None]) -> None:
    """Let people make things, one after another, for as long as `events` go on."""
    enough = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            for customer in customers:
                await customer.arrive()
                group.create_task(customer.generate_until(enough))
            await events
            enough.set()
    except BaseExceptionGroup as errors:
        for customer in customers:
            errors.add_note(customer.story())
        raise


def _with_buttons(message: MessageView) -> bool:
    return bool(message.labels)


def _with_button(label: str, *, on: MessageView | None = None) -> Callable[[MessageView], bool]:
    def fits(message: MessageView) -> bool:
        shown = any(label in button for button in message.labels)
        return shown and (on is None or message.id == on.id)

    return fits
