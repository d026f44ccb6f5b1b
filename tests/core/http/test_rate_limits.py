"""A provider's rate limits: never above them, nobody overtaken, nobody waiting in vain."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.http_world import HttpWorld, driven, status

from core.http.provider_http import HttpLayer
from core.http.rate_limits import RateLimit
from core.http.reply import NotSent
from sandbox.clock import ManualClock


def _limit(clock: ManualClock, calls: int = 3, seconds: float = 10.0, longest: float = 1000.0) -> RateLimit:
    return RateLimit(clock, calls=calls, seconds=seconds, longest=longest)


async def test_so_many_go_at_once_and_the_rest_in_their_order(clock: ManualClock) -> None:
    limit = _limit(clock)
    gone: list[tuple[float, int]] = []

    async def go(number: int) -> None:
        await limit.turn()
        gone.append((clock.monotonic(), number))

    tasks = [asyncio.create_task(go(number)) for number in range(8)]
    await clock.advance(100)
    await asyncio.gather(*tasks)
    assert gone == [(0, 0), (0, 1), (0, 2), (10, 3), (10, 4), (10, 5), (20, 6), (20, 7)]


@settings(max_examples=40, deadline=None)
@given(
    calls=st.integers(1, 4),
    seconds=st.floats(1, 20),
    arrivals=st.lists(st.floats(0, 30), min_size=1, max_size=25),
)
def test_no_window_of_time_ever_holds_more(calls: int, seconds: float, arrivals: list[float]) -> None:
    async def play() -> None:
        clock = ManualClock()
        limit = RateLimit(clock, calls=calls, seconds=seconds, longest=1e9)
        gone: list[float] = []

        async def come(moment: float) -> None:
            await clock.sleep(moment)
            await limit.turn()
            gone.append(clock.monotonic())

        tasks = [asyncio.create_task(come(moment)) for moment in arrivals]
        await driven(clock, asyncio.gather(*tasks), step=1.0)
        assert len(gone) == len(arrivals)
        assert gone == sorted(gone)
        for first, over in zip(gone, gone[calls:], strict=False):
            assert over - first >= seconds * (1 - 1e-9)

    asyncio.run(play())


async def test_who_is_broken_off_takes_no_turn(clock: ManualClock) -> None:
    limit = _limit(clock, calls=1)
    await limit.turn()
    tasks = [asyncio.create_task(limit.turn()) for _ in range(4)]
    await clock.advance(0)
    for task in tasks[:3]:
        task.cancel()
    await clock.advance(9)
    assert not tasks[3].done()
    await clock.advance(1)
    assert tasks[3].done()
    await tasks[3]


async def test_who_would_wait_too_long_is_sent_away_at_once(clock: ManualClock) -> None:
    limit = _limit(clock, calls=2, seconds=10, longest=20)
    tasks = [asyncio.create_task(limit.turn()) for _ in range(12)]
    await clock.advance(0)
    sent_away = [task for task in tasks if task.done() and isinstance(task.exception(), NotSent)]
    assert len(sent_away) == 12 - 2 - 4, "two at once, two after 10 s, two after 20 s"
    assert sent_away == tasks[6:]
    assert all(task.exception().again is False for task in sent_away)
    await clock.advance(20)
    assert all(task.done() for task in tasks)


async def test_what_the_provider_found_too_much_holds_everybody_up(clock: ManualClock) -> None:
    limit = _limit(clock)
    limit.hold(7)
    limit.hold(2)
    task = asyncio.create_task(limit.turn())
    await clock.advance(6.5)
    assert not task.done()
    await clock.advance(0.5)
    assert task.done()
    await task


async def test_who_sleeps_already_is_held_up_too(clock: ManualClock) -> None:
    limit = _limit(clock, calls=1, seconds=10)
    await limit.turn()
    task = asyncio.create_task(limit.turn())
    await clock.advance(5)
    limit.hold(20)
    await clock.advance(19)
    assert not task.done()
    await clock.advance(1)
    assert task.done()
    await task


async def test_a_newcomer_does_not_overtake_those_who_wait(clock: ManualClock) -> None:
    limit = _limit(clock, calls=1, seconds=10)
    await limit.turn()
    gone: list[str] = []

    async def come(name: str, after: float) -> None:
        await clock.sleep(after)
        await limit.turn()
        gone.append(name)

    # The newcomer comes at the very moment at which the next may go, and is awake before who waits for it.
    tasks = [asyncio.create_task(come("newcomer", 10))]
    await clock.advance(1)
    tasks += [asyncio.create_task(come(name, 0)) for name in ("first", "second")]
    await clock.advance(60)
    await asyncio.gather(*tasks)
    assert gone == ["first", "second", "newcomer"]


async def test_a_held_up_queue_counts_the_hold(clock: ManualClock) -> None:
    limit = _limit(clock, longest=20)
    limit.hold(30)
    with pytest.raises(NotSent):
        await limit.turn()


@pytest.mark.parametrize(("calls", "seconds"), [(0, 1), (1, 0), (1, -1)])
def test_a_limit_that_lets_nobody_through_is_refused(clock: ManualClock, calls: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="rate limit"):
        _limit(clock, calls=calls, seconds=seconds)


async def test_requests_keep_to_their_limits(world: HttpWorld, clock: ManualClock) -> None:
    http = world.layer()
    http.limits("default", calls=2, seconds=10)
    http.limits("uploads", calls=1, seconds=10)
    moments: list[tuple[str, float]] = []

    async def ask(limit: str) -> None:
        await http.request("GET", world.url, safe=True, limit=limit)
        moments.append((limit, clock.monotonic()))

    await driven(clock, asyncio.gather(*(ask(name) for name in ("default", "uploads") * 2), ask("default")))
    seen = Counter((name, moment >= 10) for name, moment in moments)
    assert seen == {
        ("default", False): 2,
        ("default", True): 1,
        ("uploads", False): 1,
        ("uploads", True): 1,
    }
    assert world.metric("starloom_http_limit_wait_seconds_count", limit="uploads") == 2
    assert world.metric("starloom_http_limit_wait_seconds_sum", limit="uploads") == pytest.approx(10)


async def test_a_429_holds_up_the_others_of_its_limit(world: HttpWorld, clock: ManualClock) -> None:
    http = world.layer()
    http.limits("default", calls=100, seconds=1)
    world.answers = [status(429, headers={"Retry-After": "5"})]
    await http.request("POST", world.url, safe=False)
    task = asyncio.create_task(http.request("POST", world.url, safe=False))
    await clock.until_asleep()
    await clock.advance(4.9)
    assert len(world.seen) == 1
    await clock.advance(0.2)
    assert (await task).status == 200


async def test_a_limit_that_was_not_declared_is_a_mistake(world: HttpWorld) -> None:
    http = world.layer()
    assert http.limit() is None
    with pytest.raises(ValueError, match="no rate limit"):
        await http.request("GET", world.url, safe=True, limit="uploads")


async def test_every_attempt_takes_a_turn(world: HttpWorld, clock: ManualClock) -> None:
    http = world.layer()
    http.limits("default", calls=1, seconds=10)
    world.answers = [status(503), status(503)]
    await driven(clock, http.request("GET", world.url, safe=True))
    assert clock.monotonic() >= 20


class Crowd:
    """Processes with one key: each looks now and then how many there are, and asks as often as it can."""

    def __init__(self, clock: ManualClock, calls: int, seconds: float) -> None:
        self._clock = clock
        self._whole = (calls, seconds)
        self._here: dict[int, RateLimit] = {}
        self.gone: list[tuple[float, int]] = []

    async def live(self, number: int, come: float, leave: float, look: float) -> None:
        await self._clock.sleep(come)
        limit = _limit(self._clock, *self._whole, longest=1e9)
        self._here[number] = limit
        limit.share(len(self._here), joining=True)
        work = [asyncio.create_task(self._look(limit, look)), asyncio.create_task(self._ask(limit, number))]
        await self._clock.sleep(leave)
        for task in work:
            task.cancel()
        del self._here[number]

    async def _look(self, limit: RateLimit, look: float) -> None:
        while True:
            await self._clock.sleep(look)
            limit.share(len(self._here))

    async def _ask(self, limit: RateLimit, number: int) -> None:
        while True:
            await limit.turn()
            self.gone.append((self._clock.monotonic(), number))


LIVES = st.tuples(st.floats(0, 40), st.floats(1, 30), st.floats(0.5, 1))


@settings(max_examples=30, deadline=None)
@given(calls=st.integers(3, 7), seconds=st.floats(2, 10), lives=st.lists(LIVES, min_size=1, max_size=2))
def test_processes_that_come_and_go_never_have_more_than_the_whole_together(
    calls: int, seconds: float, lives: list[tuple[float, float, float]]
) -> None:
    async def play() -> None:
        clock = ManualClock()
        crowd = Crowd(clock, calls, seconds)
        lasting = (0.0, 75.0, 1.0)
        everybody = [crowd.live(number, *life) for number, life in enumerate([lasting, *lives])]
        tasks = [asyncio.create_task(each) for each in everybody]
        await clock.advance(80)
        await asyncio.gather(*tasks)
        times = [moment for moment, _ in crowd.gone]
        for first, over in zip(times, times[calls:], strict=False):
            assert over - first >= seconds * (1 - 1e-9)

    asyncio.run(play())


async def test_each_has_its_part_and_what_one_leaves_is_the_others(clock: ManualClock) -> None:
    crowd = Crowd(clock, 8, 10.0)
    lives = (crowd.live(0, 0, 100, 1), crowd.live(1, 20, 40, 1))
    tasks = [asyncio.create_task(each) for each in lives]
    await clock.advance(101)
    await asyncio.gather(*tasks)

    def begun(since: float, until: float) -> Counter[int]:
        return Counter(number for moment, number in crowd.gone if since <= moment < until)

    assert begun(0, 20) == {0: 16}
    assert begun(20, 32)[1] == 0, "whoever joins waits for what the others did before"
    assert begun(32, 60) == {0: 8, 1: 12}
    assert begun(60, 70) == {0: 4}, "what was done before somebody left still counts"
    assert begun(80, 100) == {0: 16}


async def test_of_few_calls_among_many_each_has_one_in_more_time(clock: ManualClock) -> None:
    limit = _limit(clock, calls=2, seconds=10)
    limit.share(5)
    turns = [asyncio.create_task(limit.turn()) for _ in range(3)]
    await clock.advance(24)
    assert [task.done() for task in turns] == [True, False, False]
    await clock.advance(26)
    assert all(task.done() for task in turns)


def test_limits_declared_later_are_shared_as_well(clock: ManualClock) -> None:
    layer = HttpLayer(clock)
    layer.share(3)
    http = layer.provider("acme")
    http.limits("default", calls=6, seconds=10)
    limit = http.limit()
    assert limit is not None
    layer.share(1)
    assert (limit.part, layer.sharers) == ((2, 10.0), 1)
