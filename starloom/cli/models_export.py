"""`models export`: all models as JSON, for people and programs that ask the providers themselves."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.errors import ConfigurationError
from core.generation.model import Api, Category, Model
from core.generation.schema import example_body, example_input, input_schema
from starloom.cli.models_reading import ModelCatalogue, read_with_stored
from starloom.cli.models_words import plain, price_lines
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, complain, say

_TOLD = ("type", "enum", "minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength", "default")
"""What `params` tells of each input beside whether it is required."""


def export(options: Options, out: Path | None, by_category: Path | None) -> int:
    """Write the models on offer down as JSON; the exit status.

    `by_category` is a folder that gets a file for each category, and so is `out` where EXPORT_BY_CATEGORY is
    set. Otherwise `out` is the one file; without it all goes to standard output.
    """
    try:
        catalogue = read_with_stored(options)
        folder = by_category or (out if catalogue.settings.export_by_category else None)
        if folder is not None:
            _write_folder(catalogue, folder)
        elif out is not None:
            _write(out, _entries(catalogue, catalogue.registry.models()))
        else:
            sys.stdout.write(_json(_entries(catalogue, catalogue.registry.models())) + "\n")
    except ConfigurationError as error:
        complain(str(error))
        return FAILED
    except OSError as error:
        complain(f"{error.filename or 'the output'} cannot be written: {error.strerror}")
        return FAILED
    return 0


def _write_folder(catalogue: ModelCatalogue, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for category in Category:
        entries = _entries(catalogue, catalogue.registry.models(category))
        _write(folder / f"{category.value}.json", entries)


def _write(path: Path, entries: list[dict[str, Any]]) -> None:
    # The name is given to a whole file only.
    part = path.with_name(f"{path.name}.part")
    part.write_text(_json(entries) + "\n", encoding="utf-8")
    part.replace(path)
    say(f"{len(entries)} models are in {path}.")


def _json(entries: list[dict[str, Any]]) -> str:
    return json.dumps(entries, ensure_ascii=False, indent=2)


def _entries(catalogue: ModelCatalogue, models: Iterable[Model]) -> list[dict[str, Any]]:
    return [entry_of(catalogue, model) for model in models]


def entry_of(catalogue: ModelCatalogue, model: Model) -> dict[str, Any]:
    """All that the export says of a model; its address is left empty where the provider does not say it."""
    schema = input_schema(model)
    least = catalogue.registry.least_quote(model.id)
    return {
        "id": model.id,
        "name": model.title_in("en"),
        "titles": dict(model.title),
        "category": model.category.value,
        "provider": model.provider,
        **_request(catalogue.lists[model.provider].api, model),
        "params": _params(schema),
        "input_schema": schema,
        "example": example_input(model),
        "price": {
            "usd": plain(least.usd),
            "stars": least.stars,
            "is_least": least.least,
            "rule": model.price.model_dump(mode="json", exclude_defaults=True) | {"rule": model.price.rule},
            "in_words": list(price_lines(model.price)),
            "source": model.price_source,
            "date": model.price_date.isoformat(),
        },
    }


def _request(api: Api | None, model: Model) -> dict[str, Any]:
    """Where and how the model is asked for."""
    endpoint = api.endpoint_of(model) if api is not None else None
    if api is None or endpoint is None:
        return {"base_url": "", "endpoint": "", "method": "", "example_request": {}}
    path = endpoint.path.replace("{model}", model.upstream_id)
    base_url = api.base_url_of(model)
    return {
        "base_url": base_url,
        "endpoint": path,
        "method": endpoint.method,
        "example_request": {
            "method": endpoint.method,
            "url": f"{base_url}{path}",
            "headers": {"Content-Type": "application/json"},
            "body": example_body(model, endpoint),
        },
    }


def _params(schema: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The inputs, each in short."""
    required = set(schema["required"])
    return {
        name: {"required": name in required, **{key: each[key] for key in _TOLD if key in each}}
        for name, each in schema["properties"].items()
        if "const" not in each
    }
