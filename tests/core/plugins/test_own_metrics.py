"""Metrics of a plugin's own stand under its name, stay few, and go with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from support.plugin_house import Build

from core.errors import PluginError
from core.plugin_manager import PluginState
from core.plugins.own_metrics import OwnMetrics

COUNTING = """
from starloom.api import Plugin, command

class Counting(Plugin):
    name = "counting"

    async def start(self):
        metrics = self.context.metrics
        self.calls = metrics.counter("calls", "Calls by kind.", labels=("kind",))
        metrics.gauge("depth_metres", "How deep it is.").set(11)
        metrics.histogram("call_seconds", "How long calls took.", buckets=(1, 2)).observe(1.5)

    @command("count")
    async def count(self, event):
        self.calls.add(kind="loud")
"""


async def test_they_come_and_go_with_the_plugin(build: Build, tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text(COUNTING, encoding="utf-8")
    house = build({"counting": {"module": str(tmp_path)}})
    await house.manager.start()
    await house.command("count")
    shown = house.metrics.exposition().decode()
    assert 'starloom_plugin_counting_calls_total{kind="loud"} 1.0' in shown
    assert "starloom_plugin_counting_depth_metres 11.0" in shown
    assert 'starloom_plugin_counting_call_seconds_bucket{le="2.0"} 1.0' in shown
    for _ in range(2):
        await house.manager.disable("counting")
        assert "starloom_plugin_counting" not in house.metrics.exposition().decode()
        await house.manager.enable("counting")
        assert house.state("counting") is PluginState.ON
    assert "starloom_plugin_counting_depth_metres 11.0" in house.metrics.exposition().decode()


def test_two_plugins_have_no_metric_in_common() -> None:
    registry = CollectorRegistry()
    OwnMetrics("a_b", registry, most_series=2).gauge("c", "It.")
    with pytest.raises(PluginError, match="there is a metric starloom_plugin_a_b_c already"):
        OwnMetrics("a", registry, most_series=2).gauge("b_c", "It.")


def test_mistakes_are_refused_in_words() -> None:
    metrics = OwnMetrics("mine", CollectorRegistry(), most_series=2)
    counter = metrics.counter("calls", "Calls.", labels=("kind",))
    counter.add(kind="one")
    counter.add(2, kind="two")
    with pytest.raises(PluginError, match="never for people"):
        counter.add(kind="three")
    with pytest.raises(PluginError, match="has the labels kind; given: sort"):
        counter.add(sort="one")
    with pytest.raises(PluginError, match="never goes down"):
        counter.add(-1, kind="one")
    with pytest.raises(PluginError, match="small letters"):
        metrics.gauge("Calls!", "Calls.")
    for number in range(49):
        metrics.gauge(f"g{number}", "One.")
    with pytest.raises(PluginError, match="one too many"):
        metrics.gauge("last", "One.")
