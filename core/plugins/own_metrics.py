"""Metrics of a plugin's own: under its name, few enough, and gone with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

from core.errors import PluginError

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_METRICS = 50
"""Metrics that one plugin may have."""
_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300)

_MetricT = TypeVar("_MetricT", bound=MetricWrapperBase)


class _Series:
    """The series of one metric: one for each combination of its labels."""

    def __init__(self, name: str, labels: tuple[str, ...], most: int) -> None:
        self._name = name
        self._labels = labels
        self._most = most
        self._known: set[tuple[str, ...]] = set()

    def of(self, metric: _MetricT, labels: dict[str, str]) -> _MetricT:
        """The one series with these labels.

        Raises:
            PluginError: these are other labels than were declared, or one combination too many.

        """
        if set(labels) != set(self._labels):
            raise PluginError(
                f"metric {self._name} has the labels {', '.join(self._labels) or 'none'}; "
                f"given: {', '.join(labels) or 'none'}"
            )
        values = tuple(str(labels[label]) for label in self._labels)
        if values not in self._known and len(self._known) >= self._most:
            raise PluginError(
                f"metric {self._name} has {self._most} combinations of labels already; a label is for what "
                "has few values, never for people (limits.plugins.metric_series)"
            )
        self._known.add(values)
        return metric.labels(*values) if values else metric


class _Counter:
    def __init__(self, metric: Counter, series: _Series) -> None:
        self._metric = metric
        self._series = series

    def add(self, amount: float = 1, **labels: str) -> None:
        if amount < 0:
            raise PluginError(f"a counter never goes down; {amount:g} is less than 0")
        self._series.of(self._metric, labels).inc(amount)


class _Gauge:
    def __init__(self, metric: Gauge, series: _Series) -> None:
        self._metric = metric
        self._series = series

    def set(self, value: float, **labels: str) -> None:
        self._series.of(self._metric, labels).set(value)


class _Histogram:
    def __init__(self, metric: Histogram, series: _Series) -> None:
        self._metric = metric
        self._series = series

    def observe(self, value: float, **labels: str) -> None:
        self._series.of(self._metric, labels).observe(value)


class OwnMetrics:
    """The metrics of one running plugin, `core.plugin_powers.PluginMetrics`; `close` takes them away."""

    def __init__(self, plugin: str, registry: CollectorRegistry, *, most_series: int) -> None:
        self._plugin = plugin
        self._registry = registry
        self._most_series = most_series
        self._made: list[MetricWrapperBase] = []

    def counter(self, name: str, about: str, *, labels: Sequence[str] = ()) -> _Counter:
        """Make a counter."""
        series, full = self._new(name, labels)
        return _Counter(self._keep(Counter(full, about, tuple(labels), registry=None), full), series)

    def gauge(self, name: str, about: str, *, labels: Sequence[str] = ()) -> _Gauge:
        """Make a gauge."""
        series, full = self._new(name, labels)
        return _Gauge(self._keep(Gauge(full, about, tuple(labels), registry=None), full), series)

    def histogram(
        self, name: str, about: str, *, labels: Sequence[str] = (), buckets: Sequence[float] = _BUCKETS
    ) -> _Histogram:
        """Make a histogram."""
        series, full = self._new(name, labels)
        made = Histogram(full, about, tuple(labels), registry=None, buckets=tuple(buckets))
        return _Histogram(self._keep(made, full), series)

    def close(self) -> None:
        """Take all of them away."""
        while self._made:
            self._registry.unregister(self._made.pop())

    def _new(self, name: str, labels: Sequence[str]) -> tuple[_Series, str]:
        for word in (name, *labels):
            if not _NAME.fullmatch(word):
                raise PluginError(f"metric {name!r}: names are small letters, digits and underscores")
        if len(self._made) >= _METRICS:
            raise PluginError(f"a plugin may have {_METRICS} metrics; {name} is one too many")
        return _Series(name, tuple(labels), self._most_series), f"starloom_plugin_{self._plugin}_{name}"

    def _keep(self, metric: _MetricT, full: str) -> _MetricT:
        try:
            self._registry.register(metric)
        except ValueError:
            raise PluginError(f"there is a metric {full} already; make each once, in start") from None
        self._made.append(metric)
        return metric
