"""Stars for a group: to those of the group, to each once, whenever the one that gives them dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core.billing.desk import Desk
from core.billing.ledger import Ledger
from core.broadcast.broadcasts import Broadcasts
from core.broadcast.runner import BroadcastRunner
from core.storage.audit import AuditLog
from core.storage.broadcasts import Broadcast, BroadcastState, BroadcastStore
from core.storage.database import Database
from core.storage.payments import PaymentStore
from core.storage.people_search import Activity, Audience, PeopleSearch
from core.storage.refunds import RefundStore
from core.storage.users import UserStore
from sandbox.clock import ManualClock

ADMIN, STARS = 7, 5
GIVEN, OTHERS = range(100, 145), range(200, 205)
AFTER = {"the grant": 30, "the letter": 30, "the count": 1}
"""Behind which call of these the process dies: within the second handful, or after the first."""


class Died(BaseException):
    """The process is gone."""


class Box:
    """Letters by what they are about, as the outbox has them: one for each."""

    def __init__(self) -> None:
        self.letters: set[tuple[int, str]] = set()

    async def write(self, user_id: int, _key: str, *, about: str, **_: Any) -> None:
        self.letters.add((user_id, about))


@pytest.mark.parametrize("where", AFTER)
async def test_each_of_the_group_gets_them_once_although_the_bot_dies(
    database: Database, clock: ManualClock, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _people(database, clock)
    ledger, box, store = Ledger(database, clock), Box(), BroadcastStore(database, clock)
    people = PeopleSearch(database, clock, _language)
    campaign = await _begun(store, people, AuditLog(database, clock))

    def runner() -> BroadcastRunner:
        """The sender of a process that has just begun."""
        letters: Any = box
        desk = Desk(
            database=database,
            ledger=ledger,
            payments=PaymentStore(database),
            refunds=RefundStore(database),
            letters=letters,
            people=UserStore(database, clock),
        )
        nothing: Any = None
        return BroadcastRunner(store, people, nothing, lambda: desk, clock)

    with monkeypatch.context() as dying:
        owner, name = {
            "the grant": (ledger, "credit"),
            "the letter": (box, "write"),
            "the count": (store, "advance"),
        }[where]
        dying.setattr(owner, name, _dies_after(getattr(owner, name), AFTER[where]))
        with pytest.raises(Died):
            await runner().run()
    halfway = [(await ledger.balance(each)).available for each in GIVEN]
    assert 0 < halfway.count(STARS) < len(GIVEN), "it died in the middle of it"

    over, survivor = asyncio.Event(), runner()

    async def ended(_: Broadcast) -> None:
        over.set()

    survivor.ended.append(ended)
    after = asyncio.create_task(survivor.run())
    await over.wait()
    after.cancel()
    done = await store.get(campaign)
    assert done is not None
    assert (done.state, done.sent, done.failed) == (BroadcastState.DONE, len(GIVEN), 0)
    for person, stars in ((GIVEN, STARS), (OTHERS, 0)):
        assert {(await ledger.balance(each)).available for each in person} == {stars}
    about = f"grant:broadcast:{campaign}"
    assert box.letters == {(each, f"{about}:{each}") for each in GIVEN}
    report = await ledger.check()
    assert (report.total, report.problems) == (0, ())


def _language(chosen: str | None, telegram: str | None) -> str:
    return chosen or telegram or "en"


async def _people(database: Database, clock: ManualClock) -> None:
    day = clock.now().date()
    long_ago = (day - timedelta(days=40)).isoformat()
    known = {"arrived": True, "telegram_language": "ru", "seen_on": day.isoformat()}
    rows: list[dict[str, Any]] = [{"_id": each, **known} for each in GIVEN]
    # Of another language, away for long, shut out.
    others: tuple[dict[str, Any], ...] = (
        {"telegram_language": "en"},
        {"language": "en"},
        {"seen_on": long_ago},
        {"banned_until": clock.now() + timedelta(days=1)},
        {"blocked_bot": True},
    )
    rows += [{**rows[0], "_id": each, **other} for each, other in zip(OTHERS, others, strict=True)]
    await database.collection("users").insert_many(rows)


async def _begun(store: BroadcastStore, people: PeopleSearch, audit: AuditLog) -> str:
    nothing: Any = None
    desk = Broadcasts(store, people, audit, letters=nothing, files=nothing, wake=lambda: None)
    draft = await desk.draft_gift("outage", STARS, "sorry", by=ADMIN)
    audience = Audience("ru", Activity.MONTH)
    assert (await desk.choose(draft.id, audience, by=ADMIN)).first
    begun = await desk.begin(draft.id, audience, by=ADMIN)
    assert begun.first
    assert begun.broadcast.total == len(GIVEN)
    return draft.id


def _dies_after(act: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The same, and no more of the process once it was done so often."""
    done = 0

    async def once(*args: Any, **named: Any) -> Any:
        nonlocal done
        if done >= count:
            raise Died
        outcome = await act(*args, **named)
        done += 1
        if done == count:
            raise Died
        return outcome

    return once
