"""No update that is counted is lost or handled twice, whatever happens to process, line and order."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pyrogram.raw import types as T
from telegram_house import FAST, LIFTED, PUMP, Build, House, counted

from core.errors import DatabaseAway
from core.events import MessageEvent
from core.telegram.updates import PumpLimits
from sandbox.faults import Fault, FaultKind
from sandbox.people.handles import Bot
from sandbox.people.payments import PaymentRefused
from sandbox.people.person import Person
from sandbox.server import Sandbox


async def until(true: Callable[[], Any]) -> None:
    """Look again and again until it is so."""
    for _ in range(1_000):
        outcome = true()
        if await outcome if isinstance(outcome, Awaitable) else outcome:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to be")


async def recorded(house: House, count: int) -> None:
    """So many are in the inbox."""

    async def there() -> bool:
        return len(await house.inbox.pending()) == count

    await until(there)


async def handled(house: House) -> None:
    """Nothing is left in the inbox."""

    async def empty() -> bool:
        return not await house.inbox.pending()

    await until(empty)


def answers(person: Person) -> list[str]:
    return [message.text for message in person.messages() if not message.out]


async def say(person: Person, *texts: str) -> None:
    for text in texts:
        await person.send(text)


async def hear(person: Person, *texts: str) -> None:
    """The answers to `texts`, in this order and nothing else."""
    for text in texts:
        assert (await person.expect()).text == f"echo {text}"
    assert not person.unexpected


async def test_what_was_written_while_the_bot_was_off_is_answered_once_in_order(
    build: Build, alice: Person, boris: Person
) -> None:
    house = await build()
    await say(alice, "before")
    await hear(alice, "before")
    await house.stop()
    await say(alice, "1", "2")
    await say(boris, "3", "4")
    await say(alice, "5")
    await build()
    await hear(alice, "1", "2", "5")
    await hear(boris, "3", "4")


async def test_a_large_backlog_comes_in_slices(build: Build, sandbox: Sandbox, alice: Person) -> None:
    house = await build()
    await house.stop()
    sandbox.world.rules.difference_slice = 4
    texts = [str(number) for number in range(30)]
    await say(alice, *texts)
    await build()
    await hear(alice, *texts)


async def test_a_crash_before_handling_repeats_and_answers_once(build: Build, alice: Person) -> None:
    house = await build()
    await say(alice, "/hang", "after")
    await recorded(house, 2)
    await house.die()
    second = await build()
    second.plugin.hang.set()
    assert (await alice.expect()).text == "late"
    await hear(alice, "after")


async def test_a_crash_after_the_answer_answers_no_second_time(build: Build, alice: Person) -> None:
    house = await build(pump=PumpLimits(patience=0.05, done_seconds=3600.0))
    await say(alice, "1", "2")
    await hear(alice, "1", "2")
    assert len(await house.inbox.pending()) == 2
    await house.die()
    house = await build()
    await say(alice, "3")
    await hear(alice, "3")
    await handled(house)
    assert answers(alice) == ["echo 1", "echo 2", "echo 3"]


async def test_a_crash_before_recording_brings_the_update_again(build: Build, alice: Person) -> None:
    house = await build()
    await say(alice, "1")
    await hear(alice, "1")

    async def away(rows: Any) -> set[str]:
        raise DatabaseAway("not now")

    house.inbox.record = away
    await say(alice, "2")
    await asyncio.sleep(0.1)
    await house.die()
    await build()
    await hear(alice, "2")


async def test_while_the_database_is_away_updates_wait(build: Build, alice: Person) -> None:
    house = await build()
    record, failures = house.inbox.record, iter(range(3))

    async def sometimes(rows: Any) -> set[str]:
        if next(failures, None) is not None:
            raise DatabaseAway("not now")
        return await record(rows)

    house.inbox.record = sometimes
    await say(alice, "1", "2")
    await hear(alice, "1", "2")


async def test_a_handler_that_breaks_off_for_the_database_goes_on_where_its_dialogue_stood(
    house: House, alice: Person
) -> None:
    """It has left the dialogue and answered by then: neither is met, nor made, a second time."""
    house.plugin.away = 2
    await say(alice, "/ask")
    await alice.expect("your name?")
    await say(alice, "Alice", "after")
    assert (await alice.expect()).text == "hi Alice"
    await hear(alice, "after")
    assert house.plugin.away == 0


async def test_a_press_that_breaks_off_for_the_database_is_made_again_for_whoever_pressed(
    house: House, alice: Person
) -> None:
    await say(alice, "/button")
    message = await alice.expect("press it")
    house.plugin.away = 1
    assert (await alice.press("Press", message)).text == "pressed"
    assert (await alice.expect()).text == "pressed 7"
    await until(lambda: len(house.plugin.seen) == 2)
    await say(alice, "after")
    await hear(alice, "after")


async def test_who_meets_it_again_and_again_is_asked_to_try_again(house: House, alice: Person) -> None:
    house.plugin.away = 3
    await say(alice, "/ask")
    await alice.expect("your name?")
    await say(alice, "Alice", "after")
    assert (await alice.expect()).text == "hi Alice"
    assert "try again" in (await alice.expect()).text
    await hear(alice, "after")
    assert house.plugin.away == 0


async def test_a_dropped_connection_loses_nothing(
    house: House, sandbox: Sandbox, alice: Person, boris: Person
) -> None:
    await say(alice, "0")
    await hear(alice, "0")
    for number in range(1, 6):
        sandbox.server.drop_connections()
        await say(alice, str(number))
        await say(boris, str(number))
        await hear(alice, str(number))
        await hear(boris, str(number))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.DUPLICATE_UPDATES),
        Fault(kind=FaultKind.REORDER_UPDATES, count=3, times=6),
        Fault(kind=FaultKind.REORDER_UPDATES, count=4, times=4),
    ],
    ids=["twice", "reversed in threes", "reversed in fours"],
)
async def test_updates_that_come_twice_or_in_another_order(
    house: House, sandbox: Sandbox, alice: Person, fault: Fault
) -> None:
    texts = [str(number) for number in range(12)]
    with sandbox.faults.add(fault):
        await say(alice, *texts)
        await hear(alice, *texts)
    assert answers(alice) == [f"echo {text}" for text in texts]


async def test_updates_that_are_held_back_and_then_come_are_known(
    house: House, sandbox: Sandbox, alice: Person
) -> None:
    with sandbox.faults.add(Fault(kind=FaultKind.HOLD_UPDATES)):
        await say(alice, "1", "2")
        # A counted answer of our own shows that something is missing.
        await house.outbox.send_text(alice.id, "by the way", random_id=5)
        assert (await alice.expect()).text == "by the way"
        await hear(alice, "1", "2")
    await say(alice, "3")
    await hear(alice, "3")
    assert answers(alice) == ["by the way", "echo 1", "echo 2", "echo 3"]


async def test_own_messages_leave_no_gap(house: House, sandbox: Sandbox, alice: Person) -> None:
    await say(alice, "0")
    await hear(alice, "0")
    with counted(sandbox) as calls:
        texts = [str(number) for number in range(20)]
        for text in texts:
            await say(alice, text)
        await hear(alice, *texts)
        ref = await house.outbox.send_text(alice.id, "x", random_id=1)
        await house.outbox.edit_text(ref, "y")
        await house.outbox.delete(ref)
        await alice.expect("x")
        await alice.expect("y")
        await say(alice, "end")
        await hear(alice, "end")
    assert calls["messages.SendMessage"] == 22
    assert calls["updates.GetDifference"] == 0


async def test_supergroups_have_their_own_count(
    build: Build, sandbox: Sandbox, bot: Bot, alice: Person
) -> None:
    house = await build()
    group = sandbox.add_group("Many", [alice, bot], supergroup=True)
    await alice.send("/start 1", to=group)
    await alice.expect("hello 1", chat=group)
    await house.stop()
    await alice.send("/start 2", to=group)
    await alice.send("/start 3", to=group)
    house = await build()
    await alice.expect("hello 2", chat=group)
    await alice.expect("hello 3", chat=group)
    with sandbox.faults.add(Fault(kind=FaultKind.REORDER_UPDATES, count=3, times=3)):
        for number in (4, 5, 6):
            await alice.send(f"/start {number}", to=group)
        for number in (4, 5, 6):
            await alice.expect(f"hello {number}", chat=group)
    texts = [message.text for message in alice.messages(group) if message.text.startswith("hello")]
    assert texts == [f"hello {number}" for number in range(1, 7)]


async def test_fifty_people_at_once_are_each_answered_in_order(house: House, sandbox: Sandbox) -> None:
    people = [sandbox.add_person(f"Person {number}") for number in range(50)]
    texts = [str(number) for number in range(20)]
    await asyncio.gather(*(say(person, *texts) for person in people))
    for person in people:
        for text in texts:
            assert (await person.expect(within=60)).text == f"echo {text}"
    assert all(not person.unexpected for person in people)


async def test_an_ordinary_update_costs_at_most_three_round_trips(house: House, alice: Person) -> None:
    await say(alice, "warm")
    await hear(alice, "warm")
    await handled(house)
    before = house.database.round_trips
    for number in range(10):
        await say(alice, str(number))
        await hear(alice, str(number))
    await house.stop()
    # The stop itself writes the session once.
    assert house.database.round_trips - before <= 10 * 3 + 3


async def test_a_hanging_handler_holds_up_nobody_else(build: Build, alice: Person, boris: Person) -> None:
    house = await build()
    await say(alice, "/hang", "behind it")
    await house.invoice(alice, b"ok 1")
    await say(boris, "1")
    await hear(boris, "1")
    await alice.expect(kind="invoice")
    await alice.pay()
    await alice.expect(kind="service")
    assert not alice.unexpected
    house.plugin.hang.set()
    assert (await alice.expect()).text == "late"
    await hear(alice, "behind it")
    await until(lambda: house.plugin.payments == ["paid 5"])


@pytest.mark.parametrize(
    ("payload", "key"),
    [(b"slow 1", "payment-late"), (b"broken", "payment-unavailable"), (b"nobody's", "payment-unavailable")],
)
async def test_a_payment_that_nobody_approves_is_refused_in_the_persons_language(
    build: Build, sandbox: Sandbox, boris: Person, payload: bytes, key: str
) -> None:
    house = await build(checkout_seconds=0.1)
    await say(boris, "hi")
    await hear(boris, "hi")
    sandbox.world.stars.grant(boris.id, 10)
    await house.invoice(boris, payload)
    with pytest.raises(PaymentRefused, match=house.i18n.translator("ru").plain(key)):
        await boris.pay()
    assert boris.stars == 10


async def test_a_payment_that_was_not_taken_is_brought_again(build: Build, alice: Person) -> None:
    house = await build()
    house.plugin.fail_payments = True
    await say(alice, "hi")
    await hear(alice, "hi")
    await house.invoice(alice, b"ok 7", 7)
    await alice.pay()
    await say(alice, "x")
    await alice.expect("echo x")
    await recorded(house, 1)
    await house.stop()
    house = await build()
    await say(alice, "y")
    await alice.expect("echo y")
    assert house.plugin.payments == ["paid 7"]
    await handled(house)


async def test_payments_pass_bans_and_limits(build: Build, alice: Person) -> None:
    house = await build()
    await say(alice, "hi")
    await hear(alice, "hi")
    await house.invoice(alice, b"ok 2", 2)
    checkout = await alice.checkout()
    await house.users.ban(alice.id, None, "spam")
    house.maintenance = True
    await checkout.confirm()
    await until(lambda: house.plugin.payments == ["paid 2"])


async def test_where_nothing_is_sold_not_even_a_plugin_is_paid(
    build: Build, boris: Person, sandbox: Sandbox
) -> None:
    house = await build(sells=False)
    await say(boris, "hi")
    await hear(boris, "hi")
    sandbox.world.stars.grant(boris.id, 10)
    await house.invoice(boris, b"ok 2", 2)
    with pytest.raises(PaymentRefused, match=house.i18n.translator("ru").plain("order-rehearsal")):
        await boris.pay()
    assert boris.stars == 10


async def test_who_is_banned_pays_nothing(build: Build, boris: Person, sandbox: Sandbox) -> None:
    house = await build()
    await say(boris, "hi")
    await hear(boris, "hi")
    sandbox.world.stars.grant(boris.id, 10)
    await house.users.ban(boris.id, None, "spam")
    await house.invoice(boris, b"ok 2", 2)
    with pytest.raises(PaymentRefused, match=house.i18n.translator("ru").plain("order-banned")):
        await boris.pay()
    await house.users.unban(boris.id)
    await boris.pay()


async def test_a_stop_lets_handlers_finish(build: Build, alice: Person) -> None:
    house = await build()
    await say(alice, "/hang")
    await until(lambda: house.pump.waiting)
    stopping = asyncio.create_task(house.pump.stop())
    await asyncio.sleep(0.05)
    assert not stopping.done()
    house.plugin.hang.set()
    await stopping
    assert (await alice.expect()).text == "late"
    assert await house.inbox.pending() == []


async def test_a_stop_does_not_wait_for_ever(build: Build, alice: Person) -> None:
    house = await build(pump=PumpLimits(stop=0.1))
    await say(alice, "/hang")
    await until(lambda: house.pump.waiting)
    await house.pump.stop()
    assert len(await house.inbox.pending()) == 1
    await house.stop()
    again = await build()
    again.plugin.hang.set()
    assert (await alice.expect()).text == "late"


async def test_edited_messages_are_counted_and_not_answered(house: House, alice: Person) -> None:
    sent = await alice.send("one")
    await hear(alice, "one")
    await alice.edit(sent, "two")
    await alice.delete(sent)
    await say(alice, "three")
    await hear(alice, "three")


async def test_updates_between_the_first_log_in_and_the_pump_are_answered(
    sandbox: Sandbox, bot: Bot, database: Any, alice: Person
) -> None:
    house = House(sandbox, bot, database, pump=PUMP, sending=LIFTED)
    await house.client.start()
    await say(alice, "early")
    await asyncio.sleep(0.05)
    await house.pump.start()
    await hear(alice, "early")
    await house.stop()


async def test_the_short_forms_and_too_long_are_understood(
    house: House, sandbox: Sandbox, bot: Bot, alice: Person, boris: Person
) -> None:
    await say(alice, "0")
    await hear(alice, "0")
    box = sandbox.world.accounts[bot.id].box

    def short(text: str, person: Person, message_id: int) -> Any:
        return T.UpdateShortMessage(
            id=message_id, user_id=person.id, message=text, pts=box.pts, pts_count=1, date=sandbox.world.now()
        )

    with sandbox.faults.add(Fault(kind=FaultKind.HOLD_UPDATES)), counted(sandbox) as calls:
        await say(alice, "known")
        house.client.updates.put(short("known", alice, max(box.messages)))
        await hear(alice, "known")
        assert calls["updates.GetDifference"] == 0
        await say(boris, "unknown")
        house.client.updates.put(short("unknown", boris, max(box.messages)))
        await hear(boris, "unknown")
        assert calls["updates.GetDifference"] == 1
        await say(alice, "unsaid")
        house.client.updates.put(T.UpdatesTooLong())
        await hear(alice, "unsaid")
        group = sandbox.add_group("Many", [alice, bot], supergroup=True)
        await alice.send("/start 1", to=group)
        house.client.updates.put(
            T.UpdateShort(update=T.UpdateChannelTooLong(channel_id=group.id, pts=1), date=0)
        )
        await alice.expect("hello 1", chat=group)
    await say(alice, "end")
    await alice.expect("echo end")


async def test_a_silent_server_is_asked_how_it_counts(build: Build, sandbox: Sandbox, alice: Person) -> None:
    await build(timing=dataclasses.replace(FAST, idle=0.2))
    await say(alice, "0")
    await hear(alice, "0")
    with sandbox.faults.add(Fault(kind=FaultKind.HOLD_UPDATES)):
        await say(alice, "unsaid")
        await hear(alice, "unsaid")


async def test_a_dead_line_is_noticed(build: Build, sandbox: Sandbox, alice: Person) -> None:
    timing = dataclasses.replace(FAST, idle=0.2, call=0.2, attempts=1)
    await build(timing=timing)
    await say(alice, "0")
    await hear(alice, "0")
    with (
        sandbox.faults.add(Fault(kind=FaultKind.HOLD_UPDATES)),
        sandbox.faults.add(Fault(kind=FaultKind.LOSE_REPLY, method="updates.GetState", times=1)) as lost,
    ):
        await say(alice, "unsaid")
        await hear(alice, "unsaid")
        assert lost.hits == 1


async def test_a_difference_that_fails_is_asked_for_again(
    build: Build, sandbox: Sandbox, alice: Person
) -> None:
    house = await build(timing=dataclasses.replace(FAST, attempts=1))
    await house.stop()
    await say(alice, "1")
    fault = Fault(kind=FaultKind.ERROR, method="updates.GetDifference", times=1)
    flood = dataclasses.replace(fault, code=420, message="FLOOD_WAIT_1", skip=0)
    with sandbox.faults.add(fault), sandbox.faults.add(flood) as struck:
        await build()
        await hear(alice, "1")
        assert struck.hits == 1


async def test_what_the_difference_brings_again_is_not_handled_again(build: Build, alice: Person) -> None:
    house = await build()
    await say(alice, "1", "2")
    await hear(alice, "1", "2")
    await handled(house)
    # The update state was not written since the start: the difference begins before both.
    await house.die()
    house = await build()
    await say(alice, "3")
    await hear(alice, "3")
    assert [event.message.text for event in house.plugin.seen if isinstance(event, MessageEvent)] == ["3"]


async def test_a_new_connection_asks_for_what_the_old_one_did_not_bring(
    house: House, sandbox: Sandbox, alice: Person
) -> None:
    await say(alice, "0")
    await hear(alice, "0")
    await handled(house)
    with sandbox.faults.add(Fault(kind=FaultKind.HOLD_UPDATES)):
        await say(alice, "1")
        sandbox.server.drop_connections()
        await hear(alice, "1")


async def test_a_payment_does_not_wait_for_what_is_read_before_it(house: House, alice: Person) -> None:
    await say(alice, "0")
    await hear(alice, "0")
    await house.invoice(alice, b"ok 3", 3)
    record, began, back = house.inbox.record, asyncio.Event(), asyncio.Event()

    async def late(rows: Any) -> set[str]:
        began.set()
        await back.wait()
        return await record(rows)

    house.inbox.record = late
    await say(alice, "1")
    await began.wait()
    await alice.pay()
    back.set()
    await until(lambda: house.plugin.payments == ["paid 3"])
