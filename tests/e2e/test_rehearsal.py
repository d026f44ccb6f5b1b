"""A bot on a test run: whoever asks for Stars is told that none are taken."""

from __future__ import annotations

import pytest
from durability.processes import StartStudio
from support.studio_talk import arrive, ask

WORDS = {
    "en": ("This bot is on a test run", "takes no Stars"),
    "ru": ("Пробный запуск", "звёзд не берёт"),
}


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_the_shop_of_a_test_run_sells_nothing_and_says_why(
    start_studio: StartStudio, language: str
) -> None:
    studio = await start_studio(settings={"DRY_RUN": "1"})
    person = await arrive(studio, "Саша", language, stars=1000)
    sold = await ask(person, "/buy")
    assert any("⭐" in text for text in sold.labels), "the sandbox's own Stars are sold as ever"
    studio.service.billing.orders.sells = False
    closed, words = await ask(person, "/buy"), WORDS[language]
    assert words[0] in closed.text
    assert not any("⭐" in text for text in closed.labels)
    assert words[1] in (await ask(person, "/buy 100")).text
    assert person.stars == 1000
