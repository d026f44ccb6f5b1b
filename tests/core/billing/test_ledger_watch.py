"""The ledger's watch: when it checks, and what it tells of a ledger that does not add up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import structlog
from ledger_tools import ALICE, WHO, give

from core.billing.ledger import Ledger, LedgerReport
from core.billing.ledger_watch import LedgerWatch
from core.errors import DatabaseAway
from core.i18n import CORE, I18n
from core.plugins.status import Alert
from core.storage.database import Database
from sandbox.clock import ManualClock

HOUR = 3600
LOCALES = Path(__file__).parents[3] / "locales"
SOUND = LedgerReport(0, (), accounts=2, entries=5)


class Told(list[Alert]):
    """What admins were told."""

    async def __call__(self, alert: Alert) -> None:
        self.append(alert)


class Answers:
    """A ledger whose checks answer, or raise, one after another; the last again and again."""

    def __init__(self, *answers: LedgerReport | Exception) -> None:
        self.answers = list(answers)
        self.checks = 0

    async def check(self) -> LedgerReport:
        self.checks += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@asynccontextmanager
async def running(watch: LedgerWatch, clock: ManualClock) -> AsyncIterator[None]:
    task = asyncio.create_task(watch.run())
    await clock.until_asleep()
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def broken(*problems: str) -> LedgerReport:
    return LedgerReport(7, problems, accounts=2, entries=5)


async def test_the_ledger_is_checked_at_three_every_night(clock: ManualClock) -> None:
    ledger = Answers(SOUND)
    until_three = (27 - clock.now().hour) % 24 * HOUR - clock.now().minute * 60
    async with running(LedgerWatch(ledger, Told(), clock), clock):
        await clock.advance(until_three - 1)
        assert ledger.checks == 0
        await clock.advance(1)
        await clock.until_asleep()
        assert (ledger.checks, clock.now().hour) == (1, 3)
        await clock.advance(24 * HOUR - 1)
        assert ledger.checks == 1
        await clock.advance(1)
        await clock.until_asleep()
        assert ledger.checks == 2


async def test_another_hour_can_be_set(clock: ManualClock) -> None:
    ledger = Answers(SOUND)
    hour = (clock.now().hour + 2) % 24
    async with running(LedgerWatch(ledger, Told(), clock, hour=hour), clock):
        await clock.advance(2 * HOUR)
        await clock.until_asleep()
        assert ledger.checks == 1


async def test_a_check_waits_for_a_database_that_is_away(clock: ManualClock) -> None:
    ledger = Answers(DatabaseAway("gone"), DatabaseAway("gone"), broken("x: y"), SOUND)
    told = Told()
    async with running(LedgerWatch(ledger, told, clock), clock):
        await clock.advance(24 * HOUR)
        await clock.until_asleep()
        # The night came once; the outage was over ten minutes later, and the next check is tomorrow's.
        assert ledger.checks == 3
        assert len(told) == 1


async def test_a_sound_ledger_is_no_news() -> None:
    told = Told()
    with structlog.testing.capture_logs() as lines:
        assert await LedgerWatch(Answers(SOUND), told, ManualClock()).check_now() == SOUND
    assert told == []
    assert [(line["log_level"], line["accounts"], line["entries"]) for line in lines] == [("info", 2, 5)]


async def test_admins_read_the_exact_difference_and_the_log_no_full_id(
    ledger: Ledger, database: Database, clock: ManualClock
) -> None:
    await give(ledger, ALICE, 100, "charge1")
    await ledger.hold(ALICE, "job1", 10, **WHO)
    await ledger.copy()
    await database.collection("accounts").update_one({"_id": f"user:{ALICE}"}, {"$inc": {"balance": 7}})
    await database.collection("entries").delete_one({"_id": f"hold:{ALICE}:job1"})
    row = await database.collection("entries").find_one({"_id": "charge1"})
    orphan = {**row, "_id": f"referral:{ALICE + 1}", "account": "user:5000000999"}
    await database.collection("entries").insert_one(orphan)
    told = Told()
    with structlog.testing.capture_logs() as lines:
        report = await LedgerWatch(ledger, told, clock).check_now()
    (alert,) = told
    assert alert.variables["problems"] == "\n".join(report.problems)
    assert f"user:{ALICE}: balance is 97, its entries make 100: -3" in report.problems
    assert alert.variables["count"] == len(report.problems)
    assert alert.variables["total"] == report.total
    assert [line["account"] for line in lines] == ["user:…0001", "user:…0999", ""]
    assert str(ALICE)[:-4] not in str(lines)
    assert "balance is 97, its entries make 100: -3" in str(lines)
    assert "referral:…0002" in str(lines)


@pytest.mark.parametrize(("language", "words"), [("en", "does not add up"), ("ru", "не сходится")])
@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, {"en": "1 difference was found", "ru": "Найдено 1 расхождение:"}),
        (3, {"en": "3 differences were found", "ru": "Найдено 3 расхождения:"}),
        (12, {"en": "12 differences were found", "ru": "Найдено 12 расхождений:"}),
        (500, {"en": "\n… + 488</pre>", "ru": "\n… + 488</pre>"}),
    ],
)
async def test_the_alert_fits_into_a_message(
    language: str, words: str, count: int, said: dict[str, str]
) -> None:
    told = Told()
    problems = [f"user:{number}: of {'9' * 500} < &" for number in range(count)]
    await LedgerWatch(Answers(broken(*problems)), told, ManualClock()).check_now()
    texts = I18n()
    assert texts.add(CORE, LOCALES) == ()
    text = texts.translator(language)(told[0].key, **told[0].variables)
    assert words in text
    assert said[language] in text
    assert len(text) < 4096
    assert ("… +" in text) == (count > 12)
