"""The rouble's rate: the Bank of Russia's of the day, or the operator's own where that cannot be had.

The bank's list is XML in windows-1251 with decimal commas: https://www.cbr.ru/development/SXML/
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.parsers import expat

import aiohttp
import structlog

from core.billing.pricing import exact_floor, exact_product
from core.clock import Clock
from core.errors import DatabaseAway, StarloomError
from core.storage.settings import SettingsStore
from core.waiting import happens

_log = structlog.stdlib.get_logger(__name__)

BANK_URL = "https://www.cbr.ru/scripts/XML_daily.asp"
"""Where the Bank of Russia tells its rates of the day."""

_NAMESPACE = "rates"
_KEY = "usd_rub"
_CURRENCY = "USD"
_LONGEST = 512 * 1024
"""Bytes; the real list has about 10 thousand."""
_SECONDS = 8.0
_EVERY = timedelta(days=1)
_USABLE = timedelta(days=7)
"""How long a rate is used when no newer one can be had."""
_OLDEST = timedelta(days=30)
_NEWEST = timedelta(days=7)
"""How far the day of a rate may be from today: over holidays it stays, and tomorrow's is told today."""
_JUMP = 10
_PAUSE_FIRST = 60.0
_PAUSE_LONGEST = 3600.0
_NUMBER = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,9})?")
_NOMINAL = re.compile(r"[0-9]{1,9}")


class RateUnusable(StarloomError):
    """What the bank's address answered is no rate that can be used. The message is for the operator."""


@dataclass(frozen=True, slots=True)
class RubleRate:
    """How many roubles a US dollar costs, of which day that is, and whether the central bank says so."""

    usd_rub: Decimal
    day: date
    official: bool = False

    def reference(self, rub: Decimal) -> str:
        """What an entry of the ledger keeps about roubles that became Stars at this rate."""
        source = "" if self.official else ", set by the operator"
        return f"RUB {rub} at USD/RUB {self.usd_rub} of {self.day.isoformat()}{source}"


class Rates:
    """The rate of the day.

    `configured` is the operator's own. `url` is the bank's address; without one nobody is asked, and the
    operator's rate counts.
    """

    def __init__(
        self, *, store: SettingsStore, clock: Clock, configured: Decimal, url: str | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._configured = configured
        self._url = url
        self._official: RubleRate | None = None
        self._learned_at: datetime | None = None
        self._tried = False
        self._trying = asyncio.Lock()

    def current(self) -> RubleRate:
        """The rate as it is known now: the bank's, unless it is older than can be used."""
        now = self._clock.now()
        if self._official is not None and self._learned_at is not None and now - self._learned_at <= _USABLE:
            return self._official
        return RubleRate(self._configured, now.date())

    async def learned(self) -> RubleRate:
        """The rate, once it has been asked for; waits some seconds at most, and only the first time."""
        if self._url is not None and not self._tried:
            async with self._trying:
                if not self._tried:
                    await self._try()
        return self.current()

    async def run(self, stop: asyncio.Event) -> None:
        """Ask once a day until `stop` is set, more often where that fails."""
        if self._url is None:
            return
        failures = 0
        while not stop.is_set():
            async with self._trying:
                learned = await self._try()
            failures = 0 if learned else failures + 1
            await happens(stop, self._clock, self._wait(failures))

    def _wait(self, failures: int) -> float:
        if failures:
            return min(_PAUSE_LONGEST, _PAUSE_FIRST * 2.0 ** min(failures - 1, 16))
        since = self._clock.now() - self._learned_at if self._learned_at else _EVERY
        return max(_PAUSE_FIRST, (_EVERY - since).total_seconds())

    async def _try(self) -> bool:
        """Take the rate that is kept, or a new one if that is a day old; whether there is one of today."""
        try:
            await self._read()
            if self._is_new():
                return True
            rate = await self._ask()
            await self._keep(rate)
        except DatabaseAway as error:
            _log.warning("rouble rate not kept: database away", error=str(error))
        except (RateUnusable, aiohttp.ClientError, TimeoutError, OSError) as error:
            current = self.current()
            _log.warning(
                "rouble rate not had",
                error=str(error) or type(error).__name__,
                in_use=str(current.usd_rub),
                of=current.day.isoformat(),
                official=current.official,
            )
        finally:
            self._tried = True
        return self._is_new()

    def _is_new(self) -> bool:
        return self._learned_at is not None and self._clock.now() - self._learned_at < _EVERY

    async def _read(self) -> None:
        """Take over what this or another instance has kept."""
        kept = await self._store.get(_NAMESPACE, _KEY)
        if isinstance(kept, dict) and (self._learned_at is None or kept["learned_at"] > self._learned_at):
            self._official = RubleRate(kept["rate"], date.fromisoformat(kept["day"]), official=True)
            self._learned_at = kept["learned_at"]

    async def _keep(self, rate: RubleRate) -> None:
        self._official, self._learned_at = rate, self._clock.now()
        kept = {"rate": rate.usd_rub, "day": rate.day.isoformat(), "learned_at": self._learned_at}
        await self._store.set(_NAMESPACE, _KEY, kept)

    async def _ask(self) -> RubleRate:
        rate = read_daily(await _fetch(self._url or BANK_URL))
        today = self._clock.now().date()
        if not today - _OLDEST <= rate.day <= today + _NEWEST:
            raise RateUnusable(f"a rate of {rate.day.isoformat()} is not today's")
        known = self._official.usd_rub if self._official else self._configured
        if not known / _JUMP <= rate.usd_rub <= known * _JUMP:
            raise RateUnusable(f"{rate.usd_rub} is too far from {known}; set USD_TO_RUB if it is right")
        return rate


def stars_for_rub(rub: Decimal, usd_rub: Decimal, star_usd: Decimal) -> int:
    """Whole Stars for roubles: `floor(rub / (usd_rub * star_usd))`.

    Raises:
        ValueError: a rate is not above 0.

    """
    if usd_rub <= 0 or star_usd <= 0:
        raise ValueError("rates are above 0")
    return max(0, exact_floor(rub, exact_product(usd_rub, star_usd)))


def read_daily(content: bytes) -> RubleRate:
    """The dollar's rate in a list of the bank's.

    Raises:
        RateUnusable: there is none in it.

    """
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reading.refuse
    parser.StartElementHandler = reading.begin
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.take
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise RateUnusable(f"the answer is no XML: {type(error).__name__}") from None
    return RubleRate(reading.rate(), reading.day(), official=True)


class _Reading:
    """Takes from the list what is needed while it is being parsed."""

    def __init__(self) -> None:
        self._date = ""
        self._text = ""
        self._fields: dict[str, str] = {}
        self._found: dict[str, str] | None = None

    def refuse(self, *_: Any) -> None:
        raise RateUnusable("the answer declares a document type")

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._text = ""
        if name == "ValCurs":
            self._date = attributes.get("Date", "")
        elif name == "Valute":
            self._fields = {}

    def take(self, text: str) -> None:
        self._text += text

    def end(self, name: str) -> None:
        if name == "Valute" and self._fields.get("CharCode") == _CURRENCY and self._found is None:
            self._found = self._fields
        self._fields[name] = self._text.strip()
        self._text = ""

    def day(self) -> date:
        try:
            return datetime.strptime(self._date, "%d.%m.%Y").replace(tzinfo=UTC).date()
        except ValueError:
            raise RateUnusable("the answer has no date") from None

    def rate(self) -> Decimal:
        if self._found is None:
            raise RateUnusable(f"the answer has no {_CURRENCY}")
        value, nominal = self._found.get("Value", ""), self._found.get("Nominal", "")
        if not (_NUMBER.fullmatch(value) and _NOMINAL.fullmatch(nominal) and int(nominal) > 0):
            raise RateUnusable(f"the rate of {_CURRENCY} is no number")
        return Decimal(value.replace(",", ".")) / int(nominal)


async def _fetch(url: str) -> bytes:
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    headers = {"User-Agent": "Starloom", "Accept": "application/xml, text/xml"}
    async with (
        aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
        session.get(url, max_redirects=3) as response,
    ):
        if response.status != 200:
            raise RateUnusable(f"the answer is status {response.status}")
        content = bytearray()
        async for chunk in response.content.iter_any():
            content += chunk
            if len(content) > _LONGEST:
                raise RateUnusable(f"the answer is longer than {_LONGEST} bytes")
        return bytes(content)
