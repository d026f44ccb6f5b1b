"""The rouble's rate: right, wrong, late, huge or nothing at all from the bank; one answer for people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from core.billing import rates as module
from core.billing.rates import Rates, RateUnusable, RubleRate, read_daily
from core.errors import DatabaseAway
from core.storage.database import Database
from core.storage.settings import SettingsStore
from sandbox.clock import ManualClock

CONFIGURED = Decimal(80)


def listed(day: date, value: str = "80,1234", nominal: str = "1", code: str = "USD") -> bytes:
    """A list as the bank answers it."""
    text = f"""<?xml version="1.0" encoding="windows-1251"?>
<ValCurs Date="{day:%d.%m.%Y}" name="Foreign Currency Market"><Valute ID="R01010"><NumCode>036</NumCode>
<CharCode>AUD</CharCode><Nominal>1</Nominal><Name>Австралийский доллар</Name><Value>52,1110</Value></Valute>
<Valute ID="R01235"><NumCode>840</NumCode><CharCode>{code}</CharCode><Nominal>{nominal}</Nominal>
<Name>Доллар США</Name><Value>{value}</Value><VunitRate>{value}</VunitRate></Valute></ValCurs>"""
    return text.encode("windows-1251")


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Bank:
    """A server that answers as it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: Answer | bytes = b""
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        if isinstance(self.answer, bytes):
            return web.Response(body=self.answer, content_type="application/xml")
        return await self.answer(request)


@pytest.fixture
async def bank(clock: ManualClock) -> AsyncIterator[Bank]:
    bank = Bank()
    bank.answer = listed(clock.now().date())
    application = web.Application()
    application.router.add_get("/daily", bank.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    bank.url = f"http://127.0.0.1:{runner.addresses[0][1]}/daily"
    yield bank
    await runner.cleanup()


@pytest.fixture
def make(database: Database, clock: ManualClock, bank: Bank) -> Callable[[], Rates]:
    store = SettingsStore(database)
    return lambda: Rates(store=store, clock=clock, configured=CONFIGURED, url=bank.url)


async def test_the_rate_of_the_day_with_its_date(
    make: Callable[[], Rates], bank: Bank, clock: ManualClock
) -> None:
    rates = make()
    assert rates.current() == RubleRate(CONFIGURED, clock.now().date(), official=False)
    assert await rates.learned() == RubleRate(Decimal("80.1234"), clock.now().date(), official=True)
    assert rates.current().official
    await asyncio.gather(*(rates.learned() for _ in range(10)))
    assert bank.asked == 1


async def test_ten_at_once_ask_once(make: Callable[[], Rates], bank: Bank) -> None:
    rates = make()
    found = await asyncio.gather(*(rates.learned() for _ in range(10)))
    assert {rate.usd_rub for rate in found} == {Decimal("80.1234")}
    assert bank.asked == 1


@pytest.mark.parametrize(
    ("value", "nominal", "rate"),
    [("80,1234", "1", "80.1234"), ("8012,34", "100", "80.1234"), ("80", "1", "80"), ("80.5", "1", "80.5")],
)
def test_commas_and_nominals(value: str, nominal: str, rate: str) -> None:
    day = date(2026, 11, 21)
    assert read_daily(listed(day, value, nominal)) == RubleRate(Decimal(rate), day, official=True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not found",
        b"<html><body>Hello</body></html>",
        listed(date(2026, 11, 21))[:300],
        listed(date(2026, 11, 21), code="EUR"),
        listed(date(2026, 11, 21), value=""),
        listed(date(2026, 11, 21), value="-80"),
        listed(date(2026, 11, 21), value="NaN"),
        listed(date(2026, 11, 21), value="1e9"),
        listed(date(2026, 11, 21), value="восемьдесят"),
        listed(date(2026, 11, 21), nominal="0"),
        listed(date(2026, 11, 21), nominal="-1"),
        listed(date(2026, 11, 21)).replace(b"21.11.2026", b"yesterday"),
        listed(date(2026, 11, 21)).replace(b"windows-1251", b"klingon-1"),
        listed(date(2026, 11, 21)).replace(
            b"<ValCurs", b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><ValCurs', 1
        ),
    ],
    ids=range(15),
)
def test_what_is_no_list_is_refused(content: bytes) -> None:
    with pytest.raises(RateUnusable):
        read_daily(content)


async def _huge(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"<a/>" * 10_000)


async def _error(request: web.Request) -> web.StreamResponse:
    return web.Response(status=500, body=listed(date(2026, 11, 21)))


async def _broken_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100000"})
    await response.prepare(request)
    await response.write(b"<ValCurs")
    assert request.transport is not None
    request.transport.abort()
    return response


async def _round_and_round(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.path)


BAD_ANSWERS: dict[str, Callable[[date], Answer | bytes]] = {
    "nothing": lambda today: b"",
    "zero": lambda today: listed(today, "0"),
    "ten times as much and more": lambda today: listed(today, "800,01"),
    "a tenth and less": lambda today: listed(today, "7,99"),
    "of long ago": lambda today: listed(today - timedelta(days=31)),
    "of next month": lambda today: listed(today + timedelta(days=8)),
    "huge": lambda today: _huge,
    "error": lambda today: _error,
    "broken off": lambda today: _broken_off,
    "redirects without end": lambda today: _round_and_round,
}


@pytest.mark.parametrize("kind", BAD_ANSWERS)
async def test_a_bad_answer_leaves_the_operators_rate_and_is_told(
    make: Callable[[], Rates], bank: Bank, clock: ManualClock, kind: str
) -> None:
    bank.answer = BAD_ANSWERS[kind](clock.now().date())
    with capture_logs() as logs:
        rate = await make().learned()
    assert rate == RubleRate(CONFIGURED, clock.now().date(), official=False)
    (told,) = [line for line in logs if line["log_level"] == "warning"]
    assert told["event"] == "rouble rate not had"
    assert told["in_use"] == "80"


async def test_a_bank_that_does_not_answer_is_given_up(
    make: Callable[[], Rates], bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = asyncio.Event()

    async def late(request: web.Request) -> web.StreamResponse:
        await released.wait()
        return web.Response()

    bank.answer = late
    monkeypatch.setattr(module, "_SECONDS", 0.05)
    assert not (await make().learned()).official
    released.set()


async def test_a_bank_that_is_away_is_no_error(database: Database, clock: ManualClock) -> None:
    rates = Rates(
        store=SettingsStore(database), clock=clock, configured=CONFIGURED, url="http://127.0.0.1:9/daily"
    )
    assert not (await rates.learned()).official


async def test_nobody_is_asked_without_an_address(database: Database, clock: ManualClock) -> None:
    rates = Rates(store=SettingsStore(database), clock=clock, configured=CONFIGURED)
    assert await rates.learned() == RubleRate(CONFIGURED, clock.now().date(), official=False)
    await rates.run(asyncio.Event())
    assert await SettingsStore(database).all("rates") == {}


async def test_a_bad_day_keeps_yesterdays_rate_with_its_date_for_a_week(
    make: Callable[[], Rates], bank: Bank, clock: ManualClock
) -> None:
    yesterday = clock.now().date()
    await make().learned()
    bank.answer = b"nothing"
    await clock.advance(25 * 3600)
    assert await make().learned() == RubleRate(Decimal("80.1234"), yesterday, official=True)
    await clock.advance(7 * 24 * 3600)
    late = make()
    assert await late.learned() == RubleRate(CONFIGURED, clock.now().date(), official=False)


async def test_a_restart_and_another_instance_ask_nobody_for_a_day(
    make: Callable[[], Rates], bank: Bank, clock: ManualClock
) -> None:
    first = await make().learned()
    assert await make().learned() == first
    await clock.advance(23 * 3600)
    assert await make().learned() == first
    assert bank.asked == 1
    await clock.advance(2 * 3600)
    bank.answer = listed(clock.now().date(), "81,5")
    assert (await make().learned()).usd_rub == Decimal("81.5")


async def test_it_is_refreshed_daily_and_tried_again_with_growing_pauses(
    make: Callable[[], Rates], bank: Bank, clock: ManualClock
) -> None:
    rates, stop = make(), asyncio.Event()
    running = asyncio.create_task(rates.run(stop))
    await clock.until_asleep()

    async def after(seconds: float) -> int:
        """How often the bank has been asked when so much time has passed."""
        await clock.advance(seconds)
        await clock.until_asleep()
        return bank.asked

    assert bank.asked == 1
    assert await after(23 * 3600) == 1
    bank.answer = b"nothing"
    assert await after(3601) == 2
    assert await after(59) == 2
    assert await after(2) == 3
    assert await after(119) == 3
    bank.answer = listed(clock.now().date(), "82")
    assert await after(2) == 4
    assert rates.current().usd_rub == 82
    assert await after(23 * 3600) == 4
    assert await after(3601) == 5
    stop.set()
    await running


async def test_a_database_that_is_away_costs_no_rate(
    make: Callable[[], Rates], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise DatabaseAway("gone")

    rates = make()
    monkeypatch.setattr(SettingsStore, "set", away)
    assert (await rates.learned()).usd_rub == Decimal("80.1234")
