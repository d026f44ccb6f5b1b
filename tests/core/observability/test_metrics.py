"""Metrics: each application has its own, and their names say their units."""

from __future__ import annotations

from core.observability.metrics import Metrics


def test_two_applications_do_not_share_metrics() -> None:
    one, other = Metrics(), Metrics()
    one.updates.labels("message").inc()
    assert b'starloom_updates_total{kind="message"} 1.0' in one.exposition()
    assert b'starloom_updates_total{kind="message"}' not in other.exposition()


def test_names_and_units() -> None:
    families = list(Metrics().registry.collect())
    assert families
    for family in families:
        assert family.name.startswith("starloom_")
        assert family.documentation.endswith(".")
        if family.type == "histogram":
            assert family.name.endswith("_seconds")
            assert "in seconds" in family.documentation


def test_no_label_names_a_person() -> None:
    metrics = Metrics()
    labels = {label for metric in vars(metrics).values() for label in getattr(metric, "_labelnames", ())}
    assert labels
    assert not labels & {"user", "user_id", "chat", "chat_id", "username", "prompt", "job"}
