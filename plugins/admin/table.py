"""A table of plain text, as Markdown writes one: readable in a chat, and pasted into documents as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_CELL = 20
"""Characters of a cell at most: what is longer is cut, so that a line stays a line on a telephone."""


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The table, its columns as wide as their longest cells. All rows have as many cells as the header."""
    cells = [[_cell(each) for each in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join((lines[0], rule, *lines[1:]))


def _cell(text: str) -> str:
    """What stands in a cell: one line, and no border of its own."""
    line = " ".join(text.split())
    line = line if len(line) <= _CELL else f"{line[: _CELL - 1]}…"
    return line.replace("|", "\\|")
