"""A model's inputs as JSON Schema, and an example that satisfies it, for people who read of the API."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

from core.errors import UserFacingError
from core.generation.combinations import Combination
from core.generation.filling import fill, names_in
from core.generation.model import ApiEndpoint, Category, Model
from core.generation.options import MediaInput, Option, OptionValue, SourceInput

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PROMPTS = {
    Category.VIDEO: "A paper boat sails along a rainy street at dusk; the camera follows close to the water.",
    Category.IMAGE: "A lighthouse on a cliff at dawn, waves below, soft fog, photograph.",
    Category.AUDIO: "Good evening. The last train to the coast leaves from platform two.",
}


def input_schema(model: Model) -> dict[str, Any]:
    """The schema of what the model takes: its prompt, media inputs, options, and what is always sent."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    if model.takes_prompt:
        properties[model.prompt_field] = _prompt_schema(model)
        required += [model.prompt_field] if model.prompt_required else []
    if model.source:
        properties |= _source_schema(model.source)
        required += model.source.fields
    for given in model.media:
        properties[given.field] = _media_schema(given)
        required += [given.field] if given.required else []
    for option in model.options:
        properties[option.field] = _option_schema(option)
        required += [option.field] if option.required else []
    for field, value in model.fixed.items():
        properties[field] = {"const": value}
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    rules = list(_rules(model))
    return {**schema, "allOf": rules} if rules else schema


def example_input(model: Model) -> dict[str, Any]:
    """An order that the model takes: the least that it insists on, with its options' defaults."""
    example: dict[str, Any] = {}
    if model.takes_prompt:
        example[model.prompt_field] = _example_prompt(model)
    if model.source:
        example |= _example_source(model.source)
    counts = example_files(model)
    for given in model.media:
        if given.field in counts:
            example[given.field] = _example_media(given, counts[given.field])
    return {**example, **example_options(model), **model.fixed}


def example_body(model: Model, endpoint: ApiEndpoint) -> dict[str, Any]:
    """The request that orders the example.

    `shape` among a model's details is JSON for fields that are made of several inputs, with `{prompt}` and
    the fields of options in it.
    """
    inputs = example_input(model)
    values = {**inputs, "model": model.upstream_id}
    if model.takes_prompt:
        values["prompt"] = inputs[model.prompt_field]
    if endpoint.body:
        return fill(endpoint.body, values)
    shape = model.details.get("shape") or {}
    shaped = names_in(shape) | ({model.prompt_field} if "prompt" in names_in(shape) else set())
    sent = {name: value for name, value in inputs.items() if name not in shaped} | fill(shape, values)
    body: dict[str, Any] = {endpoint.model_field: model.upstream_id} if endpoint.model_field else {}
    return body | ({endpoint.input_field: sent} if endpoint.input_field else sent)


def example_options(model: Model) -> dict[str, OptionValue]:
    """The options' defaults, and a value for each that has none but is needed."""
    return {
        option.field: example_value(option) if option.default is None else option.default
        for option in model.options
        if option.required or option.default is not None
    }


def example_files(model: Model) -> dict[str, int]:
    """How many files the example has in each media input: as few as the model takes."""
    counts = {given.field: given.least for given in model.media if given.required}
    options = example_options(model)
    for wanted in _choices_of_groups(model):
        tried = {**dict.fromkeys(wanted, 1), **counts}
        try:
            model.check_inputs(tried, options)
        except UserFacingError:
            continue
        return tried
    return counts


def _choices_of_groups(model: Model) -> Iterator[tuple[str, ...]]:
    """Which optional files might be needed, the fewest first."""
    optional = [given.field for given in model.media if not given.required]
    for number in range(len(optional) + 1):
        yield from combinations(optional, number)


def _prompt_schema(model: Model) -> dict[str, Any]:
    least = max(model.prompt_min, 1 if model.prompt_required else 0)
    return {"type": "string", "minLength": least, "maxLength": model.prompt_max}


def _media_schema(given: MediaInput) -> dict[str, Any]:
    address: dict[str, Any] = {"type": "string", "format": "uri"}
    if given.item:
        fixed = {field: {"const": value} for field, value in given.item_fixed.items()}
        address = {
            "type": "object",
            "properties": {given.item: address, **fixed},
            "required": [given.item, *fixed],
            "additionalProperties": False,
        }
    if not given.many:
        return address
    return {"type": "array", "items": address, "minItems": max(1, given.least), "maxItems": given.most}


def _source_schema(source: SourceInput) -> dict[str, Any]:
    """What is sent of the earlier task: ids, and values that it was made with."""
    schema: dict[str, Any] = {
        field: {"type": "string"} for field in source.fields if field not in source.same
    }
    schema |= {field: {} for field in source.same}
    if source.index_field:
        schema[source.index_field] = {"type": source.index_type}
    return schema


def _example_source(source: SourceInput) -> dict[str, Any]:
    example: dict[str, Any] = {field: field.replace("_", "-") for field in source.fields} | source.same
    if source.index_field:
        example[source.index_field] = 0 if source.index_type == "integer" else "0"
    return example


def _option_schema(option: Option) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": option.type}
    if option.choices is not None:
        schema["enum"] = list(option.choices)
    if option.minimum is not None:
        schema["minimum"] = _number(option.minimum)
    if option.maximum is not None:
        schema["maximum"] = _number(option.maximum)
    if option.longest is not None:
        schema["maxLength"] = option.longest
    if option.default is not None:
        schema["default"] = option.default
    return schema


def _rules(model: Model) -> Iterator[dict[str, Any]]:
    for group in model.one_of:
        yield {"anyOf": [{"required": [field]} for field in group]}
    for group in model.exclusive:
        for pair in combinations(group, 2):
            yield {"not": {"required": list(pair)}}
    media = {given.field for given in model.media}
    for combination in model.forbidden:
        yield {"not": {"allOf": [_condition(name, combination, media) for name in combination]}}


def _condition(name: str, combination: Combination, media: set[str]) -> dict[str, Any]:
    values = combination[name]
    if name not in media:
        return {"required": [name], "properties": {name: {"enum": list(values)}}}
    given = {"required": [name]}
    return {"anyOf": [given if value else {"not": given} for value in values]}


def _example_prompt(model: Model) -> str:
    text = _PROMPTS[model.category]
    times = math.ceil(model.prompt_min / len(text))
    return " ".join([text] * max(1, times))[: model.prompt_max]


def _example_media(given: MediaInput, count: int) -> Any:
    name = given.role.replace("_", "-")
    addresses: list[Any] = [
        f"https://example.com/{name}-{number + 1}.{given.formats[0]}" for number in range(count)
    ]
    if given.item:
        addresses = [{given.item: address, **given.item_fixed} for address in addresses]
    return addresses if given.many else addresses[0]


def example_value(option: Option) -> OptionValue:
    """Some value that the option allows."""
    if option.choices is not None:
        return option.choices[0]
    match option.type:
        case "boolean":
            return False
        case "string":
            return option.field.replace("_", " ")[: option.longest]
        case "integer":
            return math.ceil(option.minimum or option.maximum or 1)
        case "number":
            return float(next((end for end in (option.minimum, option.maximum) if end is not None), 1))


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
