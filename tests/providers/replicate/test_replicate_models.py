"""What Replicate still has of our models, and what comes of it when one is gone."""

from __future__ import annotations

import pytest
from support.model_makers import PRICING
from support.replicate_server import ReplicateServer
from support.scripted_http import Scripted, answer, page

from core.generation.registry import Registry
from core.generation.sync import SyncOutcome
from core.generation.sync_assembly import Synchronising, build_synchronising
from core.generation.sync_upstream import ReadingSettings
from core.storage.database import Database
from providers.replicate.provider import ReplicateProvider
from sandbox.clock import ManualClock

PRO = "flux-1.1-pro"


@pytest.fixture
async def parts(provider: ReplicateProvider, database: Database, clock: ManualClock) -> Synchronising:
    registry = Registry(PRICING, clock=clock)
    registry.add(provider)
    return build_synchronising(registry, database, clock, reading=ReadingSettings(), follow_seconds=5.0)


async def sync(parts: Synchronising) -> SyncOutcome:
    (provider,) = parts.sync.listers()
    return await parts.sync.synchronise(provider, ReadingSettings(force=True))


async def test_a_model_that_is_gone_is_off_told_of_and_on_when_it_is_back(
    parts: Synchronising, server: ReplicateServer
) -> None:
    before = parts.registry.quote(PRO, {})
    outcome = await sync(parts)
    assert (outcome.changed, outcome.fresh, outcome.alarm) == ((), (), "")
    assert outcome.statistics.requests == 2
    assert "no prices" in outcome.untold
    server.gone.add("black-forest-labs/flux-1.1-pro")
    (gone,) = (await sync(parts)).changed
    assert (gone.id, gone.news) == (PRO, "gone")
    assert parts.registry.models() == ()
    server.gone.clear()
    back = await sync(parts)
    assert ([state.news for state in back.changed], back.fresh) == (["back"], ())
    assert parts.registry.quote(PRO, {}) == before


@pytest.mark.parametrize(
    "reply",
    [page(200), answer(401, {}), answer(200, {"owner": "somebody", "name": "else"})],
    ids=["page", "token", "another"],
)
async def test_an_answer_that_says_nothing_changes_nothing(
    parts: Synchronising, server: ReplicateServer, reply: Scripted
) -> None:
    server.next("model", reply)
    outcome = await sync(parts)
    assert (outcome.alarm, outcome.changed) == ("unread", ())
    assert parts.registry.offers(PRO)
