"""How often the bot asks its database for one update: alone and in bursts, for a button and for a message."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from bench.bots.process import BotProcess, Usage
from bench.crowd import Crowd, Waits

AIM, LIMIT = 2, 3
"""Round trips per ordinary update: what is aimed at, and what must not be passed."""
_QUIET = 0.2
"""Seconds after which everything that an update caused is written, the batch of handled keys too."""


@dataclass(frozen=True, slots=True)
class RoundTrips:
    """Round trips per update, without those that the bot makes when nothing happens.

    `commands` are all that were made, by command and collection, per update.
    """

    name: str
    updates: int
    per_update: float
    commands: dict[str, float]

    @property
    def over_limit(self) -> bool:
        """Whether it is too many; what a heartbeat in the wrong moment adds is not counted."""
        return round(self.per_update, 1) > LIMIT


def mark(found: RoundTrips) -> str:
    """What is to be thought of it."""
    if found.over_limit:
        return "OVER THE LIMIT"
    return "within the aim" if round(found.per_update, 1) <= AIM else "within the limit"


async def count_round_trips(
    process: BotProcess, crowd: Crowd, *, taps: int, alone: int, idle: float
) -> list[RoundTrips]:
    """Count them: `alone` updates with silence after each, then `taps` of everybody at once."""
    rate = await _idle_rate(process, idle)
    return [
        await _alone(process, "button, alone", crowd.tap, alone),
        await _alone(process, "message, alone", crowd.write, alone),
        await _in_bursts(process, "button, in bursts", crowd.tap, taps, rate),
        await _in_bursts(process, "message, in bursts", crowd.write, taps, rate),
    ]


async def _idle_rate(process: BotProcess, seconds: float) -> float:
    """Round trips a second while nothing happens."""
    await asyncio.sleep(_QUIET)
    before, began = await process.usage(), time.perf_counter()
    await asyncio.sleep(seconds)
    after, elapsed = await process.usage(), time.perf_counter() - began
    return (after.round_trips - before.round_trips) / elapsed


async def _alone(
    process: BotProcess, name: str, act: Callable[..., Awaitable[Waits]], times: int
) -> RoundTrips:
    """The median over single updates: what the bot asks for by the clock falls into few of them."""
    await asyncio.sleep(_QUIET)
    seen = [await process.usage()]
    for _ in range(times):
        await act(1, people=1)
        await asyncio.sleep(_QUIET)
        seen.append(await process.usage())
    made = [after.round_trips - before.round_trips for before, after in pairwise(seen)]
    return RoundTrips(name, times, median(made), commands_between(seen[0], seen[-1], times))


async def _in_bursts(
    process: BotProcess, name: str, act: Callable[..., Awaitable[Waits]], times: int, idle_rate: float
) -> RoundTrips:
    """The mean, less what the bot asks for by the clock."""
    await asyncio.sleep(_QUIET)
    before, began = await process.usage(), time.perf_counter()
    updates = len((await act(times)).answers)
    await asyncio.sleep(_QUIET)
    after, elapsed = await process.usage(), time.perf_counter() - began
    made = after.round_trips - before.round_trips - idle_rate * elapsed
    return RoundTrips(name, updates, made / updates, commands_between(before, after, updates))


def commands_between(before: Usage, after: Usage, updates: int) -> dict[str, float]:
    """Commands per update that were made between two moments, by command and collection."""
    made = {name: number - before.commands.get(name, 0) for name, number in after.commands.items()}
    return {name: round(number / updates, 2) for name, number in sorted(made.items()) if number}
