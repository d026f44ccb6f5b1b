"""What a plugin is: a class with metadata, its settings, and the context that it is given."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import pluggy
from pydantic import BaseModel, ConfigDict

from core.errors import PluginError

if TYPE_CHECKING:
    import structlog

    from core.admin.panel import Panel
    from core.admin.support import SupportLine
    from core.billing.amounts import Amounts
    from core.billing.assembly import Billing
    from core.charts.easel import Easel
    from core.clock import Clock
    from core.generation.service import Generations
    from core.generation.sync_changes import ModelChanges
    from core.http.provider_http import ProviderHttp
    from core.operations import Operations
    from core.plugin_powers import OpenCollection, PluginMetrics, PluginSchedule
    from core.plugin_views import (
        Admins,
        Catalogue,
        People,
        PluginLedger,
        PluginMedia,
        PluginNotes,
        PluginNotifications,
        PluginOutbox,
        PluginStore,
        ProviderAccounts,
    )
    from core.privacy import Privacy
    from core.statistics.statistics import Statistics

API_VERSION = "1.0"
"""The version of what `starloom.api` shows; a plugin's `api` range is checked against it."""

Spawn = Callable[[Coroutine[Any, Any, None]], None]
"""Runs a coroutine as a task that belongs to somebody."""

hookimpl = pluggy.HookimplMarker("starloom")
"""Marks a method of a plugin as its part in the hook of the same name."""
hookspec = pluggy.HookspecMarker("starloom")


class PluginConfig(BaseModel):
    """The settings of a plugin; an unknown key is an error that names it.

    What stands in quotes below a field is shown to operators beside it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


ConfigT = TypeVar("ConfigT", bound=PluginConfig)
PowerT = TypeVar("PowerT")


@dataclass(slots=True)
class PluginContext(Generic[ConfigT]):
    """Everything a plugin may use of the application; the only thing it is given."""

    name: str
    config: ConfigT
    outbox: PluginOutbox
    people: People
    ledger: PluginLedger
    generations: Generations
    amounts: Amounts
    """Amounts of Stars in words, in credits and in money."""
    accounts: ProviderAccounts
    """What remains of the operator's credit at the providers."""
    media: PluginMedia
    statistics: Statistics
    """What happened, added up by day."""
    charts: Easel
    """Draws charts as pictures."""
    store: PluginStore
    notes: PluginNotes
    """What it remembers of a person for a day."""
    collection: OpenCollection
    """Opens a collection of rows of its own, by name: `collection("members", indexes=("day",), days=30)`."""
    schedule: PluginSchedule
    """Work by the clock."""
    metrics: PluginMetrics
    """Counters, gauges and histograms of its own."""
    catalogue: Catalogue
    admins: Admins
    notifications: PluginNotifications
    support: SupportLine
    """The way from people to the team."""
    clock: Clock
    log: structlog.stdlib.BoundLogger
    spawn: Spawn = field(repr=False)
    """Run a task of the plugin's own; it is cancelled when the plugin goes."""
    granted_billing: Billing | None = field(default=None, repr=False)
    granted_model_changes: ModelChanges | None = field(default=None, repr=False)
    granted_privacy: Privacy | None = field(default=None, repr=False)
    granted_panel: Panel | None = field(default=None, repr=False)
    granted_operations: Operations | None = field(default=None, repr=False)

    @property
    def billing(self) -> Billing:
        """Orders, payments, refunds and all that moves people's Stars.

        Raises:
            PluginError: `plugins.toml` does not grant it: `grants = ["billing"]` in the plugin's table.

        """
        return self._granted(self.granted_billing, "billing")

    @property
    def model_changes(self) -> ModelChanges:
        """What waits for a word about models' prices.

        Raises:
            PluginError: `plugins.toml` does not grant it: `grants = ["billing"]` in the plugin's table.

        """
        return self._granted(self.granted_model_changes, "billing")

    @property
    def privacy(self) -> Privacy:
        """All that is held about people: told to them, and erased.

        Raises:
            PluginError: `plugins.toml` does not grant it: `grants = ["privacy"]` in the plugin's table.

        """
        return self._granted(self.granted_privacy, "privacy")

    @property
    def panel(self) -> Panel:
        """What runs, and the ways to change it for everybody: for those who operate the bot.

        Raises:
            PluginError: `plugins.toml` does not grant it: `grants = ["panel"]` in the plugin's table.

        """
        return self._granted(self.granted_panel, "panel")

    @property
    def operations(self) -> Operations:
        """What is told to operators, and what they decide about the bot as a whole.

        Raises:
            PluginError: `plugins.toml` does not grant it: `grants = ["operations"]` in the plugin's table.

        """
        return self._granted(self.granted_operations, "operations")

    def _granted(self, power: PowerT | None, grant: str) -> PowerT:
        if power is None:
            raise PluginError(f'plugin {self.name} needs grants = ["{grant}"] in its table of plugins.toml')
        return power


@dataclass(slots=True)
class ProviderContext(Generic[ConfigT]):
    """Everything a provider is given. A provider never sees people, money or Telegram."""

    name: str
    config: ConfigT
    clock: Clock
    log: structlog.stdlib.BoundLogger
    secret: Callable[[str], str | None] = field(repr=False)
    """The value of an environment name that holds a provider's key, such as `KIE_API_KEY`, or None.

    Names of others' making begin with `PROVIDER_`; no other name is shown to a provider.
    """
    http: ProviderHttp = field(repr=False)
    """HTTP with timeouts, retries, rate limits and breakers; no other way out is needed."""
    directory: Path
    """A folder for files of the provider's own; the provider makes it when it needs it."""
    sandbox: bool = False
    """Whether this is the local Telegram: no real money, no real people."""
    stood_in: bool = False
    """Whether another provider takes its jobs, as with `KIE_STUB`: its models need no key then."""


class Plugin(Generic[ConfigT]):
    """The base of every plugin.

    Class attributes are the metadata: `name` (equal to its table in `plugins.toml`), `version`, `api`
    (the range of API versions it works with, as in `>=1,<2`), `requires` (names of plugins it needs),
    `libraries` (what it imports beside Starloom, as in `pillow>=11`; an installed distribution says that in
    its own metadata), `Config`, a pydantic model of its settings, and `notification_types`, what it tells
    operators of beside the core's types. Write them as plain values: they are
    read before any of the code runs. Texts stand in `locales/<language>.ftl` beside the module.
    """

    name: ClassVar[str] = ""
    version: ClassVar[str] = "0"
    api: ClassVar[str] = ">=1,<2"
    requires: ClassVar[tuple[str, ...]] = ()
    libraries: ClassVar[tuple[str, ...]] = ()
    Config: ClassVar[type[PluginConfig]] = PluginConfig
    notification_types: ClassVar[tuple[str, ...]] = ()

    def __init__(self, context: PluginContext[ConfigT]) -> None:
        self.context = context

    @property
    def config(self) -> ConfigT:
        """The plugin's checked settings."""
        return self.context.config

    async def start(self) -> None:
        """Called once the plugin is enabled, before its first handler or hook."""

    async def stop(self) -> None:
        """Called when the plugin is disabled or the application stops."""
