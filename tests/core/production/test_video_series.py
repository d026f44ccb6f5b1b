"""Whose turn it is, what is asked for, and what runs come to."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from core.production.figures import figures_of
from core.production.run import Run, RunState, UploadState
from core.production.series import Character, Rotation, VideoSeries
from core.timetable.cron import Cron
from plugins.production import ProductionConfig


def series(rotation: Rotation, *weights: int) -> VideoSeries:
    characters = tuple(
        Character(f"c{place}", "model", "a prompt", weight=weight) for place, weight in enumerate(weights)
    )
    return VideoSeries(characters, (Cron.parse("09:00"),), rotation=rotation)


def test_round_robin_takes_turns() -> None:
    turns = [series(Rotation.ROUND_ROBIN, 5, 1, 1).character_of(number) for number in range(6)]
    assert [character.name for character, _ in turns] == ["c0", "c1", "c2"] * 2
    assert [turn for _, turn in turns] == [0, 0, 0, 1, 1, 1]


def test_weights_are_kept_and_spread() -> None:
    turns = [series(Rotation.WEIGHTED, 3, 1).character_of(number) for number in range(8)]
    names = [character.name for character, _ in turns]
    assert Counter(names) == {"c0": 6, "c1": 2}
    assert names[:4] == ["c0", "c0", "c1", "c0"]
    assert [turn for character, turn in turns if character.name == "c0"] == list(range(6))
    assert [turn for character, turn in turns if character.name == "c1"] == [0, 1]


def test_variables_take_turns_and_meet_all_of_each_other() -> None:
    character = Character("Fox", "model", "{hue} {place} {character} {number}", {"hue": "rg", "place": "xy"})
    prompts = [character.prompt_of(turn) for turn in range(4)]
    assert prompts[0] == "r x Fox 1"
    assert len({prompt.rpartition(" Fox")[0] for prompt in prompts}) == 4


def test_what_runs_come_to() -> None:
    at = datetime(2026, 11, 21, 9, tzinfo=UTC)

    def run(number: int, state: RunState, **more: Any) -> Run:
        return Run(str(number), at, "2026-11-21", number, "Fox", state, **more)

    cost = Decimal("0.1")
    runs = [
        run(0, RunState.DONE, cost_usd=Decimal("0.1"), seconds=10.0, uploads={"tube": UploadState.UPLOADED}),
        run(
            1,
            RunState.PUBLISHING,
            cost_usd=Decimal("0.1"),
            seconds=20.0,
            uploads={"tube": UploadState.FAILED},
        ),
        run(2, RunState.FAILED),
        run(3, RunState.SKIPPED),
        run(4, RunState.MAKING, cost_usd=cost),
    ]
    figures = figures_of(runs)
    assert (figures.done, figures.failed, figures.skipped, figures.under_way) == (2, 1, 1, 1)
    assert (figures.cost_usd, figures.average_seconds) == (Decimal("0.3"), 15.0)
    assert figures.success_rate == pytest.approx(2 / 3)
    assert (figures.characters, figures.platforms) == ({"Fox": (2, 1)}, {"tube": (1, 1)})
    nothing = figures_of([])
    assert (nothing.success_rate, nothing.average_seconds, nothing.cost_usd) == (None, None, Decimal(0))


CHARACTER = {"name": "Fox", "model": "demo-image", "prompt": "a fox"}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"times": ["25:00"]}, "hour must be in"),
        ({"times": ["* * *"]}, "five fields"),
        ({"platforms": [{"name": "a"}]}, "either a chat_id or a url"),
        ({"platforms": [{"name": "a", "url": "https://x.example"}]}, "at least 16 characters"),
        ({"characters": [CHARACTER, CHARACTER]}, "two have the name Fox"),
        ({"characters": [{**CHARACTER, "weight": 0}]}, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_said(settings: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ProductionConfig.model_validate(settings)


def test_a_series_needs_somebody_a_time_and_a_place() -> None:
    whole = ProductionConfig.model_validate({"characters": [CHARACTER], "times": ["09:00"]})
    found = whole.series((7,))
    assert found is not None
    assert found.preview_chat_id == 7
    assert whole.series(()) is None
    assert ProductionConfig().series((7,)) is None
