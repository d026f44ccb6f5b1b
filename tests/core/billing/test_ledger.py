"""The ledger: what each operation does, once, whoever repeats or races it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest
from ledger_tools import ALICE, BOB, WHO, assert_sound, give, take

from core.billing import copying
from core.billing import ledger as ledger_module
from core.billing.ledger import Balance, HeldStars, Ledger
from core.errors import AccountBusy, InsufficientStars, KeyConflict, LedgerError, UnknownHold
from core.storage.accounts import AccountStore
from core.storage.database import Database
from sandbox.clock import ManualClock


async def stored_entries(database: Database) -> list[str]:
    return sorted(row["_id"] for row in await database.collection("entries").find({}))


async def test_nobody_has_nothing(ledger: Ledger) -> None:
    assert await ledger.balance(ALICE) == Balance(0, 0)
    assert await ledger.statement(ALICE) == []
    assert await ledger.holds(ALICE) == []
    await assert_sound(ledger)


async def test_a_credit_counts_once(ledger: Ledger) -> None:
    assert await give(ledger, ALICE, 100, "charge1")
    assert not await give(ledger, ALICE, 100, "charge1")
    await ledger.copy()
    assert not await give(ledger, ALICE, 100, "charge1")
    assert await ledger.balance(ALICE) == Balance(100, 0)
    await assert_sound(ledger)


async def test_a_debit_counts_once_and_never_below_zero(ledger: Ledger) -> None:
    await give(ledger, ALICE, 100, "charge1")
    assert await take(ledger, ALICE, 60, "refund1")
    assert not await take(ledger, ALICE, 60, "refund1")
    with pytest.raises(InsufficientStars) as short:
        await take(ledger, ALICE, 60, "refund2")
    assert (short.value.needed, short.value.available) == (60, 40)
    assert await take(ledger, ALICE, 40, "refund3")
    assert await ledger.balance(ALICE) == Balance(0, 0)
    await assert_sound(ledger)


async def test_a_debit_that_was_short_can_be_tried_again(ledger: Ledger) -> None:
    with pytest.raises(InsufficientStars):
        await take(ledger, ALICE, 60, "refund1")
    await give(ledger, ALICE, 60, "charge1")
    assert await take(ledger, ALICE, 60, "refund1")
    await assert_sound(ledger)


async def test_a_hold_is_settled_once(ledger: Ledger) -> None:
    await give(ledger, ALICE, 100, "charge1")
    assert await ledger.hold(ALICE, "job1", 30, **WHO)
    assert not await ledger.hold(ALICE, "job1", 30, **WHO)
    assert await ledger.balance(ALICE) == Balance(70, 30)
    assert await ledger.settle(ALICE, "job1", **WHO) == 30
    await ledger.copy()
    assert await ledger.settle(ALICE, "job1", **WHO) == 30
    assert await ledger.balance(ALICE) == Balance(70, 0)
    with pytest.raises(UnknownHold):
        await ledger.release(ALICE, "job1", **WHO)
    await assert_sound(ledger)


async def test_a_hold_is_released_once(ledger: Ledger) -> None:
    await give(ledger, ALICE, 100, "charge1")
    await ledger.hold(ALICE, "job1", 30, **WHO)
    assert await ledger.release(ALICE, "job1", **WHO) == 30
    assert await ledger.release(ALICE, "job1", **WHO) == 30
    assert await ledger.balance(ALICE) == Balance(100, 0)
    with pytest.raises(UnknownHold):
        await ledger.settle(ALICE, "job1", **WHO)
    await assert_sound(ledger)


async def test_a_hold_that_ended_does_not_begin_again(ledger: Ledger) -> None:
    await give(ledger, ALICE, 100, "charge1")
    await ledger.hold(ALICE, "job1", 30, **WHO)
    await ledger.release(ALICE, "job1", **WHO)
    assert not await ledger.hold(ALICE, "job1", 30, **WHO)
    await ledger.copy()
    assert not await ledger.hold(ALICE, "job1", 30, **WHO)
    assert await ledger.balance(ALICE) == Balance(100, 0)


async def test_a_hold_needs_the_stars(ledger: Ledger) -> None:
    with pytest.raises(InsufficientStars) as short:
        await ledger.hold(ALICE, "job1", 30, **WHO)
    assert (short.value.needed, short.value.available) == (30, 0)
    await give(ledger, ALICE, 40, "charge1")
    await ledger.hold(ALICE, "job1", 30, **WHO)
    with pytest.raises(InsufficientStars):
        await ledger.hold(ALICE, "job2", 11, **WHO)
    assert await ledger.balance(ALICE) == Balance(10, 30)


async def test_what_was_never_held_cannot_end(ledger: Ledger) -> None:
    for end in (ledger.settle, ledger.release):
        with pytest.raises(UnknownHold):
            await end(ALICE, "job1", **WHO)
    await give(ledger, ALICE, 40, "charge1")
    await ledger.hold(ALICE, "job1", 30, **WHO)
    for end in (ledger.settle, ledger.release):
        with pytest.raises(UnknownHold):
            await end(BOB, "job1", **WHO)


async def test_a_key_that_comes_with_another_content_is_refused(ledger: Ledger) -> None:
    await give(ledger, ALICE, 100, "key")
    for copied in (False, True):
        if copied:
            await ledger.copy()
        with pytest.raises(KeyConflict):
            await give(ledger, ALICE, 101, "key")
        with pytest.raises(KeyConflict):
            await give(ledger, BOB, 100, "key")
        with pytest.raises(KeyConflict):
            await take(ledger, ALICE, 100, "key")
        with pytest.raises(KeyConflict):
            await ledger.credit(ALICE, 100, source="promo", key="key", reference="", **WHO)
    assert await ledger.balance(ALICE) == Balance(100, 0)
    assert await ledger.balance(BOB) == Balance(0, 0)
    await assert_sound(ledger)


async def test_a_hold_that_comes_with_another_amount_is_refused(ledger: Ledger) -> None:
    await give(ledger, ALICE, 100, "charge1")
    await ledger.hold(ALICE, "job1", 30, **WHO)
    with pytest.raises(KeyConflict):
        await ledger.hold(ALICE, "job1", 31, **WHO)
    await ledger.settle(ALICE, "job1", **WHO)
    await ledger.copy()
    with pytest.raises(KeyConflict):
        await ledger.hold(ALICE, "job1", 31, **WHO)


async def test_who_and_why_may_differ_when_a_key_comes_again(ledger: Ledger) -> None:
    await give(ledger, ALICE, 100, "charge1")
    again = await ledger.credit(
        ALICE, 100, source="telegram:stars", key="charge1", reference="x", actor="reconcile", reason="found"
    )
    assert not again
    assert (await ledger.statement(ALICE))[0].actor == "test"


@pytest.mark.parametrize("amount", [0, -1, True, 1.5, 1.0, "5", None, 2**63])
async def test_only_whole_stars_from_one_move(ledger: Ledger, amount: int) -> None:
    for act in (
        lambda: give(ledger, ALICE, amount, "k"),
        lambda: take(ledger, ALICE, amount, "k"),
        lambda: ledger.hold(ALICE, "job1", amount, **WHO),
    ):
        with pytest.raises(LedgerError):
            await act()
    assert await ledger.statement(ALICE) == []


async def test_a_balance_stays_within_64_bits(ledger: Ledger) -> None:
    most = 2**63 - 1
    assert await give(ledger, ALICE, most, "k1")
    with pytest.raises(LedgerError, match="cannot hold that many"):
        await give(ledger, ALICE, 1, "k2")
    await ledger.hold(ALICE, "job1", most, **WHO)
    with pytest.raises(LedgerError, match="cannot hold that many"):
        await give(ledger, ALICE, 1, "k3")
    assert await ledger.release(ALICE, "job1", **WHO) == most
    await assert_sound(ledger)


@pytest.mark.parametrize("hold_id", ["", "a b", "a/b", "$a", "x" * 129, "й"])
async def test_a_hold_has_a_plain_id(ledger: Ledger, hold_id: str) -> None:
    await give(ledger, ALICE, 100, "charge1")
    for act in (lambda: ledger.hold(ALICE, hold_id, 1, **WHO), lambda: ledger.settle(ALICE, hold_id, **WHO)):
        with pytest.raises(LedgerError, match="cannot name a hold"):
            await act()


@pytest.mark.parametrize("key", ["", "hold:5:job1", "settle:5:job1", "release:5:job1", "x" * 513])
async def test_a_callers_key_is_none_of_the_ledgers_own(ledger: Ledger, key: str) -> None:
    with pytest.raises(LedgerError, match="cannot be the key"):
        await give(ledger, ALICE, 1, key)


@pytest.mark.parametrize("account", ["", "user:1", "held:1", "telegram"])
async def test_stars_come_from_and_go_to_known_accounts(ledger: Ledger, account: str) -> None:
    with pytest.raises(LedgerError, match="is none of"):
        await ledger.credit(ALICE, 1, source=account, key="k", reference="", **WHO)


@pytest.mark.parametrize("user_id", [0, -5, True, "5"])
async def test_only_people_have_accounts(ledger: Ledger, user_id: int) -> None:
    with pytest.raises(LedgerError, match="is not a person's id"):
        await give(ledger, user_id, 1, "k")


async def test_entries_say_what_moved_from_where_to_where(ledger: Ledger, clock: ManualClock) -> None:
    await give(ledger, ALICE, 100, "charge1")
    await ledger.hold(ALICE, "job1", 30, **WHO)
    await ledger.settle(ALICE, "job1", **WHO)
    await ledger.hold(ALICE, "job2", 20, **WHO)
    await ledger.release(ALICE, "job2", actor="sweeper", reason="no job")
    await take(ledger, ALICE, 5, "refund1")
    me, held = f"user:{ALICE}", f"held:{ALICE}"
    moves = [(e.debit, e.credit, e.amount) for e in reversed(await ledger.statement(ALICE))]
    assert moves == [
        ("telegram:stars", me, 100),
        (me, held, 30),
        (held, "revenue", 30),
        (me, held, 20),
        (held, me, 20),
        (me, "refund", 5),
    ]
    released = (await ledger.statement(ALICE))[1]
    assert (released.reference, released.actor, released.reason, released.at) == (
        "job2",
        "sweeper",
        "no job",
        clock.now(),
    )


async def test_a_statement_is_the_newest_entries_wherever_they_are(
    ledger: Ledger, database: Database
) -> None:
    for n in range(5):
        await give(ledger, ALICE, 1, f"old{n}")
    await ledger.copy()
    await give(ledger, BOB, 1, "bob")
    for n in range(3):
        await give(ledger, ALICE, 1, f"new{n}")
    before = database.round_trips
    keys = [entry.key for entry in await ledger.statement(ALICE, 6)]
    assert database.round_trips == before + 2
    assert keys == ["new2", "new1", "new0", "old4", "old3", "old2"]
    assert len(await ledger.statement(ALICE, 100)) == 8


async def test_all_that_is_held_can_be_listed(ledger: Ledger, database: Database, clock: ManualClock) -> None:
    await give(ledger, ALICE, 100, "a")
    await give(ledger, BOB, 100, "b")
    begun = clock.now()
    await ledger.hold(ALICE, "a.1", 1, **WHO)
    await clock.advance(1)
    await ledger.hold(BOB, "b:1", 2, **WHO)
    await clock.advance(1)
    await ledger.hold(ALICE, "a.2", 3, **WHO)
    assert [(held.user_id, held.hold_id, held.amount) for held in await ledger.all_holds()] == [
        (ALICE, "a.1", 1),
        (BOB, "b:1", 2),
        (ALICE, "a.2", 3),
    ]
    assert (await ledger.holds(ALICE))[0] == HeldStars(ALICE, "a.1", 1, begun)
    await ledger.settle(ALICE, "a.1", **WHO)
    await ledger.release(BOB, "b:1", **WHO)
    assert [held.hold_id for held in await ledger.all_holds()] == ["a.2"]
    await ledger.release(ALICE, "a.2", **WHO)
    assert await ledger.all_holds() == []
    assert await database.collection("accounts").find({"holding": True}) == []


async def test_what_is_pending_is_copied_once(
    ledger: Ledger, other_ledger: Ledger, database: Database
) -> None:
    for n in range(5):
        await give(ledger, ALICE, 1, f"a{n}")
        await give(ledger, BOB, 1, f"b{n}")
    await asyncio.gather(ledger.copy(), other_ledger.copy(), give(ledger, ALICE, 1, "during"))
    await ledger.copy()
    assert len(await stored_entries(database)) == 11
    assert await ledger.copy() == 0
    assert await database.collection("accounts").find({"dirty": True}) == []
    await assert_sound(ledger)


async def test_more_dirty_accounts_than_one_batch_are_all_copied(
    ledger: Ledger, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_COPY_BATCH", 3)
    for n in range(10):
        await give(ledger, ALICE + n, 1, f"k{n}")
    assert await ledger.copy() == 10


async def test_an_account_that_nobody_copies_does_not_grow_for_ever(
    ledger: Ledger, database: Database
) -> None:
    for n in range(100):
        await give(ledger, ALICE, 1, f"k{n}")
        account = await AccountStore(database).get(f"user:{ALICE}")
        assert len(account.pending) <= ledger_module.PENDING_LIMIT
    assert await ledger.balance(ALICE) == Balance(100, 0)
    await assert_sound(ledger)


async def test_entries_that_contradict_the_ledger_are_kept_and_do_not_stop_the_others(
    ledger: Ledger, database: Database
) -> None:
    await give(ledger, ALICE, 1, "a")
    await give(ledger, BOB, 1, "b")
    await database.collection("entries").insert_one(
        {
            "_id": "a",
            "debit": "x",
            "credit": "y",
            "amount": 9,
            "reference": "",
            "actor": "",
            "reason": "",
            "at": (await ledger.statement(ALICE))[0].at,
            "account": "z",
            "sequence": 1,
        }
    )
    with pytest.raises(LedgerError, match="in the place of a"):
        await ledger.copy()
    assert await stored_entries(database) == ["a", "b"]
    assert len((await AccountStore(database).get(f"user:{ALICE}")).pending) == 1


async def test_the_copier_copies_every_second_and_once_more_at_the_end(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(ledger.run(stop))
    await clock.until_asleep()
    await give(ledger, ALICE, 1, "a")
    await clock.advance(1)
    await clock.until_asleep()
    assert await stored_entries(database) == ["a"]
    await give(ledger, ALICE, 1, "b")
    stop.set()
    await running
    assert await stored_entries(database) == ["a", "b"]


async def test_an_ordinary_operation_costs_few_round_trips(ledger: Ledger, database: Database) -> None:
    await give(ledger, ALICE, 100, "a")

    async def cost(operation: Awaitable[object]) -> int:
        before = database.round_trips
        await operation
        return database.round_trips - before

    assert await cost(ledger.hold(ALICE, "job1", 1, **WHO)) == 3
    assert await cost(ledger.settle(ALICE, "job1", **WHO)) == 2
    assert await cost(give(ledger, ALICE, 1, "b")) == 4
    assert await cost(ledger.balance(ALICE)) == 1


async def test_fifty_holds_at_once_never_overdraw(ledger: Ledger, other_ledger: Ledger) -> None:
    await give(ledger, ALICE, 100, "charge1")

    async def hold(number: int) -> bool:
        try:
            return await (ledger, other_ledger)[number % 2].hold(ALICE, f"job{number}", 7, **WHO)
        except InsufficientStars:
            return False

    held = await asyncio.gather(*(hold(number) for number in range(50)))
    assert sum(held) == 14
    assert await ledger.balance(ALICE) == Balance(2, 98)
    await assert_sound(ledger)


@pytest.mark.parametrize("copying", [False, True])
async def test_one_key_fifty_times_at_once_counts_once(
    ledger: Ledger, other_ledger: Ledger, copying: bool
) -> None:
    both = (ledger, other_ledger)
    wanted = [give(both[number % 2], ALICE, 10, "charge1") for number in range(50)]
    copies = [both[number % 2].copy() for number in range(10)] if copying else []
    counted = (await asyncio.gather(*wanted, *copies))[:50]
    assert sum(counted) == 1
    assert await ledger.balance(ALICE) == Balance(10, 0)
    await assert_sound(ledger)


async def test_one_key_for_two_people_at_once_counts_for_one(ledger: Ledger, other_ledger: Ledger) -> None:
    for number in range(10):
        key = f"charge{number}"
        outcomes = await asyncio.gather(
            give(ledger, ALICE, 1, key), give(other_ledger, BOB, 1, key), return_exceptions=True
        )
        assert sorted(str(type(outcome)) for outcome in outcomes) == sorted([str(bool), str(KeyConflict)])
    total = (await ledger.balance(ALICE)).available + (await ledger.balance(BOB)).available
    assert total == 10
    await assert_sound(ledger)


async def test_settle_and_release_at_once_end_a_hold_one_way(ledger: Ledger, other_ledger: Ledger) -> None:
    await give(ledger, ALICE, 100, "charge1")
    for number in range(10):
        job = f"job{number}"
        await ledger.hold(ALICE, job, 10, **WHO)
        ends = [ledger.settle, other_ledger.release, other_ledger.settle, ledger.release]
        outcomes = await asyncio.gather(*(end(ALICE, job, **WHO) for end in ends), return_exceptions=True)
        kinds = [type(outcome) for outcome in outcomes]
        assert kinds in ([int, UnknownHold, int, UnknownHold], [UnknownHold, int, UnknownHold, int])
    await assert_sound(ledger)


async def test_whoever_loses_every_race_says_so_in_the_end(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "_RACES", 20)
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    ledger = Ledger(database, clock, pause=pause)
    await give(ledger, ALICE, 1, "a")
    other = Ledger(database, clock)
    apply = AccountStore.apply
    number = iter(range(100))

    async def outrun(self: AccountStore, *args: object) -> bool:
        if self is ledger._accounts:
            await give(other, ALICE, 1, f"other{next(number)}")
        return await apply(self, *args)

    monkeypatch.setattr(AccountStore, "apply", outrun)
    with pytest.raises(AccountBusy):
        await give(ledger, ALICE, 1, "b")
    assert len(pauses) == 20
    assert max(pauses[10:]) < 0.02 / (1 + 10 / 4)
    assert await ledger.balance(ALICE) == Balance(21, 0)


async def test_calls_on_one_account_are_served_in_their_order_and_without_a_pause(
    database: Database, clock: ManualClock
) -> None:
    async def never(_: float) -> None:
        raise AssertionError("nobody else is there")

    ledger = Ledger(database, clock, pause=never)
    await give(ledger, ALICE, 20, "a")
    await asyncio.gather(*(ledger.hold(ALICE, f"job{number:02}", 1, **WHO) for number in range(20)))
    held = [entry.reference for entry in await ledger.statement(ALICE)]
    assert held == [f"job{number:02}" for number in reversed(range(20))]
