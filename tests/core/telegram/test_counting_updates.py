"""Counters of updates: what comes next, what is known, what is missing."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from pyrogram.raw import types as T

from core.telegram.boxes import COMMON, QTS, Arrival, Box, arrivals_of, place_of


def step(pts: int, count: int = 1, *, missing: bool = False) -> Arrival:
    return Arrival(f"update {pts}", {}, {}, COMMON, pts, count, missing)


def take(box: Box, *arrivals: Arrival, now: float = 0.0) -> list[int]:
    return [got.pts for arrival in arrivals for got in box.take(arrival, now=now, patience=0.5)]


def test_what_comes_next_is_given_and_what_is_known_is_not() -> None:
    box = Box(10)
    assert take(box, step(11), step(11), step(9), step(12)) == [11, 12]
    assert box.pts == 12
    assert box.due is None


def test_what_comes_too_early_waits_for_what_is_before_it() -> None:
    box = Box(10)
    assert take(box, step(13), step(12), now=3.0) == []
    assert box.due == 3.5
    assert take(box, step(11)) == [11, 12, 13]
    assert box.due is None


def test_a_step_that_counts_nothing_is_given_where_it_belongs() -> None:
    box = Box(10)
    assert take(box, step(10, 0)) == [10]
    assert take(box, step(9, 0)) == []
    assert take(box, step(12, 0)) == []
    assert box.due == 0.5


def test_several_steps_in_one() -> None:
    box = Box(10)
    assert take(box, step(14, 4)) == [14]
    assert take(box, step(16, 3)) == []
    assert box.due == 0.0


def test_a_box_seen_for_the_first_time_begins_with_its_first_update() -> None:
    assert take(Box(None), step(70, 2), step(71)) == [70, 71]


def test_content_that_did_not_come_is_asked_for_at_once() -> None:
    box = Box(10)
    assert take(box, step(11, missing=True), now=3.0) == []
    assert (box.pts, box.due) == (10, 3.0)
    assert take(box, step(12), now=3.0) == []
    assert [got.pts for got in box.jump(11, now=3.0, patience=0.5)] == [12]
    assert box.due is None


def test_after_a_difference_what_was_held_and_is_known_is_dropped() -> None:
    box = Box(10)
    take(box, step(13), step(15), step(19))
    assert [got.pts for got in box.jump(14, now=1.0, patience=0.5)] == [15]
    assert box.due == 1.5
    assert [got.pts for got in box.jump(19, now=1.0, patience=0.5)] == []
    assert box.due is None


@given(st.lists(st.integers(1, 3), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_gives_each_once_in_order(
    counts: list[int], source: random.Random
) -> None:
    pts, steps = 100, []
    for count in counts:
        pts += count
        steps.append(step(pts, count))
    shuffled = steps * 2
    source.shuffle(shuffled)
    box = Box(100)
    assert take(box, *shuffled) == [one.pts for one in steps]
    assert box.due is None


def test_where_updates_are_counted() -> None:
    message = T.Message(id=1, peer_id=T.PeerChannel(channel_id=5), date=0, message="")
    assert place_of(T.UpdateNewChannelMessage(message=message, pts=3, pts_count=1)) == (-1000000000005, 3, 1)
    assert place_of(T.UpdateDeleteChannelMessages(channel_id=5, messages=[], pts=3, pts_count=2)) == (
        -1000000000005,
        3,
        2,
    )
    assert place_of(T.UpdateDeleteMessages(messages=[], pts=3, pts_count=2)) == (COMMON, 3, 2)
    assert place_of(T.UpdateBotStopped(user_id=1, date=0, stopped=True, qts=4)) == (QTS, 4, 1)
    assert place_of(T.UpdateChannelTooLong(channel_id=5, pts=3)) == (None, 0, 0)


def test_the_short_forms_are_read_where_the_sender_is_known() -> None:
    user = T.User(id=7, first_name="Ann")
    short = T.UpdateShortMessage(id=3, user_id=7, message="hi", pts=9, pts_count=1, date=5)
    (known,) = arrivals_of(short, {7: user})
    assert known.update.message.message == "hi"
    assert (known.users, known.box, known.pts, known.missing) == ({7: user}, COMMON, 9, False)
    (unknown,) = arrivals_of(short, {})
    assert (unknown.update, unknown.missing) == (None, True)
    in_group = T.UpdateShortChatMessage(id=3, from_id=7, chat_id=8, message="hi", pts=9, pts_count=1, date=5)
    (known,) = arrivals_of(in_group, {7: user})
    assert (known.update.message.peer_id.chat_id, known.update.message.from_id.user_id) == (8, 7)


def test_bare_counts_belong_to_their_box() -> None:
    affected = T.messages.AffectedMessages(pts=4, pts_count=2)
    assert [(one.box, one.pts, one.count) for one in arrivals_of(affected, {})] == [(COMMON, 4, 2)]
    assert [one.box for one in arrivals_of(affected, {}, 5)] == [-1000000000005]
