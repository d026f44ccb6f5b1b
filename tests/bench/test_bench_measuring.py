"""The arithmetic of the benchmarks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.bots.process import Usage
from bench.measuring import Report, Spread, paired_ratios, percentile, spreads, table
from bench.round_trips import LIMIT, RoundTrips, commands_between, mark


@pytest.mark.parametrize(
    ("percent", "expected"), [(1, 10), (25, 10), (26, 20), (50, 20), (51, 30), (99, 40), (100, 40)]
)
def test_percentile_is_the_nearest_rank(percent: float, expected: float) -> None:
    assert percentile([40, 10, 30, 20], percent) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_percentile_is_a_value_with_enough_below_and_not_more(values: list[float], percent: int) -> None:
    found = percentile(values, percent)
    assert found in values
    assert 100 * sum(value <= found for value in values) >= percent * len(values)
    assert 100 * sum(value < found for value in values) < percent * len(values)


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], 0), ([1.0], 101)])
def test_percentile_of_nothing_is_refused(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, percent)


def test_spread_keeps_the_median_and_the_noise() -> None:
    assert Spread.of([9, 1, 2]) == Spread(2, 1, 9)
    assert Spread.of([1, 2, 3, 10]) == Spread(2.5, 1, 10)
    assert str(Spread(1234.5, 0.1234, 2)) == "1234 (0.123..2)"
    with pytest.raises(ValueError, match="needs a value"):
        Spread.of([])


def test_spreads_go_over_all_rounds() -> None:
    assert spreads([{"a": 1, "b": 5}, {"a": 3, "b": 4}]) == {"a": Spread(2, 1, 3), "b": Spread(4.5, 4, 5)}
    assert spreads([]) == {}


def test_ratios_are_taken_round_by_round() -> None:
    # The machine was ten times slower in the second round: the ratio does not see it.
    ours, theirs = (
        [{"rate": 50.0}, {"rate": 5.0}, {"rate": 30.0}],
        [{"rate": 100.0}, {"rate": 10.0}, {"rate": 20.0}],
    )
    assert paired_ratios(ours, theirs) == {"rate": Spread(0.5, 0.5, 1.5)}


def test_ratios_leave_out_what_cannot_be_compared() -> None:
    assert paired_ratios([{"a": 1, "only ours": 1, "zero": 1}], [{"a": 2, "zero": 0}]) == {
        "a": Spread(0.5, 0.5, 0.5)
    }
    assert paired_ratios([], []) == {}
    with pytest.raises(ValueError, match="shorter"):
        paired_ratios([{"a": 1}, {"a": 1}], [{"a": 1}])


def test_report_is_one_line_of_json() -> None:
    trips = RoundTrips("button", 3, 1.000049, {"find users": 1.0})
    report = Report(
        "b", {"n": 1}, {"cpus": 2}, {"trips": [trips]}, {"a/b": {"rate": Spread(1 / 3, 0.0, 1)}}, ["x"]
    )
    line = report.as_json()
    assert "\n" not in line
    assert json.loads(line) == {
        "benchmark": "b",
        "settings": {"n": 1},
        "server": {"cpus": 2},
        "figures": {
            "trips": [{"name": "button", "updates": 3, "per_update": 1.0, "commands": {"find users": 1.0}}]
        },
        "ratios": {"a/b": {"rate": {"median": 0.3333, "least": 0.0, "most": 1}}},
        "notes": ["x"],
    }


def test_table_has_a_row_for_every_figure() -> None:
    columns = {"whole": {"rate": Spread(1, 1, 1)}, "bare": {"rate": Spread(2, 2, 2), "more": Spread(3, 3, 3)}}
    title, head, *rows = table("title", columns).splitlines()
    assert title == "title"
    assert head.split() == ["whole", "bare"]
    assert [row.split() for row in rows] == [
        ["rate", "1", "(1..1)", "2", "(2..2)"],
        ["more", "-", "3", "(3..3)"],
    ]


@pytest.mark.parametrize(
    ("per_update", "expected"),
    [
        (1, "within the aim"),
        (2.04, "within the aim"),
        (2.06, "within the limit"),
        (LIMIT + 0.04, "within the limit"),
        (LIMIT + 0.06, "OVER THE LIMIT"),
    ],
)
def test_too_many_round_trips_are_marked(per_update: float, expected: str) -> None:
    found = RoundTrips("message", 20, per_update, {})
    assert mark(found) == expected
    assert found.over_limit == (expected == "OVER THE LIMIT")


def test_commands_are_counted_between_two_moments() -> None:
    before = Usage(cpu=0, round_trips=5, commands={"find users": 4, "find meta": 1})
    after = Usage(cpu=1, round_trips=10, commands={"find users": 6, "find meta": 1, "insert inbox": 3})
    assert commands_between(before, after, 2) == {"find users": 1.0, "insert inbox": 1.5}
