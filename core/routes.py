"""Which handler of which plugin answers a command, a button, a step of a dialogue, a text or a payment."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from core.admin.roles import AdminRole, may
from core.errors import PluginError
from core.plugin import Plugin
from core.plugin_handlers import Command, Declaration, Handler, declarations
from core.plugin_views import EnabledCommand

_COMMAND = re.compile(r"[a-z][a-z0-9_]{0,31}")
_ACTION = re.compile(r"[A-Za-z0-9_.:-]{1,32}")
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WEB = re.compile(r"(GET|POST|PUT|DELETE) [A-Za-z0-9_./-]{0,100}")
_PAYLOAD_BYTES = 128
LINKED_COMMAND = "c_"
"""How the parameter of a link begins that leads to a private command; the command's name follows."""
_LIKE_ENOUGH = 0.7
"""How much of a command must be right for it to be taken for a slip of another, from 0 to 1."""

_COMMAND_KIND = "command"
_CALLBACK_KIND = "callback"
_STEP_KIND = "step"
_TEXT_KIND = "text"
_INLINE_KIND = "inline"
_EDIT_KIND = "edit"
_START_KIND = "start"
_PRE_CHECKOUT_KIND = "pre_checkout"
_PAYMENT_KIND = "payment"
_WEB_KIND = "web"
_OWN_KINDS = frozenset({_CALLBACK_KIND, _STEP_KIND, _EDIT_KIND, _WEB_KIND, _INLINE_KIND})
"""Kinds whose names belong to their plugin; the other names are shared by all plugins."""


@dataclass(frozen=True, slots=True)
class Route:
    """A handler and the plugin it belongs to. `command` is set where it answers a command.

    `instead` says that its answer to a link takes the place of the welcome. `role` is what whoever reaches
    it must have.
    """

    plugin: str
    handler: Handler
    command: Command | None = None
    instead: bool = False
    role: AdminRole | None = None


class Routes:
    """The handlers of all enabled plugins."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._routes: dict[tuple[str, str, str], Route] = {}
        self._past_commands: dict[str, str] = {}

    def know(self, names: Iterable[str]) -> None:
        """Note which plugins could be enabled, to tell what belongs to one that is off from nobody's."""
        self._known.update(names)

    def add(self, plugin: Plugin[Any]) -> None:
        """Add all handlers that a plugin declares, or none of them.

        Raises:
            PluginError: a declaration is wrong, or another plugin has the same name already.

        """
        routes: dict[tuple[str, str, str], Route] = {}
        for declaration, handler in declarations(plugin):
            _check(plugin.name, declaration, handler)
            owner = plugin.name if declaration.kind in _OWN_KINDS else ""
            key = (declaration.kind, owner, declaration.name)
            taken = routes.get(key) or self._routes.get(key)
            if taken is not None:
                raise PluginError(_taken(declaration, by=taken.plugin, wanted_by=plugin.name))
            routes[key] = Route(
                plugin.name, handler, declaration.command, declaration.instead, declaration.role
            )
        self._routes.update(routes)
        self._known.add(plugin.name)

    def remove(self, name: str) -> None:
        """Forget the handlers of a plugin; it stays known."""
        gone = [key for key, route in self._routes.items() if route.plugin == name]
        for key in gone:
            command = self._routes.pop(key).command
            if command is not None:
                self._past_commands[command.name] = name

    def command(self, name: str) -> Route | None:
        """Who answers `/name`; letters' case does not matter."""
        return self._routes.get((_COMMAND_KIND, "", name.lower()))

    def callback(self, plugin: str, action: str) -> Route | None:
        """Who answers a button."""
        return self._routes.get((_CALLBACK_KIND, plugin, action))

    def step(self, plugin: str, step: str) -> Route | None:
        """Who takes the next message of a dialogue."""
        return self._routes.get((_STEP_KIND, plugin, step))

    def text(self) -> Route | None:
        """Who answers messages that are neither commands nor part of a dialogue."""
        return self._routes.get((_TEXT_KIND, "", ""))

    def inline(self) -> tuple[Route, ...]:
        """Who answers inline queries, in the order they were added."""
        return tuple(route for (kind, _, _), route in self._routes.items() if kind == _INLINE_KIND)

    def edit(self, plugin: str) -> Route | None:
        """Who in this plugin wants to know of messages that are changed during its dialogues."""
        return self._routes.get((_EDIT_KIND, plugin, ""))

    @property
    def want_edits(self) -> bool:
        """Whether anybody wants to know of changed messages."""
        return any(kind == _EDIT_KIND for kind, _, _ in self._routes)

    def start(self, parameter: str) -> Route | None:
        """Who is told of a link's `/start` parameter: the handler with the longest beginning that it has."""
        return self._by_beginning(_START_KIND, parameter.encode())

    def pre_checkout(self, payload: bytes) -> Route | None:
        """Who decides on a payment: the handler with the longest beginning that `payload` has."""
        return self._by_beginning(_PRE_CHECKOUT_KIND, payload)

    def payment(self, payload: bytes) -> Route | None:
        """Who takes a payment: the handler with the longest beginning that `payload` has."""
        return self._by_beginning(_PAYMENT_KIND, payload)

    def web(self, plugin: str, method: str, path: str) -> Route | None:
        """Who answers a request below `/plugins/PLUGIN/`; HEAD is answered as GET."""
        method = "GET" if method == "HEAD" else method
        return self._routes.get((_WEB_KIND, plugin, f"{method} {path.strip('/')}"))

    def is_known(self, plugin: str) -> bool:
        """Whether there is such a plugin, on or off."""
        return plugin in self._known

    def off_command(self, name: str) -> str | None:
        """The plugin that answered `/name` until it was switched off, or None."""
        return None if self.command(name) else self._past_commands.get(name.lower())

    def nearest_command(self, name: str, *, role: AdminRole | None = None) -> str | None:
        """The command in the menu that is most like a name that nobody answers."""
        known = [each.name for each in self.commands(role=role)]
        return next(iter(difflib.get_close_matches(name.lower(), known, n=1, cutoff=_LIKE_ENOUGH)), None)

    def commands(self, *, role: AdminRole | None = None) -> tuple[EnabledCommand, ...]:
        """The commands with a description that this role may use, in the order they were added."""
        return tuple(
            EnabledCommand(route.plugin, command.name, command.description, command.private, command.role)
            for route, command in self._commands()
            if command.description and may(role, command.role)
        )

    def of(self, plugin: str) -> tuple[str, ...]:
        """What a plugin answers, in words, for people who operate the bot."""
        return tuple(
            _describe(Declaration(kind, name))
            for (kind, _, name), route in self._routes.items()
            if route.plugin == plugin
        )

    def _commands(self) -> Iterator[tuple[Route, Command]]:
        for route in self._routes.values():
            if route.command is not None:
                yield route, route.command

    def _by_beginning(self, kind: str, whole: bytes) -> Route | None:
        beginnings = [
            name for known, _, name in self._routes if known == kind and whole.startswith(name.encode())
        ]
        return self._routes[kind, "", max(beginnings, key=len)] if beginnings else None


def _check(plugin: str, declaration: Declaration, handler: Handler) -> None:
    if not _NAME_RULES[declaration.kind](declaration.name):
        raise PluginError(
            f"{_describe(declaration)} is no valid name; allowed: {_NAMES_TOLD[declaration.kind]}"
        )
    if not inspect.iscoroutinefunction(handler):
        raise PluginError(f"the handler of {_describe(declaration)} must be `async def`")
    try:
        inspect.signature(handler).bind(object())
    except TypeError as error:
        raise PluginError(f"the handler of {_describe(declaration)} must take one event: {error}") from None


def _taken(declaration: Declaration, *, by: str, wanted_by: str) -> str:
    """Why a plugin cannot have what it declares, and what to do."""
    what = _describe(declaration)
    if by == wanted_by:
        return f"{what} has two handlers in plugin {by}; one of them has to go"
    other = f"switch that one off first (python run.py plugins disable {by})"
    way = (
        f"one plugin at a time can have it: {other}"
        if not declaration.name
        else f"take another name, or {other}"
    )
    return f"{what} belongs to plugin {by} already; {way}"


def _is_beginning(name: str) -> bool:
    return 0 < len(name.encode()) <= _PAYLOAD_BYTES


_NAME_RULES: dict[str, Callable[[str], object]] = {
    _COMMAND_KIND: _COMMAND.fullmatch,
    _CALLBACK_KIND: _ACTION.fullmatch,
    _STEP_KIND: _ACTION.fullmatch,
    _TEXT_KIND: lambda name: not name,
    _INLINE_KIND: lambda name: not name,
    _EDIT_KIND: lambda name: not name,
    _START_KIND: _START.fullmatch,
    _PRE_CHECKOUT_KIND: _is_beginning,
    _PAYMENT_KIND: _is_beginning,
    _WEB_KIND: _WEB.fullmatch,
}


_NAMES_TOLD: dict[str, str] = {
    _COMMAND_KIND: "at most 32 small letters, digits and underscores, a letter first",
    _CALLBACK_KIND: "1 to 32 letters, digits and the signs _ . : -",
    _STEP_KIND: "1 to 32 letters, digits and the signs _ . : -",
    _START_KIND: "1 to 64 letters, digits and the signs _ -",
    _PRE_CHECKOUT_KIND: f"1 to {_PAYLOAD_BYTES} bytes",
    _PAYMENT_KIND: f"1 to {_PAYLOAD_BYTES} bytes",
    _WEB_KIND: "GET, POST, PUT or DELETE, and at most 100 letters, digits and the signs _ . / -",
}


def _describe(declaration: Declaration) -> str:
    words = {
        _COMMAND_KIND: f"command /{declaration.name}",
        _CALLBACK_KIND: f"button {declaration.name!r}",
        _STEP_KIND: f"step {declaration.name!r}",
        _TEXT_KIND: "plain text",
        _INLINE_KIND: "inline mode",
        _EDIT_KIND: "changed messages",
        _START_KIND: f"links with {declaration.name!r}",
        _PRE_CHECKOUT_KIND: f"pre-checkout of {declaration.name!r}",
        _PAYMENT_KIND: f"payment of {declaration.name!r}",
        _WEB_KIND: f"page {declaration.name}",
    }
    return words[declaration.kind]
