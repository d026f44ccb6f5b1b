"""Checks what a plugin's class says of itself before anything of it runs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeGuard

from pydantic import ValidationError

from core.deprecation import Going, going_arguments, going_of
from core.errors import PluginError
from core.hooks import DECISION, KINDS, HookSpecifications
from core.notifications.notification import OwnType
from core.plugin import Plugin, PluginConfig, hookimpl
from core.plugins.importing import Imported
from core.plugins.manifest import api_problems
from core.validation import problems_of

_TYPE = re.compile(r"[a-z][a-z0-9_]{0,15}")
_HOOK_MARK = f"{hookimpl.project_name}_impl"


class WrongSettings(PluginError):
    """Settings do not fit; `keys` are those that do not, `config_class` says what they may be."""

    def __init__(self, words: str, keys: frozenset[str], config_class: type[PluginConfig]) -> None:
        super().__init__(words)
        self.keys = keys
        self.config_class = config_class


@dataclass(frozen=True, slots=True)
class Definition:
    """A plugin that can be started: its class, its checked settings, and what it says of itself."""

    name: str
    plugin_class: type[Plugin[Any]]
    config: PluginConfig
    hooks: tuple[str, ...]
    locales: Path
    import_seconds: float
    warnings: tuple[str, ...] = ()
    """What will keep it from working: a sentence for each hook, or argument of one, that is going."""

    @property
    def requires(self) -> tuple[str, ...]:
        """The plugins it needs."""
        return self.plugin_class.requires

    @property
    def notification_types(self) -> tuple[OwnType, ...]:
        """The types of notifications that it has declared."""
        return tuple(OwnType(f"{self.name}.{each}") for each in self.plugin_class.notification_types)

    @property
    def decisions(self) -> frozenset[str]:
        """The decision hooks it implements."""
        return frozenset(hook for hook in self.hooks if KINDS[hook] == DECISION)


def define(name: str, imported: Imported, settings: Mapping[str, Any]) -> Definition:
    """Find the plugin in a module and check everything that can be checked without running it.

    Raises:
        PluginError: with a sentence for each thing that is wrong.

    """
    plugin_class = _find_class(imported.module, imported.attribute)
    hooks = _hooks(plugin_class)
    problems = [*_metadata_problems(name, plugin_class), *_hook_problems(plugin_class, hooks)]
    try:
        config = check_settings(plugin_class.Config, settings, f"plugins.{name}.")
    except PluginError as error:
        if problems or not isinstance(error, WrongSettings):
            raise PluginError("; ".join([*problems, str(error)])) from None
        where = f"correct it in plugins.toml, in /plugins or with plugins set {name}"
        raise WrongSettings(f"{error}: {where}", error.keys, error.config_class) from None
    if problems:
        raise PluginError("; ".join(problems))
    return Definition(
        name,
        plugin_class,
        config,
        tuple(hooks),
        imported.directory / "locales",
        imported.seconds,
        tuple(each for hook, function in hooks.items() for each in _uses_of_going(hook, function)),
    )


def check_settings(config_class: object, settings: Mapping[str, Any], prefix: str) -> PluginConfig:
    """The settings of a plugin or provider, checked by its `Config`; `prefix` stands before the keys.

    Raises:
        WrongSettings: with a sentence for each key that is wrong.
        PluginError: there is no model to check them by.

    """
    if not (isinstance(config_class, type) and issubclass(config_class, PluginConfig)):
        raise PluginError("Config must be a class derived from PluginConfig")
    try:
        return config_class.model_validate(dict(settings))
    except ValidationError as error:
        keys = frozenset(str(detail["loc"][0]) for detail in error.errors() if detail["loc"])
        words = "; ".join(problems_of(error, config_class, prefix))
        raise WrongSettings(words, keys, config_class) from None


def _find_class(module: ModuleType, attribute: str) -> type[Plugin[Any]]:
    if attribute:
        named = getattr(module, attribute, None)
        if _is_plugin(named):
            return named
        raise PluginError(
            f"{module.__name__}.{attribute} is no class derived from Plugin: "
            "its author has to name one as the entry point"
        )
    found = {
        value
        for value in vars(module).values()
        if _is_plugin(value) and value.name and f"{value.__module__}.".startswith(f"{module.__name__}.")
    }
    if len(found) != 1:
        names = ", ".join(sorted(value.__name__ for value in found)) or "none"
        raise PluginError(
            f"{module.__name__} must hold one class derived from Plugin with a name; it has {names}"
        )
    return found.pop()


def _is_plugin(value: object) -> TypeGuard[type[Plugin[Any]]]:
    return isinstance(value, type) and issubclass(value, Plugin) and value is not Plugin


def _metadata_problems(name: str, plugin_class: type[Plugin[Any]]) -> Iterator[str]:
    if plugin_class.name != name:
        yield f"it calls itself {plugin_class.name!r}; its table in plugins.toml must have the same name"
    version: object = plugin_class.version
    if not isinstance(version, str):
        yield "version must be a string"
    requires: object = plugin_class.requires
    if not isinstance(requires, tuple) or not all(isinstance(needed, str) for needed in requires):
        yield 'requires must be a tuple of names, such as ("start",)'
    types: object = plugin_class.notification_types
    if not isinstance(types, tuple) or not all(
        isinstance(each, str) and _TYPE.fullmatch(each) for each in types
    ):
        yield (
            'notification_types must be a tuple of names, such as ("published",): '
            "at most 16 small letters, digits and underscores each"
        )
    yield from api_problems(plugin_class.api)


def _hooks(plugin_class: type[Plugin[Any]]) -> dict[str, Any]:
    """The hook implementations of a class, by name."""
    members = {name: member for each in reversed(plugin_class.__mro__) for name, member in vars(each).items()}
    return {name: members[name] for name in sorted(members) if hasattr(members[name], _HOOK_MARK)}


def _hook_problems(plugin_class: type[Plugin[Any]], implemented: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(set(KINDS) & set(dir(plugin_class)) - set(implemented)):
        yield f"{name} is the name of a hook; mark the method with @hookimpl or name it otherwise"
    for name, function in implemented.items():
        if name not in KINDS:
            yield f"there is no hook {name}; there are {', '.join(sorted(KINDS))}"
            continue
        yield from _signature_problems(name, function)


def _uses_of_going(name: str, function: Any) -> Iterator[str]:
    """What of a hook's implementation a later version of the API has no more."""
    specification = getattr(HookSpecifications, name)
    whole = going_of(specification)
    if whole is not None:
        yield _going_from(f"it implements hook {name}", whole)
    taken = inspect.signature(function).parameters
    for argument, going in going_arguments(specification).items():
        if argument in taken:
            yield _going_from(f"hook {name} takes {argument}", going)


def _going_from(what: str, going: Going) -> str:
    return (
        f"{what}, which is deprecated since API {going.since} and goes with {going.goes}: "
        f"its author has to use {going.instead} before that"
    )


def _signature_problems(name: str, function: Any) -> Iterator[str]:
    options = getattr(function, _HOOK_MARK)
    if options.get("wrapper") or options.get("hookwrapper"):
        yield f"hook {name} is a wrapper, which Starloom does not have"
    if not inspect.iscoroutinefunction(function):
        yield f"hook {name} must be `async def`"
    allowed = list(inspect.signature(getattr(HookSpecifications, name)).parameters)[1:]
    strange = [
        parameter
        for parameter in list(inspect.signature(function).parameters)[1:]
        if parameter not in allowed
    ]
    if strange:
        yield f"hook {name} takes {', '.join(strange)}; it may take {', '.join(allowed)}"
