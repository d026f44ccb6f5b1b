"""What a provider and Telegram can do to a generation, and how each of it ends."""

from __future__ import annotations

from typing import Any

import pytest
from support.generation_world import CONTENT, PRICE, ScriptedProvider, World

from core.errors import FileReferenceExpired, FloodWaited, ProviderError, TelegramError
from core.generation.failures import ON_FAILURE
from core.generation.job import JobState
from core.generation.provider import (
    Failed,
    FailureReason,
    Running,
    SafetyFilter,
    SubmissionRefused,
    SubmissionUnknown,
    Succeeded,
    Waiting,
)
from core.generation.refused import PriceChanged
from core.generation.settings import GenerationSettings, Patience
from core.hooks import Refusal
from core.storage.database import Database
from core.telegram.types import MediaKind
from sandbox.clock import ManualClock

PAID = 25


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock)
    await world.pay(PAID)
    return world


async def _live(world: World, **changes: Any) -> JobState:
    studio = world.studio()
    await world.create(studio, **changes)
    await world.run(studio)
    return (await world.job()).state


async def test_delivers_once_with_a_caption_that_says_model_price_and_time(world: World) -> None:
    assert await _live(world) is JobState.DELIVERED
    (message,) = world.telegram.media
    assert message.text == "<b>Scripted</b>\n10 Stars · made in 2 s"
    assert message.media[0].kind is MediaKind.VIDEO
    ((details, content),) = world.telegram.uploads
    assert content == CONTENT
    assert (details.width, details.height, details.duration) == (640, 360, 5.0)
    assert [ref.message_id for ref in world.telegram.deleted] == [77]
    await world.assert_sound(paid=PAID)


async def test_several_files_come_in_one_message_in_their_order(world: World) -> None:
    results = (world.provider.result(), world.provider.result(url="scripted:2", mime_type="image/png"))
    world.provider.statuses = [Succeeded(results)]
    assert await _live(world) is JobState.DELIVERED
    (message,) = world.telegram.media
    assert [media.kind for media in message.media] == [MediaKind.VIDEO, MediaKind.PHOTO]
    assert [media.file["number"] for media in message.media] == [1, 2]


async def test_plugins_hear_every_state_in_order(world: World) -> None:
    await _live(world)
    heard = [job.state.value for job in world.plugins.heard]
    assert list(dict.fromkeys(heard)) == [
        "created",
        "held",
        "submitted",
        "running",
        "ready",
        "delivering",
        "delivered",
    ]
    assert any(job.percent == 50 for job in world.plugins.heard)


async def test_speaks_the_persons_language(world: World) -> None:
    russian = type(world.person)(id=world.person.id, language="ru", telegram_language="en")
    await _live(world, user=russian)
    assert world.telegram.media[0].text == "<b>По сценарию</b>\n10 звёзд · готово за 2 с"


@pytest.mark.parametrize("reason", list(FailureReason))
async def test_a_failure_refunds_and_says_so_once(world: World, reason: FailureReason) -> None:
    world.provider.statuses = [Failed(reason, "details for operators")]
    assert await _live(world) is JobState.RELEASED
    (notice,) = world.telegram.notices
    assert "10 Stars are back on your balance." in notice.text
    assert "details for operators" not in notice.text
    assert (await world.job()).id in notice.text
    assert (await world.job()).failure == reason.value
    assert world.alerts.kinds == ([reason.value] if ON_FAILURE[reason].pause else [])
    await world.assert_sound(paid=PAID)


async def test_every_reason_has_words_of_its_own(world: World) -> None:
    for language in ("en", "ru"):
        say = world.i18n.translator(language)
        texts = {
            say(f"notice-{reason.value.replace('_', '-')}", model="M", money="", request="R", filter="")
            for reason in FailureReason
        }
        assert len(texts) == len(FailureReason)


async def test_every_safety_filter_has_words_of_its_own(world: World) -> None:
    for language in ("en", "ru"):
        say = world.i18n.translator(language)
        names = [*(each.value for each in SafetyFilter), "unknown"]
        texts = {say("notice-safety", model="M", money="", request="R", filter=name) for name in names}
        assert len(texts) == len(names)


@pytest.mark.parametrize("submitted", [True, False])
async def test_people_are_told_which_safety_filter_it_was(world: World, submitted: bool) -> None:
    reason = FailureReason.SAFETY, "code 1", SafetyFilter.VIOLENCE
    if submitted:
        world.provider.statuses = [Failed(*reason)]
    else:
        world.provider.submit_errors = [SubmissionRefused(*reason)]
    assert await _live(world) is JobState.RELEASED
    (notice,) = world.telegram.notices
    assert "refused this for safety reasons: violence. 10 Stars are back" in notice.text
    assert (await world.job()).safety == "violence"
    await world.assert_sound(paid=PAID)


async def test_a_result_that_a_plugin_withholds_costs_nothing_and_is_not_shown(world: World) -> None:
    world.plugins.withheld = Refusal("gate-seen")
    assert await _live(world) is JobState.RELEASED
    (notice,) = world.telegram.notices
    assert "was held back: it does not fit the rules here. 10 Stars are back" in notice.text
    assert (await world.job()).failure == "withheld"
    await world.assert_sound(paid=PAID)


@pytest.mark.parametrize(("times", "asked"), [(1, "a fox in oil"), (1000, "a fox")])
async def test_plugins_reword_what_the_provider_is_asked_if_the_model_takes_it(
    world: World, times: int, asked: str
) -> None:
    world.plugins.rewrite = lambda prompt: prompt + " in oil" * times
    assert (await world.create(world.studio(), prompt="a fox")).prompt == asked


async def test_a_price_that_a_plugin_makes_is_shown_held_and_settled(world: World) -> None:
    world.plugins.reprice = lambda stars: stars - 3
    studio = world.studio()
    shown = await studio.generations.quote_for(world.person, "scripted-one")
    assert shown.stars == PRICE - 3
    await world.create(studio, quote=shown)
    await world.run(studio)
    assert world.telegram.media[0].text == "<b>Scripted</b>\n7 Stars · made in 2 s"
    assert (await world.ledger.balance(world.person.id)).available == PAID - (PRICE - 3)
    assert (await world.ledger.check()).problems == ()


async def test_a_price_that_plugins_change_meanwhile_is_asked_about_again(world: World) -> None:
    studio = world.studio()
    shown = await studio.generations.quote_for(world.person, "scripted-one")
    world.plugins.reprice = lambda stars: stars + 1
    with pytest.raises(PriceChanged) as caught:
        await world.create(studio, quote=shown)
    assert caught.value.quote.stars == PRICE + 1
    await world.assert_sound(paid=PAID)


async def test_a_refused_submission_refunds(world: World) -> None:
    world.provider.submit_errors = [SubmissionRefused(FailureReason.INPUT_REJECTED)]
    assert await _live(world) is JobState.RELEASED
    assert "did not accept" in world.telegram.notices[0].text
    await world.assert_sound(paid=PAID)


async def test_a_busy_provider_is_asked_again(world: World) -> None:
    world.provider.submit_errors = [SubmissionRefused(FailureReason.RATE_LIMITED)] * 3
    # The provider cannot look tasks up, which must not matter: it said that it took none.
    world.provider.finds = False
    assert await _live(world) is JobState.DELIVERED
    assert len(world.provider.submissions) == 1


async def test_a_provider_that_stays_busy_is_given_up(world: World) -> None:
    world.provider.submit_errors = [SubmissionRefused(FailureReason.RATE_LIMITED)] * 50
    assert await _live(world) is JobState.RELEASED
    assert len(world.provider.submit_errors) == 50 - Patience().busy_attempts
    await world.assert_sound(paid=PAID)


async def test_a_lost_reply_is_resolved_by_looking_the_task_up(world: World) -> None:
    async def lose() -> None:
        raise SubmissionUnknown("the reply was lost")

    world.provider.during_submit = lose
    assert await _live(world) is JobState.DELIVERED
    assert len(world.provider.submissions) == 1
    await world.assert_sound(paid=PAID)


async def test_a_lost_request_is_submitted_again(world: World) -> None:
    world.provider.submit_errors = [SubmissionUnknown("never arrived")]
    assert await _live(world) is JobState.DELIVERED
    assert len(world.provider.submissions) == 1


async def test_a_lost_reply_that_cannot_be_resolved_refunds_and_alarms(world: World) -> None:
    world.provider.submit_errors = [SubmissionUnknown("the reply was lost")]
    world.provider.finds = False
    assert await _live(world) is JobState.RELEASED
    assert world.alerts.kinds == ["submission_lost"]
    assert world.provider.submissions == []
    await world.assert_sound(paid=PAID)


_NOTHING: Any = None
_A_WORD: Any = "because"
NONSENSE = [
    None,
    "succeeded",
    {"status": "done"},
    Running(percent=101),
    Running(percent=True),
    Succeeded(()),
    Succeeded((_NOTHING,)),
    Failed(_A_WORD),
    pytest.param(object(), id="an object"),
]


@pytest.mark.parametrize("answer", NONSENSE, ids=repr)
async def test_nonsense_is_borne_a_few_times_and_then_refunded(world: World, answer: Any) -> None:
    world.provider.statuses = [answer]
    assert await _live(world) is JobState.RELEASED
    assert world.provider.polls == Patience().attempts
    assert world.alerts.kinds == ["nonsense"]
    await world.assert_sound(paid=PAID)


async def test_passing_nonsense_does_no_harm(world: World) -> None:
    succeeded = world.provider.statuses[-1]
    world.provider.statuses = [None, None, None, Running(3), None, None, None, succeeded]
    assert await _live(world) is JobState.DELIVERED


async def test_a_provider_that_raises_anything_is_nonsense(world: World) -> None:
    world.provider.poll_errors = [ZeroDivisionError(), KeyError("x")]
    assert await _live(world) is JobState.DELIVERED


async def test_a_provider_that_cannot_be_asked_is_waited_for(world: World) -> None:
    world.provider.poll_errors = [ProviderError("away"), OSError(), TimeoutError()] * 7
    assert await _live(world) is JobState.DELIVERED
    assert world.alerts.kinds == []


async def test_a_submission_that_answers_nonsense_is_looked_up(world: World) -> None:
    class Forgetful(ScriptedProvider):
        async def submit(self, task: Any) -> Any:
            await super().submit(task)
            return 17

    world.provider = Forgetful()
    assert await _live(world) is JobState.DELIVERED
    assert len(world.provider.submissions) == 1


async def test_unknown_statuses_wait_tell_the_operator_once_and_expire_at_the_deadline(world: World) -> None:
    world.provider.statuses = [Waiting("limbo")]
    assert await _live(world) is JobState.RELEASED
    assert world.alerts.kinds == ["unknown_status", "expired"]
    (notice,) = world.telegram.notices
    assert "took too long" in notice.text
    assert "10 Stars are back" in notice.text
    assert world.provider.cancelled == ["task-1"]
    await world.assert_sound(paid=PAID)


async def test_polls_come_at_growing_intervals(world: World) -> None:
    world.provider.statuses = [Running(1)]
    await _live(world)
    deadline, longest = Patience().deadline, Patience().poll_longest
    assert deadline / longest <= world.provider.polls <= deadline / longest + 60


async def test_success_at_the_deadline_wins_over_expiry(
    database: Database, clock: ManualClock, world: World
) -> None:
    world.settings = GenerationSettings(patience=Patience(deadline=10, poll_first=30))
    world.provider.statuses = world.provider.statuses[-1:]
    assert await _live(world) is JobState.DELIVERED
    await world.assert_sound(paid=PAID)


@pytest.mark.parametrize("chunks", [[], [b""]], ids=["none", "empty"])
async def test_a_file_without_a_byte_is_never_delivered(world: World, chunks: list[bytes]) -> None:
    world.provider.chunks = chunks
    assert await _live(world) is JobState.RELEASED
    assert world.telegram.uploads == []
    assert world.alerts.kinds == ["result_lost"]
    await world.assert_sound(paid=PAID)


async def test_other_bytes_than_announced_are_never_delivered(world: World) -> None:
    world.provider.statuses = [Succeeded((world.provider.result(sha256="0" * 64),))]
    assert await _live(world) is JobState.RELEASED
    await world.assert_sound(paid=PAID)


async def test_a_download_that_breaks_is_repeated(world: World) -> None:
    world.provider.open_errors = [ConnectionResetError(), ProviderError("500")]
    assert await _live(world) is JobState.DELIVERED
    assert len(world.telegram.uploads) == 1


async def test_telegrams_own_trouble_is_waited_out(world: World) -> None:
    world.telegram.upload_errors = [TelegramError(500, "INTERNAL"), OSError()]
    world.telegram.send_errors = [TelegramError(-503, "Timeout"), FloodWaited(90), OSError()] * 3
    assert await _live(world) is JobState.DELIVERED
    assert len(world.telegram.uploads) == 1
    await world.assert_sound(paid=PAID)


async def test_a_file_that_telegram_forgot_is_brought_again(world: World) -> None:
    world.telegram.send_errors = [FileReferenceExpired(400, "FILE_REFERENCE_EXPIRED")]
    assert await _live(world) is JobState.DELIVERED
    assert len(world.telegram.uploads) == 2
    await world.assert_sound(paid=PAID)


async def test_a_file_that_telegram_never_takes_is_refunded(world: World) -> None:
    world.telegram.upload_errors = [TelegramError(400, "FILE_PARTS_INVALID")] * 50
    assert await _live(world) is JobState.RELEASED
    assert "Telegram did not take the file" in world.telegram.notices[0].text
    assert world.alerts.kinds == ["undeliverable"]
    await world.assert_sound(paid=PAID)


async def test_a_notice_that_telegram_does_not_take_at_once_still_comes(world: World) -> None:
    world.provider.statuses = [Failed(FailureReason.SAFETY)]
    world.telegram.send_errors = [OSError(), FloodWaited(30), TelegramError(500, "INTERNAL")]
    assert await _live(world) is JobState.RELEASED
    await world.assert_sound(paid=PAID)


async def test_a_result_waits_for_a_person_who_blocked_the_bot(world: World) -> None:
    world.telegram.blocked = True
    studio = world.studio()
    await world.create(studio)
    await world.run(studio, seconds=70 * 3600)
    assert (await world.job()).state is JobState.READY
    assert (await world.ledger.balance(world.person.id)).held == PRICE
    world.telegram.blocked = False
    await world.run(studio)
    await world.assert_sound(paid=PAID)
    assert len(world.telegram.media) == 1


async def test_a_result_that_nobody_comes_for_is_released_after_three_days(world: World) -> None:
    world.telegram.blocked = True
    began = world.clock.now()
    assert await _live(world) is JobState.RELEASED
    away = (world.clock.now() - began).total_seconds() / 3600
    assert 72 <= away <= 74
    job = await world.job()
    assert (job.failure, job.notified) == ("not_collected", False)
    balance = await world.ledger.balance(world.person.id)
    assert (balance.available, balance.held) == (PAID, 0)


async def test_nothing_of_a_prompt_or_of_where_a_result_was_is_kept(world: World) -> None:
    await _live(world)
    job = await world.job()
    assert job.prompt == ""
    assert job.results[0]["url"] == ""
    assert job.results[0]["mime_type"] == "video/mp4"
