"""What Google's video models take, as its documentation had it: checks orders."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from support.google_server import OMNI
from support.schema_check import problems_of, schemas_of

_SCHEMAS = schemas_of("veo")
_VEO, _OMNI, _LIMITS = _SCHEMAS["veo"], _SCHEMAS["omni"], _SCHEMAS["limits"]
_MIME_TYPES = ("image/jpeg", "image/png", "image/webp")


def _problems(schema: Mapping[str, Any], value: Mapping[str, Any]) -> list[str]:
    """What is wrong with the plain fields of an object, and with which others there are."""
    return problems_of(
        schema,
        {
            name: [] if isinstance(field, list) else "" if isinstance(field, dict) else field
            for name, field in value.items()
        },
    )


def order_problems(model: str, body: Mapping[str, Any]) -> list[str]:
    """What is wrong with an order."""
    return list(_omni_problems(model, body) if model in OMNI else _veo_problems(model, body))


def _veo_problems(model: str, body: Mapping[str, Any]) -> Iterator[str]:
    if set(body) != {"instances", "parameters"}:
        yield f"fields {sorted(body)}"
        return
    instance, parameters = body["instances"][0], body["parameters"]
    yield from _problems(_VEO["instance"], instance)
    yield from _problems(_VEO["parameters"], parameters)
    for name in ("image", "lastFrame"):
        yield from _picture_problems(name, instance.get(name))
    references = instance.get("referenceImages", [])
    for each in references:
        yield from _picture_problems("referenceImages", each.get("image"))
        if each.get("referenceType") != "ASSET":
            yield "referenceType"
    if len(references) > 3:
        yield "too many reference images"
    if references and (parameters["durationSeconds"] != 8 or {"image", "lastFrame"} & set(instance)):
        yield "reference images are for 8 seconds, and exclude other images"
    if "lastFrame" in instance and "image" not in instance:
        yield "a last frame needs a first one"
    if "lite" in model and (parameters["resolution"] == "4k" or references):
        yield "not on lite"


def _picture_problems(name: str, picture: Any) -> Iterator[str]:
    if picture is None:
        return
    if set(picture) != {"bytesBase64Encoded", "mimeType"} or picture["mimeType"] not in _MIME_TYPES:
        yield f"{name} is no image"
        return
    base64.b64decode(picture["bytesBase64Encoded"], validate=True)


def _omni_problems(model: str, body: Mapping[str, Any]) -> Iterator[str]:
    yield from _problems(_OMNI["request"], body)
    for name in ("response_format", "generation_config"):
        yield from _problems(_OMNI[name], body.get(name, {}))
    config = body.get("generation_config", {}).get("video_config", {})
    yield from _problems(_OMNI["video_config"], config)
    for block in body["input"]:
        yield from _problems(_OMNI[block["type"]], block)
    images = [block for block in body["input"] if block["type"] == "image"]
    tasks = {0: "text_to_video", 1: "image_to_video"}
    if config.get("task") not in (tasks.get(len(images)), "reference_to_video" if images else ""):
        yield "the task does not fit the input"
    limits = _LIMITS[model]
    least, most = limits["image_seconds" if config.get("task") == "image_to_video" else "seconds"]
    if not least <= int(body["response_format"]["duration"].removesuffix("s")) <= most:
        yield "too short or too long"
    if len(images) > limits["references"]:
        yield "too many images"
