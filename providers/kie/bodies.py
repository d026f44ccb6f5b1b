"""Makes the JSON body of a request from a model's data: no model has code of its own.

What `details` of a model may hold:

    shape   fields whose value is built from several inputs, as JSON with placeholders. A text that is just
            `{prompt}` or `{name of an option}` stands for the value itself; a key whose option has no value
            is left out. What stands in a shape is not sent by its own name as well.

            details = { shape = { dialogue = [{ text = "{prompt}", voice = "{voice}" }] } }

Source: https://docs.kie.ai/market
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers.kie.families import FAMILIES, family_of
from starloom.api import MediaInput, Model

_SHAPE = "shape"
_PROMPT = "prompt"
_PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_]+)\}")
_MISSING = object()


def body_of(
    model: Model,
    *,
    prompt: str,
    options: Mapping[str, Any],
    media: Mapping[str, Sequence[str]],
    callback_url: str = "",
) -> dict[str, Any]:
    """The body that orders one generation.

    `options` are checked and complete; `media` are addresses of files by the model's media field.
    """
    family = family_of(model)
    given = _inputs(model, prompt=prompt, options=options, media=media)
    body: dict[str, Any] = {"model": model.upstream_id} if family.names_model else {}
    body.update({"input": given} if family.wraps_input else given)
    if callback_url:
        body["callBackUrl"] = callback_url
    return body


def problem_of(model: Model) -> str:
    """Why no body can be made for a model; empty if it can."""
    if model.endpoint and model.endpoint not in FAMILIES:
        return f"endpoint {model.endpoint} is not one of {', '.join(FAMILIES)}"
    unknown = sorted(set(model.details) - {_SHAPE})
    if unknown:
        return f"details: {unknown[0]} is not known; {_SHAPE} is"
    shape = model.details.get(_SHAPE, {})
    if not isinstance(shape, Mapping):
        return "details: shape is no table"
    known = {_PROMPT, *(option.field for option in model.options)}
    foreign = sorted(_placeholders(shape) - known)
    return f"details: shape names {foreign[0]}, which is no option" if foreign else ""


def _inputs(
    model: Model, *, prompt: str, options: Mapping[str, Any], media: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    shape: Mapping[str, Any] = model.details.get(_SHAPE, {})
    shaped = _placeholders(shape)
    values = {**options, _PROMPT: prompt}
    given: dict[str, Any] = {}
    if _sends_prompt(model, prompt) and _PROMPT not in shaped:
        given[model.prompt_field] = prompt
    given.update({field: value for field, value in options.items() if field not in shaped})
    for field in model.media:
        if addresses := media.get(field.field):
            given[field.field] = _addresses(field, addresses)
    given.update(model.fixed)
    given.update(_filled(shape, values))
    return given


def _sends_prompt(model: Model, prompt: str) -> bool:
    return bool(model.prompt_field) and (bool(prompt) or model.prompt_required)


def _addresses(field: MediaInput, addresses: Sequence[str]) -> Any:
    if field.item:
        items = [{field.item: address, **field.item_fixed} for address in addresses]
        return items if field.many else items[0]
    return list(addresses) if field.many else addresses[0]


def _placeholders(shape: Any) -> set[str]:
    return set(_names_in(shape))


def _names_in(shape: Any) -> Iterator[str]:
    if isinstance(shape, str):
        if match := _PLACEHOLDER.fullmatch(shape):
            yield match[1]
    elif isinstance(shape, Mapping):
        for value in shape.values():
            yield from _names_in(value)
    elif isinstance(shape, list):
        for value in shape:
            yield from _names_in(value)


def _filled(shape: Any, values: Mapping[str, Any]) -> Any:
    """A shape with its placeholders replaced; `_MISSING` for one that has no value."""
    if isinstance(shape, str):
        match = _PLACEHOLDER.fullmatch(shape)
        return values.get(match[1], _MISSING) if match else shape
    if isinstance(shape, Mapping):
        filled = {key: _filled(value, values) for key, value in shape.items()}
        return {key: value for key, value in filled.items() if value is not _MISSING}
    if isinstance(shape, list):
        return [value for value in (_filled(each, values) for each in shape) if value is not _MISSING]
    return shape
