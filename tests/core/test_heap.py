"""What is there when a process settles is searched no more; what comes later is."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from core.heap import settle


class Knot:
    """Garbage, as soon as nobody holds it, that only a search finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _searched_again() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_lives_is_left_out_and_what_is_dead_goes() -> None:
    alive, dead = Knot(), Knot()
    gone = weakref.ref(dead)
    del dead
    assert settle() > len(gc.get_objects())
    assert gone() is None
    assert all(each is not alive for each in gc.get_objects())


def test_what_comes_later_is_searched_as_before() -> None:
    settle()
    knot = Knot()
    gone = weakref.ref(knot)
    del knot
    gc.collect()
    assert gone() is None
