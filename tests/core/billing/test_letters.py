"""Letters about money: by the clock and in the language of whoever reads, once, and none to who is away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from letter_box import I18N
from payment_house import Post

from core.billing.letters import Letters
from core.preferences import Preference
from core.storage.database import Database
from core.storage.users import UserStore
from core.telegram.types import Profile
from sandbox.clock import ManualClock

ALICE = 5_000_000_001
LATE = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)
"""In Moscow the next month has begun, in New York the evening has."""


@pytest.fixture
def users(database: Database, clock: ManualClock) -> UserStore:
    return UserStore(database, clock)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def letters(users: UserStore, post: Post) -> Letters:
    return Letters(cast(Any, post), users, I18N)


async def write(letters: Letters, *, about: str = "plan:1") -> None:
    await letters.write(ALICE, "plan-canceled", about=about, title="Basic", stars=100, until=LATE)


@pytest.mark.parametrize(
    ("reader", "day"),
    [
        (("en", None), "Nov 30, 2026"),
        (("en", 180), "Dec 1, 2026"),
        (("en", -300), "Nov 30, 2026"),
        (("ru", 180), "1 дек. 2026"),
        (("ru", -300), "30 нояб. 2026"),
    ],
)
async def test_a_day_is_told_by_the_clock_of_whoever_reads(
    letters: Letters, users: UserStore, post: Post, reader: tuple[str, int | None], day: str
) -> None:
    language, minutes = reader
    await users.touch(Profile(ALICE, first_name="Alice", language_code=language))
    if minutes is not None:
        await users.set_settings(ALICE, {Preference.TIME_ZONE: minutes})
    await write(letters)
    (text,) = post.sent.values()
    assert day in text


async def test_a_clock_that_is_set_later_is_the_one_of_the_next_letter(
    letters: Letters, users: UserStore, post: Post
) -> None:
    await users.touch(Profile(ALICE, first_name="Alice", language_code="en"))
    await write(letters)
    await users.set_settings(ALICE, {Preference.TIME_ZONE: 180})
    await write(letters, about="plan:2")
    first, second = post.sent.values()
    assert "Nov 30" in first
    assert "Dec 1" in second


async def test_who_blocked_the_bot_gets_none_and_nothing_breaks(letters: Letters, post: Post) -> None:
    post.blocked = True
    await write(letters)
    assert post.sent == {}
