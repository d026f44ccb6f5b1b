"""On a test run models are there without an account, and what comes is the demo provider's."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from durability.processes import StartStudio
from structlog.testing import capture_logs
from support.catalogue_talk import choose
from support.studio_talk import arrive, ask, assert_sound, delivered

NOBODY = "http://127.0.0.1:9"
"""Nobody listens there: a request that left this machine's demo would fail."""

LOCKED = {
    "KIE_STUB": "REPLICATE_API_TOKEN is not set",
    "TEST_MODE": "its price of 2026-11-21 is not confirmed",
}
"""Why a model of Replicate's is not ready in each mode."""


@pytest.mark.parametrize(
    ("mode", "model", "price"), [("KIE_STUB", "Seedream 4.5 ·", 5), ("TEST_MODE", "FLUX 1.1 Pro ·", 7)]
)
async def test_a_model_is_tried_out_without_an_account(
    start_studio: StartStudio, plugins: dict[str, Any], mode: str, model: str, price: int
) -> None:
    """The start tells how many models are ready, and of the others why they are not."""
    plugins = copy.deepcopy(plugins)
    plugins["billing"] = {"free_per_day": 0}
    plugins["providers"]["replicate"] |= {"base_url": NOBODY}
    with capture_logs() as logged:
        studio = await start_studio(plugins=plugins, settings={mode: "1", "KIE_BASE_URL": NOBODY})
    said = [line["event"] for line in logged]
    registry = studio.service.studio.generations._registry
    assert f"{len(registry.models())} models ready, {len(registry.locked)} locked:" in said
    assert any(line.endswith(f": {LOCKED[mode]}") for line in said)
    person = await arrive(studio)
    await choose(person, model)
    assert f"{price} Stars" in (await ask(person, "a red fox in the snow")).text
    await person.press("✨")
    message = await delivered(person)
    assert message.media is not None
    assert message.media.kind == "photo"
    await assert_sound(studio, person, spent=price)
