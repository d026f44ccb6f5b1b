"""What a process of its own does: random things to a ledger, and says after each what was acknowledged.

Each line of the output is an operation as JSON, "begun" before it and "done" after it, so that a test which
kills the process knows what may have happened and what has.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from core.billing.ledger import Ledger
from core.billing.operations import PROMO
from core.clock import SystemClock
from core.errors import InsufficientStars, UnknownHold
from core.storage.database import Database

NOTE = {"actor": "worker", "reason": "chance"}


def chosen(chance: random.Random, people: list[int], number: int, seed: int) -> dict[str, Any]:
    """A random operation; its keys are those of this run, its holds those of any."""
    kinds = {"credit": 3, "debit": 1, "claw_back": 2, "forgive": 1, "hold": 5, "settle": 3, "release": 3}
    kind = chance.choices([*kinds, "copy"], [*kinds.values(), 1])[0]
    hold = f"job{chance.randrange(200)}"
    return {"kind": kind, "user": chance.choice(people), "key": f"{seed}.{number}", "hold": hold}


async def done(ledger: Ledger, operation: dict[str, Any]) -> object:
    """Do an operation; what it answered, or the name of what it raised."""
    user, key, hold = operation["user"], operation["key"], operation["hold"]
    # A hold's amount and source follow from its id, so that whoever asks for it means the same.
    amount = int(hold[3:]) % 7 + 1
    source = PROMO if int(hold[3:]) % 3 == 0 else ""
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "credit": lambda: ledger.credit(user, 20, source="manual", key=key, reference="", **NOTE),
        "debit": lambda: ledger.debit(user, 3, target="refund", key=key, reference="", **NOTE),
        "claw_back": lambda: clawed_back(ledger, user, key),
        "forgive": lambda: ledger.forgive(user, 15, key=key, reference="", **NOTE),
        "hold": lambda: ledger.hold(user, hold, amount, source=source, **NOTE),
        "settle": lambda: ledger.settle(user, hold, **NOTE),
        "release": lambda: ledger.release(user, hold, **NOTE),
        "copy": ledger.copy,
    }
    try:
        return await calls[operation["kind"]]()
    except (InsufficientStars, UnknownHold) as refusal:
        return type(refusal).__name__


async def clawed_back(ledger: Ledger, user: int, key: str) -> list[int]:
    """Claw back more than most balances have; what was taken and what is owed."""
    answer = await ledger.claw_back(user, 25, target="refund", key=key, reference="", **NOTE)
    return [answer.taken, answer.owed]


def work(uri: str, name: str, seed: int, count: int, people: list[int]) -> None:
    """Work on the ledger of the database until `count` operations are done, or the process is killed."""
    asyncio.run(_work(uri, name, seed, count, people))


async def _work(uri: str, name: str, seed: int, count: int, people: list[int]) -> None:
    clock = SystemClock()
    database = await Database.connect(uri, name, embedded=True, clock=clock)
    chance = random.Random(seed)
    ledger = Ledger(database, clock, chance=chance)
    for number in range(count):
        operation = chosen(chance, people, number, seed)
        sys.stdout.write(json.dumps({"begun": operation}) + "\n")
        sys.stdout.flush()
        answer = await done(ledger, operation)
        sys.stdout.write(json.dumps({"done": operation, "answer": answer}) + "\n")
        sys.stdout.flush()
    await database.close()
