"""The window finds what a line carries, and gives way to Telegram."""

from __future__ import annotations

import heapq
import random
import statistics
from dataclasses import dataclass, field

import pytest

from core.telegram.upload.window import Window

PART = 512 * 1024


@dataclass
class Line:
    """A line of so many bytes a second and so many seconds of round trip, and a sender that is never idle."""

    window: Window
    rate: float
    round_trip: float
    supply: int = 1_000_000
    """Parts that the source gives while one is on its way."""
    now: float = 0.0
    free_at: float = 0.0
    flying: list[tuple[float, int, float]] = field(default_factory=list)

    def carry(self, parts: int) -> float:
        """Send `parts` parts; the bytes a second that came of it."""
        began, left = self.now, parts
        while left:
            while len(self.flying) < min(self.window.size, self.supply):
                self.free_at = max(self.now, self.free_at) + PART / self.rate
                heapq.heappush(self.flying, (self.free_at + self.round_trip, self.window.sent(), self.now))
            self.now, number, began = self.flying[0]
            self.window.acknowledged(number, PART, len(self.flying), self.now - began, self.now)
            heapq.heappop(self.flying)
            left -= 1
        return parts * PART / (self.now - began)


@pytest.mark.parametrize("round_trip", [0.05, 0.15])
def test_it_grows_until_a_far_line_is_full(round_trip: float) -> None:
    line = Line(Window(8, 64), rate=100e6, round_trip=round_trip)
    line.carry(400)
    assert line.carry(400) >= 0.85 * 100e6
    assert line.window.size <= 64


def test_it_does_not_grow_where_that_brings_nothing() -> None:
    line = Line(Window(8, 64), rate=5e6, round_trip=0.01)
    line.carry(600)
    assert line.window.size <= 8
    assert line.carry(200) >= 0.95 * 5e6


def test_a_near_line_is_full_with_few_parts() -> None:
    line = Line(Window(8, 64), rate=200e6, round_trip=0.0)
    line.carry(600)
    assert line.window.size <= 16


def test_a_slow_source_tells_nothing_about_the_line() -> None:
    line = Line(Window(8, 64), rate=100e6, round_trip=0.05, supply=2)
    line.carry(400)
    assert line.window.size == 8
    line.supply = 1_000_000
    line.carry(400)
    assert line.window.size > 8


def test_it_finds_a_line_that_becomes_faster() -> None:
    line = Line(Window(8, 64), rate=20e6, round_trip=0.1)
    line.carry(600)
    small = line.window.size
    line.rate = 150e6
    line.carry(3_000)
    assert line.window.size > 2 * small


def test_errors_of_one_moment_count_once() -> None:
    line = Line(Window(32, 64), rate=1e9, round_trip=0.1)
    line.carry(1)
    numbers = [number for _, number, _ in line.flying]
    for number in numbers:
        line.window.struck(number)
    assert line.window.size == 16
    line.window.struck(line.window.sent())
    assert line.window.size == 8


def test_it_never_closes_altogether() -> None:
    window = Window(8, 64)
    for _ in range(20):
        window.struck(window.sent())
    assert window.size == 1


def test_it_recovers_from_an_error() -> None:
    line = Line(Window(8, 64), rate=100e6, round_trip=0.1)
    line.carry(600)
    full = line.window.size
    line.window.struck(line.window.sent())
    assert line.window.size <= full // 2
    line.carry(600)
    assert line.window.size >= full // 2
    assert line.carry(300) >= 0.85 * 100e6


def test_a_window_that_brought_a_flood_wait_is_avoided_for_minutes() -> None:
    line = Line(Window(32, 64), rate=1e9, round_trip=0.1)
    line.carry(1)
    line.window.flooded(line.window.sent(), line.now)
    assert line.window.size == 16
    sizes = set()
    while line.now < 290:
        line.carry(16)
        sizes.add(line.window.size)
    assert max(sizes) == 16
    line.now = line.free_at = 310
    line.carry(1_000)
    assert line.window.size > 16


def test_closed_connections_begin_anew() -> None:
    line = Line(Window(8, 64), rate=1e9, round_trip=0.1)
    line.carry(600)
    assert line.window.size == 64
    line.window.reset()
    assert line.window.size == 8


def test_a_far_line_is_full_within_four_round_trips() -> None:
    line = Line(Window(8, 64), rate=1e9, round_trip=0.15)
    while line.now < 4 * 0.15:
        line.carry(1)
    assert line.window.size == 64


@pytest.mark.parametrize("seed", range(4))
def test_a_busy_machine_does_not_narrow_a_line_that_is_far_from_full(seed: int) -> None:
    chance = random.Random(seed)
    line = Line(Window(8, 64), rate=400e6, round_trip=0.15)
    sizes = []
    for _ in range(130):
        line.rate = chance.choice([60e6, 400e6])
        line.carry(15)
        sizes.append(line.window.size)
    assert statistics.mean(sizes) >= 0.95 * 64
