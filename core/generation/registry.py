"""Which models are offered, by whom, and at what price."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from core.billing.pricing import MAX_PRICE, PriceOutOfRange, PriceOverride, Pricing
from core.clock import Clock, SystemClock
from core.errors import ConfigurationError, ProviderError, UserFacingError
from core.generation.alternates import Alternate, Order, alternates_for, default_order
from core.generation.model import Category, LockedModel, Model, ModelList, Quote, RetiredModel
from core.generation.names import Names
from core.generation.prices import Facts, OperatorPrice, Price
from core.generation.prompt import clean_prompt
from core.generation.provider import Provider
from core.generation.quoting import exact_quote, least_quote
from core.generation.registry_report import lines_about
from core.generation.switches import Switches

EVERY_PROVIDER = "*"
"""The key in `stand_ins` that means every provider without a stand-in of its own."""


class Registry:
    """The providers and their models.

    `stand_ins` names the provider that takes another one's jobs, by the other one's name or `EVERY_PROVIDER`.
    The `clock` tells the day after which a price does not hold any more.

    A model is known from when its provider is added, and offered while its price holds and nobody has
    switched it off.
    """

    def __init__(
        self,
        pricing: Pricing,
        *,
        stand_ins: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._pricing = self._configured = pricing
        self._stand_ins = dict(stand_ins or {})
        self._clock = clock or SystemClock()
        self._providers: dict[str, Provider] = {}
        self._models: dict[str, Model] = {}
        self._tokens: dict[str, str] = {}
        self._locked: list[LockedModel] = []
        self._retired: list[RetiredModel] = []
        self._switches = Switches()
        self._names = Names({})

    def add(self, provider: Provider) -> None:
        """Offer a provider's models.

        Raises:
            ConfigurationError: a provider of this name is there already.

        """
        if provider.name in self._providers:
            raise ConfigurationError(f"Two providers are named {provider.name}.")
        self._providers[provider.name] = provider
        self.add_list(provider.name, provider.models())

    def add_list(self, provider: str, offered: ModelList) -> None:
        """Offer the models of a list, whether their provider is there to make anything or not."""
        self._locked += (*offered.locked, *offered.left_out)
        for model in offered.models:
            reason = self._reason_against(model, provider)
            if reason:
                self._locked.append(LockedModel(model.id, reason))
                continue
            self._models[model.id] = model
            self._tokens[_token(model.id)] = model.id
        self._retired += offered.retired
        self._names = Names(self._models, self._retired)

    def _reason_against(self, model: Model, provider: str) -> str:
        if model.provider != provider:
            return f"it says it is of provider {model.provider or '(none)'}"
        if model.id in self._models:
            return f"provider {self._models[model.id].provider} has a model of this id"
        if _token(model.id) in self._tokens:
            return "its button token is another model's; rename it"
        if isinstance(model.price, OperatorPrice) and self._pricing.costs(model.id) is None:
            return "nobody publishes what it costs: say usd and confirmed = true in [prices] of plugins.toml"
        if not (model.confirmed or self._pricing.confirmed(model.id)):
            return f"its price of {model.price_date.isoformat()} is not confirmed"
        return self._reason_against_price(model)

    def _reason_against_price(self, model: Model) -> str:
        try:
            least_quote(self._pricing, model, model.defaults())
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
        return self._taker(model.provider)

    def account_of(self, model: Model) -> str:
        """What pays for this model's jobs: the provider that takes them, or one of several accounts there."""
        taker = self.taker_of(model)
        return f"{taker}/{model.account}" if model.account and taker == model.provider else taker

    def stood_in(self, provider: str) -> bool:
        """Whether another provider takes the jobs of this one's models."""
        return self._taker(provider) != provider

    def _taker(self, provider: str) -> str:
        return self._stand_ins.get(provider) or self._stand_ins.get(EVERY_PROVIDER) or provider

    def models(self, category: Category | None = None) -> tuple[Model, ...]:
        """The models on offer, in their providers' order."""
        return tuple(
            model
            for model in self._models.values()
            if category in (None, model.category) and not self._why_off(model)
        )

    def model(self, name: str) -> Model:
        """The model on offer of this id or alias.

        Raises:
            UserFacingError: there is none; it says what takes its place or is meant, if anything.

        """
        model = self.known(name)
        if model is None:
            raise self._unknown(name)
        if self._why_off(model):
            raise UserFacingError("model-off", model=model.id)
        return model

    def known(self, name: str) -> Model | None:
        """The model of this id or alias, whether it is on offer just now or not."""
        found = self._names.find(name)
        return None if found is None else self._models[found]

    def offers(self, model_id: str) -> bool:
        """Whether the model of this id is on offer."""
        model = self._models.get(model_id)
        return model is not None and not self._why_off(model)

    def instead_of(self, name: str) -> Model | None:
        """The model on offer that takes the place of one that is no more."""
        found = self._names.instead_of(name)
        return self._models[found] if found is not None and self.offers(found) else None

    def nearest(self, name: str) -> Model | None:
        """The model on offer whose id or alias is most like a name that nobody has."""
        return next(iter(self._alike(name, most=1)), None)

    def suggestions(self, name: str, *, most: int = 3) -> tuple[Model, ...]:
        """The models on offer that may be meant by a name: what took its place first, then those like it.

        What people type in can be a part of a title, too.
        """
        instead = self.instead_of(name)
        words = name.lower().split()
        titled = [
            model
            for model in self.models()
            if words and all(word in f"{model.id} {' '.join(model.title.values())}".lower() for word in words)
        ]
        found = ([instead] if instead else []) + titled + list(self._alike(name, most=most))
        return tuple({model.id: model for model in found}.values())[:most]

    def _alike(self, name: str, *, most: int) -> tuple[Model, ...]:
        live = {model.id for model in self.models()}
        return tuple(self._models[found] for found in self._names.alike(name, live, most=most))

    def _unknown(self, name: str) -> UserFacingError:
        instead = self.instead_of(name)
        if instead is not None:
            return UserFacingError("model-retired", model=name, instead=instead.id)
        if self._names.retired_as(name) is not None:
            return UserFacingError("model-no-more", model=name)
        nearest = self.nearest(name)
        if nearest is not None:
            return UserFacingError("model-misspelt", model=name, nearest=nearest.id)
        return UserFacingError("model-gone", model=name)

    def title(self, model_id: str, language: str) -> str:
        """The model's name for people, or its id if it is no longer known."""
        model = self._models.get(model_id)
        return model.title_in(language) if model else model_id

    def makes_speech(self, model_id: str) -> bool:
        """Whether what the model makes is speech."""
        model = self._models.get(model_id)
        return model is not None and model.speech

    def token(self, model_id: str) -> str:
        """Eight characters that name the model in a button."""
        return _token(model_id)

    def by_token(self, token: str) -> Model | None:
        """The model that a button's token names, if it is on offer."""
        model = self._models.get(self._tokens.get(token, ""))
        return None if model is None or self._why_off(model) else model

    def switch_off(self, model_id: str, reason: str, *, by: str = "", others_may: bool = False) -> None:
        """Offer a model no more until whoever switched it off switches it on; `reason` is for operators.

        With `others_may` only its own provider is not to be asked: it stays on offer while an alternate makes
        what is ordered of it. It may be said before the model is known. Jobs that run already go on.
        """
        self._switches.off(model_id, reason, by=by, others_may=others_may)

    def switch_on(self, model_id: str, *, by: str = "") -> None:
        """Take back what the same part of the house switched off; what others switched off stays off."""
        self._switches.on(model_id, by=by)

    def reprice(self, model_id: str, price: Price, *, source: str = "") -> None:
        """Ask another price from now on, as it was found today at `source`.

        Raises:
            ConfigurationError: there is no such model, or the price does not fit its options.

        """
        model = self._models.get(model_id)
        if model is None:
            raise ConfigurationError(f"There is no model {model_id} to give a price to.")
        changed = {
            "price": price.model_dump(),
            "price_date": self._clock.now().date(),
            "price_source": source or model.price_source,
            "valid_until": None,
        }
        try:
            repriced = Model.model_validate({**model.model_dump(), **changed})
        except ValidationError as error:
            told = "; ".join(each["msg"] for each in error.errors(include_url=False))
            raise ConfigurationError(f"{model_id} cannot have this price: {told}") from error
        reason = self._reason_against_price(repriced)
        if reason:
            raise ConfigurationError(f"{model_id} cannot have this price: {reason}")
        self._models[model_id] = repriced

    def override(self, prices: Mapping[str, PriceOverride]) -> None:
        """Let operators' decisions stand above what `plugins.toml` says of these models' prices."""
        self._pricing = replace(self._configured, overrides={**self._configured.overrides, **prices})

    def _why_off(self, model: Model) -> str:
        reason = self._switches.why_off_everywhere(model.id) or self._why_unpriced(model)
        if reason or not self._switches.why_off(model.id):
            return reason
        order = default_order(self._pricing, model)
        return "" if order and self._made_elsewhere(order) else self._switches.why_off(model.id)

    def _why_unpriced(self, model: Model) -> str:
        until = model.valid_until
        if until is not None and self._clock.now().date() > until and not self._pricing.decided(model.id):
            return f"its price held until {until.isoformat()}"
        return ""

    def _made_elsewhere(self, order: Order) -> bool:
        """Whether another provider makes an order of a model whose own one is not asked just now."""
        others = alternates_for(self._pricing, order, self.alternates(order.model.id))
        return any(self.taker_of(each.model) != self.taker_of(order.model) for each in others)

    @property
    def locked(self) -> tuple[LockedModel, ...]:
        """What is not offered now, and why."""
        off = ((model.id, self._why_off(model)) for model in self._models.values())
        return (*self._locked, *(LockedModel(model_id, reason) for model_id, reason in off if reason))

    @property
    def collisions(self) -> tuple[str, ...]:
        """Names that mean two things, each as a sentence that says which one counts."""
        return self._names.collisions

    @property
    def retired(self) -> tuple[RetiredModel, ...]:
        """What was offered once."""
        return self._names.retired

    def report(self) -> tuple[str, ...]:
        """What the operator is told at the start: one line a fact."""
        lines = [*lines_about(len(self.models()), self.locked), *self._names.collisions]
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

    def quote(
        self, model_id: str, options: Mapping[str, Any] | None = None, facts: Facts | None = None
    ) -> Quote:
        """What one generation with these options costs; defaults are filled in.

        `facts` are what the person gave beside the options. Without them a price that depends on them is the
        least that it can turn out to be, and the quote says so (`least`).

        Raises:
            UserFacingError: the model is not on offer, an option is not allowed, or no such price can be.

        """
        model = self.model(model_id)
        checked = model.check_options(options or {})
        if facts is None:
            return least_quote(self._pricing, model, checked)
        quote = exact_quote(self._pricing, model, checked, facts)
        order = Order(model, checked, facts, quote.stars)
        if self._switches.why_off(model.id) and not self._made_elsewhere(order):
            raise UserFacingError("model-off", model=model.id)
        return quote

    def default_quote(self, model_id: str) -> Quote | None:
        """What one generation with the model's default options costs.

        None where those do not tell the price: an option has to be chosen, or the price depends on the
        prompt or on given files (`least_quote` answers then).

        Raises:
            UserFacingError: the model is not on offer, or its price cannot be.

        """
        quote = self.least_quote(model_id)
        return None if quote.least else quote

    def least_quote(self, model_id: str) -> Quote:
        """The lowest price of a generation with the model's default options; exact unless it says `least`.

        Raises:
            UserFacingError: the model is not on offer, or its price cannot be.

        """
        model = self.model(model_id)
        return least_quote(self._pricing, model, model.defaults())

    def alternates(self, model_id: str) -> tuple[Model, ...]:
        """The other models that are the same product, of those that their own providers are asked for.

        They come as they are listed: in the order of the providers, and of the models in their lists.
        """
        model = self._models.get(model_id)
        if model is None or not model.product:
            return ()
        return tuple(
            each
            for each in self._models.values()
            if each.product == model.product
            and each.id != model.id
            and not (self._switches.why_off(each.id) or self._why_unpriced(each))
        )

    def alternates_for(
        self, model_id: str, options: Mapping[str, Any], facts: Facts, *, stars: int
    ) -> tuple[Alternate, ...]:
        """Which alternates can make what was ordered of a model for `stars`, and how, as they are listed.

        `facts` are all that is known of the order (`Facts.of`). One whose cost is not below what the Stars
        bring is left out, and so is one that cannot take every option with its very value.
        """
        model = self._models.get(model_id)
        if model is None:
            return ()
        return alternates_for(self._pricing, Order(model, options, facts, stars), self.alternates(model_id))

    def check_prompt(self, model_id: str, text: str) -> str:
        """The prompt as the model's provider will get it; empty where the model takes none.

        Raises:
            UserFacingError: it is empty, too short or too long, or the model is not on offer.

        """
        model = self.model(model_id)
        if not model.takes_prompt:
            return ""
        return clean_prompt(
            text, longest=model.prompt_max, shortest=model.prompt_min, required=model.prompt_required
        )


def _token(model_id: str) -> str:
    digest = hashlib.blake2b(model_id.encode(), digest_size=5).digest()
    return base64.b32encode(digest).decode().lower()
