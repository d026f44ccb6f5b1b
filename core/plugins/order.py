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


def told_circle(around: Sequence[str]) -> str:
    """What is wrong with plugins in a circle, and what to do."""
    return (
        f"plugins require each other in a circle: {' -> '.join(around)}: switch one of them off, or have its "
        "author take a name out of `requires`"
    )


def told_missing(name: str) -> str:
    """A plugin that another one requires and that is not allowed, and what to do."""
    return f"{name}, which plugins.toml does not have: add [plugins.{name}] there"


def dependants(name: str, requires: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The names that require `name` directly."""
    return tuple(other for other, needed in requires.items() if name in needed)
