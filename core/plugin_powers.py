"""What plugins may have beyond handlers: work by the clock, rows of their own, pages on the web."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, time, tzinfo
from typing import Any, Protocol

Work = Callable[[], Awaitable[None]]
"""Something to be done again and again."""


class PluginSchedule(Protocol):
    """Work by the clock. Of all instances one does it each time; it ends when the plugin goes.

    A run that fails is counted against the plugin, and the next one comes in its turn. A run that would begin
    while the last one is still under way is left out.
    """

    def every(self, seconds: float, work: Work, *, name: str = "") -> None:
        """Do `work` every so many seconds. `name` tells two works apart; it is the function's own otherwise.

        Raises:
            PluginError: there is work of this name already, or `seconds` are less than one.

        """
        ...

    def daily(self, at: time, work: Work, *, zone: tzinfo = UTC, name: str = "") -> None:
        """Do `work` once a day at `at` by the clock of `zone`.

        What was missed by less than an hour, because the bot was off, is done late.

        Raises:
            PluginError: there is work of this name already.

        """
        ...


class PluginCollection(Protocol):
    """Rows of a plugin's own in the database, each a JSON-like table under a key.

    They are found by their key, or by fields that were named as `indexes` when the collection was opened. A
    row comes back as it was kept, with its key as `"key"`.
    """

    async def put(self, key: str, row: Mapping[str, Any]) -> None:
        """Keep a row in the place of the one with this key, if there is one.

        Raises:
            PluginError: the row is too large, or the plugin has no room for more.

        """
        ...

    async def add(self, key: str, row: Mapping[str, Any]) -> bool:
        """Keep a new row; False where there is one with this key, which stays as it is.

        Raises:
            PluginError: the row is too large, or the plugin has no room for more.

        """
        ...

    async def change(
        self, key: str, fields: Mapping[str, Any], *, where: Mapping[str, Any] | None = None
    ) -> bool:
        """Change fields of a row in one write, if it is there and its fields are as `where` says.

        Raises:
            PluginError: the row would be too large, or the plugin has no room for more.

        """
        ...

    async def get(self, key: str) -> dict[str, Any] | None:
        """The row with this key."""
        ...

    async def find(self, where: Mapping[str, Any] | None = None, *, limit: int = 100) -> list[dict[str, Any]]:
        """Rows whose fields are as `where` says, in no order that can be relied on.

        Raises:
            PluginError: one of the fields has no index.

        """
        ...

    def each(self, where: Mapping[str, Any] | None = None) -> AsyncIterator[dict[str, Any]]:
        """All such rows, a few hundred in memory at a time.

        Raises:
            PluginError: one of the fields has no index.

        """
        ...

    async def count(self, where: Mapping[str, Any] | None = None) -> int:
        """How many such rows there are.

        Raises:
            PluginError: one of the fields has no index.

        """
        ...

    async def delete(self, key: str) -> bool:
        """Delete a row; whether there was one."""
        ...

    async def delete_all(self, where: Mapping[str, Any]) -> int:
        """Delete all rows whose fields are as `where` says; how many there were.

        Raises:
            PluginError: one of the fields has no index.

        """
        ...


class OpenCollection(Protocol):
    """Opens a plugin's collections; see `PluginContext.collection`."""

    def __call__(
        self, name: str, *, indexes: Sequence[str] = (), unique: Sequence[str] = (), days: float | None = None
    ) -> PluginCollection:
        """The collection `name` of the plugin."""
        ...


class PluginCounter(Protocol):
    """Something that is counted: it only rises."""

    def add(self, amount: float = 1, **labels: str) -> None:
        """Count.

        Raises:
            PluginError: `amount` is negative, or the labels are not those of the metric.

        """
        ...


class PluginGauge(Protocol):
    """Something that rises and falls."""

    def set(self, value: float, **labels: str) -> None:
        """Say what it is now.

        Raises:
            PluginError: the labels are not those of the metric.

        """
        ...


class PluginHistogram(Protocol):
    """How something is spread: times, sizes."""

    def observe(self, value: float, **labels: str) -> None:
        """Add one value.

        Raises:
            PluginError: the labels are not those of the metric.

        """
        ...


class PluginMetrics(Protocol):
    """Metrics of a plugin's own, called `starloom_plugin_NAME_…`. They go when the plugin goes.

    Make each once, in `start`. A label is for what has few values, and never for people. Names carry their
    unit: `fetch_seconds`, `fetched_bytes`. Making one raises PluginError where there is one of this name
    already, or it is no name.
    """

    def counter(self, name: str, about: str, *, labels: Sequence[str] = ()) -> PluginCounter:
        """A counter; `about` says in English what it counts."""
        ...

    def gauge(self, name: str, about: str, *, labels: Sequence[str] = ()) -> PluginGauge:
        """A gauge."""
        ...

    def histogram(
        self, name: str, about: str, *, labels: Sequence[str] = (), buckets: Sequence[float] = ...
    ) -> PluginHistogram:
        """A histogram; `buckets` are the upper ends of what is counted together, made for seconds."""
        ...


@dataclass(frozen=True, slots=True)
class WebRequest:
    """A request for a page below `/plugins/NAME/`. Names of `headers` are in small letters."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class WebReply:
    """The answer to a request."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"

    @classmethod
    def json(cls, value: Any, status: int = 200) -> WebReply:
        """A JSON value as the answer."""
        body = json.dumps(value, ensure_ascii=False).encode()
        return cls(body, status, "application/json; charset=utf-8")
