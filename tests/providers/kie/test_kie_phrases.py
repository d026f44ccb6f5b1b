"""What Kie.ai says of prices, in prose: read exactly in the known words, and in no others."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from providers.kie.catalogue import listed_as
from providers.kie.phrases import Phrases, Unreadable, skeleton
from starloom.api import Model, read_models

PROVIDER = Path(__file__).parents[3] / "providers" / "kie"
TEXTS = json.loads(Path(__file__).with_name("price_texts.json").read_text(encoding="utf-8"))["texts"]
LIMITED = {"bytedance/seedance-2-fast", "bytedance/seedance-2-mini"}


@cache
def phrases() -> Phrases:
    return Phrases.read(PROVIDER / "phrases.toml")


@cache
def models() -> dict[str, Model]:
    return {model.id: model for model in read_models(PROVIDER / "models.toml", provider="kie").models}


def said_of(model_id: str) -> str:
    text = TEXTS[listed_as(models()[model_id])]
    assert isinstance(text, str)
    return text


IN_WORDS = [
    model.id
    for model in models().values()
    if TEXTS[listed_as(model)] and model.id not in LIMITED and model.id != "qwen/image-edit"
]


def test_nearly_all_models_are_told_of_in_words() -> None:
    assert len(IN_WORDS) > 135


@pytest.mark.parametrize("model_id", IN_WORDS)
def test_what_was_said_when_the_data_was_made_is_what_the_data_says(model_id: str) -> None:
    assert phrases().price_in(models()[model_id], said_of(model_id)) == models()[model_id].price


def test_other_numbers_are_other_prices() -> None:
    dearer = said_of("kling-2.6/text-to-video").replace("220 credits ($1.10)", "260 credits ($1.30)")
    price = phrases().price_in(models()["kling-2.6/text-to-video"], dearer)
    assert price.usd_for({"sound": True, "duration": "10"}) == Decimal("1.3")
    assert price.usd_for({"sound": True, "duration": "5"}) == Decimal("0.55")


def test_seconds_and_surcharges_are_counted_as_the_rule_wants_it() -> None:
    twice = phrases().price_in(
        models()["happyhorse/video-edit"],
        said_of("happyhorse/video-edit").replace("28 credits/s ($0.14/s)", "30 credits/s ($0.15/s)"),
    )
    assert twice.model_dump()["usd"]["720p"] == Decimal("0.3")
    extra = phrases().price_in(
        models()["seedream/5-pro-image-to-image"],
        said_of("seedream/5-pro-image-to-image").replace(
            "0.5 credits each ($0.0025)", "0.8 credits each ($0.0040)"
        ),
    )
    assert extra.surcharge is not None
    assert extra.surcharge.usd == Decimal("0.004")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("per image ($0.04)", "per picture ($0.04)"),
        ("8 credits per image ($0.04).", "8 credits per image ($0.04), 12 credits ($0.06) with sound."),
        ("8 credits", "eight credits"),
        ("Imagen 4 costs 8 credits per image ($0.04).", ""),
        ("8 credits per image ($0.04)", "8 credits per image ($0.40)"),
        ("8 credits per image ($0.04)", "0 credits per image ($0.00)"),
        ("per image", "per image (limited-time price)"),
    ],
)
def test_other_words_are_not_guessed_at(old: str, new: str) -> None:
    text = said_of("google/imagen4")
    assert old in text
    with pytest.raises(Unreadable):
        phrases().price_in(models()["google/imagen4"], text.replace(old, new, 1))


@pytest.mark.parametrize("model_id", sorted(LIMITED))
def test_a_price_for_a_limited_time_is_none(model_id: str) -> None:
    with pytest.raises(Unreadable, match="limited time"):
        phrases().price_in(models()[model_id], said_of(model_id))


def test_what_is_said_of_top_ups_and_percents_does_not_count() -> None:
    text = said_of("nano-banana-2")
    assert text.count("High-tier") == 1
    changed = text.partition("High-tier")[0].replace("40 %", "55 %") + "High-tier top-ups: 3 credits off."
    assert skeleton(changed) == skeleton(text)


def test_a_price_in_the_feed_needs_all_its_rows() -> None:
    model = models()["ideogram/v3-remix"]
    rows = {f"ideogram v3-remix, image-to-image, {name}": Decimal(4) for name in ("TURBO", "BALANCED")}
    with pytest.raises(Unreadable, match="QUALITY"):
        phrases().price_of_rows(model, rows)
    rows["ideogram v3-remix, image-to-image, QUALITY"] = Decimal(12)
    assert phrases().price_of_rows(model, rows).model_dump()["usd"]["QUALITY"] == Decimal("0.06")
