"""Reads `models.toml`: what can be offered is offered, the rest is named with its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.errors import ConfigurationError
from core.generation.model import LockedModel, Model, ModelList


def read_models(path: Path, *, provider: str) -> ModelList:
    """The `[[models]]` tables of a file, each a model of `provider`.

    A table that is no valid model, has no price, or an id that was there before is locked; it never stops
    the others.

    Raises:
        ConfigurationError: the file cannot be read at all.

    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("models", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"models of provider {provider} cannot be read: {error}") from error
    if not isinstance(tables, list):
        raise ConfigurationError(f"models of provider {provider}: write each as a [[models]] table")
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
    return ModelList(tuple(models.values()), tuple(locked))


def _name_of(table: Any, number: int) -> str:
    name = table.get("id") if isinstance(table, Mapping) else None
    return name if isinstance(name, str) and name else f"number {number}"


def _reason(table: Any, error: ValidationError | TypeError) -> str:
    if not isinstance(error, ValidationError):
        return "it is no table"
    if "price" not in table:
        return "it has no price"
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
