"""With KIE_STUB the models of Kie.ai are there without an account, and what comes is the demo provider's."""

from __future__ import annotations

import copy
from typing import Any

from durability.processes import StartStudio
from support.catalogue_talk import choose
from support.studio_talk import arrive, ask, assert_sound, delivered

from sandbox.people.person import Person
from sandbox.studio import Studio


async def _ordered(studio: Studio) -> Person:
    person = await arrive(studio)
    await choose(person, "Seedream 4.5 ·")
    assert "5 Stars" in (await ask(person, "a red fox in the snow")).text
    await person.press("✨")
    return person


async def test_a_model_of_kie_is_tried_out_without_an_account(
    start_studio: StartStudio, plugins: dict[str, Any]
) -> None:
    plugins = copy.deepcopy(plugins)
    plugins["billing"] = {"free_per_day": 0}
    # Nobody listens there: a request that left this machine's demo would fail.
    settings = {"KIE_STUB": "1", "KIE_BASE_URL": "http://127.0.0.1:9"}
    studio = await start_studio(plugins=plugins, settings=settings)
    person = await _ordered(studio)
    message = await delivered(person)
    assert message.media is not None
    assert message.media.kind == "photo"
    await assert_sound(studio, person, spent=5)
