"""Does it run at all, with no key of any kind? Settings, imports, start, /start, a dry run of /generate."""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from pathlib import Path

import pytest
from support.studio_talk import arrive, assert_sound, caught_up, files, to_confirmation

from core.config import Mode, Settings
from core.plugin_manager import PluginState
from core.plugins_file import PluginsFile
from sandbox.studio import Studio

ROOT = Path(__file__).parents[1]
SMOKE = {"TEST_MODE": "1", "KIE_STUB": "1", "DRY_RUN": "1"}


def test_the_configuration_loads_and_means_the_local_telegram() -> None:
    settings = Settings.load(env=SMOKE)
    assert (settings.test_mode, settings.kie_stub, settings.dry_run) == (True, True, True)
    assert settings.mode() is Mode.SANDBOX
    assert settings.secrets() == ()
    file = PluginsFile.load(ROOT / "plugins.toml")
    assert {"start", "generate"} <= set(file.plugins)
    assert "demo" in file.providers


@pytest.mark.parametrize("package", ["core", "plugins", "providers", "sandbox", "starloom"])
def test_every_part_can_be_imported(package: str) -> None:
    found = importlib.import_module(package)
    names = [each.name for each in pkgutil.walk_packages(found.__path__, f"{package}.")]
    assert names
    for name in names:
        # A `__main__` runs what it stands for.
        if not name.endswith("__main__"):
            importlib.import_module(name)


@pytest.mark.parametrize(
    ("language", "welcome", "untouched"),
    [
        ("en", "Your balance: 192 Stars", "nothing was sent and nothing was charged"),
        ("ru", "Ваш баланс: 192 звезды", "ничего не отправлено и не списано"),
    ],
)
async def test_a_dry_run_from_start_to_the_end(
    database_uri: str, tmp_path: Path, language: str, welcome: str, untouched: str
) -> None:
    plugins = tomllib.loads((ROOT / "plugins.toml").read_text(encoding="utf-8"))
    async with await Studio.start(
        database_uri=database_uri, directory=tmp_path, plugins=plugins, settings=SMOKE
    ) as studio:
        assert all(each.state is PluginState.ON for each in studio.service.plugins.states())
        person = await arrive(studio, language=language)
        assert welcome in person.messages()[-1].text
        # There are so many models that they come by what they make, and by family.
        confirmation = await to_confirmation(person, model=("🖼", "Demo ·", "🖼"))
        await person.press("✨", confirmation)
        told = await person.expect("🧪", kind="edit")
        assert untouched in told.text
        assert "demo" in told.text
        assert told.labels == []
        await caught_up(person)
        assert files(person) == []
        await assert_sound(studio, person)
        assert await studio.running.ledger.all_holds() == []
