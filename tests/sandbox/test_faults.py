"""Faults on demand: which they are, when they strike, and what they hold back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.faults import CallPlan, Fault, FaultKind, Faults, LinePlan, Subject

CALL = Subject(connection=1, method="messages.SendMedia", user_id=7)


def test_a_fault_strikes_its_method_only() -> None:
    faults = Faults()
    handle = faults.add(
        Fault(kind=FaultKind.ERROR, method="messages.sendMedia", code=420, message="FLOOD_WAIT_9")
    )
    assert faults.plan_call(Subject(method="messages.SendMessage")) == CallPlan()
    plan = faults.plan_call(CALL)
    assert plan.error is not None
    assert (plan.error.code, plan.error.message) == (420, "FLOOD_WAIT_9")
    assert handle.hits == 1


@pytest.mark.parametrize(
    ("limits", "other"),
    [
        ({"where": "media"}, {"media": False}),
        ({"where": "main"}, {"media": True}),
        ({"user_id": 7}, {"user_id": 8}),
        ({"connection": 1}, {"connection": 2}),
    ],
    ids=str,
)
def test_a_fault_strikes_where_it_is_told(limits: dict[str, Any], other: dict[str, Any]) -> None:
    faults = Faults()
    faults.add(Fault(kind=FaultKind.DROP_BEFORE, **limits))
    struck = {"connection": 1, "user_id": 7, "media": limits.get("where") == "media"}
    assert faults.plan_call(Subject(**struck)).fate is FaultKind.DROP_BEFORE
    assert faults.plan_call(Subject(**{**struck, **other})).fate is None


def test_skip_and_times_count_what_matches() -> None:
    faults = Faults()
    handle = faults.add(Fault(kind=FaultKind.ERROR, method="messages.SendMedia", skip=2, times=2))
    struck = []
    for _ in range(6):
        faults.plan_call(Subject(method="help.GetConfig"))
        struck.append(faults.plan_call(CALL).error is not None)
    assert struck == [False, False, True, True, False, False]
    assert handle.hits == 2
    assert not handle.active


def test_probability_is_seeded() -> None:
    def pattern(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add(Fault(kind=FaultKind.DROP_PACKET, probability=0.3))
        return [faults.cuts(Subject()) for _ in range(200)]

    assert pattern(1) == pattern(1)
    assert pattern(1) != pattern(2)
    assert 30 < sum(pattern(1)) < 90


def test_latency_and_bandwidth_add_up() -> None:
    faults = Faults()
    assert not faults.of_packets
    faults.add(Fault(kind=FaultKind.LATENCY, seconds=0.2))
    faults.add(Fault(kind=FaultKind.LATENCY, seconds=0.1, where="media"))
    faults.add(Fault(kind=FaultKind.BANDWIDTH, bytes_per_second=1000))
    faults.add(Fault(kind=FaultKind.BANDWIDTH, bytes_per_second=500, where="media"))
    assert faults.of_packets
    assert faults.plan_packet(Subject()) == LinePlan(0.1, 1000)
    assert faults.plan_packet(Subject(media=True)) == LinePlan(pytest.approx(0.15), 500)


def test_jitter_is_seeded_and_bounded() -> None:
    def delays(seed: int) -> list[float]:
        faults = Faults(seed)
        faults.add(Fault(kind=FaultKind.LATENCY, seconds=1, jitter=0.5))
        return [plan.delay for _ in range(50) if (plan := faults.plan_packet(Subject()))]

    assert delays(3) == delays(3)
    assert all(0.5 <= delay <= 0.75 for delay in delays(3))
    assert len(set(delays(3))) == 50


def test_latency_of_a_method_is_of_calls() -> None:
    faults = Faults()
    faults.add(Fault(kind=FaultKind.LATENCY, seconds=2, method="messages.SendMedia"))
    assert not faults.of_packets
    assert faults.plan_call(CALL).delay == 2


def _route(faults: Faults, count: int) -> list[int]:
    order: list[int] = []
    for number in range(count):
        faults.route_update(Subject(), lambda number=number: order.append(number))
    return order


def test_updates_duplicated_reordered_and_held() -> None:
    faults = Faults()
    with faults.add(Fault(kind=FaultKind.DUPLICATE_UPDATES, skip=1, times=1)):
        assert _route(faults, 3) == [0, 1, 1, 2]
    with faults.add(Fault(kind=FaultKind.REORDER_UPDATES, count=3)) as reorder:
        order = _route(faults, 4)
        assert order == [2, 1, 0]
        reorder.remove()
        assert order == [2, 1, 0, 3]
    with faults.add(Fault(kind=FaultKind.REORDER_UPDATES, count=3, times=2)):
        assert _route(faults, 3) == [1, 0, 2]
    held = faults.add(Fault(kind=FaultKind.HOLD_UPDATES, times=2))
    order = _route(faults, 3)
    assert order == [2]
    faults.clear()
    assert order == [2, 0, 1]
    assert not held.active
    assert _route(faults, 2) == [0, 1]


async def test_leaving_a_context_removes_the_fault() -> None:
    faults = Faults()
    async with faults.add(Fault(kind=FaultKind.ERROR)) as handle:
        assert list(faults) == [handle]
        assert faults.get(handle.id) is handle
        assert faults.of_calls
    assert not faults.of_calls
    assert not faults.remove(handle.id)


def test_faults_go_through_json() -> None:
    fault = Fault(kind=FaultKind.LATENCY, method="messages.SendMedia", seconds=1.5, times=3, where="media")
    assert Fault.from_dict(json.loads(json.dumps(fault.as_dict()))) == fault
    assert Fault.from_dict({"kind": "hold_updates"}) == Fault(kind=FaultKind.HOLD_UPDATES)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "nonsense"},
        {"kind": "error", "methd": "x"},
        {"kind": "error", "where": "nowhere"},
        {"kind": "error", "times": 0},
        {"kind": "error", "skip": -1},
        {"kind": "error", "probability": 0},
        {"kind": "bandwidth"},
        {"kind": "bandwidth", "bytes_per_second": 0},
        {"kind": "bandwidth", "bytes_per_second": 5, "method": "messages.SendMedia"},
        {"kind": "reorder_updates", "count": 1},
        {"kind": "hold_updates", "method": "messages.SendMedia"},
        {"kind": "latency", "seconds": -1},
    ],
    ids=str,
)
def test_faults_that_make_no_sense_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Fault.from_dict(values)
