"""What the data of Kie.ai's models says: prices computed by hand, and inputs as its pages have them."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from core.billing.pricing import PriceOverride, Pricing
from core.generation.model import Model, ModelList
from core.generation.models_file import read_models
from core.generation.prices import Facts
from core.generation.registry import Registry

ROOT = Path(__file__).parents[3]
SCHEMAS = json.loads((Path(__file__).with_name("schemas.json")).read_text(encoding="utf-8"))
UNCONFIRMED = {
    "bytedance/seedance-2-fast",
    "bytedance/seedance-2-mini",
    "qwen/text-to-image",
    "qwen/image-to-image",
    "qwen/image-edit",
}
LONGEST_TITLE = 26
"""Characters: with a price behind it, it still fits on a button."""


@cache
def kie() -> ModelList:
    return read_models(ROOT / "providers" / "kie" / "models.toml", provider="kie")


def registry(**overrides: PriceOverride) -> Registry:
    made = Registry(Pricing(Decimal(1), Decimal("0.01"), overrides=overrides))
    made.add_list("kie", kie())
    return made


def test_all_tables_are_models() -> None:
    assert kie().locked == ()
    assert Counter(model.category.value for model in kie().models) == {"video": 91, "image": 60, "audio": 17}


def test_what_nobody_could_confirm_waits_for_the_operator() -> None:
    assert {model.id for model in kie().models if not model.confirmed} == UNCONFIRMED
    assert {locked.id for locked in registry().locked} == UNCONFIRMED | {each.id for each in kie().left_out}
    agreed = registry(**{"qwen/image-edit": PriceOverride(confirmed=True)})
    assert agreed.model("qwen/image-edit").confirmed is False


@pytest.mark.parametrize(
    ("model_id", "options", "facts", "usd"),
    [
        ("kling-2.6/text-to-video", {"sound": True, "duration": "10"}, {}, "1.10"),
        ("kling/v2-1-master-text-to-video", {"duration": "10"}, {}, "1.60"),
        ("kling-3.0/video", {"mode": "pro", "sound": True, "duration": "7"}, {}, "0.945"),
        ("kling-2.6/motion-control", {"mode": "1080p"}, {"seconds": {"video_urls": 12}}, "1.08"),
        ("bytedance/seedance-2", {"resolution": "1080p", "duration": 6}, {}, "3.06"),
        (
            "bytedance/seedance-2",
            {"resolution": "720p", "duration": 5},
            {"seconds": {"reference_video_urls": 8}, "counts": {"reference_video_urls": 2}},
            "1.625",
        ),
        ("bytedance/seedance-1.5-pro", {"resolution": "480p", "duration": 12}, {}, "0.105"),
        ("wan/2-2-a14b-image-to-video-turbo", {"resolution": "480p"}, {}, "0.20"),
        ("wan/2-6-text-to-video", {"resolution": "1080p", "duration": "15"}, {}, "1.575"),
        ("hailuo/2-3-image-to-video-pro", {"resolution": "1080P", "duration": "6"}, {}, "0.40"),
        (
            "minimax-h3/reference-to-video",
            {"resolution": "2K", "duration": 6},
            {"seconds": {"reference_video_urls": 4}, "counts": {"reference_image_urls": 7}},
            "0.69",
        ),
        ("happyhorse/video-edit", {"resolution": "720p"}, {"seconds": {"video_url": 5}}, "1.40"),
        ("pixverse-v6/text-to-video", {"generate_audio_switch": True, "duration": 10}, {}, "0.48"),
        ("gemini-omni-video", {"resolution": "4k", "duration": "10"}, {}, "1.05"),
        ("omnihuman-1-5", {}, {"seconds": {"audio_url": 20}}, "2.70"),
        ("runway", {"quality": "1080p", "duration": 5}, {}, "0.15"),
        ("veo-3.1-fast", {"resolution": "1080p", "duration": 4}, {}, "0.325"),
        ("veo-3.1-quality", {"resolution": "4k"}, {}, "1.85"),
        ("nano-banana-pro", {"resolution": "4K"}, {}, "0.12"),
        ("bytedance/seedream-v4-edit", {"max_images": 4}, {}, "0.10"),
        ("seedream/5-pro-image-to-image", {"quality": "high"}, {"counts": {"image_urls": 3}}, "0.075"),
        ("qwen3/image-to-image", {}, {"counts": {"image_urls": 2}}, "0.029"),
        ("ideogram/character", {"rendering_speed": "QUALITY", "num_images": "3"}, {}, "0.36"),
        ("grok-imagine/text-to-image", {"enable_pro": True}, {}, "0.025"),
        ("flux-kontext-max", {}, {}, "0.05"),
        ("z-image", {}, {}, "0.004"),
        ("suno", {}, {}, "0.06"),
        ("suno/mashup", {}, {}, "0.06"),
        ("suno/sounds", {"sound_loop": True}, {}, "0.0125"),
        ("veo/extend", {"model": "quality"}, {}, "1.25"),
        ("veo/get-4k-video", {}, {}, "0.60"),
        ("grok-imagine/extend", {"extend_times": 10, "extend_at": 6}, {}, "0.12"),
        ("grok-imagine/extend-720p", {"extend_at": 6}, {}, "0.135"),
        ("grok-imagine/upscale", {"resolution": "1080p"}, {}, "0.15"),
        ("suno/wav", {}, {}, "0.002"),
        ("elevenlabs/text-to-dialogue-v3", {}, {"characters": 2500}, "0.175"),
    ],
)
def test_prices_computed_by_hand(
    model_id: str, options: dict[str, Any], facts: dict[str, Any], usd: str
) -> None:
    model = registry().model(model_id)
    assert model.price.usd_for(model.check_options(options), Facts(**facts)) == Decimal(usd)


@pytest.mark.parametrize("model", kie().models, ids=lambda model: model.id)
def test_inputs_are_those_of_the_documentation(model: Model) -> None:
    shapes = _shapes(model)
    assert shapes
    assert [] in [_differences(model, shape["fields"]) for shape in shapes], [
        _differences(model, shape["fields"]) for shape in shapes
    ]


def test_names_fit_on_buttons_and_differ() -> None:
    for language in ("en", "ru"):
        titles = [model.title[language] for model in kie().models]
        assert [title for title in titles if len(title) > LONGEST_TITLE] == []
        assert len(titles) == len(set(titles))


@pytest.mark.parametrize(
    ("name", "model_id"),
    [
        ("veo-3.1", "veo-3.1-quality"),
        ("veo3_fast", "veo-3.1-fast"),
        ("veo-3-lite", "veo-3.1-lite"),
        ("kling-2.1", "kling/v2-1-master-text-to-video"),
        ("wan-2.2", "wan/2-2-a14b-text-to-video-turbo"),
        ("flux-kontext", "flux-kontext-pro"),
        ("flux-2", "flux-2/pro-text-to-image"),
        ("nano-banana", "google/nano-banana"),
        ("ai-music-api/generate", "suno"),
        ("ai-music-api/upload-and-cover-audio", "suno/cover"),
    ],
)
def test_short_names(name: str, model_id: str) -> None:
    assert registry().model(name).id == model_id


@pytest.mark.parametrize("name", ["sora-2", "luma", "midjourney", "kling-o1", "hunyuan"])
def test_what_is_no_more_has_something_in_its_place(name: str) -> None:
    instead = registry().instead_of(name)
    assert instead is not None
    assert instead.provider == "kie"


def test_every_stand_in_for_a_retired_name_is_there() -> None:
    known = {model.id for model in kie().models}
    assert [gone.id for gone in kie().retired if gone.instead and gone.instead not in known] == []


def _shapes(model: Model) -> list[dict[str, Any]]:
    if not model.endpoint:
        return list(SCHEMAS["jobs"][model.upstream_id])
    api = kie().api
    assert api is not None
    endpoint = api.endpoint_of(model)
    assert endpoint is not None
    return list(SCHEMAS["paths"][endpoint.path])


def _differences(model: Model, fields: dict[str, Any]) -> list[str]:
    """What the model sends that a documented shape does not have, or does not send that it wants."""
    shaped = model.details.get("shape", {})
    found = [f"{name} is sent always" for name in model.fixed if name not in fields]
    for option in model.options:
        field = fields.get(option.field)
        if field is None:
            found += [] if f"{{{option.field}}}" in str(shaped) else [f"no option {option.field}"]
            continue
        if field["type"] != option.type and (field["type"], option.type) != ("number", "integer"):
            found.append(f"{option.field} is {field['type']}")
        if "enum" in field and not set(option.choices or ("?",)) <= set(field["enum"]):
            found.append(f"{option.field} is one of {field['enum']}")
        if option.default not in (None, field.get("default", option.default)):
            found.append(f"{option.field} is {field['default']} by default")
        found += _out_of_range(option.field, option.minimum, option.maximum, field)
        if (option.longest or 0) > field.get("max_length", option.longest or 0):
            found.append(f"{option.field} has at most {field['max_length']} characters")
    for given in model.media:
        field = fields.get(given.field, {"type": "nothing"})
        if field["type"] != ("array" if given.many else "string"):
            found.append(f"{given.field} is {field['type']}")
        if given.most > field.get("max_items", given.most):
            found.append(f"{given.field} takes {field['max_items']}")
    prompt = fields.get(model.prompt_field, {})
    if model.prompt_max > prompt.get("max_length", model.prompt_max):
        found.append(f"the prompt has at most {prompt['max_length']} characters")
    if model.prompt_min < prompt.get("min_length", 0) and prompt["min_length"] > 1:
        found.append(f"the prompt has at least {prompt['min_length']} characters")
    return [*found, *(f"{name} is missing" for name in sorted(_required(fields) - _always_sent(model)))]


def _out_of_range(name: str, least: Decimal | None, most: Decimal | None, field: dict[str, Any]) -> list[str]:
    low, high = field.get("minimum"), field.get("maximum")
    below = low is not None and (least is None or least < Decimal(str(low)))
    above = high is not None and (most is None or most > Decimal(str(high)))
    return [f"{name} is from {low} to {high}"] if below or above else []


def _required(fields: dict[str, Any]) -> set[str]:
    return {name for name, field in fields.items() if field.get("required")}


def _always_sent(model: Model) -> set[str]:
    options = {option.field for option in model.options if option.required or option.default is not None}
    media = {given.field for given in model.media if given.required}
    prompt = {model.prompt_field} if model.prompt_required else set()
    source = model.source.fields if model.source else ()
    return {"model", *options, *media, *prompt, *source, *model.fixed, *model.details.get("shape", {})}
