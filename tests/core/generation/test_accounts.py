"""What remains of the credit at providers: read, measured, offered, and never made up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
import structlog

from core.errors import ProviderError
from core.generation.accounts import EVERY, Accounts
from core.generation.provider import Account
from core.observability.metrics import Metrics
from sandbox.clock import ManualClock


class Teller:
    """A provider that tells of its account and does nothing else."""

    def __init__(self, name: str, answer: Any) -> None:
        self.name = name
        self.answer = answer
        self.asked = 0

    async def account(self) -> Any:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        if callable(self.answer):
            return await self.answer()
        return self.answer


KIE = Account(Decimal("1234.5"), "credits", Decimal("6.17"))


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def accounts(clock: ManualClock, metrics: Metrics) -> Callable[..., Accounts]:
    return lambda *tellers: Accounts(lambda: tellers, clock=clock, metrics=metrics)


def _credit(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"starloom_provider_credit_{name}", labels)


async def test_what_remains_is_measured_and_offered(
    accounts: Callable[..., Accounts], metrics: Metrics, clock: ManualClock
) -> None:
    other = Teller("a2e", Account(Decimal(7), "minutes"))
    read = accounts(Teller("kie", KIE), other, Teller("demo", None))
    await read.read()
    assert [(reading.provider, reading.account, reading.at) for reading in read.readings()] == [
        ("a2e", Account(Decimal(7), "minutes"), clock.now()),
        ("kie", KIE, clock.now()),
    ]
    assert _credit(metrics, "remaining", provider="kie", unit="credits") == 1234.5
    assert _credit(metrics, "usd", provider="kie") == 6.17
    assert _credit(metrics, "usd", provider="a2e") is None
    assert _credit(metrics, "read_timestamp_seconds", provider="kie") == clock.now().timestamp()


async def test_they_are_read_again_every_few_minutes(
    accounts: Callable[..., Accounts], clock: ManualClock
) -> None:
    kie = Teller("kie", KIE)
    read = accounts(kie)
    task = asyncio.create_task(read.run())
    await clock.until_asleep()
    assert kie.asked == 1
    kie.answer = Account(Decimal(1), "credits")
    await clock.advance(EVERY - 1)
    assert kie.asked == 1
    await clock.advance(1)
    await clock.until_asleep()
    assert kie.asked == 2
    assert read.readings()[0].account.remaining == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    "fault", [ProviderError("down"), RuntimeError("my prompt"), "nonsense", 7, ConnectionResetError()]
)
async def test_one_that_fails_keeps_its_last_and_harms_no_other(
    accounts: Callable[..., Accounts], metrics: Metrics, clock: ManualClock, fault: Any
) -> None:
    kie, other = Teller("kie", KIE), Teller("a2e", Account(Decimal(7), "minutes"))
    read = accounts(kie, other)
    await read.read()
    before = clock.now()
    kie.answer, other.answer = fault, Account(Decimal(6), "minutes")
    await clock.advance(60)
    with structlog.testing.capture_logs() as lines:
        await read.read()
        await read.read()
    readings = {reading.provider: reading for reading in read.readings()}
    assert (readings["kie"].account, readings["kie"].at) == (KIE, before)
    assert readings["a2e"].account.remaining == 6
    assert _credit(metrics, "read_timestamp_seconds", provider="kie") == before.timestamp()
    [line] = lines
    assert (line["event"], line["provider"]) == ("account not read", "kie")
    assert "my prompt" not in str(line)
    kie.answer = KIE
    await read.read()
    kie.answer = fault
    with structlog.testing.capture_logs() as lines:
        await read.read()
    assert len(lines) == 1, "it had worked in between"


async def test_one_that_never_answers_is_given_up(
    accounts: Callable[..., Accounts], monkeypatch: pytest.MonkeyPatch, metrics: Metrics
) -> None:
    monkeypatch.setattr("core.generation.accounts._PATIENCE", 0.01)

    async def never() -> Awaitable[Account]:
        await asyncio.Event().wait()
        raise AssertionError

    read = accounts(Teller("slow", never), Teller("kie", KIE))
    await read.read()
    assert [reading.provider for reading in read.readings()] == ["kie"]
    labels = {"provider": "slow", "operation": "account", "result": "TimeoutError"}
    assert metrics.registry.get_sample_value("starloom_provider_calls_total", labels) == 1


async def test_a_unit_that_changes_leaves_no_old_number_behind(
    accounts: Callable[..., Accounts], metrics: Metrics
) -> None:
    kie = Teller("kie", KIE)
    read = accounts(kie)
    await read.read()
    kie.answer = Account(Decimal(3), "points")
    await read.read()
    assert _credit(metrics, "remaining", provider="kie", unit="credits") is None
    assert _credit(metrics, "remaining", provider="kie", unit="points") == 3


async def test_who_has_gone_is_not_asked(clock: ManualClock, metrics: Metrics) -> None:
    kie = Teller("kie", KIE)
    loaded = [kie]
    read = Accounts(lambda: loaded, clock=clock, metrics=metrics)
    await read.read()
    loaded.clear()
    await read.read()
    assert kie.asked == 1
