"""What is counted and timed, for Prometheus. Names carry their units; no label ever names a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST
"""The content type of `Metrics.exposition`."""

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SLOW = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600)


class Metrics:
    """Every metric of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._updates()
        self._sending()
        self._generations()
        self._money()
        self._http()
        self._plugins()

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)

    def watch_database(self, round_trips: Callable[[], int]) -> None:
        """Show how many commands were sent to the database."""
        self.registry.register(_RoundTrips(round_trips))

    def _updates(self) -> None:
        self.updates = Counter(
            "starloom_updates", "Updates handled, by kind.", ["kind"], registry=self.registry
        )
        self.updates_waiting = Gauge(
            "starloom_updates_waiting",
            "Updates that are recorded and not handled yet.",
            registry=self.registry,
        )
        self.update_seconds = Histogram(
            "starloom_update_seconds",
            "Time that handling an update took, in seconds.",
            ["kind"],
            buckets=_FAST,
            registry=self.registry,
        )

    def _sending(self) -> None:
        self.telegram_calls = Counter(
            "starloom_telegram_calls",
            "Calls to Telegram, by method and result: ok, flood_wait, refused or no_answer.",
            ["method", "result"],
            registry=self.registry,
        )

        self.uploaded_bytes = Counter(
            "starloom_uploaded_bytes",
            "Bytes of files that Telegram has acknowledged.",
            registry=self.registry,
        )
        self.queue_age = Gauge(
            "starloom_queue_oldest_seconds",
            "How long the oldest waits, in seconds: notifications to be told, generations to be submitted.",
            ["queue"],
            registry=self.registry,
        )

    def _generations(self) -> None:
        self.jobs = Counter(
            "starloom_jobs",
            "Generations that entered a state.",
            ["state", "provider", "model"],
            registry=self.registry,
        )
        self.jobs_active = Gauge(
            "starloom_jobs_active", "Generations this instance looks after.", registry=self.registry
        )
        self.job_seconds = Histogram(
            "starloom_job_seconds",
            "Time from a generation's creation to its end, in seconds.",
            ["provider", "state"],
            buckets=_SLOW,
            registry=self.registry,
        )
        self.provider_calls = Counter(
            "starloom_provider_calls",
            "Calls to providers, by operation and result: ok or the kind of error.",
            ["provider", "operation", "result"],
            registry=self.registry,
        )
        self.provider_call_seconds = Histogram(
            "starloom_provider_call_seconds",
            "Time of a call to a provider, in seconds.",
            ["provider", "operation"],
            buckets=_FAST,
            registry=self.registry,
        )

        self.callbacks = Counter(
            "starloom_provider_callbacks",
            "Callbacks from providers, by what became of them.",
            ["provider", "outcome"],
            registry=self.registry,
        )

    def _money(self) -> None:
        self.ledger_entries = Counter(
            "starloom_ledger_entries",
            "Ledger entries made, by the kind of account debited and credited.",
            ["debit", "credit"],
            registry=self.registry,
        )
        self.ledger_stars = Counter(
            "starloom_ledger_stars",
            "Stars moved, by the kind of account debited and credited.",
            ["debit", "credit"],
            registry=self.registry,
        )

        self.ledger_drift = Gauge(
            "starloom_ledger_drift_stars",
            "Sum over all accounts at the last check; anything but 0 is wrong.",
            registry=self.registry,
        )
        self.ledger_problems = Gauge(
            "starloom_ledger_problems", "Differences that the last check found.", registry=self.registry
        )
        self.ledger_checked = Gauge(
            "starloom_ledger_checked_timestamp_seconds",
            "When the ledger was last checked, in seconds since 1970.",
            registry=self.registry,
        )
        self.budget_used = Gauge(
            "starloom_budget_used_ratio",
            "Share of a budget that is used, what is being made included; 1 is all of it.",
            ["provider", "period"],
            registry=self.registry,
        )

    def _http(self) -> None:
        self.http_requests = Counter(
            "starloom_http_requests",
            "HTTP requests to providers, by status, or how they failed: not_sent, lost or unreadable.",
            ["provider", "method", "result"],
            registry=self.registry,
        )
        self.http_request_seconds = Histogram(
            "starloom_http_request_seconds",
            "Time of one HTTP request to a provider, in seconds, without waits before it.",
            ["provider", "method"],
            buckets=_FAST,
            registry=self.registry,
        )
        self.http_retries = Counter(
            "starloom_http_retries",
            "HTTP requests that were made again.",
            ["provider"],
            registry=self.registry,
        )
        self.http_limit_wait_seconds = Histogram(
            "starloom_http_limit_wait_seconds",
            "Time that requests waited for their turn at a provider's rate limit, in seconds.",
            ["provider", "limit"],
            buckets=_FAST,
            registry=self.registry,
        )
        self.http_breaker_open = Gauge(
            "starloom_http_breaker_open",
            "1 while a provider, or a model of it, is left alone after too many faults, else 0.",
            ["provider", "model"],
            registry=self.registry,
        )
        self.http_fetched_bytes = Counter(
            "starloom_http_fetched_bytes",
            "Bytes of files that were fetched from where providers keep them.",
            ["provider"],
            registry=self.registry,
        )

        self.credit_remaining = Gauge(
            "starloom_provider_credit_remaining",
            "What remains of the credit at a provider, in the provider's own unit, as last read.",
            ["provider", "unit"],
            registry=self.registry,
        )
        self.credit_usd = Gauge(
            "starloom_provider_credit_usd",
            "What remains of the credit at a provider, in USD where that is known, as last read.",
            ["provider"],
            registry=self.registry,
        )
        self.credit_read = Gauge(
            "starloom_provider_credit_read_timestamp_seconds",
            "When the credit at a provider was last read, in seconds since 1970.",
            ["provider"],
            registry=self.registry,
        )

    def _plugins(self) -> None:
        self.handler_calls = Counter(
            "starloom_handler_calls",
            "Calls of plugins' handlers, by result.",
            ["plugin", "result"],
            registry=self.registry,
        )
        self.handler_seconds = Histogram(
            "starloom_handler_seconds",
            "Time of a plugin's handler, in seconds.",
            ["plugin"],
            buckets=_FAST,
            registry=self.registry,
        )
        self.plugin_errors = Counter(
            "starloom_plugin_errors",
            "Errors counted against a plugin, by where they happened.",
            ["plugin", "where"],
            registry=self.registry,
        )
        self.plugin_on = Gauge(
            "starloom_plugin_on", "1 for a plugin that is on, else 0.", ["plugin"], registry=self.registry
        )
        self.plugin_healthy = Gauge(
            "starloom_plugin_healthy",
            "1 for a plugin whose last health check found nothing wrong, else 0; none where it has no check.",
            ["plugin"],
            registry=self.registry,
        )
        self.proxy_up = Gauge(
            "starloom_proxy_up",
            "1 for a proxy that answered when it was last tried, else 0.",
            ["purpose", "proxy"],
            registry=self.registry,
        )

    def show_proxy(self, purpose: str, label: str, up: bool) -> None:
        """Show whether a proxy answered when it was last tried."""
        self.proxy_up.labels(purpose, label).set(int(up))


class _RoundTrips(Collector):
    """A counter that is kept elsewhere."""

    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily(
            "starloom_database_round_trips", "Commands sent to the database.", value=self._count()
        )
