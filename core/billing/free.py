"""Free generations: a newcomer's few, and the cheapest models within a daily limit.

Each is one numbered slot that a job takes when it is written and that no two jobs can have, so the limits
hold however many ask at once. The slot stays with a delivered job and is given back by one that ends badly.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from core.errors import ConfigurationError
from core.generation.model import Category, Model

if TYPE_CHECKING:
    from core.generation.registry import Registry

Free = Literal["", "newcomer", "daily"]
"""Why a generation is free; empty: it is not."""

FREE_MODELS = 5
"""How many models are free within the daily limit."""
_NOT_RANKED = ("demo",)
"""Providers whose models are not among the cheapest unless the operator names them."""
_MOST_TOLD = 20
"""How many existing ids stand in an error."""


@dataclass(slots=True)
class FreeTier:
    """What is free for each person: `per_day` a UTC day with the models `daily`, and `newcomer` images."""

    daily: tuple[str, ...] = ()
    per_day: int = 0
    newcomer: int = 0

    @classmethod
    def of(
        cls, registry: Registry, *, model_ids: Sequence[str] = (), per_day: int = 0, newcomer: int = 0
    ) -> FreeTier:
        """The free tier over a complete registry; `model_ids` are the operator's choice, if any.

        Raises:
            ConfigurationError: `model_ids` are not exactly five models on offer; the sentence names the key.

        """
        chosen = _check(model_ids, registry) if model_ids else _cheapest(registry)
        return cls(chosen, per_day, newcomer)

    def choose(self, daily: tuple[str, ...]) -> None:
        """Let other models be free within the daily limit from now on."""
        self.daily = daily

    def kinds(self, model: Model) -> tuple[Free, ...]:
        """The ways in which a model can be free, the one that comes back every day first."""
        kinds: list[Free] = []
        if self.per_day and model.id in self.daily:
            kinds.append("daily")
        if self.newcomer and model.category is Category.IMAGE:
            kinds.append("newcomer")
        return tuple(kinds)

    def slots(self, kind: Free, user_id: int, day: date) -> tuple[str, ...]:
        """All slots of a person on a day; none for what is not free."""
        match kind:
            case "daily":
                return tuple(f"daily:{user_id}:{day.isoformat()}:{number}" for number in range(self.per_day))
            case "newcomer":
                return tuple(f"newcomer:{user_id}:{number}" for number in range(self.newcomer))
        return ()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one person can have for nothing on one day, beside what is `taken` of it."""

    tier: FreeTier
    user_id: int
    day: date
    taken: Collection[str] = ()

    def open_slots(self, kind: Free) -> tuple[str, ...]:
        """The slots of a kind that were not taken when this was read."""
        return tuple(slot for slot in self.tier.slots(kind, self.user_id, self.day) if slot not in self.taken)

    def kind_for(self, model: Model) -> Free:
        """Why a generation of this model is free now, or nothing."""
        return next((kind for kind in self.tier.kinds(model) if self.open_slots(kind)), "")


def _cheapest(registry: Registry) -> tuple[str, ...]:
    """The cheapest for the operator, who pays for them: by what the provider takes, then by id."""
    prices = []
    for model in registry.models():
        quote = registry.default_quote(model.id)
        if quote and _from_words_alone(model) and model.provider not in _NOT_RANKED:
            prices.append((quote.usd, model.id))
    return tuple(model_id for _, model_id in sorted(prices)[:FREE_MODELS])


def _from_words_alone(model: Model) -> bool:
    if model.source is not None or model.one_of:
        return False
    return model.needs_prompt and not any(given.required for given in model.media)


def _check(names: Sequence[str], registry: Registry) -> tuple[str, ...]:
    """The ids of the models that the operator names."""
    models = {name: registry.known(name) for name in names}
    chosen = tuple(dict.fromkeys(model.id for model in models.values() if model is not None))
    wrong = [_unknown(name, registry) for name, model in models.items() if model is None]
    wrong += [
        f"{model_id} has no price before it is ordered"
        for model_id in chosen
        if registry.offers(model_id) and registry.default_quote(model_id) is None
    ]
    if len(chosen) != FREE_MODELS and not wrong:
        wrong.append(f"different ones given: {len(chosen)}")
    if wrong:
        raise ConfigurationError(
            f"FREE_TIER_MODEL_IDS must name exactly {FREE_MODELS} models that exist; "
            f"given: {', '.join(names)}; {'; '.join(wrong)}; {_existing(registry)}"
        )
    return chosen


def _unknown(name: str, registry: Registry) -> str:
    meant = registry.instead_of(name) or registry.nearest(name)
    return f"not on offer: {name}" + (f" (did you mean {meant.id}?)" if meant else "")


def _existing(registry: Registry) -> str:
    ids = sorted(model.id for model in registry.models())
    if len(ids) > _MOST_TOLD:
        return "`python run.py models list` tells which exist"
    return f"existing: {', '.join(ids) or 'none'}"
