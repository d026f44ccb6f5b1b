"""Charts are drawn by a process that comes when it is wanted and goes by itself."""

from __future__ import annotations

import asyncio
import io
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from core.charts.chart import Bars, Chart, Rank, Ranking, Series, Tone, spaced, ticks_to
from core.charts.easel import ChartNotDrawn, Easel

EMPTY = Chart("Статистика", "сегодня", (Bars("По дням", ("a",), (Series("x", (0,)),)),), "Пусто")


def full(title: str = "Статистика") -> Chart:
    bars = Bars(
        "По дням",
        ("1.11", "2.11"),
        (Series("готово", (3, 5), Tone.GOOD), Series("не вышло", (1, 0), Tone.BAD)),
        ticks_to(5, str),
    )
    names = (f"Модель ⭐ $x_{number}$ с длинным названием, которое не помещается" for number in range(7))
    ranks = tuple(Rank(name, 9 - number, "9 · 50 %") for number, name in enumerate(names))
    return Chart(title, "1–2 нояб.", (bars, Ranking("По моделям", ranks)), "Пусто")


@pytest.fixture
async def easel(tmp_path: Path) -> AsyncIterator[Easel]:
    easel = Easel(tmp_path / "charts", idle=0.05)
    yield easel
    await easel.stop()


def opened(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    assert picture.format == "PNG"
    return picture.convert("RGB")


async def test_charts_are_pictures_for_a_phone(easel: Easel) -> None:
    pictures = [opened(await easel.draw(chart)) for chart in (EMPTY, full())]
    assert [picture.width for picture in pictures] == [1080, 1080]
    assert all(sum(picture.size) < 10_000 for picture in pictures)
    # The page is the same opaque colour at all corners; the bars have the colours of what they say.
    for picture in pictures:
        corners = {picture.getpixel((x, y)) for x in (0, 1079) for y in (0, picture.height - 1)}
        assert len(corners) == 1
    colours = {colour for _, colour in pictures[1].getcolors(1 << 20)}
    assert {(0x4C, 0xC3, 0x8A), (0xEF, 0x6A, 0x6A), (0x58, 0xA6, 0xFF)} <= colours


async def test_millions_are_not_cut_at_the_edge(easel: Easel) -> None:
    bars = Bars(
        "По месяцам", ("нояб. 26",), (Series("готово", (15_000_000,)),), ticks_to(15_000_000, "{:,}".format)
    )
    picture = opened(await easel.draw(Chart("Статистика", "За всё время", (bars,), "Пусто")))
    margin = picture.crop((0, 0, 40, picture.height))
    assert len(margin.getcolors() or ()) == 1


async def test_the_process_goes_when_nobody_wants_it_and_comes_again(easel: Easel) -> None:
    first = await easel.draw(full())
    process = easel._process
    assert process is not None
    await process.wait()
    assert not easel.at_work
    assert await easel.draw(full()) == first
    assert not easel.at_work
    await easel.draw(full("Другая"))
    assert easel.at_work


async def test_a_process_that_dies_costs_one_chart(tmp_path: Path) -> None:
    easel = Easel(tmp_path, seconds=20)
    try:
        await easel.draw(EMPTY)
        assert easel._process is not None
        easel._process.send_signal(signal.SIGKILL)
        await easel._process.wait()
        with pytest.raises(ChartNotDrawn):
            await easel.draw(full())
        assert opened(await easel.draw(full()))
        easel._process.send_signal(signal.SIGSTOP)
        easel._seconds = 0.1
        with pytest.raises(ChartNotDrawn, match="TimeoutError"):
            await easel.draw(full("Другая"))
        assert not easel.at_work
        easel._seconds = 20.0
        with pytest.raises(asyncio.CancelledError):
            await cancelled_while_drawing(easel)
        assert not easel.at_work
    finally:
        await easel.stop()


async def cancelled_while_drawing(easel: Easel) -> None:
    """Give up after a tenth of a second: loading what draws takes longer."""
    drawing = asyncio.create_task(easel.draw(full("Третья")))
    await asyncio.wait({drawing}, timeout=0.1)
    drawing.cancel()
    await drawing


@pytest.mark.parametrize(
    ("top", "values"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (5, [0, 1, 2, 3, 4, 5]),
        (8, [0, 2, 4, 6, 8]),
        (9, [0, 2, 4, 6, 8]),
        (620, [0, 200, 400, 600]),
        (1_000_000, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]),
    ],
)
def test_numbers_beside_the_axis_are_round_and_few(top: float, values: list[float]) -> None:
    ticks = ticks_to(top, str)
    assert [tick.value for tick in ticks] == values
    assert [tick.label for tick in ticks] == [str(value) for value in values]


def test_labels_are_few_and_the_last_is_among_them() -> None:
    assert spaced(tuple("abcdefg"), 3) == ("a", "", "", "d", "", "", "g")
    assert spaced(("a", "b"), 6) == ("a", "b")
    assert spaced((), 6) == ()
