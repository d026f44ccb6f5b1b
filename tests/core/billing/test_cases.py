"""What operators decide: opened once, decided once, carried out until it is done."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from core.billing.cases import Again, Case, Cases, CaseState, Done
from core.errors import UserFacingError
from core.plugins.status import Alert
from core.storage.database import Database
from sandbox.clock import ManualClock

ALICE = 5_000_000_001
ANN, BEN = 6_000_000_001, 6_000_000_002
"""Two operators."""


@dataclass
class Desk:
    """An instance with what its executor was asked to do; `answers` says what it does about it, in turn."""

    cases: Cases
    carried_out: list[tuple[str, str, int]] = field(default_factory=list)
    words: list[object] = field(default_factory=list)
    answers: list[Done | Again | Exception] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    heard: list[tuple[str, CaseState, str]] = field(default_factory=list)

    async def execute(self, case: Case) -> Done | Again | None:
        self.carried_out.append((case.id, case.decision, case.by))
        self.words.append(case.private.get("words"))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def hear(self, case: Case) -> None:
        self.heard.append((case.id, case.state, case.note))


def desk_on(database: Database, clock: ManualClock) -> Desk:
    alerts: list[Alert] = []

    async def alarm(alert: Alert) -> None:
        alerts.append(alert)

    desk = Desk(Cases(database=database, clock=clock, alert=alarm), alerts=alerts)
    desk.cases.register("refund", desk.execute, check=refunds_only)
    desk.cases.listeners.append(desk.hear)
    return desk


def refunds_only(case: Case, decision: str) -> None:
    if decision not in ("refund", "decline"):
        raise UserFacingError("case-unknown")


@pytest.fixture
def desk(database: Database, clock: ManualClock) -> Desk:
    return desk_on(database, clock)


@pytest.fixture
async def other_desk(
    desk: Desk, database_uri: str, clock: ManualClock, database: Database
) -> AsyncIterator[Desk]:
    other = await Database.connect(
        database_uri, database.name, embedded="TEST_DATABASE_URL" not in os.environ, clock=clock
    )
    yield desk_on(other, clock)
    await other.close()


def refund(case_id: str = "refund:1", **changes: Any) -> Case:
    values: dict[str, Any] = {
        "data": {"charge": "c.1", "stars": 50},
        "private": {"words": "It came twice"},
        **changes,
    }
    return Case(case_id, "refund", ALICE, **{**values, **changes})


async def test_a_case_is_opened_once_whatever_becomes_of_it(desk: Desk) -> None:
    assert await desk.cases.open(refund())
    assert not await desk.cases.open(refund(data={"charge": "another"}))
    (case,) = await desk.cases.open_ones()
    assert (case.data, case.private, case.user_id) == (
        {"charge": "c.1", "stars": 50},
        {"words": "It came twice"},
        ALICE,
    )
    await desk.cases.decide("refund:1", "refund", ANN)
    assert not await desk.cases.open(refund())
    assert desk.heard == [("refund:1", CaseState.OPEN, ""), ("refund:1", CaseState.DONE, "")]


async def test_a_decision_is_carried_out_with_the_words_and_leaves_none(
    desk: Desk, database: Database
) -> None:
    await desk.cases.open(refund())
    desk.answers = [Done({"returned": 50})]
    decided = await desk.cases.decide("refund:1", "refund", ANN)
    assert decided.first
    case = decided.case
    assert (case.state, case.decision, case.by) == (CaseState.DONE, "refund", ANN)
    assert case.data == {"charge": "c.1", "stars": 50, "returned": 50}
    assert desk.carried_out == [("refund:1", "refund", ANN)]
    assert desk.words == ["It came twice"]
    assert await desk.cases.open_ones() == []
    assert "came twice" not in str(await database.collection("cases").find({}))


async def test_ten_taps_and_two_operators_at_once_are_one_decision(desk: Desk, other_desk: Desk) -> None:
    await desk.cases.open(refund())
    taps = [
        (at.cases.decide("refund:1", what, who))
        for _ in range(5)
        for at, what, who in ((desk, "refund", ANN), (other_desk, "decline", BEN))
    ]
    decided = await asyncio.gather(*taps)
    assert [each.first for each in decided].count(True) == 1
    (winner,) = {(each.case.decision, each.case.by) for each in decided}
    assert winner in (("refund", ANN), ("decline", BEN))
    assert [*desk.carried_out, *other_desk.carried_out] == [("refund:1", *winner)]


async def test_what_cannot_be_decided_changes_nothing(desk: Desk) -> None:
    await desk.cases.open(refund())
    with pytest.raises(UserFacingError):
        await desk.cases.decide("refund:1", "burn it", ANN)
    with pytest.raises(UserFacingError, match="case-unknown"):
        await desk.cases.decide("refund:2", "refund", ANN)
    assert desk.carried_out == []
    assert (await desk.cases.decide("refund:1", "decline", BEN)).first


async def test_what_goes_wrong_is_carried_out_again_by_a_sweep(desk: Desk, other_desk: Desk) -> None:
    """Also by another instance, as after a crash between the decision and its end."""
    await desk.cases.open(refund())
    desk.answers = [RuntimeError("Telegram is away")]
    decided = await desk.cases.decide("refund:1", "refund", ANN)
    assert (decided.first, decided.case.state) == (True, CaseState.DECIDED)
    late = await other_desk.cases.decide("refund:1", "decline", BEN)
    assert (late.first, late.case.decision, late.case.by) == (False, "refund", ANN)
    assert other_desk.carried_out == []
    assert await other_desk.cases.sweep() == 1
    assert other_desk.carried_out == [("refund:1", "refund", ANN)]
    assert await desk.cases.sweep() == 0
    case = await desk.cases.get("refund:1")
    assert case is not None
    assert case.state is CaseState.DONE


async def test_a_process_that_dies_while_it_carries_out_leaves_that_to_the_next(
    desk: Desk, other_desk: Desk
) -> None:
    await desk.cases.open(refund())
    asked = asyncio.Event()

    async def hang(case: Case) -> None:
        asked.set()
        await asyncio.Event().wait()

    desk.cases.register("refund", hang)
    dying = asyncio.create_task(desk.cases.decide("refund:1", "refund", ANN))
    await asked.wait()
    dying.cancel()
    await asyncio.wait({dying})
    await other_desk.cases.sweep()
    assert other_desk.carried_out == [("refund:1", "refund", ANN)]


async def test_operators_hear_of_a_decision_that_stays_undone(desk: Desk) -> None:
    await desk.cases.open(refund())
    desk.answers = [RuntimeError("no") for _ in range(15)]
    await desk.cases.decide("refund:1", "refund", ANN)
    for _ in range(14):
        await desk.cases.sweep()
    assert desk.alerts == [Alert("alert-case-stuck", {"case": "refund:1", "decision": "refund"})]
    await desk.cases.sweep()
    case = await desk.cases.get("refund:1")
    assert case is not None
    assert case.state is CaseState.DONE


async def test_it_may_have_to_be_decided_anew(desk: Desk) -> None:
    await desk.cases.open(refund())
    desk.answers = [Again("refund-short", {"missing": 20})]
    decided = await desk.cases.decide("refund:1", "refund", ANN)
    assert decided.first
    (case,) = await desk.cases.open_ones()
    assert case == decided.case
    assert (case.state, case.note, case.data["missing"], case.round) == (
        CaseState.OPEN,
        "refund-short",
        20,
        1,
    )
    assert case.private == {"words": "It came twice"}
    assert desk.heard == [("refund:1", CaseState.OPEN, ""), ("refund:1", CaseState.OPEN, "refund-short")]
    stale = await desk.cases.decide("refund:1", "refund", BEN, round=0)
    assert not stale.first
    again = await desk.cases.decide("refund:1", "decline", BEN, round=1)
    assert (again.first, again.case.state, again.case.note) == (True, CaseState.DONE, "")
    assert desk.carried_out == [("refund:1", "refund", ANN), ("refund:1", "decline", BEN)]


async def test_a_late_end_of_an_earlier_decision_changes_nothing(desk: Desk, other_desk: Desk) -> None:
    """Two instances carry the same decision out; one answers when operators have decided anew."""
    await desk.cases.open(refund())
    late, go_on = asyncio.Event(), asyncio.Event()

    async def slow(case: Case) -> Done:
        late.set()
        await go_on.wait()
        return Done({"returned": 50})

    desk.cases.register("refund", slow)
    slowly = asyncio.create_task(desk.cases.decide("refund:1", "refund", ANN))
    await late.wait()
    other_desk.answers = [Again("refund-short"), RuntimeError("later")]
    await other_desk.cases.sweep()
    assert (await other_desk.cases.decide("refund:1", "decline", BEN)).first
    go_on.set()
    await slowly
    case = await desk.cases.get("refund:1")
    assert case is not None
    assert (case.state, case.decision, case.data.get("returned")) == (CaseState.DECIDED, "decline", None)


async def test_who_could_not_be_told_is_told_by_a_sweep(desk: Desk, other_desk: Desk) -> None:
    failing = True

    async def fail_at_first(case: Case) -> None:
        if failing:
            raise RuntimeError("no")

    desk.cases.listeners.insert(0, fail_at_first)
    await desk.cases.open(refund())
    assert desk.heard == [("refund:1", CaseState.OPEN, "")]
    assert await desk.cases.sweep() == 1
    failing = False
    await desk.cases.sweep()
    assert await desk.cases.sweep() == 0
    assert await other_desk.cases.sweep() == 0
    assert set(desk.heard) == {("refund:1", CaseState.OPEN, "")}


async def test_the_oldest_stand_first(desk: Desk, clock: ManualClock) -> None:
    for number in (3, 1, 2):
        await desk.cases.open(refund(f"refund:{number}"))
        await clock.advance(1)
    assert [case.id for case in await desk.cases.open_ones()] == ["refund:3", "refund:1", "refund:2"]
    assert await desk.cases.open_ones("topup") == []


async def test_a_draft_is_the_persons_own_until_it_is_submitted(desk: Desk) -> None:
    draft = refund(state=CaseState.DRAFT, slot="refund:alice", private={})
    assert await desk.cases.draft(draft)
    assert await desk.cases.open_ones() == []
    assert not (await desk.cases.decide("refund:1", "refund", ANN)).first
    assert not await desk.cases.draft(refund("refund:2", state=CaseState.DRAFT, slot="refund:alice"))
    assert await desk.cases.submit("refund:1", data={"stars": 60}, private={"words": "now"})
    assert not await desk.cases.submit("refund:1", data={"stars": 70})
    assert not await desk.cases.withdraw("refund:1")
    (case,) = await desk.cases.open_ones()
    assert (case.data, case.private) == ({"charge": "c.1", "stars": 60}, {"words": "now"})
    assert desk.heard == [("refund:1", CaseState.OPEN, "")]
    await desk.cases.decide("refund:1", "decline", ANN)
    assert await desk.cases.in_slot("refund:alice") is None
    assert await desk.cases.draft(refund("refund:3", state=CaseState.DRAFT, slot="refund:alice"))


async def test_withdrawing_races_submitting(desk: Desk, other_desk: Desk) -> None:
    for number in range(10):
        await desk.cases.draft(refund(f"r:{number}", state=CaseState.DRAFT))
        done = await asyncio.gather(
            desk.cases.submit(f"r:{number}", data={}), other_desk.cases.withdraw(f"r:{number}")
        )
        assert sorted(done) == [False, True]
        assert (await desk.cases.get(f"r:{number}") is not None) is done[0]


async def test_a_draft_that_nobody_goes_on_with_is_forgotten(desk: Desk, clock: ManualClock) -> None:
    until = clock.now() + timedelta(days=7)
    slot = "refund:alice"
    await desk.cases.draft(refund(state=CaseState.DRAFT, slot=slot, expires_at=until))
    assert await desk.cases.in_slot(slot) is not None
    await clock.advance(7 * 86_400)
    assert await desk.cases.in_slot(slot) is None
    assert await desk.cases.get("refund:1") is None
    assert await desk.cases.draft(refund("refund:2", state=CaseState.DRAFT, slot=slot))
