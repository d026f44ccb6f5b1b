"""Moments in a bot's life at which it is killed: named by what happens, not by the clock."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass

from durability.processes import BotHand

from sandbox.mtproto import WireEvent

_LOOK_AGAIN = 0.001
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
    "state delivering",
    "state failed",
    "state cancelled",
    "state delivered",
    "request upload.SaveFilePart",
    "request messages.UploadMedia",
    "request messages.SendMedia",
    "request messages.DeleteMessages",
)
"""As `Moment.stage` has them; `start` is any call within the first of a start."""

_MOST_SKIPPED = {START: 12, "state cancelled": 1}


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
    kind, _, name = moment.stage.partition(" ")
    try:
        async with asyncio.timeout(_LATEST):
            if kind == "state":
                await _state(bot, name, moment.skip)
                await asyncio.sleep(moment.delay)
                bot.kill()
            else:
                await _kill_at_wire(bot, kind, name, moment)
            await bot.ended()
    except TimeoutError:
        raise AssertionError(f"{moment} did not come\n{bot.story()}") from None


async def _kill_at_wire(bot: BotHand, kind: str, name: str, moment: Moment) -> None:
    """Kill in the very call by which the local Telegram tells of what passes."""
    struck = asyncio.Event()
    left = moment.skip

    def strike() -> None:
        bot.kill()
        struck.set()

    def watch(event: WireEvent) -> None:
        nonlocal left
        if kind != START and (event.kind, event.name if name else "") != (kind, name):
            return
        if left:
            left -= 1
            return
        forget()
        if moment.delay:
            asyncio.get_running_loop().call_later(moment.delay, strike)
        else:
            strike()

    forget = bot.studio.sandbox.server.on_event(watch)
    try:
        await struck.wait()
    finally:
        forget()


async def _state(bot: BotHand, state: str, skip: int) -> None:
    """Wait until a generation enters a state, for the `skip + 1`th time from now on."""
    async with bot.studio.database() as database:
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
