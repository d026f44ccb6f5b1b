"""The benchmark of plugins, run with tiny numbers: it measures each number of plugins and a disable."""

from __future__ import annotations

import pytest

from bench.plugins import Plan, in_words, measure


@pytest.mark.soak
async def test_plugins_are_measured_by_their_number(database_uri: str) -> None:
    plan = Plan(numbers=(0, 3), rounds=1, presses=3, calls=10, people=2, database_uri=database_uri)
    report = await measure(plan)
    figures = report.figures["plugins"]
    only_with_plugins = {
        *("hook_call_us", "bare_pluggy_us", "hook_call_to_bare_pluggy"),
        *("disable_ms", "disable_to_last_answer_ms"),
    }
    assert figures["0 plugins"].keys() | only_with_plugins == figures["3 plugins"].keys()
    hook, bare = (figures["3 plugins"][name].median for name in ("hook_call_us", "bare_pluggy_us"))
    assert figures["3 plugins"]["hook_call_to_bare_pluggy"].median == hook / bare
    assert "times as long with 3 plugins as with 0: " in in_words(report)
    assert report.ratios["3 to 0 plugins"]["answer_p50_ms"].median > 0
    assert "disable_to_last_answer_ms" in in_words(report)
