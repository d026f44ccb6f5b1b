"""The models of all providers that `plugins.toml` allows, read from their files: nothing is started."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.clock import SystemClock
from core.config import Settings
from core.errors import ConfigurationError, PluginError, StarloomError
from core.generation.model import LockedModel, Model, ModelList
from core.generation.models_file import read_models
from core.generation.registry import Registry
from core.generation.sync_following import CatalogueFollower
from core.i18n import CORE, I18n, core_locales
from core.locale_problems import OF_PROVIDER
from core.plugins.importing import locate
from core.plugins_file import Entry, PluginsFile
from core.storage.catalogue import CatalogueStore
from starloom.cli.data import open_database
from starloom.cli.options import Options

_FILE = "models.toml"


@dataclass(frozen=True, slots=True)
class ModelCatalogue:
    """All models as their files tell of them.

    `lists` and `folders` are by provider, those that are off included; `notes` say why a provider's models
    are not there, and `faults` what is wrong with its files.
    """

    settings: Settings
    file: PluginsFile
    registry: Registry
    lists: Mapping[str, ModelList]
    folders: Mapping[str, Path]
    notes: tuple[str, ...]
    faults: tuple[str, ...]

    def find(self, name: str) -> Model | None:
        """The model of this id or alias, whether it can be offered or not."""
        known = self.registry.known(name)
        if known is not None:
            return known
        models = (model for offered in self.lists.values() for model in offered.models)
        return next((model for model in models if name in (model.id, *model.aliases)), None)

    def texts(self) -> I18n:
        """The core's and the providers' texts."""
        i18n = I18n()
        i18n.add(CORE, core_locales())
        for name, folder in self.folders.items():
            i18n.add(f"{OF_PROVIDER}{name}", folder / "locales")
        return i18n

    def why_locked(self, model_id: str) -> str:
        """Why a model is not on offer; empty if it is."""
        return next((each.reason for each in self.registry.locked if each.id == model_id), "")


def read_catalogue(options: Options) -> ModelCatalogue:
    """Read everything.

    Raises:
        ConfigurationError: the settings or `plugins.toml` are wrong.

    """
    settings, file = options.settings(), options.plugins()
    registry = Registry(settings.pricing(file.prices), clock=SystemClock())
    lists: dict[str, ModelList] = {}
    folders: dict[str, Path] = {}
    notes: list[str] = []
    faults: list[str] = []
    for name, entry in file.providers.items():
        try:
            folder = locate("providers", name, entry.module, base=file.directory)
            if not (folder / _FILE).is_file():
                notes.append(f"{name}: it has no {_FILE}; its models are known only while the bot runs")
                continue
            lists[name] = read_models(folder / _FILE, provider=name)
        except (PluginError, ConfigurationError) as error:
            faults.append(f"{name}: {error}")
            continue
        folders[name] = folder
        registry.add_list(name, _offered(name, entry, lists[name]))
    return ModelCatalogue(settings, file, registry, lists, folders, tuple(notes), tuple(faults))


def read_with_stored(options: Options) -> ModelCatalogue:
    """Read everything, and bring the prices and switches into force that synchronising has stored.

    Where there is no database yet, or it does not answer, the files alone count, and a note says so.

    Raises:
        ConfigurationError: the settings or `plugins.toml` are wrong.

    """
    catalogue = read_catalogue(options)
    if not _has_database(catalogue.settings):
        return catalogue
    try:
        asyncio.run(_apply_stored(options, catalogue))
    except StarloomError as error:
        note = f"what was synchronised is not counted in: {error}"
        return replace(catalogue, notes=(*catalogue.notes, note))
    return catalogue


def _has_database(settings: Settings) -> bool:
    return settings.database_uri is not None or (settings.data_dir / "database" / "marker").exists()


async def _apply_stored(options: Options, catalogue: ModelCatalogue) -> None:
    clock = SystemClock()
    models = [model for offered in catalogue.lists.values() for model in offered.models]
    async with open_database(options) as database:
        store = CatalogueStore(database, clock)
        await CatalogueFollower(catalogue.registry, store, clock, models=models, follow_seconds=0).read()


def _offered(name: str, entry: Entry, listed: ModelList) -> ModelList:
    """What the list comes to: nothing of a provider that is off is on offer."""
    if entry.enabled:
        return listed
    reason = f"its provider {name} is off in plugins.toml"
    return ModelList((), tuple(LockedModel(model.id, reason) for model in listed.models))
