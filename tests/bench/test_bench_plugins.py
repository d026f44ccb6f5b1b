"""The benchmark of plugins, run with tiny numbers: it measures each number of plugins and a disable."""

from __future__ import annotations

import pytest

from bench.plugins import Plan, in_words, measure


@pytest.mark.soak
async def test_plugins_are_measured_by_their_number(database_uri: str) -> None:
    plan = Plan(numbers=(0, 3), rounds=1, presses=3, calls=10, people=2, database_uri=database_uri)
    report = await measure(plan)
    figures = report.figures["plugins"]
    assert figures["0 plugins"].keys() | {"disable_ms", "disable_to_last_answer_ms"} == (
        figures["3 plugins"].keys()
    )
    assert report.ratios["3 to 0 plugins"]["answer_p50_ms"].median > 0
    assert "disable_to_last_answer_ms" in in_words(report)
