"""The plugins and providers that come along start as `plugins.toml` has them, without a complaint."""

from __future__ import annotations

from pathlib import Path

from support.plugin_house import House, StoredInMemory

from core.admin.roles import AdminRole
from core.config import Settings
from core.i18n import CORE
from core.plugin_manager import PluginState
from core.plugins.providers import ProviderManager
from core.plugins_file import PluginsFile
from sandbox.clock import ManualClock

ROOT = Path(__file__).parents[2]


async def test_the_plugins(clock: ManualClock) -> None:
    file = PluginsFile.load(ROOT / "plugins.toml")
    tables = {name: entry.model_dump() for name, entry in file.plugins.items()}
    house = House(tables, clock, StoredInMemory(), start_seconds=20)
    house.i18n.add(CORE, ROOT / "locales")
    await house.manager.start()
    try:
        assert [status.name for status in house.manager.states()]
        for status in house.manager.states():
            assert (status.state, status.reason, status.warnings) == (PluginState.ON, "", ())
        for command in house.routes.commands(role=AdminRole.OWNER):
            assert house.i18n.translator("ru").has(command.description)
    finally:
        await house.manager.stop()


async def test_the_providers(clock: ManualClock, tmp_path: Path) -> None:
    file = PluginsFile.load(ROOT / "plugins.toml")
    providers = ProviderManager(
        file,
        clock=clock,
        secret=Settings.load(env={}).provider_secret,
        directory=tmp_path,
        sandbox=True,
    )
    await providers.start()
    for status in providers.states():
        wanted = PluginState.ON if file.providers[status.name].enabled else PluginState.OFF
        assert (status.state, status.reason) == (wanted, ""), status.name
    offered = {name for name, each in providers.providers.items() if each.models().models}
    assert offered == {"demo"}, "nobody else has been given a key"
    await providers.stop()
