"""The benchmark of uploads, run with tiny numbers: it measures both uploaders and tells what it found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from bench import __main__ as command_line
from bench import upload
from bench.upload import Plan, in_words, measure


@pytest.mark.soak
async def test_upload_measures_both_and_the_memory() -> None:
    report = await measure(Plan(rtt_ms=2, size_mb=11, pairs=2, memory_mib=21))

    assert report["ratio"] > 0
    assert {name: len(runs) for name, runs in report["runs_mb_s"].items()} == {
        "ours": 2,
        "save_file": 2,
        "ours_without_rtt": 2,
    }
    assert report["to_own_without_rtt"] > 0
    assert report["blocked_ms"] > 0
    assert 0 < report["worked_ms"] < 1000
    assert report["memory_mib"]["large"] > 10
    assert report["settings"] == {"rtt_ms": 2, "size_mb": 11, "pairs": 2, "memory_mib": 21}
    words = in_words(report)
    assert "save_file" in words
    assert "without a round trip" in words
    assert "memory" in words


def test_json_is_one_line_with_the_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    async def found(plan: Plan) -> dict[str, Any]:
        return {"ratio": 2.5, "settings": plan.rtt_ms}

    monkeypatch.setattr(upload, "measure", found)
    run = CliRunner().invoke(command_line.cli, ["upload", "--rtt-ms", "50", "--size-mb", "64", "--json"])
    assert run.exit_code == 0
    assert json.loads(run.output.splitlines()[-1]) == {"ratio": 2.5, "settings": 50}


async def test_a_file_that_does_not_come_whole_is_noticed() -> None:
    with pytest.raises(RuntimeError, match="files of 21 parts came as"):
        upload._check(Plan(size_mb=11, pairs=1), {"files": [21, 20], "parts": 41})
