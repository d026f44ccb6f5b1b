"""Models whose provider fails again and again are not offered, until one order may try."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from support.generation_world import ScriptedProvider, model

from core.billing.pricing import Pricing
from core.errors import UserFacingError
from core.generation.left_alone import LOOK, LeftAlone
from core.generation.model import ModelList
from core.generation.registry import EVERY_PROVIDER, Registry
from core.http.breaker import BreakerSettings
from core.http.provider_http import HttpLayer, HttpSettings
from core.http.reply import NotSent
from core.http.retrying import RetrySettings
from sandbox.clock import ManualClock

NOBODY = "http://127.0.0.1:1/"
BREAKER = BreakerSettings(model_faults=2, provider_faults=4, first_wait=30)


class TwoModels(ScriptedProvider):
    def models(self) -> ModelList:
        return ModelList((model("scripted-one"), model("scripted-two")), ())


@pytest.fixture
def layer(clock: ManualClock) -> HttpLayer:
    return HttpLayer(clock, settings=HttpSettings(retries=RetrySettings(attempts=1), breaker=BREAKER))


def _registry(**stand_ins: str) -> Registry:
    registry = Registry(Pricing(Decimal(2), Decimal("0.013"), {}), stand_ins=stand_ins)
    registry.add(TwoModels())
    return registry


async def _fail(layer: HttpLayer, model_id: str, times: int) -> None:
    http = layer.provider("scripted")
    for _ in range(times):
        with pytest.raises(NotSent):
            await http.request("POST", NOBODY, safe=False, model=model_id)


def _offered(registry: Registry) -> list[str]:
    return [each.id for each in registry.models()]


async def test_a_model_is_offered_again_when_somebody_has_to_try(
    layer: HttpLayer, clock: ManualClock
) -> None:
    registry = _registry()
    left_alone = LeftAlone(registry, layer.is_open, layer.breaker_opened, clock)
    stop = asyncio.Event()
    running = asyncio.create_task(left_alone.run(stop))
    await clock.advance(100 * LOOK)
    assert clock.sleepers == 0
    assert _offered(registry) == ["scripted-one", "scripted-two"]
    await _fail(layer, "scripted-one", 2)
    await clock.until_asleep()
    assert _offered(registry) == ["scripted-two"]
    with pytest.raises(UserFacingError):
        registry.quote("scripted-one")
    [locked] = registry.locked
    assert "fails again and again" in locked.reason
    await clock.advance(30)
    assert _offered(registry) == ["scripted-one", "scripted-two"]
    await _fail(layer, "scripted-one", 1)
    await clock.advance(30 + LOOK)
    assert _offered(registry) == ["scripted-two"], "the second wait is twice as long"
    stop.set()
    await running
    await layer.close()


async def test_a_provider_that_is_down_offers_nothing(layer: HttpLayer, clock: ManualClock) -> None:
    registry = _registry()
    await _fail(layer, "", 4)
    LeftAlone(registry, layer.is_open, layer.breaker_opened, clock).follow()
    assert _offered(registry) == []
    await layer.close()


async def test_what_another_provider_makes_stays_on_offer(layer: HttpLayer, clock: ManualClock) -> None:
    class Both(ScriptedProvider):
        def models(self) -> ModelList:
            mine = model(f"{self.name}-one", provider=self.name)
            return ModelList((mine.model_copy(update={"product": "lighthouses"}),))

    registry = Registry(Pricing(Decimal(2), Decimal("0.013"), {}))
    for name in ("scripted", "other"):
        registry.add(Both(name))
    await _fail(layer, "scripted-one", 2)
    left_alone = LeftAlone(registry, layer.is_open, layer.breaker_opened, clock)
    for _ in range(2):
        left_alone.follow()
        assert _offered(registry) == ["scripted-one", "other-one"]
    registry.switch_off("other-one", "down", by="test")
    assert _offered(registry) == []
    await clock.advance(30)
    left_alone.follow()
    assert _offered(registry) == ["scripted-one"]
    await layer.close()


async def test_what_others_switched_off_stays_off(layer: HttpLayer, clock: ManualClock) -> None:
    registry = _registry()
    left_alone = LeftAlone(registry, layer.is_open, layer.breaker_opened, clock)
    await _fail(layer, "scripted-one", 2)
    left_alone.follow()
    registry.switch_off("scripted-one", "gone upstream", by="sync")
    await clock.advance(30)
    left_alone.follow()
    assert _offered(registry) == ["scripted-two"]
    await layer.close()


async def test_where_another_provider_stands_in_nobody_is_left_alone(
    layer: HttpLayer, clock: ManualClock
) -> None:
    registry = _registry(**{EVERY_PROVIDER: "demo"})
    await _fail(layer, "", 4)
    LeftAlone(registry, layer.is_open, layer.breaker_opened, clock).follow()
    assert _offered(registry) == ["scripted-one", "scripted-two"]
    await layer.close()
