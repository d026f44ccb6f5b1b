"""What a generation costs one person: their free ones, and the price that plugins make for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.billing.free import Allowance, FreeTier
from core.clock import Clock
from core.generation.model import Quote
from core.generation.ports import Hooks
from core.generation.prices import Facts
from core.generation.registry import Registry
from core.storage.generations import JobStore
from core.users import User


class PersonalQuotes:
    """Quotes of the registry, as they hold for one person."""

    def __init__(
        self, *, registry: Registry, jobs: JobStore, hooks: Hooks, free: FreeTier, clock: Clock
    ) -> None:
        self._registry = registry
        self._jobs = jobs
        self._hooks = hooks
        self._free = free
        self._clock = clock

    async def quote(
        self, user: User, model_id: str, options: Mapping[str, Any] | None, facts: Facts | None
    ) -> Quote:
        """One quote; see `Generations.quote_for`."""
        quote = self._registry.quote(model_id, options, facts)
        return await self.priced(user, quote, await self.allowance(user, [quote]))

    async def quotes(self, user: User, model_ids: Iterable[str]) -> tuple[Quote, ...]:
        """One quote for each model that is on offer; see `Generations.quotes_for`."""
        quotes = [
            self._registry.least_quote(model_id) for model_id in model_ids if self._registry.offers(model_id)
        ]
        allowance = await self.allowance(user, quotes)
        return tuple([await self.priced(user, quote, allowance) for quote in quotes])

    async def allowance(self, user: User, quotes: Iterable[Quote]) -> Allowance:
        """What of the free tier a person has left, as far as it matters to these quotes.

        Who comes again after an erasure has had what newcomers get, and what there was on that day.
        """
        day = self._clock.now().date()
        models = [self._registry.model(quote.model_id) for quote in quotes]
        kinds = {kind for model in models for kind in self._free.kinds(model)}
        slots = {kind: self._free.slots(kind, user.id, day) for kind in kinds}
        taken: set[str] = set()
        if user.left_on is not None:
            taken.update(slots.pop("newcomer", ()))
            taken.update(slots.pop("daily", ()) if user.left_on == day else ())
        open_ones = [slot for each in slots.values() for slot in each]
        taken |= await self._jobs.taken_free_slots(open_ones) if open_ones else set()
        return Allowance(self._free, user.id, day, taken)

    async def priced(self, user: User, quote: Quote, allowance: Allowance) -> Quote:
        """The quote, marked if it is free, or else with the price that plugins make for the person.

        What costs more than the model's default is never free.
        """
        default = self._registry.default_quote(quote.model_id)
        may_be_free = default is not None and quote.stars <= default.stars
        free = allowance.kind_for(self._registry.model(quote.model_id)) if may_be_free else ""
        if not free:
            stars = await self._hooks.price_for(quote.stars, user=user, model_id=quote.model_id)
            return quote if stars == quote.stars else quote.model_copy(update={"stars": stars})
        left = len(allowance.open_slots(free))
        return quote.model_copy(update={"free": free, "free_left": left})
