"""Moments in a bot's life at which it is killed: named by what happens, not by the clock."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from durability.processes import BotHand

from sandbox.mtproto import WireEvent

_LOOK_AGAIN = 0.005
_LATEST = 60.0
"""Seconds; a moment that does not come within these is a fault of the test or of the bot."""
_LONGEST_DELAY = 0.06

START = "start"
ESSENTIAL = (
    "answer messages.SendMessage",
    "state held",
    "state running",
    "answer upload.SaveFilePart",
    "answer messages.UploadMedia",
    "state delivering",
    "answer messages.SendMedia",
    START,
    "answer messages.DeleteMessages",
)
"""The stages of a generation, from the first word to what is left to do behind the delivery."""
STAGES = (
    *ESSENTIAL,
    "request updates.GetDifference",
    "answer updates.GetDifference",
    "update",
    "request messages.SendMessage",
    "request messages.SetBotCallbackAnswer",
    "answer messages.SetBotCallbackAnswer",
    "request messages.EditMessage",
    "answer messages.EditMessage",
    "state created",
    "state submitted",
    "state ready",
    "state failed",
    "state cancelled",
    "state delivered",
    "request upload.SaveFilePart",
    "request messages.UploadMedia",
    "request messages.SendMedia",
    "request messages.DeleteMessages",
)
"""As `Moment.stage` has them; `start` is any call within the first of a start."""

_MOST_SKIPPED = {
    START: 12,
    "state cancelled": 1,
    "request updates.GetDifference": 1,
    "answer updates.GetDifference": 1,
}
"""Where others come twice within seconds, these come once in a life, or hardly ever."""


@dataclass(frozen=True, slots=True)
class Moment:
    """`delay` seconds after the stage has come for the `skip + 1`th time from now on."""

    stage: str
    skip: int = 0
    delay: float = 0.0


def moments(chance: random.Random, count: int) -> Iterator[Moment]:
    """Moments of every stage in turn, the essential ones first."""
    for number in range(count):
        stage = STAGES[number % len(STAGES)]
        most = _MOST_SKIPPED.get(stage, 2)
        delay = chance.choice((0.0, chance.uniform(0, _LONGEST_DELAY)))
        yield Moment(stage, chance.randrange(most), delay)


async def kill_at(bot: BotHand, moment: Moment) -> None:
    """Wait for a moment, kill the bot then, and see it dead."""
    await at(bot, moment, bot.kill)
    await bot.ended()


async def stop_at(bot: BotHand, moment: Moment) -> int:
    """Wait for a moment, ask the bot to stop then; its exit status."""
    await at(bot, moment, bot.ask_to_stop)
    return await bot.ended()


async def at(bot: BotHand, moment: Moment, strike: Callable[[], None]) -> None:
    """Do something at a moment; of what passes on the wire, in the very call that tells of it."""
    kind, _, name = moment.stage.partition(" ")
    try:
        async with asyncio.timeout(_LATEST):
            if kind == "state":
                await _state(bot, name, moment.skip)
                await asyncio.sleep(moment.delay)
                strike()
            else:
                await _strike_at_wire(bot, moment, strike)
    except TimeoutError:
        raise AssertionError(f"{moment} did not come\n{bot.story()}") from None


async def _strike_at_wire(bot: BotHand, moment: Moment, strike: Callable[[], None]) -> None:
    kind, _, name = moment.stage.partition(" ")
    loop = asyncio.get_running_loop()
    struck = loop.create_future()
    left = moment.skip

    def strike_now() -> None:
        strike()
        struck.set_result(None)

    def watch(event: WireEvent) -> None:
        nonlocal left
        if kind != START and (event.kind, event.name if name else "") != (kind, name):
            return
        if left:
            left -= 1
            return
        forget()
        if moment.delay:
            loop.call_later(moment.delay, strike_now)
        else:
            strike_now()

    forget = bot.studio.sandbox.server.on_event(watch)
    try:
        await struck
    finally:
        forget()


async def _state(bot: BotHand, state: str, skip: int) -> None:
    """Wait until a generation enters a state, for the `skip + 1`th time from now on."""
    async with bot.database() as database:
        jobs = database.collection("generations")
        entered = f"timings.{state}"
        known: set[str] | None = None
        while known is None or skip >= 0:
            there = {row["_id"] for row in await jobs.find({entered: {"$exists": True}}, fields=["_id"])}
            if known is not None and there - known:
                skip -= len(there - known)
            known = there
            if skip >= 0:
                await asyncio.sleep(_LOOK_AGAIN)
