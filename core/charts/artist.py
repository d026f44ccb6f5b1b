"""Draws charts, as a process: orders as lines of JSON come in, pictures go out, each behind its length.

Called with the most bytes of memory that it may take. A picture of no length is one that could not be drawn.
Only this process loads the library that draws: that takes a second or two and tens of megabytes.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import FancyBboxPatch

_DPI = 100
_WIDTH = 1080
_MARGIN = 48
_HEAD = 150
_PANEL_HEAD = 70
_BARS = 430
_AXIS = 60
_RANK = 74
_EMPTY = 300
_GAP = 30
_LEFT, _RIGHT = 140, 76
"""All in pixels of the picture; a phone shows it at about a third of that, so small text has 30 of them."""

_PAGE, _INK, _PALE, _LINE = "#1b2533", "#f4f7fb", "#a9b6c8", "#33435a"
_TONES = {"good": "#4cc38a", "bad": "#ef6a6a", "dull": "#8796ad", "plain": "#58a6ff"}
_FONT = FontProperties(family="DejaVu Sans")
_BOLD = FontProperties(family="DejaVu Sans", weight="bold")
_TITLE, _TEXT, _SMALL = 32, 23, 21
_PAD = 10
"""Points, of which 72 are an inch."""
_NAME_LENGTH = 38


def draw(chart: dict[str, Any]) -> bytes:
    """The chart as PNG. The page has a colour of its own, so that it reads on light and on dark alike."""
    heights = [_height(panel) for panel in chart["panels"]]
    height = _HEAD + sum(heights) + _GAP * len(heights) + _MARGIN // 2
    figure = Figure(figsize=(_WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=_PAGE)
    _write(figure, _MARGIN, height - 62, chart["title"], _TITLE, bold=True)
    _write(figure, _MARGIN, height - 114, chart["subtitle"], _TEXT, colour=_PALE)
    top = height - _HEAD
    for panel, tall in zip(chart["panels"], heights, strict=True):
        _write(figure, _MARGIN, top - 34, panel["title"], _TEXT, bold=True)
        if _is_empty(panel):
            _write(figure, _WIDTH / 2, top - tall / 2, chart["empty"], _TEXT, colour=_PALE, ha="center")
        elif "ranks" in panel:
            _draw_ranking(figure, panel, top - _PANEL_HEAD)
        else:
            _draw_bars(figure, panel, top)
        top -= tall + _GAP
    file = io.BytesIO()
    figure.savefig(file, format="png", facecolor=_PAGE)
    return file.getvalue()


def _is_empty(panel: dict[str, Any]) -> bool:
    if "ranks" in panel:
        return not panel["ranks"]
    return not any(value for series in panel["series"] for value in series["values"])


def _height(panel: dict[str, Any]) -> int:
    if _is_empty(panel):
        return _EMPTY
    if "ranks" in panel:
        return _PANEL_HEAD + _RANK * len(panel["ranks"])
    return _PANEL_HEAD + _BARS + _AXIS


def _draw_bars(figure: Figure, panel: dict[str, Any], top: float) -> None:
    left = _room_for(figure, [tick["label"] for tick in panel["ticks"]])
    axes = _axes(figure, left, top - _PANEL_HEAD - _BARS, _WIDTH - left - _RIGHT, _BARS)
    places = range(len(panel["labels"]))
    floor = [0.0] * len(places)
    for series in panel["series"]:
        axes.bar(places, series["values"], bottom=floor, width=0.72, color=_TONES[series["tone"]], zorder=2)
        floor = [low + value for low, value in zip(floor, series["values"], strict=True)]
    axes.set_xlim(-0.6, max(len(places), 4) - 0.4)
    axes.set_ylim(0, max(panel["ticks"][-1]["value"], *floor) * 1.04)
    axes.set_yticks(
        [tick["value"] for tick in panel["ticks"]], [_shown(tick["label"]) for tick in panel["ticks"]]
    )
    shown = [(place, label) for place, label in zip(places, panel["labels"], strict=True) if label]
    axes.set_xticks([place for place, _ in shown], [_shown(label) for _, label in shown])
    axes.grid(axis="y", color=_LINE, linewidth=1.5, zorder=1)
    axes.tick_params(length=0, pad=_PAD, labelcolor=_PALE, labelsize=_SMALL, labelfontfamily="DejaVu Sans")
    _draw_legend(figure, panel["series"], top - 34)


def _room_for(figure: Figure, labels: list[str]) -> float:
    """How far from the left an axis stands, so that none of its labels is cut."""
    texts = [_write(figure, 0, 0, label, _SMALL) for label in labels]
    widest: float = max(text.get_window_extent().width for text in texts)
    for text in texts:
        text.remove()
    return max(float(_LEFT), _MARGIN + widest + _PAD * _DPI / 72)


def _draw_legend(figure: Figure, series: list[dict[str, Any]], middle: float) -> None:
    """The names of the series, on the right of the panel's title; those without anything are left out."""
    right = float(_WIDTH - _MARGIN)
    for each in reversed([each for each in series if any(each["values"])]):
        text = _write(figure, right, middle, each["name"], _SMALL, colour=_PALE, ha="right")
        right -= text.get_window_extent().width + 34
        _box(figure, (right, middle - 10), (20, 20), _TONES[each["tone"]])
        right -= 30


def _draw_ranking(figure: Figure, panel: dict[str, Any], top: float) -> None:
    width = _WIDTH - 2 * _MARGIN
    most = max(rank["value"] for rank in panel["ranks"]) or 1
    for rank in panel["ranks"]:
        _write(figure, _MARGIN, top - 18, _shortened(rank["name"]), _SMALL)
        _write(figure, _MARGIN + width, top - 18, rank["text"], _SMALL, colour=_PALE, ha="right")
        _box(figure, (_MARGIN, top - 56), (width, 14), _LINE)
        length = max(14.0, width * rank["value"] / most)
        _box(figure, (_MARGIN, top - 56), (length, 14), _TONES[rank["tone"]])
        top -= _RANK


def _axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    whole = figure.get_size_inches()[1] * _DPI
    axes = figure.add_axes((left / _WIDTH, bottom / whole, width / _WIDTH, height / whole))
    axes.set_facecolor(_PAGE)
    for side in axes.spines.values():
        side.set_visible(False)
    return axes


def _box(figure: Figure, corner: tuple[float, float], size: tuple[float, float], colour: str) -> None:
    """A box with round ends, in pixels."""
    round_ends = f"round,pad=0,rounding_size={min(size) / 2}"
    box = FancyBboxPatch(corner, *size, boxstyle=round_ends, color=colour, linewidth=0)
    box.set_transform(None)
    figure.add_artist(box)


def _write(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    size: int,
    *,
    bold: bool = False,
    colour: str = _INK,
    ha: str = "left",
) -> Any:
    whole = figure.get_size_inches()[1] * _DPI
    return figure.text(
        x / _WIDTH,
        y / whole,
        _shown(text),
        fontproperties=_BOLD if bold else _FONT,
        fontsize=size,
        color=colour,
        ha=ha,
        va="center",
        parse_math=False,
    )


def _shown(text: str) -> str:
    """The text without what the font cannot show: a picture of a sign would be a box."""
    font = get_font(findfont(_FONT))
    return "".join(sign for sign in text if font.get_char_index(ord(sign))).strip()


def _shortened(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1].rstrip()}…"


def _main() -> None:
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        try:
            picture = draw(json.loads(line))
        except Exception as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            picture = b""
        out.write(struct.pack(">I", len(picture)) + picture)
        out.flush()


if __name__ == "__main__":
    _main()
