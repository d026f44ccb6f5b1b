"""The benchmark of relays, run with tiny numbers: it measures all ways and tells what it found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from bench import __main__ as command_line
from bench import relay
from bench.pacing import Line
from bench.relay import Plan, in_words, measure


@pytest.mark.soak
async def test_relay_measures_all_ways_and_the_memory() -> None:
    report = await measure(Plan(rtt_ms=2, size_mb=12, mb_s=40, turns=2, memory_mib=21))
    assert 0.5 < report["ratio"] < report["ratio_of_send_video"]
    assert {name: len(runs) for name, runs in report["runs_mb_s"].items()} == {
        "download": 2,
        "upload": 2,
        "relay": 2,
        "download_send_video": 2,
    }
    assert max(report["runs_mb_s"]["download"] + report["runs_mb_s"]["relay"]) < 48, "the line is bounded"
    assert report["memory_mib"]["large"] > 10
    words = in_words(report)
    assert "send_video" in words
    assert "memory" in words


def test_json_is_one_line_with_the_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    async def found(plan: Plan) -> dict[str, Any]:
        return {"ratio": 1.05, "settings": plan.rtt_ms}

    monkeypatch.setattr(relay, "measure", found)
    run = CliRunner().invoke(command_line.cli, ["relay", "--rtt-ms", "50", "--size-mb", "64", "--json"])
    assert run.exit_code == 0
    assert json.loads(run.output.splitlines()[-1]) == {"ratio": 1.05, "settings": 50}


def test_a_line_brings_no_more_than_it_can() -> None:
    assert Line(0).wait(10**9) == 0
    moments = iter([10.0, 10.1, 20.0])
    line = Line(1000, now=lambda: next(moments))
    # Whoever is late makes up for a twentieth of a second, and for no more.
    waits = [line.wait(500) for _ in range(3)]
    assert waits == pytest.approx([0.45, 0.85, 0.45])
