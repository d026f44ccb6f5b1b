"""Every way in which a provider fails ends in exactly one way, and the message agrees with the ledger."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from support.generation_world import PRICE, ScriptedProvider, World, model

from core.errors import ProviderError, UserFacingError
from core.generation.failures import ON_FAILURE, ON_REFUSAL
from core.generation.job import JobState
from core.generation.model import ModelList
from core.generation.provider import Failed, FailureReason, SubmissionRefused, SubmissionUnknown, Succeeded
from core.generation.settings import Patience
from core.http.reply import BadReply, NotSent, ReplyLost
from core.storage.database import Database
from sandbox.clock import ManualClock

PAID = 25


@dataclass(frozen=True)
class Way:
    """How it ends when the provider says so once: `again`, `elsewhere` or `refund`; and who hears of it."""

    refused: str
    alert: bool = False


WAYS = {
    FailureReason.INPUT_REJECTED: Way("refund"),
    FailureReason.SAFETY: Way("refund"),
    FailureReason.OUT_OF_CREDIT: Way("elsewhere", alert=True),
    FailureReason.RATE_LIMITED: Way("again"),
    FailureReason.PROVIDER_FAULT: Way("elsewhere"),
    FailureReason.EXPIRED: Way("refund"),
    FailureReason.UNAVAILABLE: Way("elsewhere"),
    FailureReason.UNAUTHORIZED: Way("elsewhere", alert=True),
    FailureReason.KEY_LIMIT: Way("elsewhere", alert=True),
    FailureReason.SOURCE_GONE: Way("refund"),
}


class Other(ScriptedProvider):
    """Makes the same product."""

    def __init__(self, usd: str = "0.08", *, name: str = "other") -> None:
        super().__init__(name)
        same = model(f"{name}-one", provider=name, usd=usd).model_copy(update={"product": "lighthouses"})
        self.offered = ModelList((same,))


async def _world(database: Database, clock: ManualClock, number: int = 1) -> World:
    """One of the worlds of a database: making a database takes longer than a story."""
    world = World(database, clock, number=number)
    await world.pay(PAID)
    mine = model().model_copy(update={"product": "lighthouses"})
    world.provider.offered = ModelList((mine,))
    return world


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await _world(database, clock)


async def _live(world: World) -> None:
    studio = world.studio()
    await world.create(studio)
    await world.run(studio)


def _notice(world: World, reason: FailureReason) -> str:
    say = world.i18n.translator("en")
    return say(
        f"notice-{reason.value.replace('_', '-')}",
        model="Scripted",
        money=say("money-returned", stars=PRICE),
        request=next(iter(world.plugins.heard)).id,
        filter="unknown",
    )


def test_the_table_has_every_reason() -> None:
    assert set(WAYS) == set(FailureReason) == set(ON_REFUSAL) == set(ON_FAILURE)


async def test_a_refusal_ends_in_its_one_way(database: Database, clock: ManualClock) -> None:
    for number, reason in enumerate(FailureReason):
        world, other, way = await _world(database, clock, number), Other(), WAYS[reason]
        world.others = [other]
        world.provider.submit_errors = [SubmissionRefused(reason, "said the provider")]
        await _live(world)
        tasks = (len(world.provider.submissions), len(other.submissions))
        assert tasks == {"refund": (0, 0), "again": (1, 0), "elsewhere": (0, 1)}[way.refused], reason
        assert world.alerts.kinds == ([reason.value] if way.alert else [])
        if way.refused == "refund":
            (notice,) = world.telegram.notices
            assert notice.text == _notice(world, reason)
        else:
            assert len(world.telegram.media) == 1, reason
            assert world.telegram.notices == []
        await world.assert_sound(paid=PAID)


async def test_a_refusal_that_nobody_makes_up_for_is_refunded_with_its_reason(
    database: Database, clock: ManualClock
) -> None:
    for number, reason in enumerate(FailureReason):
        world = await _world(database, clock, number)
        world.provider.submit_errors = [SubmissionRefused(reason) for _ in range(50)]
        await _live(world)
        (notice,) = world.telegram.notices
        assert notice.text == _notice(world, reason)
        assert world.provider.submissions == []
        assert world.alerts.kinds == ([reason.value] if WAYS[reason].alert else [])
        await world.assert_sound(paid=PAID)


async def test_a_task_that_failed_is_refunded_and_nobody_else_is_asked(
    database: Database, clock: ManualClock
) -> None:
    for number, reason in enumerate(FailureReason):
        world, other = await _world(database, clock, number), Other()
        world.others = [other]
        world.provider.statuses = [Failed(reason)]
        await _live(world)
        (notice,) = world.telegram.notices
        assert notice.text == _notice(world, reason)
        assert other.submissions == []
        assert world.alerts.kinds == ([reason.value] if WAYS[reason].alert else [])
        await world.assert_sound(paid=PAID)


SUBMISSIONS: list[tuple[BaseException, str]] = [
    (NotSent("no connection"), "elsewhere"),
    (NotSent("the breaker is open", again=False), "elsewhere"),
    (ReplyLost("timeout"), "looked up"),
    (BadReply("HTML"), "looked up"),
    (SubmissionUnknown("reset"), "looked up"),
    (ProviderError("whatever"), "looked up"),
    (TimeoutError(), "looked up"),
    (ConnectionResetError(), "looked up"),
    (ZeroDivisionError(), "looked up"),
]


@pytest.mark.parametrize("listed", [True, False], ids=["listed", "not listed"])
async def test_whatever_a_submission_raises_has_one_end(
    database: Database, clock: ManualClock, listed: bool
) -> None:
    """Only what surely did not arrive goes elsewhere; the rest is looked up, and refunded if it cannot be."""
    for number, (error, way) in enumerate(SUBMISSIONS):
        world, other = await _world(database, clock, number), Other()
        world.others = [other]
        world.provider.submit_errors = [error]
        world.provider.finds = listed
        await _live(world)
        tasks = (len(world.provider.submissions), len(other.submissions))
        if way == "elsewhere":
            assert tasks == (0, 1), error
        elif listed:
            assert tasks == (1, 0), error
        else:
            assert tasks == (0, 0), error
            assert world.alerts.kinds == ["submission_lost"]
            assert "never heard whether it arrived" in world.telegram.notices[0].text
        await world.assert_sound(paid=PAID)


async def test_a_list_that_cannot_be_asked_is_waited_for_and_then_given_up(world: World) -> None:
    """An outage of a quarter of an hour costs nobody a task; a longer one is the operator's affair."""
    world.provider.submit_errors = [SubmissionUnknown("lost")]
    world.provider.find_error = ProviderError("away")
    studio = world.studio()
    job = await world.create(studio)
    await world.run(studio, seconds=Patience().lost_after / 2)
    assert (await world.job()).state is JobState.SUBMITTED
    world.provider.find_error = None
    await world.run(world.studio())
    assert (await world.job()).state is JobState.DELIVERED
    world.provider.submit_errors = [SubmissionUnknown("lost")]
    world.provider.find_error = ProviderError("away")
    studio = world.studio()
    assert (await world.create(studio, "r2")).id != job.id
    await world.run(studio)
    assert world.alerts.kinds == ["submission_lost"]
    assert len(world.provider.submissions) == 1
    await world.assert_sound(paid=PAID)


async def test_alternates_are_tried_as_they_are_listed_and_recorded_while_the_person_sees_only_the_result(
    world: World,
) -> None:
    third = Other("0.08", name="third")
    other = Other("0.07")
    world.others = [third, other]
    for provider in (world.provider, third):
        provider.submit_errors = [SubmissionRefused(FailureReason.UNAVAILABLE)] * 50
    await _live(world)
    job = await world.job()
    assert (job.provider, job.made_by, job.model_id) == ("other", "other-one", "scripted-one")
    assert job.tried == ("scripted-one", "third-one")
    assert str(job.cost_usd) == "0.07"
    assert job.price == PRICE
    (task,) = other.submissions
    assert task.model_id == "other-one"
    assert world.telegram.media[0].text.startswith("<b>Scripted</b>\n10 Stars")
    assert [len(provider.submit_errors) for provider in (world.provider, third)] == [49, 49]
    await world.assert_sound(paid=PAID)


@pytest.mark.parametrize("usd", ["0.13", "0.14"])
async def test_an_alternate_that_would_cost_what_the_price_brings_is_not_asked(
    world: World, usd: str
) -> None:
    other = Other(usd)
    world.others = [other]
    world.provider.submit_errors = [SubmissionRefused(FailureReason.UNAVAILABLE)]
    await _live(world)
    assert other.submissions == []
    assert "maintenance" in world.telegram.notices[0].text
    await world.assert_sound(paid=PAID)


async def test_all_alternates_down_is_one_refund(world: World) -> None:
    other = Other()
    world.others = [other]
    for provider in (world.provider, other):
        provider.submit_errors = [SubmissionRefused(FailureReason.PROVIDER_FAULT)] * 50
    await _live(world)
    assert len(world.telegram.notices) == 1
    await world.assert_sound(paid=PAID)


async def test_a_provider_without_credit_is_not_offered_for_a_while_on_any_instance(world: World) -> None:
    world.provider.submit_errors = [SubmissionRefused(FailureReason.OUT_OF_CREDIT)] * 2
    studio, elsewhere = world.studio(), world.studio(name="bot")
    await world.create(studio)
    await world.run(studio)
    with pytest.raises(UserFacingError, match="model-off"):
        studio.generations.model("scripted-one")
    assert elsewhere.generations.models() != ()
    await elsewhere.offering.follow()
    assert elsewhere.generations.models() == ()
    # A job that was ordered before is not even tried.
    late = world.studio(name="late")
    await world.create(late, "r2")
    await late.offering.follow()
    await world.run(late)
    assert len(world.provider.submit_errors) == 1
    assert world.alerts.kinds == ["out_of_credit"]
    await world.clock.advance(Patience().rest + 1)
    await elsewhere.offering.follow()
    await studio.offering.follow()
    assert len(studio.generations.models()) == len(elsewhere.generations.models()) == 1
    world.provider.submit_errors = []
    await world.create(studio, "r3")
    await world.run(studio)
    assert len(world.telegram.media) == 1
    await world.assert_sound(paid=PAID)


async def test_what_another_makes_is_on_offer_while_its_own_provider_rests(world: World) -> None:
    other = Other()
    world.others = [other]
    world.provider.submit_errors = [SubmissionRefused(FailureReason.OUT_OF_CREDIT)] * 2
    studio = world.studio()
    await world.create(studio)
    await world.run(studio)
    assert [each.id for each in studio.generations.models()] == ["scripted-one", "other-one"]
    await world.create(studio, "r2")
    await world.run(studio)
    assert (len(world.telegram.media), len(other.submissions)) == (2, 2)
    assert len(world.provider.submit_errors) == 1, "who rests is not asked"
    await studio.offering.pause("other", FailureReason.KEY_LIMIT)
    assert studio.generations.models() == ()
    await world.clock.advance(Patience().rest + 1)
    await studio.offering.follow()
    assert len(studio.generations.models()) == 2
    await world.assert_sound(paid=PAID)


async def test_a_model_that_is_gone_is_offered_no_more_and_told_of_once(world: World) -> None:
    gone = SubmissionRefused(FailureReason.UNAVAILABLE, "HTTP 404", gone=True)
    world.provider.submit_errors = [gone] * 3
    studio, elsewhere = world.studio(), world.studio(name="bot")
    await world.create(studio)
    await world.run(studio)
    await studio.offering.withdraw(await world.job())
    assert world.alerts.kinds == ["scripted has no scripted-one"]
    assert len(world.telegram.notices) == 1
    with pytest.raises(UserFacingError, match="model-off"):
        studio.generations.quote("scripted-one")
    await elsewhere.offering.follow()
    assert elsewhere.generations.models() == ()
    await world.clock.advance(1)
    restarted = world.studio(name="restarted")
    await restarted.offering.follow()
    await world.create(restarted, "r3")
    await world.run(restarted)
    assert restarted.generations.models() == ()
    assert len(world.alerts.kinds) == 2
    await world.clock.advance(24 * 3600)
    for each in (studio, elsewhere, restarted):
        await each.offering.follow()
        assert len(each.generations.models()) == 1
    await world.assert_sound(paid=PAID)


async def test_what_runs_at_a_provider_that_rests_is_delivered(world: World) -> None:
    studio = world.studio()
    await world.create(studio)
    await world.run(studio, seconds=0.5)
    await studio.offering.pause("scripted", FailureReason.KEY_LIMIT)
    world.provider.statuses = [Succeeded((world.provider.result(),))]
    await world.run(studio)
    assert len(world.telegram.media) == 1
    await world.assert_sound(paid=PAID)


async def test_what_one_account_of_a_provider_lacks_stops_no_other_of_it(world: World) -> None:
    one = world.provider.offered.models[0].model_copy(update={"account": "one"})
    two = model("scripted-two").model_copy(update={"account": "two"})
    world.provider.offered = ModelList((one, two))
    world.provider.submit_errors = [SubmissionRefused(FailureReason.UNAUTHORIZED)]
    studio = world.studio()
    await world.create(studio)
    await world.run(studio)
    assert world.alerts.kinds == ["unauthorized"]
    assert studio.offering.why_resting("scripted/one") is FailureReason.UNAUTHORIZED
    assert [offered.id for offered in studio.generations.models()] == ["scripted-two"]
    await world.create(studio, "r2", quote=studio.generations.quote("scripted-two"))
    await world.run(studio)
    (task,) = world.provider.submissions
    assert task.model_id == "scripted-two"
    await world.assert_sound(paid=PAID)
