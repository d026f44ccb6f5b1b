"""Which models are offered, by whom, and at what price."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.errors import ConfigurationError, ProviderError, UserFacingError
from core.generation.model import Category, LockedModel, Model, Quote, stars_for
from core.generation.prompt import clean_prompt
from core.generation.provider import Provider

EVERY_PROVIDER = "*"
"""The key in `stand_ins` that means every provider without a stand-in of its own."""


@dataclass(frozen=True, slots=True)
class Pricing:
    """How a provider's price in USD becomes Stars."""

    markup: Decimal
    star_usd: Decimal

    def __post_init__(self) -> None:
        if self.markup <= 0 or self.star_usd <= 0:
            raise ConfigurationError("PRICING_MARKUP and STAR_USD must be above zero.")


class Registry:
    """The providers and their models.

    `confirmed` are ids of models whose unconfirmed price the operator has accepted. `stand_ins` names the
    provider that takes another one's jobs, by the other one's name or `EVERY_PROVIDER`.
    """

    def __init__(
        self,
        pricing: Pricing,
        *,
        confirmed: Collection[str] = (),
        stand_ins: Mapping[str, str] | None = None,
    ) -> None:
        self._pricing = pricing
        self._confirmed = frozenset(confirmed)
        self._stand_ins = dict(stand_ins or {})
        self._providers: dict[str, Provider] = {}
        self._models: dict[str, Model] = {}
        self._tokens: dict[str, Model] = {}
        self._locked: list[LockedModel] = []

    def add(self, provider: Provider) -> None:
        """Offer a provider's models.

        Raises:
            ConfigurationError: a provider of this name is there already.

        """
        if provider.name in self._providers:
            raise ConfigurationError(f"Two providers are named {provider.name}.")
        self._providers[provider.name] = provider
        offered = provider.models()
        self._locked += offered.locked
        for model in offered.models:
            reason = self._reason_against(model, provider.name)
            if reason:
                self._locked.append(LockedModel(model.id, reason))
                continue
            self._models[model.id] = model
            self._tokens[_token(model.id)] = model

    def _reason_against(self, model: Model, provider: str) -> str:
        if model.provider != provider:
            return f"it says it is of provider {model.provider or '(none)'}"
        if model.id in self._models:
            return f"provider {self._models[model.id].provider} has a model of this id"
        if _token(model.id) in self._tokens:
            return "its button token is another model's; rename it"
        if not model.confirmed and model.id not in self._confirmed:
            return f"its price of {model.price_date.isoformat()} is not confirmed"
        return ""

    def providers(self) -> tuple[Provider, ...]:
        """All providers, in the order they were added."""
        return tuple(self._providers.values())

    def provider(self, name: str) -> Provider:
        """The provider of this name.

        Raises:
            ProviderError: it is not there (any more).

        """
        try:
            return self._providers[name]
        except KeyError:
            raise ProviderError(f"provider {name} is not loaded") from None

    def taker_of(self, model: Model) -> str:
        """The name of the provider that takes this model's jobs: its own, or a stand-in."""
        own = model.provider
        return self._stand_ins.get(own) or self._stand_ins.get(EVERY_PROVIDER) or own

    def models(self, category: Category | None = None) -> tuple[Model, ...]:
        """The models on offer, in their providers' order."""
        return tuple(model for model in self._models.values() if category in (None, model.category))

    def model(self, model_id: str) -> Model:
        """The model of this id.

        Raises:
            UserFacingError: it is not on offer.

        """
        try:
            return self._models[model_id]
        except KeyError:
            raise UserFacingError("model-gone", model=model_id) from None

    def title(self, model_id: str, language: str) -> str:
        """The model's name for people, or its id if it is no longer known."""
        model = self._models.get(model_id)
        return model.title_in(language) if model else model_id

    def token(self, model_id: str) -> str:
        """Eight characters that name the model in a button."""
        return _token(model_id)

    def by_token(self, token: str) -> Model | None:
        """The model that a button's token names, if it is on offer."""
        return self._tokens.get(token)

    @property
    def locked(self) -> tuple[LockedModel, ...]:
        """What is not offered, and why."""
        return tuple(self._locked)

    def report(self) -> tuple[str, ...]:
        """What the operator is told at the start: one line a fact."""
        lines = [f"{_count(len(self._models))} ready"]
        if self._locked:
            lines.append(f"{_count(len(self._locked))} locked:")
            lines += [f"{locked.id}: {locked.reason}" for locked in self._locked]
        lines += [
            f"stand-in provider {name} is not loaded: jobs meant for it will be refused"
            for name in sorted(set(self._stand_ins.values()) - set(self._providers))
        ]
        return tuple(lines)

    def quote(self, model_id: str, options: Mapping[str, Any] | None = None) -> Quote:
        """What one generation with these options costs; defaults are filled in.

        Raises:
            UserFacingError: the model is not on offer, or an option is not allowed.

        """
        model = self.model(model_id)
        checked = model.check_options(options or {})
        usd = model.price.usd_for(checked)
        stars = stars_for(usd, markup=self._pricing.markup, star_usd=self._pricing.star_usd)
        return Quote(model_id=model.id, options=checked, usd=usd, stars=stars)

    def check_prompt(self, model_id: str, text: str) -> str:
        """The prompt as the model's provider will get it.

        Raises:
            UserFacingError: it is empty or too long, or the model is not on offer.

        """
        model = self.model(model_id)
        return clean_prompt(text, longest=model.prompt_max, required=model.prompt_required)


def _token(model_id: str) -> str:
    digest = hashlib.blake2b(model_id.encode(), digest_size=5).digest()
    return base64.b32encode(digest).decode().lower()


def _count(number: int) -> str:
    return f"{number} model{'' if number == 1 else 's'}"
