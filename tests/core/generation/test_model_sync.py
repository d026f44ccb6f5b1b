"""Our models beside a provider's own list: rises at once, drops with a word, no belief in broken lists."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.kie_catalogue import KieCatalogueServer, envelope_of
from support.kie_server import KEY
from support.scripted_http import Scripted, broken_off, never_arrived, page, truncated

from core.billing.pricing import PriceOverride, Pricing
from core.errors import UserFacingError
from core.generation.registry import Registry
from core.generation.sync import SyncOutcome
from core.generation.sync_assembly import Synchronising, build_synchronising
from core.generation.sync_deciding import written
from core.generation.sync_upstream import ReadingSettings, UpstreamList
from core.i18n import CORE, Html, I18n, Translator
from core.storage.catalogue import ModelState
from core.storage.database import Database
from core.telegram.types import Keyboard
from providers.kie import Config, create
from sandbox.clock import ManualClock
from starloom.testing import HttpSettings, RetrySettings, provider_context

ROOT = Path(__file__).parents[3]
VIDEO = "kling-2.6/text-to-video"
IMAGE = "google/imagen4"
SOUND = {"sound": True, "duration": "10"}
ANNA, BORIS = 71, 72
FRESH = ReadingSettings(force=True)

Draw = Callable[[Translator], tuple[Html, Keyboard]]


@dataclass
class Instance:
    """One process: its registry, and what synchronises it."""

    registry: Registry
    parts: Synchronising

    async def sync(self, reading: ReadingSettings = FRESH) -> SyncOutcome:
        (provider,) = self.parts.sync.listers()
        return await self.parts.sync.synchronise(provider, reading)

    async def price(self, model_id: str = VIDEO, **options: Any) -> Decimal:
        await self.parts.follower.read()
        return self.registry.quote(model_id, options or (SOUND if model_id == VIDEO else {})).usd

    def on(self, model_id: str) -> bool:
        return model_id in {model.id for model in self.registry.models()}

    async def state(self, model_id: str) -> ModelState:
        state = await self.parts.store.state(model_id)
        assert state is not None
        return state


@dataclass
class Admins:
    """Reads what admins are told, in both languages."""

    i18n: I18n = field(default_factory=I18n)
    told: dict[str, list[str]] = field(default_factory=lambda: {"en": [], "ru": []})

    async def show(self, draw: Draw, about: str) -> None:
        for language, texts in self.told.items():
            text, _ = draw(self.i18n.translator(language))
            assert len(text) <= 4096
            assert "{" not in text
            texts.append(text)

    @property
    def last(self) -> str:
        return self.told["en"][-1]


@pytest.fixture
async def server() -> AsyncIterator[KieCatalogueServer]:
    async with KieCatalogueServer().running() as server:
        yield server


@pytest.fixture
async def instance(
    server: KieCatalogueServer, database: Database, clock: ManualClock, tmp_path: Path
) -> AsyncIterator[Callable[..., Any]]:
    """Makes instances on one database."""
    async with AsyncExitStack() as stack:

        async def make(
            *,
            attempts: int = 1,
            stand_ins: dict[str, str] | None = None,
            overrides: dict[str, PriceOverride] | None = None,
            key: str = KEY,
        ) -> Instance:
            context = await stack.enter_async_context(
                provider_context(
                    "kie",
                    Config(),
                    clock=clock,
                    directory=tmp_path,
                    secrets={"KIE_API_KEY": key, "KIE_BASE_URL": server.url},
                    settings=HttpSettings(retries=RetrySettings(attempts=attempts)),
                )
            )
            pricing = Pricing(Decimal(1), Decimal("0.01"), overrides=overrides or {})
            registry = Registry(pricing, stand_ins=stand_ins, clock=clock)
            registry.add(create(context))
            parts = build_synchronising(
                registry, database, clock, reading=ReadingSettings(), follow_seconds=5.0
            )
            await parts.follower.read()
            return Instance(registry, parts)

        yield make


@pytest.fixture
def admins() -> Admins:
    found = Admins()
    assert found.i18n.add(CORE, ROOT / "locales") == ()
    return found


async def tell(one: Instance, admins: Admins) -> None:
    await one.parts.news(admins.show).tell()


async def test_a_list_that_says_what_we_say_changes_nothing(instance: Any, admins: Admins) -> None:
    one = await instance()
    outcome = await one.sync()
    assert outcome.changed == ()
    assert outcome.looked_at == len(one.registry.models()) == 163
    assert outcome.statistics.requests == 5
    assert outcome.statistics.errors == outcome.statistics.cache_hits == 0
    assert outcome.fresh == ()
    await tell(one, admins)
    assert admins.told["en"] == []


async def test_a_rise_is_asked_at_once_and_told_once(
    instance: Any, server: KieCatalogueServer, admins: Admins
) -> None:
    one, other = await instance(), await instance()
    server.replace(VIDEO, "220 credits ($1.10)", "240 credits ($1.20)")
    await one.sync()
    assert await one.price() == Decimal("1.2")
    assert await one.price(sound=False, duration="10") == Decimal("0.55")
    assert await other.price() == Decimal("1.2")
    await tell(one, admins)
    assert "Kling 2.6" in admins.last
    assert "true/10 $1.10 → true/10 $1.2" in admins.last
    await tell(one, admins)
    await one.sync()
    await tell(other, admins)
    assert len(admins.told["en"]) == len(admins.told["ru"]) == 1


async def test_a_rise_outlives_a_restart(instance: Any, server: KieCatalogueServer) -> None:
    one = await instance()
    server.replace(IMAGE, "8 credits per image ($0.04)", "9 credits per image ($0.045)")
    await one.sync()
    assert await (await instance()).price(IMAGE) == Decimal("0.045")


async def test_a_drop_waits_and_of_two_admins_one_decides(
    instance: Any, server: KieCatalogueServer, admins: Admins
) -> None:
    one, other = await instance(), await instance()
    server.replace(IMAGE, "8 credits per image ($0.04)", "6 credits per image ($0.03)")
    await one.sync()
    assert await one.price(IMAGE) == Decimal("0.04")
    (waiting,) = await other.parts.changes.waiting()
    assert waiting.id == IMAGE
    await tell(one, admins)
    assert "/models_changes" in admins.last
    decisions = await asyncio.gather(
        one.parts.changes.approve(IMAGE, waiting.mark, by=ANNA),
        other.parts.changes.keep(IMAGE, waiting.mark, by=BORIS),
    )
    assert [decision.first for decision in decisions].count(True) == 1
    approved = decisions[0].first
    price = Decimal("0.03") if approved else Decimal("0.04")
    assert await one.price(IMAGE) == await other.price(IMAGE) == price
    assert (await one.state(IMAGE)).by == (ANNA if approved else BORIS)
    assert await one.parts.changes.waiting() == ()


@pytest.mark.parametrize("accept", [True, False])
async def test_a_word_on_a_drop_holds(
    instance: Any, server: KieCatalogueServer, admins: Admins, accept: bool
) -> None:
    one = await instance()
    server.replace(IMAGE, "8 credits per image ($0.04)", "6 credits per image ($0.03)")
    await one.sync()
    (waiting,) = await one.parts.changes.waiting()
    # News that are told on the way change nothing of what waits.
    await tell(one, admins)
    word = one.parts.changes.approve if accept else one.parts.changes.keep
    assert (await word(IMAGE, waiting.mark, by=ANNA)).first
    assert not (await word(IMAGE, waiting.mark, by=BORIS)).first
    await tell(one, admins)
    assert f"<code>{ANNA}</code>" in admins.last
    await one.sync()
    assert await one.price(IMAGE) == Decimal("0.03" if accept else "0.04")
    assert await one.parts.changes.waiting() == ()
    # Another change is another question.
    server.replace(IMAGE, "6 credits per image ($0.03)", "5 credits per image ($0.025)")
    await one.sync()
    assert [state.id for state in await one.parts.changes.waiting()] == [IMAGE]


async def test_a_word_on_what_has_changed_since_does_not_count(
    instance: Any, server: KieCatalogueServer
) -> None:
    one = await instance()
    server.replace(IMAGE, "8 credits per image ($0.04)", "6 credits per image ($0.03)")
    await one.sync()
    (waiting,) = await one.parts.changes.waiting()
    server.replace(IMAGE, "6 credits per image ($0.03)", "7 credits per image ($0.035)")
    await one.sync()
    assert not (await one.parts.changes.approve(IMAGE, waiting.mark, by=ANNA)).first
    assert await one.price(IMAGE) == Decimal("0.04")
    assert not (await one.parts.changes.approve("no-such-model", waiting.mark, by=ANNA)).first


async def test_a_drop_that_is_taken_back_waits_no_more(
    instance: Any, server: KieCatalogueServer, admins: Admins
) -> None:
    one = await instance()
    before = server.texts[IMAGE]
    server.replace(IMAGE, "8 credits per image ($0.04)", "6 credits per image ($0.03)")
    await one.sync()
    server.texts[IMAGE] = before
    await one.sync()
    assert await one.parts.changes.waiting() == ()
    await tell(one, admins)
    assert "as before again" in admins.last


async def test_what_rose_and_fell_is_off_until_somebody_decides(
    instance: Any, server: KieCatalogueServer, admins: Admins
) -> None:
    one = await instance()
    server.replace(VIDEO, "55 credits ($0.28)", "40 credits ($0.20)")
    server.replace(VIDEO, "220 credits ($1.10)", "240 credits ($1.20)")
    await one.sync()
    assert not one.on(VIDEO)
    with pytest.raises(UserFacingError):
        await one.price()
    await one.sync()
    await tell(one, admins)
    assert len(admins.told["en"]) == 1
    (waiting,) = await one.parts.changes.waiting()
    assert (await one.parts.changes.approve(VIDEO, waiting.mark, by=ANNA)).first
    assert await one.price() == Decimal("1.2")
    assert await one.price(sound=False, duration="5") == Decimal("0.2")


async def test_what_cannot_be_read_is_off_until_it_can_or_somebody_keeps_the_price(
    instance: Any, server: KieCatalogueServer, admins: Admins
) -> None:
    one = await instance()
    before = server.texts[IMAGE]
    server.texts[IMAGE] = "Ask our sales team."
    await one.sync()
    assert not one.on(IMAGE)
    await tell(one, admins)
    assert "Ask our sales team." in admins.last
    server.texts[IMAGE] = before
    await one.sync()
    assert one.on(IMAGE)
    server.texts[IMAGE] = "Ask our sales team."
    await one.sync()
    (waiting,) = await one.parts.changes.waiting()
    assert not (await one.parts.changes.approve(IMAGE, waiting.mark, by=ANNA)).first
    assert (await one.parts.changes.keep(IMAGE, waiting.mark, by=ANNA)).first
    assert await one.price(IMAGE) == Decimal("0.04")
    await one.sync()
    assert one.on(IMAGE)
    server.texts[IMAGE] = "Ask somebody else."
    await one.sync()
    assert not one.on(IMAGE)


async def test_what_is_gone_is_off_and_on_when_it_is_back(
    instance: Any, server: KieCatalogueServer, admins: Admins
) -> None:
    one, other = await instance(), await instance()
    text = server.texts.pop(IMAGE)
    await one.sync()
    await one.sync()
    await other.parts.follower.read()
    assert not one.on(IMAGE)
    assert not other.on(IMAGE)
    assert any(locked.id == IMAGE and "lists it no more" in locked.reason for locked in one.registry.locked)
    await tell(one, admins)
    assert "switched off" in admins.last
    server.texts[IMAGE] = text
    await other.sync()
    await one.parts.follower.read()
    assert one.on(IMAGE)


async def test_what_is_new_is_told_of_once(instance: Any, server: KieCatalogueServer, admins: Admins) -> None:
    one = await instance()
    await one.sync()
    server.texts["kling-9/text-to-video"] = "1 credit per video."
    outcome = await one.sync()
    assert outcome.fresh == ("kling-9/text-to-video",)
    await tell(one, admins)
    assert "kling-9/text-to-video" in admins.last
    assert "https://kie.ai/market" in admins.last
    await one.sync()
    await tell(one, admins)
    assert len(admins.told["en"]) == 1


async def test_many_changes_are_one_message(
    instance: Any, server: KieCatalogueServer, admins: Admins
) -> None:
    one = await instance()
    for name in sorted(server.texts)[:20]:
        del server.texts[name]
    outcome = await one.sync()
    assert 10 < len(outcome.changed) < 29
    await tell(one, admins)
    assert len(admins.told["en"]) == 1


async def test_half_of_what_is_being_stored_is_no_news_yet(
    instance: Any, server: KieCatalogueServer, admins: Admins, clock: ManualClock
) -> None:
    del server.texts[IMAGE], server.texts[VIDEO]
    writing, telling = await instance(), await instance()
    await writing.sync()
    until = clock.now() + timedelta(minutes=1)
    assert await writing.parts.store.begin_writing("kie", after=1, until=until)
    await tell(telling, admins)
    assert admins.told["en"] == []
    await clock.advance(60.0)  # Whoever stored it has died of something.
    await tell(telling, admins)
    (told,) = admins.told["en"]
    assert "Imagen 4" in told
    assert "Kling 2.6" in told


async def test_a_list_that_was_read_before_another_was_applied_is_read_again(
    instance: Any, server: KieCatalogueServer, admins: Admins, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = await instance(), await instance()
    (provider,) = slow.parts.sync.listers()
    read = provider.upstream_models

    async def read_before_the_price_changed(asking: Any) -> UpstreamList:
        old: UpstreamList = await read(asking)
        monkeypatch.undo()
        server.replace("google/imagen4", "8 credits per image ($0.04)", "12 credits per image ($0.06)")
        assert len((await quick.sync()).changed) == 1
        await slow.parts.follower.read()
        return old

    monkeypatch.setattr(provider, "upstream_models", read_before_the_price_changed)
    assert (await slow.sync()).changed == ()
    await tell(slow, admins)
    (told,) = admins.told["en"]
    assert "$0.04 → $0.06" in told


async def test_what_is_stored_between_two_looks_is_told_whole_the_next_time(
    instance: Any, server: KieCatalogueServer, admins: Admins, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, telling = await instance(), await instance()
    look = telling.parts.store.states

    async def states_before_the_other_writes() -> dict[str, ModelState]:
        found = await look()
        monkeypatch.undo()
        del server.texts[IMAGE], server.texts[VIDEO]
        await writing.sync()
        return found

    server.replace("google/imagen4-fast", "4 credits per image (≈ $0.020)", "6 credits per image (≈ $0.030)")
    await writing.sync()
    monkeypatch.setattr(telling.parts.store, "states", states_before_the_other_writes)
    await tell(telling, admins)
    assert admins.told["en"] == []
    await tell(telling, admins)
    assert len(admins.told["en"]) == 1


async def test_news_outlive_the_process_that_found_them(
    instance: Any, server: KieCatalogueServer, admins: Admins
) -> None:
    server.texts.pop(IMAGE)
    await (await instance()).sync()
    await tell(await instance(), admins)
    assert "Imagen 4" in admins.last


async def test_a_list_that_lacks_half_of_the_models_is_not_believed(
    instance: Any, server: KieCatalogueServer, admins: Admins
) -> None:
    one = await instance()
    offered = [model.id for model in one.registry.models()]
    server.replace(VIDEO, "220 credits ($1.10)", "240 credits ($1.20)")
    for name in sorted(server.texts)[::2]:
        if name != VIDEO:
            del server.texts[name]
    outcome = await one.sync()
    assert outcome.alarm == "vanished"
    assert outcome.changed == ()
    assert [model.id for model in one.registry.models()] == offered
    assert await one.price() == Decimal("1.1")
    await tell(one, admins)
    assert "hardly true" in admins.last
    await tell(one, admins)
    assert len(admins.told["en"]) == 1


async def test_a_list_whose_prices_cannot_be_read_is_not_believed(
    instance: Any, server: KieCatalogueServer, admins: Admins
) -> None:
    one = await instance()
    server.texts = {name: text and "Prices: see our page." for name, text in server.texts.items()}
    assert (await one.sync()).alarm == "garbled"
    assert len(one.registry.models()) == 163
    await tell(one, admins)
    assert "can’t be read at once" in admins.last


BROKEN: dict[str, tuple[str, Scripted]] = {
    "a page of HTML": ("models", page(200)),
    "a bad gateway": ("models", page(502)),
    "half of it": ("models", truncated()),
    "an end in the middle": ("models", broken_off()),
    "an error inside": ("models", envelope_of(None, code=500)),
    "no right to it": ("models", envelope_of(None, code=401)),
    "a list in place of a table": ("models", envelope_of([])),
    "no models": ("models", envelope_of({"total": 0, "models": []})),
    "a text in place of models": ("models", envelope_of({"total": 1, "models": "many"})),
    "more than are there": ("models", envelope_of({"total": 2, "models": [{"model": "a"}]})),
    "a model without a name": ("models", envelope_of({"total": 1, "models": [{"model": None}]})),
    "a price of a wrong type": (
        "models",
        envelope_of({"total": 1, "models": [{"model": IMAGE, "pricingDesc": 8}]}),
    ),
    "a feed of HTML": ("feed", page(200)),
    "a feed without rows": ("feed", envelope_of({"pages": 1})),
    "a feed without pages": ("feed", envelope_of({"records": [], "pages": "1"})),
    "a feed without prices": ("feed", envelope_of({"records": [{"modelDescription": "x"}], "pages": 1})),
}


async def test_a_broken_list_changes_nothing(instance: Any, server: KieCatalogueServer) -> None:
    one = await instance()
    for name, (route, scripted) in BROKEN.items():
        server.next(route, scripted)
        outcome = await one.sync()
        assert (outcome.alarm, outcome.statistics.errors) == ("unread", 1), name
        assert len(one.registry.models()) == 163
        assert await one.parts.store.states() == {}


async def test_a_broken_list_is_told_once_however_often_it_fails_in_a_row(
    instance: Any, server: KieCatalogueServer, admins: Admins
) -> None:
    one = await instance()
    for told in (1, 1):
        server.next("models", page(200))
        await one.sync()
        await tell(one, admins)
        assert "can’t be read" in admins.last
        assert len(admins.told["en"]) == told
    assert (await one.sync()).alarm == ""
    server.next("models", page(200))
    await one.sync()
    await tell(one, admins)
    assert len(admins.told["en"]) == 2


async def test_a_list_that_fails_once_is_asked_for_again(instance: Any, server: KieCatalogueServer) -> None:
    one = await instance(attempts=3)
    server.next("models", page(502), never_arrived())
    assert (await one.sync()).alarm == ""


async def test_answers_are_kept_for_some_hours_unless_forced(
    instance: Any, server: KieCatalogueServer, clock: ManualClock
) -> None:
    one = await instance()
    first = await one.sync(ReadingSettings())
    again = await one.sync(ReadingSettings())
    assert (first.statistics.requests, first.statistics.cache_hits) == (5, 0)
    assert (again.statistics.requests, again.statistics.cache_hits) == (0, 5)
    assert (await one.sync(FRESH)).statistics.requests == 5
    await clock.advance(7 * 3600)
    assert (await one.sync(ReadingSettings())).statistics.requests == 5
    assert len(server.requests("models")) == 3


async def test_pages_are_read_side_by_side_as_workers_allow(
    instance: Any, server: KieCatalogueServer
) -> None:
    one = await instance()
    waiting, most, go = 0, 0, asyncio.Event()

    async def slow(request: Any, usual: Any) -> Any:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        if waiting == 2:
            # Time enough for a third to come, if it may.
            for _ in range(300):
                await asyncio.sleep(0)
            go.set()
        await go.wait()
        waiting -= 1
        return await usual(request)

    async def at_once(request: Any, usual: Any) -> Any:
        return await usual(request)

    server.next("feed", at_once, slow, slow, slow)
    assert (await one.sync(replace(FRESH, workers=2))).alarm == ""
    assert most == 2


async def test_a_number_of_models_may_be_set(instance: Any, server: KieCatalogueServer) -> None:
    one = await instance()
    server.texts = {name: text for name, text in server.texts.items() if name == "veo-3-1"}
    outcome = await one.sync(replace(FRESH, most_models=5))
    assert outcome.looked_at == 5
    assert outcome.alarm == ""
    assert outcome.changed == ()


async def test_one_of_several_instances_synchronises_once_a_day(
    instance: Any, server: KieCatalogueServer, clock: ManualClock
) -> None:
    one, other = await instance(), await instance()
    running = [asyncio.create_task(each.parts.sync.run()) for each in (one, other)]

    async def hours(count: float) -> int:
        # They look at the clock when they wake, and may have woken a moment before.
        for seconds in (count * 3600, 61):
            await clock.advance(seconds)
            await clock.until_asleep(2)
        return len(server.requests("models"))

    try:
        await clock.until_asleep(2)
        assert len(server.requests("models")) == 1
        assert await hours(23) == 1
        server.next("models", page(502))
        assert await hours(1.1) == 2
        assert await hours(0.5) == 2
        assert await hours(0.6) == 3
        assert await hours(23) == 3
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_nothing_is_asked_of_a_provider_that_another_stands_in_for(instance: Any) -> None:
    assert (await instance(stand_ins={"kie": "demo"})).parts.sync.listers() == ()
    assert (await instance(stand_ins={"*": "demo"})).parts.sync.listers() == ()


async def test_nothing_is_asked_of_a_provider_that_offers_nothing(instance: Any) -> None:
    assert (await instance(key="")).parts.sync.listers() == ()


async def test_a_newer_file_of_models_counts_more_than_what_is_stored(instance: Any) -> None:
    one = await instance()
    price = written(one.registry.model(IMAGE).price.model_copy(update={"usd": Decimal("0.5")}))
    await one.parts.store.replace(ModelState(IMAGE, "kie", price=price, price_at="2026-09-30"))
    assert await one.price(IMAGE) == Decimal("0.04")
    stored = await one.state(IMAGE)
    await one.parts.store.replace(replace(stored, price_at="2026-11-01"))
    assert await one.price(IMAGE) == Decimal("0.5")


async def test_a_stored_price_that_does_not_fit_switches_the_model_off(instance: Any) -> None:
    one = await instance()
    price = '{"rule": "by_option", "field": "no_such_option", "usd": {"1": "2"}}'
    await one.parts.store.replace(ModelState(IMAGE, "kie", price=price, price_at="2027-01-01"))
    await one.parts.follower.read()
    assert not one.on(IMAGE)


async def test_the_operators_own_prices_stay(instance: Any, server: KieCatalogueServer) -> None:
    one = await instance(overrides={IMAGE: PriceOverride(stars=77)})
    server.replace(IMAGE, "8 credits per image ($0.04)", "9 credits per image ($0.045)")
    await one.sync()
    assert one.registry.quote(IMAGE, {}).stars == 77
