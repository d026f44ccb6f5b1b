"""The benchmark of jobs with tiny numbers: every kind of round works, and the report tells them apart."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from support.kie_load import WEBHOOK_KEY, KieUnderLoad
from support.kie_server import KEY

from bench import __main__ as command_line
from bench import jobs_studio
from bench.jobs import _report, in_words
from bench.jobs_worker import Order, run


@pytest.fixture
async def server() -> AsyncIterator[str]:
    async with KieUnderLoad().running() as server:
        yield server.url


@pytest.mark.soak
async def test_every_kind_of_round_is_measured_and_told(database_uri: str, server: str) -> None:
    async def measured(kind: str, jobs: int, seconds: float) -> dict[str, float]:
        order = Order(kind, server, embedded=True, jobs=jobs, seconds=seconds, queries=50)
        return await run(order, database_uri)

    throughput = {kind: [await measured(kind, 3, 0)] for kind in ("whole", "bare")}
    latency = {kind: [await measured(kind, 2, 0.05)] for kind in ("callback", "poll")}
    waiting = {jobs: [await measured("waiting", jobs, 0.3)] for jobs in (4, 8)}
    assert all(each[0]["jobs_per_second"] > 0 for each in throughput.values())
    assert all(each[0]["done_to_delivery_p50_ms"] > 0 for each in latency.values())
    assert all(each[0]["memory_mb"] > 0 for each in waiting.values())
    report = _report({"jobs": 3}, {"layout": "one process"}, throughput, latency, waiting)
    found = json.loads(report.as_json())
    assert found["ratios"].keys() == {"whole/bare", "poll/callback", "8/4 waiting"}
    assert found["figures"]["waiting"].keys() == {"4 jobs", "8 jobs"}
    words = in_words(report)
    for told in ("jobs_per_second", "done_to_delivery_p95_ms", "memory_per_job_kb", "8/4 waiting"):
        assert told in words


async def test_whole_generations_go_through_the_real_provider(database_uri: str, server: str) -> None:
    """Ordered, told of by a signed callback, fetched and paid; the contract server checks the order."""
    order = Order("callback", server, embedded=True, jobs=2, seconds=0.05, queries=50)
    figures = await run(order, database_uri)
    assert 0 < figures["done_to_delivery_p50_ms"] <= figures["done_to_delivery_p95_ms"]
    assert (jobs_studio.KEY, jobs_studio.WEBHOOK_KEY) == (KEY, WEBHOOK_KEY)


def test_the_benchmark_has_its_command() -> None:
    assert "jobs" in command_line.BENCHMARKS
