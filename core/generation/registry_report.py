"""What the operator is told of the models at the start."""

from __future__ import annotations

from collections.abc import Sequence

from core.generation.model import LockedModel

MOST_REASONS = 30
"""How many reasons are told one by one."""
MOST_NAMES = 12
"""How many ids are told beside one reason."""


def lines_about(ready: int, locked: Sequence[LockedModel]) -> tuple[str, ...]:
    """First how many models are ready and how many are locked, then each reason with the ids it holds for."""
    if not locked:
        return (f"{_count(ready)} ready",)
    by_reason: dict[str, list[str]] = {}
    for each in locked:
        by_reason.setdefault(each.reason, []).append(each.id)
    lines = [f"{_count(ready)} ready, {len(locked)} locked:"]
    lines += [f"{_names(ids)}: {reason}" for reason, ids in list(by_reason.items())[:MOST_REASONS]]
    more = len(by_reason) - MOST_REASONS
    if more > 0:
        lines.append(f"{more} more reasons: `python run.py models list --locked` tells all")
    return tuple(lines)


def _names(ids: Sequence[str]) -> str:
    more = len(ids) - MOST_NAMES
    told = ", ".join(ids[:MOST_NAMES])
    return f"{told} and {more} more" if more > 0 else told


def _count(number: int) -> str:
    return f"{number} model{'' if number == 1 else 's'}"
