"""Makes the JSON body of a request from a model's data: no model has code of its own.

What `details` of a model may hold:

    shape   fields whose value is built from several inputs: JSON in which `{prompt}` and names of options in
            braces stand for their values. What stands in a shape is not sent by its own name as well.

            details = { shape = { dialogue = [{ text = "{prompt}", voice = "{voice}" }] } }

Source: https://docs.kie.ai/market
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from providers.kie.families import FAMILIES, family_of, read_task_id
from starloom.api import MediaInput, Model, fill, names_in

_SHAPE = "shape"
_PROMPT = "prompt"


def body_of(
    model: Model,
    *,
    prompt: str,
    options: Mapping[str, Any],
    media: Mapping[str, Sequence[str]],
    source: Mapping[str, Any] | None = None,
    callback_url: str = "",
) -> dict[str, Any]:
    """The body that orders one generation.

    `options` are checked and complete; `media` are addresses of files by the model's media field; `source`
    is what is sent of the task that it goes on from, with our id of that.
    """
    family = family_of(model)
    given = _inputs(model, prompt=prompt, options=options, media=media)
    given.update(_source(model, source or {}))
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
    foreign = sorted(names_in(shape) - known)
    return f"details: shape names {foreign[0]}, which is no option" if foreign else ""


def _inputs(
    model: Model, *, prompt: str, options: Mapping[str, Any], media: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    shape: Mapping[str, Any] = model.details.get(_SHAPE, {})
    shaped = names_in(shape)
    values = {**options, _PROMPT: prompt}
    given: dict[str, Any] = {}
    if _sends_prompt(model, prompt) and _PROMPT not in shaped:
        given[model.prompt_field] = prompt
    given.update({field: value for field, value in options.items() if field not in shaped})
    for field in model.media:
        if addresses := media.get(field.field):
            given[field.field] = _addresses(field, addresses)
    given.update(model.fixed)
    given.update(fill(shape, values))
    return given


def _source(model: Model, source: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent of an earlier task, which Kie.ai calls by its own id alone."""
    if model.source is None:
        return {}
    field = model.source.task_field
    theirs = {field: read_task_id(source[field])[1]} if field else {}
    return {**source, **theirs}


def _sends_prompt(model: Model, prompt: str) -> bool:
    return bool(model.prompt_field) and (bool(prompt) or model.prompt_required)


def _addresses(field: MediaInput, addresses: Sequence[str]) -> Any:
    if field.item:
        items = [{field.item: address, **field.item_fixed} for address in addresses]
        return items if field.many else items[0]
    return list(addresses) if field.many else addresses[0]
