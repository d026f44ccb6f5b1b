"""What is read of a person's settings: anything may stand there, and only what still makes sense counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.generation.model import Model
from core.preferences import Notify, Preference, Preferences, Units
from core.users import User

MODEL = Model.model_validate(
    {
        "id": "kie/clip-1.5",
        "category": "video",
        "title": {"en": "Clip", "ru": "Клип"},
        "price": {"rule": "flat", "usd": "0.02"},
        "price_source": "a list",
        "price_date": date(2026, 11, 1),
        "options": [
            {"field": "size", "type": "string", "choices": ["small", "large"], "default": "small"},
            {"field": "seconds", "type": "integer", "choices": [5, 10], "default": 5},
            {"field": "seed", "type": "integer", "minimum": 0, "maximum": 9},
        ],
        "forbidden": [{"size": ["large"], "seconds": [10]}],
    }
)


def preferring(**options: Any) -> Preferences:
    return Preferences.of(User(1, settings={Preference.options_of(MODEL.id): options}))


def test_nothing_set_is_the_defaults() -> None:
    preferences = Preferences.of(User(1))
    assert preferences == Preferences()
    assert preferences.options_for(MODEL) == {}


def test_what_was_set_is_read() -> None:
    settings = {
        "terms": "1",
        Preference.MODEL: MODEL.id,
        Preference.KEEP_PROMPTS: True,
        Preference.UNITS: "money",
        Preference.TIME_ZONE: -210,
        Preference.SOUND: False,
        Preference.options_of(MODEL.id): {"size": "large"},
    }
    user = User(1, settings=settings)
    preferences = Preferences.of(user)
    assert (preferences.model, preferences.keep_prompts, preferences.units) == (MODEL.id, True, Units.MONEY)
    assert preferences.time_zone == timedelta(hours=-3, minutes=-30)
    assert preferences.notify == Notify(reminders=True, sound=False, news=True)
    assert preferences.options_for(MODEL) == {"size": "large"}
    assert set(Preference.set_by(user)) == settings.keys() - {"terms"}


@pytest.mark.parametrize(
    ("wanted", "counts"),
    [
        ({"size": "huge", "seconds": 10}, {"seconds": 10}),
        ({"size": "large", "seconds": 5}, {"size": "large"}),
        ({"size": "large", "seconds": 10, "seed": 3}, {"size": "large", "seed": 3}),
        ({"seed": 10}, {}),
        ({"seed": "3", "gone": 1, "seconds": True}, {}),
    ],
)
def test_options_that_are_not_allowed_any_more_are_left_out(
    wanted: dict[str, Any], counts: dict[str, Any]
) -> None:
    assert preferring(**wanted).options_for(MODEL) == counts


SIMPLE = st.sampled_from([None, True, False, 0, 5, 10, -900, 1.5, float("nan"), "", "money", "large"])
ANYTHING = (
    SIMPLE
    | st.lists(SIMPLE, max_size=2)
    | st.dictionaries(
        st.sampled_from(["size", "seconds", "seed", "gone"]), SIMPLE | st.lists(SIMPLE, max_size=1)
    )
)
KEYS = st.sampled_from([*map(str, Preference), Preference.options_of(MODEL.id), "terms"])


@given(st.dictionaries(KEYS, ANYTHING))
def test_whatever_stands_there_can_be_read_and_ordered_with(settings: dict[str, Any]) -> None:
    preferences = Preferences.of(User(1, settings=settings))
    assert abs(preferences.time_zone) <= timedelta(hours=14)
    MODEL.check_options(preferences.options_for(MODEL))
