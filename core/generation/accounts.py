"""What remains of the operator's credit at each provider, asked for every few minutes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog

from core.clock import Clock
from core.generation.provider import Account, Provider
from core.observability.metrics import Metrics

_log = structlog.stdlib.get_logger(__name__)

EVERY = 300.0
"""Seconds between two readings."""
_PATIENCE = 60.0
"""Seconds that one provider may take for its answer."""


@dataclass(frozen=True, slots=True)
class AccountReading:
    """What a provider said of its account, and when."""

    provider: str
    account: Account
    at: datetime


class Accounts:
    """The last reading of each provider that tells; one that cannot be asked just now keeps its last.

    `providers` answers which are asked.
    """

    def __init__(
        self, providers: Callable[[], Iterable[Provider]], *, clock: Clock, metrics: Metrics
    ) -> None:
        self._providers = providers
        self._clock = clock
        self._metrics = metrics
        self._readings: dict[str, AccountReading] = {}
        self._failing: set[str] = set()

    def readings(self) -> tuple[AccountReading, ...]:
        """The last reading of each provider, by its name."""
        return tuple(self._readings[name] for name in sorted(self._readings))

    async def run(self) -> None:
        """Read them all, now and every few minutes, until cancelled."""
        while True:
            await self.read()
            await self._clock.sleep(EVERY)

    async def read(self) -> None:
        """Ask every provider at once."""
        await asyncio.gather(*(self._read(provider) for provider in self._providers()))

    async def _read(self, provider: Provider) -> None:
        name, result = provider.name, "ok"
        try:
            with self._metrics.provider_call_seconds.labels(name, "account").time():
                async with asyncio.timeout(_PATIENCE):
                    account: object = await provider.account()
            if account is not None and not isinstance(account, Account):
                raise TypeError(f"an account of type {type(account).__name__}")
        except Exception as error:
            result = type(error).__name__
            self._failed(name, error)
            return
        finally:
            self._metrics.provider_calls.labels(name, "account", result).inc()
        self._failing.discard(name)
        if account is not None:
            self._keep(AccountReading(name, account, self._clock.now()))

    def _failed(self, name: str, error: Exception) -> None:
        """Tell the operator once, until it works again; a provider's own words may be anything."""
        if name not in self._failing:
            self._failing.add(name)
            _log.warning("account not read", provider=name, error=type(error).__name__)

    def _keep(self, reading: AccountReading) -> None:
        name, account = reading.provider, reading.account
        before = self._readings.get(name)
        self._readings[name] = reading
        remaining, usd = self._metrics.credit_remaining, self._metrics.credit_usd
        if before is not None and before.account.unit != account.unit:
            remaining.remove(name, before.account.unit)
        remaining.labels(name, account.unit).set(float(account.remaining))
        if account.usd is not None:
            usd.labels(name).set(float(account.usd))
        self._metrics.credit_read.labels(name).set(reading.at.timestamp())
