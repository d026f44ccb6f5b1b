"""What is sent arrives once, within the limits, whatever the line does."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest
from telegram_house import LIFTED, Build, House, counted

from core.errors import FloodWaited, PersonUnreachable, TelegramError
from core.telegram.client import ClientTiming
from core.telegram.types import Button, MessageRef
from sandbox.faults import Fault, FaultKind
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox

SHORT = ClientTiming(call=0.3, attempts=6, pause=0.02, connect=10.0, own=2.0)


@pytest.fixture
async def house(build: Build, alice: Person) -> House:
    """A bot that Alice has started."""
    house = await build(timing=SHORT)
    await alice.start()
    await alice.expect("hello")
    return house


def texts(person: Person) -> list[str]:
    return [message.text for message in person.messages() if not message.out][1:]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.LOSE_REPLY, method="messages.SendMessage", times=1),
        Fault(kind=FaultKind.DROP_AFTER, method="messages.SendMessage", times=1),
        Fault(kind=FaultKind.DROP_BEFORE, method="messages.SendMessage", times=2),
        Fault(kind=FaultKind.ERROR, method="messages.SendMessage", times=2, code=500, message="INTERNAL"),
        Fault(kind=FaultKind.ERROR, method="messages.SendMessage", times=1, code=-503, message="Timeout"),
    ],
    ids=["reply lost", "dropped after", "dropped before", "500", "-503"],
)
@pytest.mark.parametrize("answer", ["original", 400, 500])
async def test_a_send_that_goes_wrong_on_the_way_makes_one_message(
    house: House, sandbox: Sandbox, alice: Person, fault: Fault, answer: str | int
) -> None:
    if answer != "original":
        sandbox.world.rules.duplicate_random_id = "error"
        sandbox.world.rules.duplicate_random_id_code = int(answer)
    with sandbox.faults.add(fault) as struck:
        ref = await house.outbox.send_text(alice.id, "once", random_id=77)
        assert struck.hits == fault.times
    assert texts(alice) == ["once"]
    assert await house.outbox.edit_text(ref, "twice")
    assert texts(alice) == ["twice"]
    await alice.send("more")
    await alice.expect("echo more")


async def test_a_refused_duplicate_is_not_sent_a_third_time(
    house: House, sandbox: Sandbox, alice: Person
) -> None:
    sandbox.world.rules.duplicate_random_id = "error"
    sandbox.world.rules.duplicate_random_id_code = 500
    lost = Fault(kind=FaultKind.LOSE_REPLY, method="messages.SendMessage", times=1)
    with sandbox.faults.add(lost), counted(sandbox) as calls:
        await house.outbox.send_text(alice.id, "once", random_id=77)
    assert calls["messages.SendMessage"] == 2


async def test_a_call_ends_with_its_connection_and_is_made_again(
    build: Build, sandbox: Sandbox, alice: Person
) -> None:
    house = await build(timing=dataclasses.replace(SHORT, call=3600.0))
    await alice.start()
    await alice.expect("hello")
    dropped = Fault(kind=FaultKind.DROP_BEFORE, method="messages.SendMessage", times=1)
    with sandbox.faults.add(dropped):
        await house.outbox.send_text(alice.id, "once", random_id=77)
    assert texts(alice) == ["once"]


async def test_a_send_repeated_after_a_crash_finds_its_message(
    build: Build, sandbox: Sandbox, bot: Bot, alice: Person
) -> None:
    first = await build(timing=SHORT)
    await alice.start()
    await alice.expect("hello")
    await first.client.storage.flush()
    ref = await first.outbox.send_text(alice.id, "once", random_id=77)
    await first.die()
    sandbox.world.rules.duplicate_random_id = "error"
    second = await build(timing=SHORT)
    again = await second.outbox.send_text(alice.id, "once", random_id=77)
    assert again == ref
    assert texts(alice) == ["once"]


async def test_a_durable_send_is_made_once_even_by_another_process(
    house: House, build: Build, alice: Person
) -> None:
    ref = await house.outbox.send_durable("refund:1", alice.id, "<b>paid back</b>")
    assert await house.outbox.send_durable("refund:1", alice.id, "other words") == ref
    await house.stop()
    second = await build()
    assert await second.outbox.send_durable("refund:1", alice.id, "paid back") == ref
    assert texts(alice) == ["paid back"]


async def test_a_short_flood_wait_is_waited_for(house: House, sandbox: Sandbox, alice: Person) -> None:
    fault = Fault(
        kind=FaultKind.ERROR, method="messages.SendMessage", times=1, code=420, message="FLOOD_WAIT_1"
    )
    loop = asyncio.get_running_loop()
    with sandbox.faults.add(fault):
        before = loop.time()
        await house.outbox.send_text(alice.id, "patient", random_id=1)
        assert loop.time() - before >= 1.0
    assert texts(alice) == ["patient"]


async def test_too_long_a_flood_wait_is_told_to_the_caller(
    house: House, sandbox: Sandbox, alice: Person
) -> None:
    fault = Fault(kind=FaultKind.ERROR, method="messages.SendMessage", code=420, message="FLOOD_WAIT_9000")
    with sandbox.faults.add(fault), pytest.raises(FloodWaited) as waited:
        await house.outbox.send_text(alice.id, "never", random_id=1)
    assert waited.value.seconds == 9000


async def test_a_refusal_that_nobody_listed_writes_no_file(
    house: House, sandbox: Sandbox, alice: Person, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    fault = Fault(kind=FaultKind.ERROR, method="messages.SendMessage", code=400, message="BRAND_NEW_7")
    with sandbox.faults.add(fault), pytest.raises(TelegramError) as refused:
        await house.outbox.send_text(alice.id, "x", random_id=1)
    assert (refused.value.code, refused.value.name) == (400, "BRAND_NEW_7")
    assert list(__import__("pathlib").Path(str(tmp_path)).iterdir()) == []


async def test_edits(house: House, alice: Person) -> None:
    ref = await house.outbox.send_text(alice.id, "a", random_id=1)
    assert await house.outbox.edit_text(ref, "b")
    assert await house.outbox.edit_text(ref, "b")
    await house.outbox.delete(ref)
    assert not await house.outbox.edit_text(ref, "c")
    await house.outbox.delete(ref)
    assert not await house.outbox.edit_text(MessageRef(alice.id, 0), "c")
    assert texts(alice) == []


async def test_progress_shows_the_newest_and_never_overtakes_the_end(house: House, alice: Person) -> None:
    ref = await house.outbox.send_text(alice.id, "0 %", random_id=1)
    await alice.expect("0 %")
    for percent in range(1, 100):
        await house.outbox.edit_soon(ref, f"{percent} %")
        if percent % 40 == 0:
            await alice.expect(f"{percent} %", kind="edit")
    await house.outbox.edit_text(ref, "ready")
    await alice.expect("ready", kind="edit")
    await asyncio.sleep(3 * LIFTED.progress_seconds)
    assert texts(alice) == ["ready"]
    # 1 % at once, the newest twice (each time the slot had rested), then the end.
    assert len(alice.unexpected) <= 3


async def test_somebody_who_blocked_the_bot_is_unreachable(house: House, alice: Person) -> None:
    alice.block()
    with pytest.raises(PersonUnreachable):
        await house.outbox.send_text(alice.id, "are you there?", random_id=1)
    user = await house.users.get(alice.id)
    assert user is not None
    assert user.blocked_bot


async def test_a_stranger_is_unreachable(house: House, sandbox: Sandbox) -> None:
    with pytest.raises(PersonUnreachable):
        await house.outbox.send_text(4_000_000_000_000 % (1 << 39), "hi", random_id=1)


async def test_formatting_links_and_replies_arrive(house: House, alice: Person) -> None:
    question = alice.messages()[0]
    row = (Button("Site", url="https://example.org"),)
    html = "<b>bold</b> 👍 <i>it</i> &amp; <a href='https://a.org'>link</a>"
    await house.outbox.send_text(alice.id, html, keyboard=(row,), reply_to=question.id, random_id=1)
    answer = await alice.expect("bold")
    assert answer.text == "bold 👍 it & link"
    kinds = [(entity.kind, entity.offset, entity.length) for entity in answer.entities]
    assert kinds == [("bold", 0, 4), ("italic", 8, 2), ("text_url", 13, 4)]
    assert answer.labels == ["Site"]
    assert answer.reply_to == question.id


async def test_an_answer_to_a_message_that_is_gone_is_sent_without_it(house: House, alice: Person) -> None:
    question = await alice.send("question")
    await alice.expect("echo question")
    await alice.delete(question)
    await house.outbox.send_text(alice.id, "answer", reply_to=question.id, random_id=1)
    assert (await alice.expect("answer")).reply_to is None


async def test_the_menu_and_the_action_are_shown(house: House, alice: Person) -> None:
    await house.outbox.set_commands([("start", "Begin")], "")
    await house.outbox.set_commands([("start", "Begin"), ("stats", "Numbers")], "", alice.id)
    assert alice.commands() == [("start", "Begin"), ("stats", "Numbers")]
    await house.outbox.chat_action(alice.id, "upload_video")
    assert [action.name for action in alice.actions] == ["upload_video"]
