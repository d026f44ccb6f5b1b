"""Kills a bot at every single step of something that people do: each step in turn, found by doing it once."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from durability.processes import BotHand
from durability.strikes import ORDERS

_LATEST = 60.0
"""Seconds; what is not done within these, with one restart in between, never will be."""
FLEETING = frozenset(
    {"generations.update_one(percent)", "copier: accounts.update_one", "orders.update_many(draft)"}
)
"""What comes sometimes and sometimes not; the last comes when everything is over."""


class Flow(Protocol):
    """Something that one person does, from the moment from which steps count."""

    async def prepare(self) -> None:
        """Come to the brink of it."""
        ...

    async def act(self) -> None:
        """Do it, as stubborn as people are, until the person has what it is for."""
        ...

    async def check(self) -> None:
        """See that the person was served or refunded, once, and that what they were told is true."""
        ...


Condition = Callable[[], Coroutine[Any, Any, bool]]


@dataclass(slots=True)
class Campaign:
    """Lets person after person go through a flow, and kills the bot at another step each time.

    Steps that are found on the way are struck as well. The second of a kind may not come again, where two
    tasks race; the first must.
    """

    bot: BotHand
    directory: Path
    quiet: Condition
    """Whether everything that was said so far is answered and written down."""
    at_rest: Condition
    """Whether nothing is under way at all."""
    before: bool = False
    since: str = ""
    """The kind of step from whose first one they count; without it they count from the start."""
    races: frozenset[str] = frozenset()
    """Kinds of steps that come or not, by which of two tasks is faster."""
    known: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)

    @classmethod
    def prepare(cls, bot: BotHand, directory: Path, **options: Any) -> Campaign:
        """Make one, before the bot is started."""
        orders = directory / "orders"
        orders.mkdir()
        bot.environment[ORDERS] = str(orders)
        return cls(bot, orders, **options)

    async def run(self, flows: Callable[[int], Flow]) -> None:
        """Go through a flow without a kill, then with a kill at each step that was ever seen."""
        waiting = deque([""])
        for number in count():
            if not waiting:
                break
            step = waiting.popleft()
            seen, died = await self._once(flows(number), number, step)
            if died:
                self.struck.append(step)
            new = [name for name in seen if name not in self.known]
            self.known += new
            waiting += new
        missed = kinds(self.known) - kinds(self.struck) - FLEETING - self.races
        assert not missed, f"never struck: {missed}; struck: {self.struck}"

    async def _once(self, flow: Flow, number: int, step: str) -> tuple[list[str], bool]:
        """One person's way through it; the steps until the kill, and whether it came to that."""
        starts = self.bot.starts
        try:
            async with asyncio.timeout(_LATEST):
                await flow.prepare()
                await self._until(self.quiet)
                self._order(str(number), step)
                async with self._kept_alive():
                    await flow.act()
                    await self._until(lambda: self._over(number, step, starts))
            await flow.check()
        except (Exception, asyncio.CancelledError) as error:
            error.add_note(f"killed {'before' if self.before else 'after'} {step!r}\n{self.bot.story()}")
            raise
        finally:
            self._end_order()
        return self._seen(number), self.bot.starts > starts

    @contextlib.asynccontextmanager
    async def _kept_alive(self) -> AsyncIterator[None]:
        """Start the bot again when it has died, without the order to do so."""
        keeping = asyncio.create_task(self._keep_alive())
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def _keep_alive(self) -> None:
        while True:
            await self.bot.ended()
            self._end_order()
            await self.bot.start()

    async def _until(self, holds: Condition) -> None:
        """Wait until the bot is on duty and something holds."""

        async def both() -> bool:
            # In this order: it may come to a new start while it is looked whether anything is left to do.
            return await holds() and self.bot.duties == self.bot.starts

        await self.bot.studio.until(both, seconds=_LATEST)

    async def _over(self, number: int, step: str, starts: int) -> bool:
        """Whether all is at rest, and whoever died with the last step of all is back."""
        if not await self.at_rest():
            return False
        return step not in self._seen(number) or self.bot.starts > starts

    def _seen(self, number: int) -> list[str]:
        log = self.directory / str(number)
        return log.read_text().splitlines() if log.exists() else []

    def _order(self, name: str, step: str) -> None:
        new = self.directory / "new"
        new.write_text(json.dumps({"id": name, "step": step, "before": self.before, "since": self.since}))
        new.rename(self.directory / "order")

    def _end_order(self) -> None:
        (self.directory / "order").unlink(missing_ok=True)


def kinds(steps: Sequence[str]) -> set[str]:
    """The names of steps without their numbers."""
    return {step.partition("#")[0] for step in steps}
