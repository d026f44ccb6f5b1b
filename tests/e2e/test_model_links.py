"""Links to a model: they open its order, welcome newcomers first, and help where the model is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.studio_talk import arrive, ask, shared_studio

from core.generation.names import linked
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

both_languages = pytest.mark.parametrize("language", ["en", "ru"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    async with shared_studio(database_uri, tmp_path_factory.mktemp("links")) as studio:
        yield studio


@both_languages
async def test_a_link_opens_the_order_of_its_model(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    for model in studio.service.studio.generations.models():
        if model.needs_prompt and not model.media:
            await person.start(f"model_{linked(model.id)}")
            assert model.title_in(language) in (await person.expect(kind="new")).text
            assert "a red fox" in (await ask(person, "a red fox")).text


async def test_a_newcomer_is_welcomed_before(studio: Studio) -> None:
    new = studio.person("New")
    await new.start("model_demo-image")
    assert "Hello" in (await new.expect(kind="new")).text
    assert "Demo" in (await new.expect(kind="new")).text
    assert "a red fox" in (await ask(new, "a red fox")).text


@both_languages
async def test_a_model_that_is_gone_is_answered_with_what_may_be_meant(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    model = studio.service.studio.generations.model("demo-image")
    await person.start("model_demo-imag")
    offered = await person.expect(kind="new")
    assert model.title_in(language) in offered.labels
    await person.press(model.title_in(language), offered)
    assert model.title_in(language) in (await person.expect(kind="edit")).text
    await person.start("model_" + "q" * 50)
    assert [label[0] for label in (await person.expect(kind="new")).labels] == ["↩"]
