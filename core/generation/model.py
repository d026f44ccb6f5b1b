"""What a model is: its inputs as a schema, its price as a rule, both read from a data file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.errors import UserFacingError
from core.generation.combinations import (
    check_combinations,
    check_counts,
    check_groups,
    problems_of_combinations,
    problems_of_groups,
    told,
)
from core.generation.moments import SOURCE, check_moments, problems_of_moments
from core.generation.options import MediaInput, Option, OptionValue, SourceInput
from core.generation.prices import Facts, Price

REQUIRED_LANGUAGES = ("en", "ru")
"""The languages in which every model has a title."""


_NAME = r"^[a-z0-9][a-z0-9._/-]{0,79}$"
"""What ids and aliases look like."""


class Category(StrEnum):
    """What a model makes."""

    VIDEO = "video"
    IMAGE = "image"
    AUDIO = "audio"


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Model(_Data):
    """One model of one provider, as `models.toml` describes it."""

    id: str = Field(pattern=_NAME)
    provider: str = ""
    upstream: str = ""
    """What the provider's API calls it; empty: the same as `id`."""
    endpoint: str = ""
    """Which of the provider's APIs takes it, where there are several; only the provider reads it."""
    aliases: tuple[Annotated[str, Field(pattern=_NAME)], ...] = ()
    """Other names under which it is found."""
    product: str = ""
    """What it is, where several providers offer the same: models of one product stand in for each other."""
    category: Category
    title: dict[str, str]
    """The name people see, by language; `en` and `ru` are required."""
    price: Price
    price_source: str = Field(min_length=1)
    price_date: date
    valid_until: date | None = None
    """The last day on which the price holds; after it the model is not offered."""
    confirmed: bool = True
    """False: the price needs the operator's word before the model is offered."""
    upscales: bool = False
    """Whether it makes a given picture or video larger and sharper, and nothing else of it."""
    speech: bool = False
    """Whether it makes speech: what comes as OGG with Opus is sent as a voice message then."""
    prompt_field: str = "prompt"
    prompt_required: bool = True
    """With False the prompt may be empty; an empty `prompt_field` means that the model takes none."""
    prompt_min: int = Field(default=0, ge=0)
    prompt_max: int = Field(default=3000, gt=0)
    """The shortest and the longest prompt, in characters."""
    options: tuple[Option, ...] = ()
    media: tuple[MediaInput, ...] = ()
    source: SourceInput | None = None
    """The earlier result that it goes on from; with one it is no model to begin with."""
    one_of: tuple[tuple[str, ...], ...] = ()
    """Of the media inputs in each of these groups at least one must be given."""
    exclusive: tuple[tuple[str, ...], ...] = ()
    """Of the media inputs in each of these groups at most one may be given."""
    forbidden: tuple[dict[str, tuple[OptionValue, ...]], ...] = ()
    """Combinations that the provider refuses: values by option, `true` or `false` by media input."""
    fixed: dict[str, Any] = {}
    """What is sent always, by field, as JSON."""
    account: str = ""
    """Which of the provider's accounts pays for it, where there are several: each rests by itself."""
    details: dict[str, Any] = {}
    """What only the provider understands."""

    @property
    def upstream_id(self) -> str:
        """What the provider's API calls it."""
        return self.upstream or self.id

    @property
    def takes_prompt(self) -> bool:
        """Whether people are asked for a prompt at all."""
        return bool(self.prompt_field)

    @property
    def needs_prompt(self) -> bool:
        """Whether nothing is made without a prompt."""
        return self.takes_prompt and self.prompt_required

    def title_in(self, language: str) -> str:
        """The name in `language`, or in English."""
        return self.title.get(language) or self.title["en"]

    def option(self, name: str) -> Option | None:
        """The option of this field."""
        return next((option for option in self.options if option.field == name), None)

    def media_input(self, name: str) -> MediaInput | None:
        """The media input of this field."""
        return next((given for given in self.media if given.field == name), None)

    def defaults(self) -> dict[str, Any]:
        """The options' defaults by field; fields without one are left out."""
        return {option.field: option.default for option in self.options if option.default is not None}

    def check_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """`options` with the defaults filled in, in the order of the schema.

        Raises:
            UserFacingError: an option is unknown, missing or not allowed.

        """
        known = {option.field for option in self.options}
        for name in options:
            if name not in known:
                raise UserFacingError("option-unknown", option=name)
        checked: dict[str, Any] = {}
        for option in self.options:
            value = options.get(option.field, option.default)
            if value is None:
                if option.required:
                    raise UserFacingError("option-missing", option=option.field)
                continue
            if not option.allows(value):
                raise UserFacingError("option-not-allowed", option=option.field, value=str(value))
            checked[option.field] = value
        check_combinations(self.forbidden, checked)
        return checked

    def check_inputs(self, counts: Mapping[str, int], options: Mapping[str, Any]) -> None:
        """Check how many files are given by media field, beside these checked options.

        Raises:
            UserFacingError: a file is missing or one too many, or files or options do not go together.

        """
        check_counts(self.media, counts)
        given = {field for field, count in counts.items() if count}
        check_groups(self.one_of, self.exclusive, given)
        presence = {each.field: each.field in given for each in self.media}
        check_combinations(self.forbidden, {**options, **presence})

    def check_moments(self, options: Mapping[str, Any], lengths: Mapping[str, float]) -> None:
        """Check the moments among these checked options; `lengths` are those of `moments.lengths_of`.

        Raises:
            UserFacingError: one is beyond the end of what it belongs to, or too near to another.

        """
        check_moments(self.options, options, lengths)

    @model_validator(mode="after")
    def _check(self) -> Self:
        by_field = {option.field: option for option in self.options}
        media = frozenset(given.field for given in self.media)
        problems = [
            f"no title in {language}" for language in REQUIRED_LANGUAGES if not self.title.get(language)
        ]
        if len(by_field) != len(self.options):
            problems.append("two options have one field")
        gone_on_from = self.source.fields if self.source else ()
        fields = [*by_field, *(given.field for given in self.media), *self.fixed, *gone_on_from]
        if len({*fields, self.prompt_field}) != len(fields) + 1:
            problems.append("two inputs have one field")
        if self.prompt_min > self.prompt_max:
            problems.append("prompt_min is above prompt_max")
        if self.id in self.aliases:
            problems.append("its alias is its id")
        groups = problems_of_groups((*self.one_of, *self.exclusive), media)
        problems += [*groups, *problems_of_combinations(self.forbidden, by_field, media)]
        problems += problems_of_moments(by_field, {*media, *([SOURCE] if self.source else [])})
        problems += [*self.price.problems(by_field, media), *self._problems_of_facts()]
        problems += [
            f"no price for {told(row)}" for row in self.price.unpriced(by_field) if self._is_possible(row)
        ]
        if not problems:
            problems += self._problems_of_defaults()
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _is_possible(self, row: Mapping[str, OptionValue]) -> bool:
        """Whether these values of some inputs can be those of an order."""
        media = {given.field: row[given.field] for given in self.media if given.field in row}
        if any(given.required and media.get(given.field) is False for given in self.media):
            return False
        # A group of which something else may be given does not speak against these values.
        within = [group for group in self.one_of if media.keys() >= set(group)]
        try:
            check_groups(within, self.exclusive, [field for field, here in media.items() if here])
            check_combinations(self.forbidden, row)
        except UserFacingError:
            return False
        return True

    def _problems_of_facts(self) -> list[str]:
        """Why the price may come to nothing: all that it depends on may be missing."""
        price = self.price
        if price.needs_prompt and not self.needs_prompt:
            return ["the price depends on the prompt, which may be missing"]
        sure = {given.field for given in self.media if given.required}
        counted = set(price.input_seconds)
        if not counted or price.output_seconds or counted & sure:
            return []
        if any(set(group) <= counted for group in self.one_of):
            return []
        return [f"the price depends on {', '.join(price.input_seconds)}, which may be missing"]

    def _problems_of_defaults(self) -> list[str]:
        try:
            check_combinations(self.forbidden, self.defaults())
        except UserFacingError as error:
            return [f"the defaults are forbidden: {error.variables['options']}"]
        return []


class Quote(_Data):
    """What one generation costs: shown, held and settled as one number.

    `stars` is whole Stars; `usd` what the provider takes; `options` the checked options it is for, `facts`
    what else its price came from. With `least` those are not all known yet: the price is then the lowest it
    can turn out to be ("from 5 Stars"), and nothing may be held for it. One that is free for the person it is
    for says why in `free`, and in `free_left` how many more there are, itself included; its `stars` are then
    paid for them.
    """

    model_id: str
    options: dict[str, Any]
    facts: Facts = Facts()
    usd: Decimal
    stars: int = Field(gt=0)
    least: bool = False
    free: Literal["", "newcomer", "daily"] = ""
    free_left: int = 0

    @property
    def to_pay(self) -> int:
        """What the person pays, in Stars: 0 where it is free."""
        return 0 if self.free else self.stars


@dataclass(frozen=True, slots=True)
class LockedModel:
    """A model that is not offered, and why, for the operator."""

    id: str
    reason: str


class RetiredModel(_Data):
    """A model that was offered once, by a name that people still know."""

    id: str
    instead: str = ""
    """The id of a model that takes its place, if one does."""


class ApiEndpoint(_Data):
    """Where a provider's API takes tasks.

    `{model}` in `path` stands for what the API calls the model. `model_field` is the field of the request
    that names the model, and `input_field` the one that holds the inputs; where they are empty, the path
    names the model, and the inputs are the request itself. A request of another shape is told by `body`: JSON
    with `{field}` where the values of inputs stand, and `{model}`. `base_url` is for one that is not where
    the provider's others are.
    """

    base_url: str = Field(default="", pattern=r"^(https?://\S+[^/\s])?$")
    path: str = Field(pattern=r"^/")
    method: Literal["POST", "PUT"] = "POST"
    model_field: str = ""
    input_field: str = ""
    body: dict[str, Any] = {}


class Api(_Data):
    """A provider's API as people can read of it: the `[api]` table of `models.toml`.

    `endpoints` are by the models' `endpoint`; the one of models that name none is `default`.
    """

    base_url: str = Field(pattern=r"^https?://\S+[^/\s]$")
    endpoints: dict[str, ApiEndpoint] = Field(min_length=1)

    def endpoint_of(self, model: Model) -> ApiEndpoint | None:
        """Where tasks of this model go, if the file says it."""
        return self.endpoints.get(model.endpoint or "default")

    def base_url_of(self, model: Model) -> str:
        """The server that takes tasks of this model."""
        endpoint = self.endpoint_of(model)
        return (endpoint.base_url if endpoint else "") or self.base_url


@dataclass(frozen=True, slots=True)
class ModelList:
    """What a provider offers, what it knows of but cannot offer, and what is no more.

    `left_out` is what the provider has and nobody meant to offer, with the reason.
    """

    models: tuple[Model, ...]
    locked: tuple[LockedModel, ...] = ()
    retired: tuple[RetiredModel, ...] = ()
    api: Api | None = None
    left_out: tuple[LockedModel, ...] = ()

    def locking(self, reason_against: Callable[[Model], str]) -> ModelList:
        """The same with those models locked that `reason_against` does not answer an empty text for."""
        reasons = {model.id: reason_against(model) for model in self.models}
        locked = tuple(LockedModel(model_id, reason) for model_id, reason in reasons.items() if reason)
        offered = tuple(model for model in self.models if not reasons[model.id])
        return replace(self, models=offered, locked=self.locked + locked)
