"""A plugin says what it depends on and does not work; operators hear of it once, and of its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.plugin_house import Build, House, good

from core.alerts import alert_words
from core.i18n import core_locales
from core.plugin_manager import PluginState
from starloom.api import Unhealthy

WEATHER = """
import asyncio
from starloom.api import Plugin, Unhealthy, command, hookimpl

class Weather(Plugin):
    name = "weather"
    mood = "well"

    @command("rain")
    async def rain(self, event):
        pass

    @hookimpl
    async def check_health(self):
        if self.mood == "hangs":
            await asyncio.Event().wait()
        if self.mood == "raises":
            raise ConnectionError("no route to the clouds")
        if self.mood == "nonsense":
            return "ill"
        return Unhealthy("weather-away", {"hours": 3}) if self.mood == "ill" else None
"""
TEXTS = {
    "en": "weather-away = no weather for { $hours } hours\n",
    "ru": "weather-away = погоды нет { $hours } часа\n",
}


async def a_house(build: Build, directory: Path) -> House:
    folder = directory / "weather"
    (folder / "locales").mkdir(parents=True)
    (folder / "__init__.py").write_text(WEATHER, encoding="utf-8")
    for language, text in TEXTS.items():
        (folder / "locales" / f"{language}.ftl").write_text(text, encoding="utf-8")
    house = build({"weather": {"module": str(folder)}, **good()}, health_seconds=60)
    house.i18n.add("core", core_locales())
    await house.manager.start()
    await house.follow()
    await house.manager.idle()
    return house


async def checked(house: House, mood: str) -> None:
    """Let the next check find this."""
    house.plugin("weather").mood = mood
    await house.clock.advance(60)
    await house.follow()
    await house.manager.idle()


def healthy(house: House) -> Any:
    return house.metrics.registry.get_sample_value("starloom_plugin_healthy", {"plugin": "weather"})


def told(house: House) -> list[str]:
    return [alert.key for alert in house.alerts]


async def test_what_stays_ill_is_told_once_and_so_is_its_end(build: Build, tmp_path: Path) -> None:
    house = await a_house(build, tmp_path)
    assert house.status("weather").unhealthy is None
    assert healthy(house) == 1
    await checked(house, "ill")
    assert house.status("weather").unhealthy == Unhealthy("weather-away", {"hours": 3})
    assert (healthy(house), told(house)) == (0, []), "once may be a hiccup"
    for _ in range(3):
        await checked(house, "ill")
    assert told(house) == ["alert-plugin-unhealthy"]
    assert house.state("weather") is PluginState.ON, "it may be of use all the same"
    await checked(house, "well")
    assert told(house) == ["alert-plugin-unhealthy", "alert-plugin-healthy"]
    assert (healthy(house), house.status("weather").unhealthy) == (1, None)
    assert house.status("weather").errors == 0


async def test_a_check_that_cannot_be_made_has_found_something(build: Build, tmp_path: Path) -> None:
    house = await a_house(build, tmp_path)
    for mood, words in (("raises", "no route"), ("hangs", "longer than 0.05 s"), ("nonsense", "allowed: ")):
        await checked(house, mood)
        found = house.status("weather").unhealthy
        assert found is not None
        assert words in str(found.variables["error"])
    assert house.status("weather").errors == 0
    assert house.state("weather") is PluginState.ON


async def test_it_is_told_in_the_plugins_own_words(build: Build, tmp_path: Path) -> None:
    house = await a_house(build, tmp_path)
    await checked(house, "ill")
    await checked(house, "ill")
    (alert,) = house.alerts
    english, russian = (
        alert_words(house.i18n.translator(each), alert.key, alert.variables) for each in ("en", "ru")
    )
    assert "weather" in english
    assert "no weather for 3 hours" in english
    assert "погоды нет 3 часа" in russian
    await house.manager.disable("weather")
    later = alert_words(house.i18n.translator("en"), alert.key, alert.variables)
    assert "it is not known what" in later, "its words are gone with it"


async def test_whoever_goes_is_neither_well_nor_ill(build: Build, tmp_path: Path) -> None:
    house = await a_house(build, tmp_path)
    await checked(house, "ill")
    await house.manager.disable("weather")
    assert house.status("weather").unhealthy is None
    assert healthy(house) is None
