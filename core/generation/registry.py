"""Which models are offered, by whom, and at what price."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from decimal import DecimalException
from typing import Any

from core.billing.pricing import MAX_PRICE, PriceOutOfRange, Pricing
from core.errors import ConfigurationError, ProviderError, UserFacingError
from core.generation.model import Category, LockedModel, Model, Quote
from core.generation.prompt import clean_prompt
from core.generation.provider import Provider

EVERY_PROVIDER = "*"
"""The key in `stand_ins` that means every provider without a stand-in of its own."""


class Registry:
    """The providers and their models.

    `stand_ins` names the provider that takes another one's jobs, by the other one's name or `EVERY_PROVIDER`.
    """

    def __init__(
        self,
        pricing: Pricing,
        *,
        stand_ins: Mapping[str, str] | None = None,
    ) -> None:
        self._pricing = pricing
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
        if not (model.confirmed or self._pricing.confirmed(model.id)):
            return f"its price of {model.price_date.isoformat()} is not confirmed"
        try:
            self._default_quote(model)
        except PriceOutOfRange:
            return f"its price is not between 1 and {MAX_PRICE} Stars"
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
        known = self._models.keys() | {locked.id for locked in self._locked}
        lines += [
            f'[prices."{model_id}"] is the price of no model that is here; its provider may be off'
            for model_id in sorted(self._pricing.overrides.keys() - known)
        ]
        return tuple(lines)

    def quote(self, model_id: str, options: Mapping[str, Any] | None = None) -> Quote:
        """What one generation with these options costs; defaults are filled in.

        Raises:
            UserFacingError: the model is not on offer, an option is not allowed, or no such price can be.

        """
        model = self.model(model_id)
        return self._quote(model, model.check_options(options or {}))

    def default_quote(self, model_id: str) -> Quote | None:
        """What one generation with the model's default options costs; None if those are not enough.

        Raises:
            UserFacingError: the model is not on offer.

        """
        return self._default_quote(self.model(model_id))

    def _default_quote(self, model: Model) -> Quote | None:
        if any(option.required and option.default is None for option in model.options):
            return None
        return self._quote(model, model.defaults())

    def _quote(self, model: Model, options: dict[str, Any]) -> Quote:
        try:
            usd = model.price.usd_for(options)
        except DecimalException:
            raise PriceOutOfRange from None
        price = self._pricing.price(model.id, usd, custom=options != model.defaults())
        return Quote(model_id=model.id, options=options, usd=price.usd, stars=price.stars)

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
