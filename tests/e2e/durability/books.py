"""What must hold when everything has come to rest: chat, jobs and ledger tell the same story."""

from __future__ import annotations

import hashlib

from durability.customers import Customer, Wish, is_apology

from core.billing.ledger import Ledger
from core.clock import SystemClock
from core.generation.job import FINAL_STATES, Job, JobState
from core.storage.database import Database
from core.storage.generations import JobStore
from core.storage.inbox import Inbox
from sandbox.people.person import Person
from sandbox.people.views import MessageView

_RETURNED = "back on your balance"
_ALL_ENTRIES = 10_000


async def nothing_runs(database: Database) -> bool:
    """Whether every generation has ended, nothing is held, and no update waits to be handled."""
    live = await database.collection("generations").find({"live": True}, fields=["_id"])
    held = await Ledger(database, SystemClock()).all_holds()
    return not live and not held and not await Inbox(database, SystemClock()).pending()


async def assert_sound(database: Database) -> None:
    """The ledger is in order, and nothing is under way in it."""
    ledger = Ledger(database, SystemClock())
    report = await ledger.check()
    assert (report.total, report.problems) == (0, ())
    assert await ledger.all_holds() == []
    assert await Inbox(database, SystemClock()).pending() == []


async def assert_served(database: Database, customer: Customer) -> None:
    """Each wish of a person became one job, one message that tells the truth, and one movement of Stars."""
    person = customer.person
    jobs = await jobs_of(database, person)
    assert [job.state in FINAL_STATES for job in jobs] == [True] * len(customer.wishes)
    assert not [message for message in customer_news(person) if message not in customer.outcomes]
    # The welcome, then the outcomes: offers and progress are gone.
    assert [message.id for message in received(person)[1:]] == [it.id for it in customer.outcomes]
    entries = await Ledger(database, SystemClock()).statement(person.id, _ALL_ENTRIES)
    assert [entry.key for entry in entries if entry.debit == "promo"] == [f"welcome:{person.id}"]
    for wish, job, message in zip(customer.wishes, jobs, customer.outcomes, strict=True):
        moved = sorted(
            (entry.debit, entry.credit, entry.amount) for entry in entries if entry.reference == job.id
        )
        user, held = f"user:{person.id}", f"held:{person.id}"
        if job.state is JobState.DELIVERED:
            assert wish in (Wish.RESULT, Wish.STOPPED)
            assert moved == [(held, "revenue", job.price), (user, held, job.price)]
            await _assert_delivered(person, job, message)
        else:
            assert wish is not Wish.RESULT, f"{job.failure}: {job.detail}"
            assert moved == [(held, user, job.price), (user, held, job.price)]
            assert message.media is None
            assert job.id in message.text
            assert f"{job.price} Stars are {_RETURNED}" in message.text


async def jobs_of(database: Database, person: Person) -> list[Job]:
    """A person's generations, oldest first."""
    rows = await database.collection("generations").find({"user_id": person.id}, fields=["created_at"])
    store = JobStore(database, SystemClock())
    found = [await store.get(row["_id"]) for row in sorted(rows, key=lambda row: row["created_at"])]
    return [job for job in found if job is not None]


def received(person: Person) -> list[MessageView]:
    """What stands in the chat from the bot, oldest first, but for words of regret."""
    return [message for message in person.messages() if not message.out and not is_apology(message)]


def customer_news(person: Person) -> list[MessageView]:
    """New messages that came and that nobody waited for, gone again or not; edits and regrets are none."""
    return [message for message in person.unexpected if not message.edited and not is_apology(message)]


async def _assert_delivered(person: Person, job: Job, message: MessageView) -> None:
    assert message.media is not None
    assert f"{job.price} Stars" in message.text
    if message.media.kind == "audio":
        content = await person.download(message)
        assert hashlib.sha256(content).hexdigest() == job.results[0]["sha256"]
