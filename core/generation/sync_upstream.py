"""What a provider tells of its own list of models and prices, and how it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, runtime_checkable

from core.clock import Clock
from core.errors import ProviderError
from core.generation.model import ModelList
from core.generation.prices import Price

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class UpstreamOffer:
    """A model of ours that the provider still lists.

    `price` is what it costs now, None where the provider's words cannot be read exactly; `text` are these
    words, and `problem` says for operators why they cannot be read.
    """

    price: Price | None
    text: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class UpstreamList:
    """A provider's whole list.

    `offers` are by the ids of our models. `asked` are those of our models that were looked for: one that is
    among them and has no offer is gone. `listed` are all ids of the provider's own. `page` is where people
    read the list, `source` where prices came from. `untold` says for operators what cannot be learned there.
    """

    offers: Mapping[str, UpstreamOffer]
    asked: frozenset[str]
    listed: frozenset[str]
    source: str
    page: str = ""
    untold: str = ""


@dataclass(slots=True)
class SyncStatistics:
    """What a synchronisation took: seconds, and how many requests, answers from the cache and errors."""

    seconds: float = 0.0
    requests: int = 0
    cache_hits: int = 0
    errors: int = 0


class AnswerCache(Protocol):
    """Keeps what a provider answered."""

    async def get(self, key: str) -> str | None:
        """The answer, if there is a fresh one."""
        ...

    async def put(self, key: str, answer: str) -> None:
        """Keep an answer."""
        ...


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """How a provider's list is read.

    `workers` is how many requests at once, `delay` and `timeout` are seconds: after a request, and for one.
    `most_models` is how many of our models are looked for at most, None all. `force` asks anew for what is
    in the cache.
    """

    workers: int = 4
    delay: float = 0.0
    timeout: float = 60.0
    most_models: int | None = None
    force: bool = False


@dataclass(slots=True)
class UpstreamReading:
    """One reading of a provider's list: its requests side by side, cached and counted."""

    settings: ReadingSettings
    cache: AnswerCache
    clock: Clock
    statistics: SyncStatistics = field(default_factory=SyncStatistics)
    _places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.settings.workers)

    async def answer(self, key: str, ask: Callable[[], Awaitable[str]]) -> str:
        """The answer to one question, from the cache or by `ask`, whose answer is then kept.

        Raises:
            ProviderError: by `ask`, which is counted.

        """
        if not self.settings.force and (known := await self.cache.get(key)) is not None:
            self.statistics.cache_hits += 1
            return known
        async with self._places:
            self.statistics.requests += 1
            try:
                answer = await ask()
            except ProviderError:
                self.statistics.errors += 1
                raise
            await self.clock.sleep(self.settings.delay)
        await self.cache.put(key, answer)
        return answer

    async def together(self, work: Sequence[Awaitable[_T]]) -> list[_T]:
        """Do all of it side by side, in the order given; nothing of it goes on when one fails.

        Raises:
            ProviderError: the first that failed did so.

        """
        tasks = [asyncio.ensure_future(each) for each in work]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@runtime_checkable
class ListsModels(Protocol):
    """A provider that tells which models it has, and what they cost."""

    name: str

    def models(self) -> ModelList:
        """The models it offers; one that offers none is asked for no list."""
        ...

    async def upstream_models(self, reading: UpstreamReading) -> UpstreamList:
        """The provider's own list, read whole.

        Raises:
            ProviderError: it cannot be had, or is not what it should be; nothing is to be concluded then.

        """
        ...


@runtime_checkable
class SaysWhyUnlisted(Protocol):
    """A provider that tells nothing of its models, and says for operators why."""

    unlisted: str
    """What a sentence says that begins with the provider's name and a colon."""
