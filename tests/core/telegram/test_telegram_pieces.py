"""Pieces of core.telegram that stand alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrogram.errors import RPCError
from pyrogram.raw import types as T

from core.errors import (
    ConfigurationError,
    DatabaseAway,
    FloodWaited,
    MessageGone,
    PersonUnreachable,
    TelegramError,
)
from core.limits import UpdateLimits
from core.telegram.done_keys import DoneKeys
from core.telegram.entities import formatted, plain_text
from core.telegram.keyboards import CallbackAction, CallbackSigner, ForgedCallback, inline_markup
from core.telegram.lanes import Lanes
from core.telegram.own_messages import OwnMessages
from core.telegram.random_ids import random_id
from core.telegram.rate_limits import ActionRates, Recently, Verdict
from core.telegram.refusals import UnlistedRefusal, raise_refusal, telegram_error
from core.telegram.types import Button
from sandbox.clock import ManualClock

SECRET, OTHER = b"0123456789abcdef", b"fedcba9876543210"

# Texts


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("plain", "plain", []),
        ("  a &lt;b&gt; &amp; c \n", "a <b> & c", []),
        ("👍<b>x</b>", "👍x", [("Bold", 2, 1)]),
        ("<b>a<i>b</i></b>", "ab", [("Bold", 0, 2), ("Italic", 1, 1)]),
        ("<b> a </b>", "a", [("Bold", 0, 1)]),
        ("<b>never closed", "never closed", [("Bold", 0, 12)]),
        ("a</b>b", "ab", []),
        ("<script>x</script>", "x", []),
        ("<b></b>x", "x", []),
        ("a<br>b", "a\nb", []),
        ('<a href="https://a.org/?x=1&amp;y=2">l</a>', "l", [("TextUrl", 0, 1)]),
        ('<pre><code class="language-py">x = 1</code></pre>', "x = 1", [("Pre", 0, 5)]),
        ("<blockquote expandable>q</blockquote>", "q", [("Blockquote", 0, 1)]),
        ("<u>u</u><s>s</s><code>c</code><tg-spoiler>t</tg-spoiler>", "usct",
         [("Underline", 0, 1), ("Strike", 1, 1), ("Code", 2, 1), ("Spoiler", 3, 1)]),
    ],
)  # fmt: skip
def test_html_becomes_text_and_entities(html: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    shown = formatted(html)
    assert shown.text == text == plain_text(html)
    kinds = [
        (type(entity).__name__.removeprefix("MessageEntity"), entity.offset, entity.length)
        for entity in shown.entities
    ]
    assert kinds == entities


def test_links_and_languages_are_kept() -> None:
    assert formatted('<a href="https://a.org/?x=1&amp;y=2">l</a>').entities[0].url == "https://a.org/?x=1&y=2"
    block = formatted('<pre><code class="language-py">x</code></pre>').entities[0]
    assert block.language == "py"
    assert formatted("<blockquote expandable>q</blockquote>").entities[0].collapsed


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    shown = formatted(text)
    length = len(shown.text.encode("utf-16-le", "surrogatepass")) // 2
    assert all(0 <= entity.offset < entity.offset + entity.length <= length for entity in shown.entities)


# Buttons


@given(st.text("abcz09_", max_size=8), st.lists(st.text("abc:. я", max_size=6), max_size=3), st.integers())
def test_a_button_comes_back_as_it_was_sent(action: str, arguments: list[str], chat: int) -> None:
    signer = CallbackSigner(SECRET)
    sent = CallbackAction("plugin", action, tuple(arguments))
    data = signer.pack(sent, chat)
    assert len(data) <= 64
    assert signer.unpack(data, chat) == sent


def test_forged_buttons_are_refused() -> None:
    signer = CallbackSigner(SECRET)
    data = signer.pack(CallbackAction("p", "a", ("1",)), 5)
    changed = [bytes([*data[:at], data[at] ^ 1, *data[at + 1 :]]) for at in range(len(data))]
    for forged in (*changed, b"", b"\x01", data[:-1], data + b"x"):
        with pytest.raises(ForgedCallback):
            signer.unpack(forged, 5)
    with pytest.raises(ForgedCallback):
        signer.unpack(data, 6)
    with pytest.raises(ForgedCallback):
        CallbackSigner(OTHER).unpack(data, 5)


def test_the_secret_before_is_still_accepted_and_not_used() -> None:
    old, new = CallbackSigner(OTHER), CallbackSigner(SECRET, OTHER)
    action = CallbackAction("p", "a")
    assert new.unpack(old.pack(action, 5), 5) == action
    assert new.pack(action, 5) == CallbackSigner(SECRET).pack(action, 5)
    with pytest.raises(ConfigurationError):
        CallbackSigner(b"short")


def test_buttons_that_cannot_work_are_refused_when_they_are_made() -> None:
    signer = CallbackSigner(SECRET)
    with pytest.raises(ValueError, match="bytes"):
        signer.pack(CallbackAction("p", "a", ("x" * 60,)), 5)
    with pytest.raises(ValueError, match="separator"):
        signer.pack(CallbackAction("p", "a", ("x\x1fy",)), 5)
    with pytest.raises(ValueError, match="action"):
        inline_markup(((Button("?"),),), 5, signer)
    assert inline_markup(((),), 5, signer) is None
    markup = inline_markup(((Button("Pay", pay=True), Button("Go", url="https://a.org")),), 5, signer)
    kinds = [type(button.type).__name__ for button in markup.rows[0].buttons]
    assert kinds == ["InlineButtonTypeBuy", "InlineButtonTypeUrl"]


@given(st.text())
def test_random_ids_are_stable_and_fit(key: str) -> None:
    assert random_id(key) == random_id(key) != 0
    assert -(2**63) <= random_id(key) < 2**63


# Refusals


@pytest.mark.parametrize(
    ("code", "name", "kind"),
    [
        (400, "USER_IS_BLOCKED", PersonUnreachable),
        (403, "USER_IS_BLOCKED", PersonUnreachable),
        (400, "INPUT_USER_DEACTIVATED", PersonUnreachable),
        (400, "MESSAGE_ID_INVALID", MessageGone),
        (400, "QUERY_ID_INVALID", MessageGone),
        (400, "MESSAGE_NOT_MODIFIED", TelegramError),
        (500, "RANDOM_ID_DUPLICATE", TelegramError),
        (420, "FLOOD_WAIT_37", FloodWaited),
        (420, "FLOOD_PREMIUM_WAIT_37", FloodWaited),
        (420, "SOME_NEW_WAIT_37", FloodWaited),
        (400, "WHATEVER_IS_NEW", TelegramError),
        (399, "WHATEVER_IS_NEW", TelegramError),
        (-503, "Timeout", TelegramError),
    ],
)
def test_refusals_become_our_own(code: int, name: str, kind: type[TelegramError]) -> None:
    with pytest.raises((RPCError, UnlistedRefusal)) as raised:
        raise_refusal(T.RpcError(error_code=code, error_message=name), T.RpcError)
    error = telegram_error(raised.value)
    assert type(error) is kind
    assert error.code == abs(code)
    if isinstance(error, FloodWaited):
        assert error.seconds == 37
    else:
        assert error.name.casefold() == name.casefold()


def test_unlisted_refusals_write_nothing(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnlistedRefusal):
        raise_refusal(T.RpcError(error_code=400, error_message="WHATEVER_IS_NEW"), T.RpcError)
    assert list(tmp_path.iterdir()) == []


# Rates


async def test_thirty_at_once_and_twenty_a_minute(clock: ManualClock) -> None:
    rates = ActionRates(UpdateLimits(), clock)
    assert [rates.count(1) for _ in range(32)] == [Verdict.ALLOWED] * 30 + [Verdict.NOTICE, Verdict.SILENCE]
    assert rates.count(2) is Verdict.ALLOWED
    await clock.advance(3.0)
    assert [rates.count(1) for _ in range(3)] == [Verdict.ALLOWED, Verdict.NOTICE, Verdict.SILENCE]
    await clock.advance(3600.0)
    assert [rates.count(1) for _ in range(31)].count(Verdict.ALLOWED) == 30


async def test_an_album_is_one_action(clock: ManualClock) -> None:
    rates = ActionRates(UpdateLimits(burst=2), clock)
    assert {rates.count(1, 77) for _ in range(10)} == {Verdict.ALLOWED}
    assert [rates.count(1), rates.count(1)] == [Verdict.ALLOWED, Verdict.NOTICE]


async def test_what_happened_is_forgotten_in_time(clock: ManualClock) -> None:
    recently = Recently(2.0, clock)
    assert not recently.happened("a")
    await clock.advance(1.9)
    assert recently.happened("a")
    assert not recently.happened("b")
    await clock.advance(0.2)
    assert not recently.happened("a")
    assert recently.happened("b")


# Lanes


async def test_lanes_run_beside_each_other_and_in_order_within() -> None:
    gates = {name: asyncio.Event() for name in "abc"}
    done: list[str] = []

    async def work(item: str) -> None:
        if item in gates:
            await gates[item].wait()
        done.append(item)

    lanes: Lanes[str] = Lanes(work, running=10, waiting=10)
    for lane, item in ((1, "a"), (1, "a2"), (2, "b"), (2, "b2"), (3, "c")):
        lanes.add(lane, item)
    gates["b"].set()
    gates["c"].set()
    for _ in range(20):
        await asyncio.sleep(0)
    assert [item for item in done if item != "c"] == ["b", "b2"]
    gates["a"].set()
    await lanes.idle()
    assert done[-2:] == ["a", "a2"]


async def test_an_item_that_fails_stops_no_other() -> None:
    done: list[int] = []

    async def work(item: int) -> None:
        if item == 1:
            raise RuntimeError("broken")
        done.append(item)

    lanes: Lanes[int] = Lanes(work, running=1, waiting=10)
    for item in (1, 2, 3):
        lanes.add(0, item)
    await lanes.idle()
    assert done == [2, 3]


async def test_no_more_lanes_run_and_no_more_items_wait_than_allowed() -> None:
    gate = asyncio.Event()
    running = most = 0

    async def work(item: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await gate.wait()
        running -= 1

    lanes: Lanes[int] = Lanes(work, running=3, waiting=5)
    for item in range(5):
        await lanes.room()
        lanes.add(item, item)
    full = asyncio.create_task(lanes.room())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not full.done()
    gate.set()
    await full
    await lanes.idle()
    assert most == 3


async def test_cancelled_lanes_leave_nothing() -> None:
    async def work(item: int) -> None:
        await asyncio.Event().wait()

    lanes: Lanes[int] = Lanes(work, running=1, waiting=10)
    for item in range(4):
        lanes.add(item % 2, item)
    await asyncio.sleep(0)
    await lanes.cancel()
    assert len(lanes) == 0
    await lanes.idle()


# Keys of handled updates


class _Inbox:
    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.away = False

    async def done(self, keys: Sequence[str]) -> None:
        if self.away:
            raise DatabaseAway("away")
        self.calls.append(list(keys))


async def test_keys_are_written_in_batches_or_after_a_while(clock: ManualClock) -> None:
    inbox = _Inbox()
    done = DoneKeys(inbox, clock, batch=3, seconds=0.05)
    task = asyncio.create_task(done.run())
    for key in "abc":
        done.add(key)
    await clock.advance(0.0)
    assert inbox.calls == [["a", "b", "c"]]
    done.add("d")
    await clock.advance(0.04)
    assert len(inbox.calls) == 1
    await clock.advance(0.02)
    assert inbox.calls[1:] == [["d"]]
    inbox.away = True
    done.add("e")
    await clock.advance(0.1)
    inbox.away = False
    done.add("f")
    await clock.advance(0.1)
    assert inbox.calls[2:] == [["e", "f"]]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


# Our own messages


async def test_a_message_of_our_own_is_claimed_once() -> None:
    own = OwnMessages()
    own.seen(1, 10, "a")
    own.seen(1, 11, "a")
    own.seen(1, 12, "a")
    own.known(1, 11)
    assert [own.claim(1, "a"), own.claim(1, "a"), own.claim(1, "a")] == [10, 12, None]
    assert own.claim(2, "a") is None
    waiting = asyncio.create_task(own.await_one(1, "b"))
    await asyncio.sleep(0)
    own.seen(1, 13, "a")
    await asyncio.sleep(0)
    assert not waiting.done()
    own.seen(1, 14, "b")
    await waiting


@given(owner=st.integers(1, 2**52), chat=st.integers(-(2**50), -1))
def test_a_button_in_a_group_tells_whose_it_is_and_cannot_be_given_away(owner: int, chat: int) -> None:
    signer = CallbackSigner(SECRET)
    action = CallbackAction("p", "a", ("1",), owner)
    data = signer.pack(action, chat)
    assert signer.unpack(data, chat) == action
    other = bytearray(data)
    other[15] ^= 1
    for forged in (bytes(other), b"\x01" + data[1:]):
        with pytest.raises(ForgedCallback):
            signer.unpack(forged, chat)
