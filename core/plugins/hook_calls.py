"""Calls the hooks of all plugins: pluggy keeps the implementations, the calls are our own.

Every implementation is awaited within its plugin's guard. Those marked `tryfirst` come first, then all
others in the order in which their plugins started, then those marked `trylast`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast

import pluggy

from core.errors import PluginError
from core.hooks import (
    COLLECTION,
    DECISION,
    KINDS,
    NOTIFICATION,
    TRANSFORMATION,
    HookSpecifications,
    Refusal,
)
from core.limits import TimeLimit
from core.observability.tracebacks import in_words
from core.plugin import Plugin, hookspec
from core.plugins.guard import Interrupted
from core.plugins.people_settings import ShowUser
from core.plugins.running import RunningPlugin
from core.plugins.status import Unhealthy
from core.telegram.types import Button, Keyboard
from core.users import User

GATE_FAILED = Refusal("plugin-gate-failed")
"""The refusal where a plugin that should decide cannot."""

_AnswerT = TypeVar("_AnswerT")

NoteError = Callable[[str, str, BaseException], None]
"""Counts an error against a plugin: its name, where it happened, and the error."""


class _Hooks(pluggy.PluginManager):
    """Looks for implementations where hooks are, not in every attribute of a plugin, which takes long."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        return super().parse_hookimpl_opts(plugin, name) if name in KINDS else None


class HookCalls:
    """The hook implementations of all plugins that are on.

    `running` finds a plugin that takes calls; `closed_gates` those that should decide on a hook and cannot;
    `show` says what a plugin sees of people.
    """

    def __init__(
        self,
        running: Callable[[str], RunningPlugin | None],
        closed_gates: Callable[[str], tuple[str, ...]],
        show: ShowUser,
    ) -> None:
        self._running = running
        self._closed_gates = closed_gates
        self._show = show
        self._pluggy = _Hooks(hookspec.project_name)
        self._pluggy.add_hookspecs(HookSpecifications)
        self._ordered: dict[str, tuple[pluggy.HookImpl, ...]] = {}

    def add(self, name: str, plugin: Plugin[Any]) -> None:
        """Take in the implementations of a plugin.

        Raises:
            PluginError: pluggy refuses one of them.

        """
        try:
            self._pluggy.register(plugin, name=name)
        except (ValueError, pluggy.PluginValidationError) as error:
            raise PluginError(f"its hooks are refused: {error}") from error
        self._ordered.clear()

    def remove(self, name: str) -> None:
        """Forget the implementations of a plugin."""
        if self._pluggy.has_plugin(name):
            self._pluggy.unregister(name=name)
        self._ordered.clear()

    def notify(self, hook: str, arguments: Mapping[str, Any]) -> None:
        """Queue a notification for every plugin that wants it."""
        _check_kind(hook, NOTIFICATION)
        for implementation in self._implementations(hook):
            running = self._running(implementation.plugin_name)
            if running is not None:
                running.post(hook, implementation.function, self._chosen(implementation, arguments))

    async def decide(self, hook: str, arguments: Mapping[str, Any], note_error: NoteError) -> Refusal | None:
        """Ask plugin after plugin; the first refusal ends it."""
        _check_kind(hook, DECISION)
        if self._closed_gates(hook):
            return GATE_FAILED
        for implementation in self._implementations(hook):
            refusal = await self._ask(hook, implementation, arguments, note_error)
            if refusal is not None:
                return refusal
        return None

    async def transform(
        self,
        hook: str,
        subject: str,
        arguments: Mapping[str, Any],
        note_error: NoteError,
        take: Callable[[object, str], object],
        *,
        limit: TimeLimit = "hook_seconds",
    ) -> Any:
        """Hand the argument `subject` from plugin to plugin; what the last one made of it.

        `take` makes of an answer what is wanted of it, and raises PluginError where it cannot be. Each
        plugin has as long as `limit` says.
        """
        _check_kind(hook, TRANSFORMATION)
        now = dict(arguments)
        for implementation in self._implementations(hook):
            made = await self._answer_of(hook, implementation, now, note_error, take, limit=limit)
            if made is not None:
                now[subject] = made
        return now[subject]

    async def keyboard(self, hook: str, arguments: Mapping[str, Any], note_error: NoteError) -> Keyboard:
        """The rows of all plugins' buttons, one plugin's below the other's."""
        found = await self.collect(hook, arguments, note_error, _owned_rows)
        return tuple(row for rows in found for row in rows)

    async def collect(
        self,
        hook: str,
        arguments: Mapping[str, Any],
        note_error: NoteError,
        take: Callable[[object, str], _AnswerT],
    ) -> tuple[_AnswerT, ...]:
        """What all plugins have to say, those that have nothing left out; all are asked at once.

        `take` makes of an answer what is wanted of it, given the plugin's name, and raises PluginError where
        it cannot be.
        """
        _check_kind(hook, COLLECTION)
        asked = [
            self._answer_of(hook, implementation, arguments, note_error, take)
            for implementation in self._implementations(hook)
        ]
        return tuple(answer for answer in await asyncio.gather(*asked) if answer is not None)

    async def ask_each(
        self, hook: str, arguments: Mapping[str, Any], note_error: NoteError, *, skip: Collection[str]
    ) -> tuple[dict[str, object], tuple[str, ...]]:
        """What plugins answer by their names, one after another; and the names of those that failed."""
        _check_kind(hook, COLLECTION)
        answers: dict[str, object] = {}
        failed: list[str] = []
        for implementation in self._implementations(hook):
            name = implementation.plugin_name
            running = self._running(name)
            if running is None or name in skip:
                continue
            function = cast(Callable[..., Coroutine[Any, Any, object]], implementation.function)
            coroutine = function(**self._chosen(implementation, arguments))
            try:
                answers[name] = await running.run(coroutine, f"hook {hook}", "hook_seconds")
            except Exception as error:
                failed.append(name)
                if not isinstance(error, Interrupted):
                    note_error(name, f"hook {hook}", error)
        return answers, tuple(failed)

    def wanted(self, hook: str) -> bool:
        """Whether any plugin that takes calls implements a hook."""
        return any(self._running(each.plugin_name) is not None for each in self._implementations(hook))

    async def diagnoses(self) -> dict[str, Unhealthy | None]:
        """What each plugin that checks its health finds; a check that fails has found something."""
        asked = [
            (running, implementation)
            for implementation in self._implementations("check_health")
            if (running := self._running(implementation.plugin_name)) is not None
        ]
        found = await asyncio.gather(*(self._diagnosis(*each) for each in asked))
        return {running.name: diagnosis for (running, _), diagnosis in zip(asked, found, strict=True)}

    async def _diagnosis(self, running: RunningPlugin, implementation: pluggy.HookImpl) -> Unhealthy | None:
        function = cast(Callable[..., Coroutine[Any, Any, object]], implementation.function)
        try:
            answer = await running.run(function(), "hook check_health", "hook_seconds")
        except Interrupted:
            return None
        except Exception as error:
            return Unhealthy("plugin-health-failed", {"error": in_words(error)})
        if answer is None or isinstance(answer, Unhealthy):
            return answer
        wrong = f"answered {type(answer).__name__}; allowed: Unhealthy, None"
        return Unhealthy("plugin-health-failed", {"error": wrong})

    async def _answer_of(
        self,
        hook: str,
        implementation: pluggy.HookImpl,
        arguments: Mapping[str, Any],
        note_error: NoteError,
        take: Callable[[object, str], _AnswerT],
        *,
        limit: TimeLimit = "hook_seconds",
    ) -> _AnswerT | None:
        running = self._running(implementation.plugin_name)
        if running is None:
            return None
        function = cast(Callable[..., Coroutine[Any, Any, object]], implementation.function)
        coroutine = function(**self._chosen(implementation, arguments))
        try:
            answer = await running.run(coroutine, f"hook {hook}", limit)
            return None if answer is None else take(answer, implementation.plugin_name)
        except Interrupted:
            return None
        except Exception as error:
            note_error(implementation.plugin_name, f"hook {hook}", error)
            return None

    async def _ask(
        self, hook: str, implementation: pluggy.HookImpl, arguments: Mapping[str, Any], note_error: NoteError
    ) -> Refusal | None:
        running = self._running(implementation.plugin_name)
        if running is None:
            return GATE_FAILED if self._closed_gates(hook) else None
        function = cast(Callable[..., Coroutine[Any, Any, object]], implementation.function)
        coroutine = function(**self._chosen(implementation, arguments))
        try:
            answer = await running.run(coroutine, f"hook {hook}", "hook_seconds")
            if answer is None or isinstance(answer, Refusal):
                return answer
            raise PluginError(f"answered {type(answer).__name__}; allowed: Refusal, None")
        except Interrupted:
            # Switched off while it was asked: from now on it has no say.
            return None
        except Exception as error:
            note_error(implementation.plugin_name, f"hook {hook}", error)
            return GATE_FAILED

    def _chosen(self, implementation: pluggy.HookImpl, arguments: Mapping[str, Any]) -> dict[str, Any]:
        given = {name: arguments[name] for name in implementation.argnames}
        plugin = implementation.plugin_name
        return {
            name: self._show(plugin, value) if isinstance(value, User) else value
            for name, value in given.items()
        }

    def _implementations(self, hook: str) -> tuple[pluggy.HookImpl, ...]:
        ordered = self._ordered.get(hook)
        if ordered is None:
            known = getattr(self._pluggy.hook, hook).get_hookimpls()
            ordered = self._ordered[hook] = tuple(sorted(known, key=_rank))
        return ordered


def _owned_rows(answer: object, plugin: str) -> Keyboard:
    """The rows of a plugin's keyboard; a button that names no plugin is its own."""
    rows = answer if isinstance(answer, tuple | list) else ()
    if not rows or not all(
        isinstance(row, tuple | list) and row and all(isinstance(button, Button) for button in row)
        for row in rows
    ):
        raise PluginError(f"answered {type(answer).__name__}; allowed: rows of buttons, None")
    return tuple(tuple(replace(button, plugin=button.plugin or plugin) for button in row) for row in rows)


def _rank(implementation: pluggy.HookImpl) -> int:
    if implementation.tryfirst:
        return -1
    return 1 if implementation.trylast else 0


def _check_kind(hook: str, kind: str) -> None:
    if KINDS.get(hook) != kind:
        raise ValueError(f"{hook} is no {kind}")
