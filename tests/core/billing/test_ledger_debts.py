"""Debts and free holds: what is clawed back and owed, how it is repaid, what is forgiven."""

from __future__ import annotations

import asyncio

import pytest
from ledger_tools import ALICE, BOB, WHO, assert_sound, claw, forgive, give, take

from core.billing.holding import release_key
from core.billing.ledger import Balance, ClawedBack, Ledger
from core.billing.operations import PROMO
from core.errors import InsufficientStars, KeyConflict, LedgerError
from core.storage.accounts import AccountStore
from core.storage.database import Database

ME, HELD, DEBT = f"user:{ALICE}", f"held:{ALICE}", f"debt:{ALICE}"
COPIED = pytest.mark.parametrize("copied", [False, True], ids=["pending", "copied"])


async def moves(ledger: Ledger) -> list[tuple[str, str, str, int]]:
    return [(e.key, e.debit, e.credit, e.amount) for e in reversed(await ledger.statement(ALICE, 100))]


async def test_what_the_balance_covers_is_clawed_back_from_it(ledger: Ledger) -> None:
    await give(ledger, ALICE, 100, "charge1")
    assert await claw(ledger, ALICE, 60, "refund1") == ClawedBack(60, 0)
    assert await ledger.balance(ALICE) == Balance(40, 0, 0)
    assert (await moves(ledger))[1:] == [("refund1", ME, "refund", 60)]
    await assert_sound(ledger)


async def test_what_the_balance_lacks_is_owed(ledger: Ledger) -> None:
    await give(ledger, ALICE, 100, "charge1")
    await ledger.hold(ALICE, "job1", 70, **WHO)
    assert await claw(ledger, ALICE, 100, "refund1") == ClawedBack(30, 70)
    assert await ledger.balance(ALICE) == Balance(0, 70, 70)
    assert (await moves(ledger))[2:] == [("refund1", ME, "refund", 30), ("refund1#debt", DEBT, "refund", 70)]
    await assert_sound(ledger)


async def test_somebody_without_an_account_owes_everything(ledger: Ledger) -> None:
    assert await claw(ledger, ALICE, 5, "refund1") == ClawedBack(0, 5)
    assert await claw(ledger, ALICE, 5, "refund1") == ClawedBack(0, 5)
    assert await ledger.balance(ALICE) == Balance(0, 0, 5)
    assert await moves(ledger) == [("refund1#debt", DEBT, "refund", 5)]
    await assert_sound(ledger)


@COPIED
async def test_a_claw_back_answers_the_same_whatever_the_balance_became(ledger: Ledger, copied: bool) -> None:
    await give(ledger, ALICE, 30, "charge1")
    assert await claw(ledger, ALICE, 100, "refund1") == ClawedBack(30, 70)
    await give(ledger, ALICE, 500, "charge2")
    if copied:
        await ledger.copy()
    assert await claw(ledger, ALICE, 100, "refund1") == ClawedBack(30, 70)
    assert await ledger.balance(ALICE) == Balance(430, 0, 0)
    await assert_sound(ledger)


@COPIED
async def test_what_a_debit_took_is_clawed_back_already(ledger: Ledger, copied: bool) -> None:
    await give(ledger, ALICE, 100, "charge1")
    await take(ledger, ALICE, 100, "refund1")
    if copied:
        await ledger.copy()
    assert await claw(ledger, ALICE, 100, "refund1") == ClawedBack(100, 0)
    assert await ledger.balance(ALICE) == Balance(0, 0, 0)


async def test_a_debit_that_was_short_can_become_a_claw_back(ledger: Ledger) -> None:
    await give(ledger, ALICE, 40, "charge1")
    with pytest.raises(InsufficientStars):
        await take(ledger, ALICE, 100, "refund1")
    assert await claw(ledger, ALICE, 100, "refund1") == ClawedBack(40, 60)
    await assert_sound(ledger)


@COPIED
@pytest.mark.parametrize("before", [0, 40])
async def test_a_debit_never_takes_what_was_clawed_back(ledger: Ledger, copied: bool, before: int) -> None:
    if before:
        await give(ledger, ALICE, before, "charge1")
    await claw(ledger, ALICE, 100, "refund1")
    await give(ledger, ALICE, 1000, "charge2")
    if copied:
        await ledger.copy()
    with pytest.raises(KeyConflict):
        await take(ledger, ALICE, 100, "refund1")
    assert (await ledger.balance(ALICE)).available == 900 + before


@COPIED
async def test_a_claw_back_that_comes_with_another_content_is_refused(ledger: Ledger, copied: bool) -> None:
    await give(ledger, ALICE, 30, "charge1")
    await claw(ledger, ALICE, 100, "refund1")
    if copied:
        await ledger.copy()
    with pytest.raises(KeyConflict):
        await claw(ledger, ALICE, 99, "refund1")
    with pytest.raises(KeyConflict):
        await claw(ledger, BOB, 100, "refund1")
    with pytest.raises(KeyConflict):
        await ledger.claw_back(ALICE, 100, target="adjustment", key="refund1", reference="", **WHO)
    with pytest.raises(KeyConflict):
        await forgive(ledger, ALICE, 100, "refund1")
    assert await ledger.balance(ALICE) == Balance(0, 0, 70)


async def test_a_credit_repays_the_debt_first(ledger: Ledger) -> None:
    await claw(ledger, ALICE, 50, "refund1")
    assert await give(ledger, ALICE, 20, "charge1")
    assert await ledger.balance(ALICE) == Balance(0, 0, 30)
    assert not await give(ledger, ALICE, 20, "charge1")
    assert await give(ledger, ALICE, 40, "charge2")
    assert await ledger.balance(ALICE) == Balance(10, 0, 0)
    assert await give(ledger, ALICE, 5, "charge3")
    assert [await ledger.repaid(ALICE, f"charge{n}") for n in (1, 2, 3, 4)] == [20, 30, 0, 0]
    assert await ledger.repaid(BOB, "charge1") == 0
    assert (await moves(ledger))[1:] == [
        ("charge1", "telegram:stars", ME, 20),
        ("charge1#repaid", ME, DEBT, 20),
        ("charge2", "telegram:stars", ME, 40),
        ("charge2#repaid", ME, DEBT, 30),
        ("charge3", "telegram:stars", ME, 5),
    ]
    await assert_sound(ledger)


async def test_a_release_repays_the_debt_first_and_a_settlement_does_not(ledger: Ledger) -> None:
    await give(ledger, ALICE, 100, "charge1")
    for job, amount in (("settled", 10), ("first", 30), ("second", 60)):
        await ledger.hold(ALICE, job, amount, **WHO)
    await claw(ledger, ALICE, 50, "refund1")
    assert await ledger.settle(ALICE, "settled", **WHO) == 10
    assert await ledger.balance(ALICE) == Balance(0, 90, 50)
    assert await ledger.release(ALICE, "first", **WHO) == 30
    assert await ledger.balance(ALICE) == Balance(0, 60, 20)
    assert await ledger.release(ALICE, "second", **WHO) == 60
    assert await ledger.release(ALICE, "second", **WHO) == 60
    assert await ledger.balance(ALICE) == Balance(40, 0, 0)
    assert await ledger.repaid(ALICE, release_key(ALICE, "first")) == 30
    await ledger.copy()
    assert await ledger.repaid(ALICE, release_key(ALICE, "second")) == 20
    await assert_sound(ledger)


async def test_a_debt_is_forgiven_once_and_never_more_than_is_owed(ledger: Ledger) -> None:
    assert not await forgive(ledger, ALICE, 5, "nothing")
    await claw(ledger, ALICE, 50, "refund1")
    assert await forgive(ledger, ALICE, 20, "case1")
    assert not await forgive(ledger, ALICE, 20, "case1")
    assert await ledger.balance(ALICE) == Balance(0, 0, 30)
    await give(ledger, ALICE, 10, "charge1")
    assert await forgive(ledger, ALICE, 30, "case2")
    assert await ledger.balance(ALICE) == Balance(0, 0, 0)
    forgiven = await ledger.entry(ALICE, "case2")
    assert forgiven is not None
    assert (forgiven.debit, forgiven.credit, forgiven.amount) == ("adjustment", DEBT, 20)
    await ledger.copy()
    assert not await forgive(ledger, ALICE, 30, "case2")
    with pytest.raises(KeyConflict):
        await forgive(ledger, ALICE, 31, "case2")
    await assert_sound(ledger)


async def test_a_free_hold_takes_nothing_from_the_person(ledger: Ledger, database: Database) -> None:
    assert await ledger.hold(ALICE, "free1", 7, source=PROMO, **WHO)
    assert not await ledger.hold(ALICE, "free1", 7, source=PROMO, **WHO)
    assert await ledger.balance(ALICE) == Balance(0, 7, 0)
    assert [held.hold_id for held in await ledger.all_holds()] == ["free1"]
    await ledger.hold(ALICE, "free2", 8, source=PROMO, **WHO)
    await claw(ledger, ALICE, 3, "refund1")
    assert await ledger.release(ALICE, "free1", **WHO) == 7
    assert await ledger.settle(ALICE, "free2", **WHO) == 8
    assert await ledger.release(ALICE, "free1", **WHO) == 7
    assert await ledger.balance(ALICE) == Balance(0, 0, 3)
    assert [move for move in await moves(ledger) if move[0] != "refund1#debt"] == [
        (f"hold:{ALICE}:free1", PROMO, HELD, 7),
        (f"hold:{ALICE}:free2", PROMO, HELD, 8),
        (f"release:{ALICE}:free1", HELD, PROMO, 7),
        (f"settle:{ALICE}:free2", HELD, "revenue", 8),
    ]
    assert await database.collection("accounts").find({"holding": True}) == []
    await assert_sound(ledger)


@COPIED
async def test_a_hold_that_comes_from_another_source_is_refused(ledger: Ledger, copied: bool) -> None:
    await give(ledger, ALICE, 100, "charge1")
    await ledger.hold(ALICE, "own", 7, **WHO)
    await ledger.hold(ALICE, "free", 7, source=PROMO, **WHO)
    if copied:
        await ledger.copy()
    with pytest.raises(KeyConflict):
        await ledger.hold(ALICE, "own", 7, source=PROMO, **WHO)
    with pytest.raises(KeyConflict):
        await ledger.hold(ALICE, "free", 7, **WHO)
    for source in ("manual", "revenue", f"user:{BOB}"):
        with pytest.raises(LedgerError, match="cannot be the source"):
            await ledger.hold(ALICE, "other", 7, source=source, **WHO)


@COPIED
async def test_an_entry_is_found_by_its_key_where_its_person_is_named(ledger: Ledger, copied: bool) -> None:
    await give(ledger, ALICE, 100, "charge1")
    await give(ledger, BOB, 100, "charge2")
    if copied:
        await ledger.copy()
    found = await ledger.entry(ALICE, "charge1")
    assert found == (await ledger.statement(ALICE))[0]
    assert await ledger.entry(ALICE, "charge2") is None
    assert await ledger.entry(ALICE, "charge3") is None


@pytest.mark.parametrize("key", ["x#debt", "x#repaid"])
async def test_a_callers_key_does_not_end_like_the_ledgers_own(ledger: Ledger, key: str) -> None:
    for act in (give, take, claw, forgive):
        with pytest.raises(LedgerError, match="cannot be the key"):
            await act(ledger, ALICE, 1, key)


async def test_a_debt_stays_within_64_bits(ledger: Ledger) -> None:
    most = 2**63 - 1
    assert await claw(ledger, ALICE, most, "refund1") == ClawedBack(0, most)
    with pytest.raises(LedgerError, match="cannot owe that many"):
        await claw(ledger, ALICE, 1, "refund2")
    assert await forgive(ledger, ALICE, most, "case1")
    await assert_sound(ledger)


async def test_claw_backs_credits_and_releases_at_once_leave_no_stars_beside_a_debt(
    ledger: Ledger, other_ledger: Ledger
) -> None:
    await give(ledger, ALICE, 100, "charge0")
    for number in range(5):
        await ledger.hold(ALICE, f"job{number}", 20, **WHO)
    both = (ledger, other_ledger)
    clawed = [claw(both[number % 2], ALICE, 9, f"refund{number % 5}") for number in range(20)]
    given = [give(both[number % 2], ALICE, 3, f"charge{number % 5 + 1}") for number in range(20)]
    released = [both[number % 2].release(ALICE, f"job{number % 5}", **WHO) for number in range(10)]
    answers = (await asyncio.gather(*clawed, *given, *released))[:20]
    assert all(answers[number] == answers[number % 5] for number in range(20))
    assert sum(isinstance(answer, ClawedBack) and answer.taken + answer.owed == 9 for answer in answers) == 20
    assert await ledger.balance(ALICE) == Balance(100 + 15 - 45, 0, 0)
    await assert_sound(ledger)


async def test_an_account_of_before_there_were_debts_and_free_holds_goes_on(
    ledger: Ledger, database: Database
) -> None:
    await give(ledger, ALICE, 100, "charge1")
    await ledger.hold(ALICE, "job1", 30, **WHO)
    rows = database.collection("accounts")
    assert (await rows.update_one({"_id": ME}, {"$unset": {"owed": ""}})).modified == 1
    assert await ledger.balance(ALICE) == Balance(70, 30, 0)
    assert await claw(ledger, ALICE, 90, "refund1") == ClawedBack(70, 20)
    assert await ledger.release(ALICE, "job1", **WHO) == 30
    assert await ledger.balance(ALICE) == Balance(10, 0, 0)
    assert (await AccountStore(database).get(ME)).owed == 0
    await assert_sound(ledger)
