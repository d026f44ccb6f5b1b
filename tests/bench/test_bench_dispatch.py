"""The benchmark of dispatch, run with tiny numbers: it measures all bots and tells what it found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from bench import __main__ as command_line
from bench.dispatch import CONTENDERS, Plan, in_words, measure
from bench.measuring import Report

FIGURES = {
    "updates_per_second",
    "answer_p50_ms",
    "answer_p99_ms",
    "edit_p50_ms",
    "edit_p99_ms",
    "alone_answer_p50_ms",
    "alone_answer_p99_ms",
    "bot_cpu_ms",
    "telegram_cpu_ms",
}


@pytest.mark.soak
async def test_dispatch_measures_all_bots_and_counts_round_trips(database_uri: str) -> None:
    report = await measure(Plan(people=2, taps=2, rounds=2, alone=3, idle=0.1, database_uri=database_uri))
    found: dict[str, Any] = json.loads(report.as_json())

    assert found["benchmark"] == "dispatch"
    assert found["settings"] == {"people": 2, "taps": 2, "rounds": 2, "alone": 3, "idle": 0.1}
    assert {"python", "cpus", "database", "layout"} <= found["server"].keys()
    assert database_uri not in json.dumps(found)

    dispatch = found["figures"]["dispatch"]
    assert dispatch.keys() == CONTENDERS.keys()
    for figures in dispatch.values():
        assert figures.keys() == FIGURES
        assert all(0 < each["least"] <= each["median"] <= each["most"] for each in figures.values())
    assert found["ratios"].keys() == {"whole/bare", "whole/memory", "memory/bare"}
    assert all(ratios.keys() == FIGURES for ratios in found["ratios"].values())

    trips = {each["name"]: each for each in found["figures"]["round_trips"]}
    assert trips.keys() == {"button, alone", "message, alone", "button, in bursts", "message, in bursts"}
    # What the bot asks by the clock may fall into any window, so only what each update must ask is exact.
    assert trips["button, alone"]["commands"]["find users"] == 1
    assert trips["button, alone"]["per_update"] >= 1
    assert trips["message, alone"]["commands"]["find users"] == 1
    assert trips["message, alone"]["commands"]["insert inbox"] == 1
    assert trips["message, alone"]["per_update"] >= 2
    assert trips["message, in bursts"]["updates"] == 4

    words = in_words(report)
    assert "whole/bare" in words
    assert "message, alone" in words


def test_without_a_command_all_benchmarks_run(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(
        command_line, "BENCHMARKS", {"one": lambda: ran.append("one"), "two": lambda: ran.append("two")}
    )
    assert CliRunner().invoke(command_line.cli, []).exit_code == 0
    assert ran == ["one", "two"]


def test_options_reach_the_benchmark_and_json_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[Plan] = []

    async def measured(plan: Plan) -> Report:
        plans.append(plan)
        return Report("dispatch", {}, {}, {}, {})

    monkeypatch.setattr("bench.dispatch.measure", measured)
    arguments = ["dispatch", "--json", "--people", "3", "--taps", "4", "--rounds", "5"]
    result = CliRunner().invoke(command_line.cli, arguments)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "benchmark": "dispatch",
        "settings": {},
        "server": {},
        "figures": {},
        "ratios": {},
        "notes": [],
    }
    assert plans == [Plan(people=3, taps=4, rounds=5)]
