"""What a generation leaves behind for good: length, resolution, tokens, cost, and no word of the prompt."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

import pytest
from statistics_world import Ended

from core.statistics.record import GenerationRecord, Outcome, record_of


def recorded(ended: Ended, **changes: Any) -> GenerationRecord:
    record = record_of(replace(ended.job(1), **changes))
    assert record is not None
    return record


def test_everything_is_there_but_the_prompt_and_the_result() -> None:
    ended = Ended(model="alpha", usd="0.04", tokens=7, enhanced=31, wait=20)
    results = ({"url": "https://there/secret.mp4", "duration": 4.5, "width": 1280, "height": 720},)
    record = recorded(ended, prompt="a secret fox", results=results)
    assert (record.id, record.user_id, record.username) == ("job1", 1, "person1")
    assert (record.model_id, record.outcome, record.cost_usd) == ("alpha", Outcome.DELIVERED, Decimal("0.04"))
    assert (record.prompt_tokens, record.enhanced_prompt_tokens) == (7, 31)
    assert (record.duration, record.resolution) == (4.5, "1280x720")
    assert (record.waited, record.produced, record.ended_at) == (20, 10, ended.at)
    assert "secret" not in str(asdict(record))


@pytest.mark.parametrize(
    ("results", "options", "duration"),
    [
        ([3.0, 4.5], {"duration": 5}, 7.5),
        ([0], {"duration": 5}, 5),
        ([], {"duration": "10s"}, 10),
        ([], {"seconds": "8"}, 8),
        ([], {"video_length": 6.5}, 6.5),
        ([], {"duration": "auto"}, 0),
        ([], {"duration": -1}, 0),
        ([], {}, 0),
    ],
)
def test_the_length_is_that_of_what_was_made_or_else_ordered(
    results: list[float], options: dict[str, Any], duration: float
) -> None:
    made = tuple({"url": "", "duration": each} for each in results)
    assert recorded(Ended(), results=made, options=options).duration == duration


@pytest.mark.parametrize(
    ("result", "options", "resolution"),
    [
        ({"width": 640, "height": 360}, {"resolution": "720p"}, "640x360"),
        ({"width": 640, "height": None}, {"resolution": "720p"}, "720p"),
        ({}, {"size": "1024x1024"}, "1024x1024"),
        ({}, {"quality": "high", "aspect": "1:1"}, "high"),
        ({}, {"aspect": "1:1"}, ""),
    ],
)
def test_the_resolution_is_that_of_what_was_made_or_the_word_of_the_option(
    result: dict[str, Any], options: dict[str, Any], resolution: str
) -> None:
    assert recorded(Ended(), results=(result,), options=options).resolution == resolution


def test_what_failed_has_no_cost_where_nothing_was_made_and_nobody_waited_for_a_result() -> None:
    record = recorded(Ended(outcome="failed", made=False), results=(), options={"duration": 5})
    assert (record.outcome, record.cost_usd, record.stars) == (Outcome.FAILED, 0, 0)
    assert (record.waited, record.duration) == (0, 5)
