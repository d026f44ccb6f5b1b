"""What is told of a plugin: its state, what became of a call, what admins are to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class PluginState(StrEnum):
    """Whether a plugin works, and if not, why."""

    ON = "on"
    OFF = "off"
    FAILED = "failed"
    """It could not be loaded or started."""
    SUSPENDED = "suspended"
    """It made too many errors; enabling it lets it try again."""


@dataclass(frozen=True, slots=True)
class Unhealthy:
    """What does not work of all that a plugin depends on: a message key of its bundle with its variables.

    The variables are plain values: it is told to people who read other languages, and kept until they do.
    """

    key: str
    variables: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PluginStatus:
    """A plugin as the operator sees it. `reason` is a sentence where the state needs one.

    `answers` are its commands, buttons and steps in words; `import_seconds` how long its import took;
    `warnings` what is wrong but did not keep it from starting.
    """

    name: str
    state: PluginState
    reason: str = ""
    module: str = ""
    version: str = ""
    on_by_default: bool = True
    requires: tuple[str, ...] = ()
    required_by: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    errors: int = 0
    last_error: str = ""
    import_seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    """What `plugins.toml` lets it do beyond the ordinary."""
    unhealthy: Unhealthy | None = None
    """What its last health check found; None where all is well, or it has no check."""
    works: Mapping[str, datetime] = field(default_factory=dict)
    """When each of its works by the clock comes next; what is being done keeps its moment till it is done."""
    serial: int = 0
    """Rises with each choice about it that was stored: what an operator saw is told by it."""


class CallResult(StrEnum):
    """What became of a call of a handler."""

    DONE = "done"
    REFUSED = "refused"
    """The handler raised a `UserFacingError`: the person should read it."""
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    OFF = "off"
    """The plugin is off or was switched off meanwhile."""
    BUSY = "busy"
    """Too many handlers of the plugin run already."""


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What became of a call of a handler. `error` is what it raised, `seconds` how long it took."""

    result: CallResult
    error: Exception | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that admins must know. `key` is a message key with its variables."""

    key: str
    variables: Mapping[str, object] = field(default_factory=dict)
