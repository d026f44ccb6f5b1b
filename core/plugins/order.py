"""In which order plugins start: each after those it requires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def start_order(requires: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """The names in an order in which each comes after what it requires, and those in a cycle.

    `requires` maps every name to the names it requires; required names that are no key are left to the
    caller. A name in a cycle is answered with the way around it: `("a", "b", "a")`.
    """
    order: list[str] = []
    cycles: dict[str, tuple[str, ...]] = {}
    seen: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            around = (*way[way.index(name) :], name)
            cycles.update(dict.fromkeys(around, around))
            return
        if name in seen:
            return
        for needed in requires[name]:
            if needed in requires:
                visit(needed, (*way, name))
        seen.add(name)
        if name not in cycles:
            order.append(name)

    for name in requires:
        visit(name, ())
    return tuple(order), cycles


def dependants(name: str, requires: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The names that require `name` directly."""
    return tuple(other for other, needed in requires.items() if name in needed)
