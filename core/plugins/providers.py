"""Loads AI providers as guarded as plugins: one that fails is reported and left out.

A provider's module has `create(context)` or a class named `provider`, which is called with the context; a
`Config` beside `create`, or in the class, is the pydantic model of its settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog

from core.clock import Clock
from core.errors import PluginError
from core.generation.provider import Provider
from core.http.addresses import LOOPBACK_TOO, PUBLIC_ONLY
from core.http.connections import REPLY_SECONDS, Timeouts
from core.http.provider_http import HttpLayer, HttpSettings
from core.http.proxies import ProviderProxies
from core.i18n import I18n
from core.limits import TimeLimit
from core.locale_problems import OF_PROVIDER
from core.observability.metrics import Metrics
from core.observability.tracebacks import in_words
from core.plugin import PluginConfig, ProviderContext
from core.plugins.definition import check_settings
from core.plugins.guard import start_task, within
from core.plugins.importing import Imported, import_guarded
from core.plugins.status import PluginState
from core.plugins_file import Entry, PluginsFile

_log = structlog.stdlib.get_logger(__name__)

_METHODS = ("start", "stop", "models", "submit", "find", "poll", "cancel", "open", "account")


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """A provider as the operator sees it. `reason` is a sentence where it failed."""

    name: str
    state: PluginState
    reason: str = ""
    module: str = ""
    import_seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    """What is wrong with its texts."""


class ProviderManager:
    """The providers that `plugins.toml` allows and that are on.

    `secret` answers what a provider may read of the environment; below `directory` each has a folder; and
    `sandbox` tells them where they run. `reply_seconds` is the longest that one HTTP request may take. Of
    those for which `stood_in` holds another provider takes the jobs. Texts of theirs are added to `i18n`.
    """

    def __init__(
        self,
        file: PluginsFile,
        *,
        clock: Clock,
        secret: Callable[[str], str | None],
        directory: Path,
        sandbox: bool,
        metrics: Metrics | None = None,
        reply_seconds: float = REPLY_SECONDS,
        stood_in: Callable[[str], bool] = lambda _: False,
        proxies: ProviderProxies | None = None,
        i18n: I18n | None = None,
    ) -> None:
        self._file = file
        self._limits = file.limits.plugins
        self._clock = clock
        self._secret = secret
        self._directory = directory
        self._sandbox = sandbox
        self._stood_in = stood_in
        self._i18n = i18n or I18n()
        self._http = HttpLayer(
            clock,
            settings=HttpSettings(timeouts=Timeouts(reply=reply_seconds)),
            policy=LOOPBACK_TOO if sandbox else PUBLIC_ONLY,
            metrics=metrics,
            proxies=proxies,
        )
        self._providers: dict[str, Provider] = {}
        self._states: dict[str, ProviderStatus] = {
            name: ProviderStatus(name, PluginState.OFF, module=entry.module)
            for name, entry in file.providers.items()
        }

    async def start(self) -> Mapping[str, Provider]:
        """Import and start every provider that is on; answers those that work, by name."""
        for name, entry in self._file.providers.items():
            if entry.enabled:
                await self._start_one(name, entry)
        return dict(self._providers)

    async def stop(self) -> None:
        """Stop every provider."""
        for name, provider in reversed(self._providers.items()):
            try:
                await self._run(provider.stop(), name, "stop", "stop_seconds")
            except Exception as error:
                _log.error("provider failed to stop", provider=name, error=in_words(error))
            self._note(name, PluginState.OFF)
        self._providers.clear()
        await self._http.close()

    @property
    def http(self) -> HttpLayer:
        """The HTTP that the providers share."""
        return self._http

    @property
    def providers(self) -> Mapping[str, Provider]:
        """The providers that work, by name."""
        return dict(self._providers)

    def states(self) -> tuple[ProviderStatus, ...]:
        """All allowed providers as the operator sees them."""
        return tuple(self._states.values())

    async def _start_one(self, name: str, entry: Entry) -> None:
        seconds = 0.0
        try:
            imported = await import_guarded(
                "providers",
                name,
                entry.module,
                base=self._file.directory,
                seconds=self._limits.import_seconds,
                clock=self._clock,
            )
            seconds = imported.seconds
            provider = await self._run(self._make(name, imported, entry), name, "__init__", "start_seconds")
            await self._run(provider.start(), name, "start", "start_seconds")
            warnings = self._texts_of(name, imported)
        except Exception as error:
            reason = in_words(error)
            _log.error("provider left out", provider=name, reason=reason)
            self._note(name, PluginState.FAILED, reason, seconds)
            return
        self._providers[name] = provider
        self._note(name, PluginState.ON, seconds=seconds, warnings=warnings)
        _log.info("provider is on", provider=name)

    def _texts_of(self, name: str, imported: Imported) -> tuple[str, ...]:
        """Add the texts beside a provider; what is wrong with them, which leaves out no more than a text."""
        problems = self._i18n.add(f"{OF_PROVIDER}{name}", imported.directory / "locales")
        for problem in problems:
            _log.warning("text", provider=name, problem=str(problem))
        return tuple(map(str, problems))

    async def _make(self, name: str, imported: Imported, entry: Entry) -> Provider:
        maker, config_class = _find(imported.module, imported.attribute)
        context: ProviderContext[Any] = ProviderContext(
            name=name,
            config=check_settings(config_class, entry.settings, f"providers.{name}."),
            clock=self._clock,
            log=structlog.stdlib.get_logger(f"providers.{name}"),
            secret=self._secret,
            http=self._http.provider(name),
            directory=self._directory / name,
            sandbox=self._sandbox,
            stood_in=self._stood_in(name),
        )
        provider: Provider = maker(context)
        _check(name, provider)
        return provider

    async def _run(self, coroutine: Any, name: str, what: str, limit: TimeLimit) -> Any:
        task = start_task(coroutine, name, what)
        return await within(task, self._limits, limit)

    def _note(
        self,
        name: str,
        state: PluginState,
        reason: str = "",
        seconds: float = 0.0,
        warnings: tuple[str, ...] = (),
    ) -> None:
        module = self._file.providers[name].module
        self._states[name] = ProviderStatus(name, state, reason, module, seconds, warnings)


def _find(module: ModuleType, attribute: str) -> tuple[Callable[..., Any], object]:
    """What makes the provider, and the class of its settings."""
    for name in (attribute,) if attribute else ("create", "provider"):
        maker = getattr(module, name, None)
        if callable(maker):
            config = getattr(maker, "Config", None) or getattr(module, "Config", PluginConfig)
            return maker, config
    raise PluginError(f"{module.__name__} must hold create(context) or a class named provider")


def _check(name: str, provider: Any) -> None:
    missing = [method for method in _METHODS if not callable(getattr(provider, method, None))]
    if missing:
        raise PluginError(f"the provider lacks {', '.join(missing)}")
    if getattr(provider, "name", None) != name:
        raise PluginError(
            f"it calls itself {getattr(provider, 'name', None)!r}; "
            "its table in plugins.toml must have the same name"
        )
