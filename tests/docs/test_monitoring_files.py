"""The Grafana dashboard and the alert rules name only metrics that there are, with labels that they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Counter, Histogram

from core.observability.metrics import Metrics

DOCS = Path(__file__).parents[2] / "docs" / "monitoring"
NAME = re.compile(r"\bstarloom_[a-z_]+")
UNITS = ("_seconds", "_bytes", "_stars", "_usd", "_ratio", "_total", "_remaining")


def metrics() -> Metrics:
    metrics = Metrics()
    metrics.watch_database(lambda: 0)
    return metrics


def samples() -> dict[str, set[str]]:
    """Every name that may be asked for, with its labels."""
    found: dict[str, set[str]] = {"starloom_database_round_trips_total": set()}
    for metric in vars(metrics()).values():
        if not hasattr(metric, "_labelnames"):
            continue
        name, labels = metric._name, set(metric._labelnames)
        if isinstance(metric, Counter):
            found[f"{name}_total"] = labels
        elif isinstance(metric, Histogram):
            found |= {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
        else:
            found[name] = labels
    return found


def expressions() -> Iterator[tuple[str, str]]:
    dashboard = json.loads((DOCS / "grafana-dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield target["expr"], target["legendFormat"]
    rules = yaml.safe_load((DOCS / "alerts.yml").read_text(encoding="utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            yield rule["expr"], rule["annotations"]["summary"]


@pytest.mark.parametrize(("expression", "words"), list(expressions()))
def test_what_is_asked_for_is_there(expression: str, words: str) -> None:
    known = samples()
    names = NAME.findall(expression)
    assert names
    assert set(names) <= set(known)
    allowed = set().union(*(known[name] for name in names))
    grouped = re.findall(r"by \(([^)]*)\)", expression)
    asked = {label.strip() for each in grouped for label in each.split(",")}
    asked |= set(re.findall(r"[{,]\s*(\w+)\s*[=!]=?", expression))
    asked |= set(re.findall(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}", words))
    assert asked <= allowed


def test_every_metric_has_a_unit_and_stands_in_the_dashboard() -> None:
    text = " ".join(expression for expression, _ in expressions())
    told = set(NAME.findall(text))
    wanted = {
        "starloom_updates_total",
        "starloom_handler_calls_total",
        "starloom_jobs_total",
        "starloom_provider_calls_total",
        "starloom_uploaded_bytes_total",
        "starloom_ledger_drift_stars",
        "starloom_queue_oldest_seconds",
        "starloom_plugin_errors_total",
        "starloom_proxy_up",
    }
    assert wanted <= told
    counted: Any = {name for name in samples() if name.endswith(UNITS)}
    timed = {name for name in samples() if "second" in name or "age" in name}
    assert {name for name in timed if not name.endswith(("_bucket", "_sum", "_count"))} <= counted
