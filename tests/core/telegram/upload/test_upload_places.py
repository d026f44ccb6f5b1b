"""Places are shared: a small file comes to its turn beside large ones, and nothing is lost by cancelling."""

from __future__ import annotations

import asyncio

from core.telegram.upload.places import Places, Share
from core.telegram.upload.window import Window


class Uploads:
    """Uploads that always have a part to send; each place is given back in the order in which it was got."""

    def __init__(self, window: int) -> None:
        self.places = Places(Window(window, window))
        self.sent: list[str] = []

    async def run(self, name: str, parts: int) -> None:
        share = Share()
        for _ in range(parts):
            await self.places.take(share)
            self.sent.append(name)

    async def carry(self, parts: int) -> None:
        """Acknowledge so many parts."""
        for _ in range(parts):
            self.places.give_back()
            for _ in range(3):
                await asyncio.sleep(0)


async def test_no_more_than_the_window_is_under_way() -> None:
    uploads = Uploads(4)
    running = asyncio.create_task(uploads.run("a", 10))
    await asyncio.sleep(0.01)
    assert len(uploads.sent) == uploads.places.taken == 4
    await uploads.carry(6)
    await running
    assert uploads.places.taken == 4


async def test_whoever_goes_on_in_a_smaller_window_comes_before_newcomers() -> None:
    uploads = Uploads(4)
    window = Window(4, 4)
    places = uploads.places = Places(window)
    running = asyncio.create_task(uploads.run("a", 10))
    await asyncio.sleep(0.01)
    window.struck(window.sent())
    going_on = [asyncio.create_task(places.keep()) for _ in range(4)]
    await asyncio.sleep(0)
    assert [task.done() for task in going_on] == [False, False, True, True]
    assert places.taken == window.size == 2
    going_on[0].cancel()
    await asyncio.sleep(0)
    # Cancelled, it counts again until it gives its place back.
    assert places.taken == 3
    await uploads.carry(2)
    assert going_on[1].done()
    assert (len(uploads.sent), places.taken) == (4, 2)
    await uploads.carry(1)
    assert (len(uploads.sent), places.taken) == (5, 2)
    running.cancel()


async def test_the_event_loop_goes_on_while_places_are_taken() -> None:
    uploads = Uploads(64)
    running = asyncio.create_task(uploads.run("a", 64))
    seen = set()
    while not running.done():
        await asyncio.sleep(0)
        seen.add(len(uploads.sent))
    assert len(seen) >= 60


async def test_a_small_file_does_not_wait_behind_a_large_one() -> None:
    uploads = Uploads(8)
    large = asyncio.create_task(uploads.run("large", 4_000))
    await asyncio.sleep(0.01)
    await uploads.carry(100)
    begun = len(uploads.sent)
    small = asyncio.create_task(uploads.run("small", 6))
    await asyncio.sleep(0.01)
    await uploads.carry(8)
    assert small.done()
    assert uploads.sent[begun:].count("large") <= 2
    large.cancel()


async def test_fifty_at_once_are_all_served_and_small_ones_first() -> None:
    uploads = Uploads(8)
    large = [asyncio.create_task(uploads.run(f"large {n}", 200)) for n in range(10)]
    await asyncio.sleep(0.01)
    await uploads.carry(400)
    begun = len(uploads.sent)
    small = [asyncio.create_task(uploads.run(f"small {n}", 6)) for n in range(40)]
    await asyncio.sleep(0.01)
    while not all(task.done() for task in small):
        await uploads.carry(1)
    sent = uploads.sent[begun:]
    of_large = [name for name in sent if name.startswith("large")]
    # 240 parts of small files; ten large ones count together as much as two and a half of forty small ones.
    assert 5 <= len(of_large) <= 40
    while not all(task.done() for task in large):
        await uploads.carry(1)
    assert len(uploads.sent) == 10 * 200 + 40 * 6


async def test_large_files_share_equally() -> None:
    uploads = Uploads(4)
    first = asyncio.create_task(uploads.run("first", 4_000))
    await asyncio.sleep(0.01)
    await uploads.carry(500)
    begun = len(uploads.sent)
    second = asyncio.create_task(uploads.run("second", 4_000))
    await asyncio.sleep(0.01)
    await uploads.carry(400)
    share = uploads.sent[begun + 40 :].count("second") / len(uploads.sent[begun + 40 :])
    assert 0.45 <= share <= 0.55
    first.cancel()
    second.cancel()


async def test_whoever_is_cancelled_leaves_no_place_taken() -> None:
    places = Places(Window(1, 1))
    share = Share()
    await places.take(share)
    waiting = [asyncio.create_task(places.take(Share())) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    places.give_back()
    # The place was handed to the second, who is cancelled before noticing it.
    waiting[1].cancel()
    await asyncio.wait_for(waiting[2], 1)
    assert places.taken == 1
    places.give_back()
    assert places.taken == 0
