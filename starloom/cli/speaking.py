"""What the command line prints for the person in front of it; operators read English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console

FAILED = 1
"""The exit status of a command that did not do what it was asked for."""

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print a line."""
    _out.print(text, markup=False)


def complain(text: str) -> None:
    """Print what is wrong, to standard error."""
    _err.print(text, style="red", markup=False)


def verdict(good: bool, what: str, detail: str) -> None:
    """Print one line of a check: what was looked at, and how it is."""
    mark = "ok  " if good else "FAIL"
    _out.print(f"{mark}  {what}: {detail}", style=None if good else "red", markup=False)


def aligned(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Rows of cells as lines with straight columns."""
    rows = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
