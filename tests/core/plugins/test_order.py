"""The order in which plugins start."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from core.plugins.order import start_order

NAMES = st.sampled_from("abcdef")
GRAPHS = st.dictionaries(NAMES, st.lists(NAMES, max_size=3).map(tuple))


def test_the_order_of_the_file_is_kept_where_nothing_is_required() -> None:
    assert start_order({"b": (), "a": (), "c": ()}) == (("b", "a", "c"), {})


def test_a_circle_is_told_as_a_way_around() -> None:
    order, circles = start_order({"a": ("b",), "b": ("c",), "c": ("b",), "d": ("d",)})
    assert order == ("a",)
    assert circles == {"b": ("b", "c", "b"), "c": ("b", "c", "b"), "d": ("d", "d")}


@given(GRAPHS)
def test_everything_comes_after_what_it_requires(graph: dict[str, tuple[str, ...]]) -> None:
    order, circles = start_order(graph)
    assert sorted([*order, *circles]) == sorted(graph)
    for position, name in enumerate(order):
        for needed in graph[name]:
            assert needed in order[:position] or needed not in graph or needed in circles


@given(GRAPHS)
def test_circles_are_circles(graph: dict[str, tuple[str, ...]]) -> None:
    _, circles = start_order(graph)
    for name, way in circles.items():
        assert name in way
        assert way[0] == way[-1]
        assert all(there in graph[here] for here, there in itertools.pairwise(way))
