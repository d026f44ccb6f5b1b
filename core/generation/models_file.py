"""Reads `models.toml`: what can be offered is offered, the rest is named with its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import ConfigurationError
from core.generation.model import Api, LockedModel, Model, ModelList, RetiredModel

_KEPT = 16
"""Files whose models are kept: those of all providers."""


def read_models(path: Path, *, provider: str) -> ModelList:
    """The models of `provider` that a file tells of.

    Each `[[models]]` table is a model, each `[[retired]]` table one that is no more, a `[[left_out]]` table
    says `why` the provider's models of these `ids` are not offered, and the `[api]` table where the provider
    takes tasks. A table that is no valid model, has no price, or an id that was there before is locked; it
    never stops the others.

    Raises:
        ConfigurationError: the file cannot be read at all, or what it says beside its models is wrong.

    """
    try:
        return _read(path.read_text(encoding="utf-8"), provider)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"models of provider {provider} cannot be read: {error}") from error


@lru_cache(maxsize=_KEPT)
def _read(text: str, provider: str) -> ModelList:
    """What a file says. A hundred models take a while, so one that has not changed is read once a process."""
    data = tomllib.loads(text)
    try:
        beside = _Beside.model_validate({name: data[name] for name in data if name != "models"})
    except ValidationError as error:
        raise ConfigurationError(f"models of provider {provider}: {_told(error)}") from error
    tables = data.get("models", [])
    if not isinstance(tables, list):
        raise ConfigurationError(f"models of provider {provider}: write each as a [[models]] table")
    models, locked = _read_tables(tables, provider)
    left_out = tuple(LockedModel(model_id, each.why) for each in beside.left_out for model_id in each.ids)
    return ModelList(models, locked, beside.retired, beside.api, left_out)


class _LeftOut(BaseModel):
    """Models that the provider has and that are not offered, for one reason."""

    model_config = ConfigDict(extra="forbid")

    why: str
    ids: tuple[str, ...]


class _Beside(BaseModel):
    """What a file says beside its models."""

    model_config = ConfigDict(extra="forbid")

    retired: tuple[RetiredModel, ...] = ()
    left_out: tuple[_LeftOut, ...] = ()
    api: Api | None = None


def _read_tables(tables: list[Any], provider: str) -> tuple[tuple[Model, ...], tuple[LockedModel, ...]]:
    models: dict[str, Model] = {}
    locked: list[LockedModel] = []
    for number, table in enumerate(tables, start=1):
        name = _name_of(table, number)
        try:
            model = Model.model_validate({**table, "provider": provider})
        except (ValidationError, TypeError) as error:
            locked.append(LockedModel(name, _reason(table, error)))
            continue
        if model.id in models:
            locked.append(LockedModel(name, "another model has this id"))
            continue
        models[model.id] = model
    # A model may go on from what itself or another such model has made, so all have to be read before.
    for model in list(models.values()):
        unknown = sorted(set(model.source.models) - models.keys()) if model.source else []
        if unknown:
            locked.append(LockedModel(model.id, f"it goes on from the unknown model {unknown[0]}"))
            del models[model.id]
    return tuple(models.values()), tuple(locked)


def _name_of(table: Any, number: int) -> str:
    name = table.get("id") if isinstance(table, Mapping) else None
    return name if isinstance(name, str) and name else f"number {number}"


def _reason(table: Any, error: ValidationError | TypeError) -> str:
    if not isinstance(error, ValidationError):
        return "it is no table"
    if "price" not in table:
        return "it has no price"
    return _told(error)


def _told(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
