"""How a generation ends without a result: the money goes back, and the person is told what happened to it."""

from __future__ import annotations

from dataclasses import replace

import structlog

from core.billing.ledger import Ledger
from core.clock import Clock
from core.errors import FloodWaited, MessageGone, PersonUnreachable, ProviderError, TelegramError, UnknownHold
from core.generation.calls import ProviderCalls
from core.generation.job import Job, JobState
from core.generation.media import without_sources
from core.generation.ports import Messenger, Translators
from core.generation.registry import Registry
from core.generation.settings import Patience
from core.generation.transitions import Step, Transitions
from core.i18n import Html, Translator
from core.telegram.types import MessageRef

_log = structlog.stdlib.get_logger(__name__)

ACTOR = "pipeline"
"""Who stands in the ledger for what the pipeline does."""
BALANCE_SHORT = "balance_short"
"""The failure of a job whose price was not covered when it was to be held."""
UNDELIVERABLE = "undeliverable"
"""The failure of a job whose result Telegram did not take."""
TOO_LARGE = "too_large"
"""The failure of a job whose result Telegram does not take, and to which no link can be given."""
WITHHELD = "withheld"
"""The failure of a job whose result a plugin did not let through."""
NOT_COLLECTED = "not_collected"
"""The failure of a job whose person could not be reached for as long as results are kept."""
TOOK_TOO_LONG = "took_too_long"
"""The failure of a job that had no result at its deadline."""
SUBMISSION_LOST = "submission_lost"
"""The failure of a job of which nobody can say whether its provider has it."""

_COMMON_REASON = "provider_fault"


class Ending:
    """Releases the hold of a job that ended badly, sends its one notice, and closes it."""

    def __init__(
        self,
        *,
        transitions: Transitions,
        ledger: Ledger,
        messenger: Messenger,
        registry: Registry,
        calls: ProviderCalls,
        translators: Translators,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._transitions = transitions
        self._ledger = ledger
        self._messenger = messenger
        self._registry = registry
        self._calls = calls
        self._translators = translators
        self._clock = clock
        self._patience = patience

    async def step(self, job: Job) -> Step:
        """Release, tell, close. Each part may be done again without harm.

        Money first: whatever becomes of the notice, the person has their Stars back.
        """
        released, repaid = await self._release(job)
        told = job.notified
        if not told:
            try:
                await self._messenger.send_text(
                    job.chat_id, self._notice(job, released, repaid), random_id=job.notice_random_id
                )
                told = True
            except PersonUnreachable:
                _log.info("notice not sent: person unreachable", request_id=job.id)
            except (TelegramError, OSError, TimeoutError) as error:
                if not self._gave_up(job):
                    return await self._later(job, error)
                _log.error("notice given up", request_id=job.id, error=str(error))
        await self.remove_progress(job)
        await self._stop_at_provider(job)
        closed = await self._transitions.advance(
            job, JobState.RELEASED, notified=told, results=without_sources(job.results), uploaded=()
        )
        return Step(None) if closed else await self._transitions.lost(job, wait=self._patience.retry_first)

    async def remove_progress(self, job: Job) -> None:
        """Delete the message that showed the progress; a failure leaves it standing."""
        if job.progress_message_id is None:
            return
        try:
            await self._messenger.delete(MessageRef(job.chat_id, job.progress_message_id))
        except MessageGone:
            return
        except (TelegramError, OSError, TimeoutError) as error:
            _log.warning("progress message not deleted", request_id=job.id, error=str(error))

    async def _release(self, job: Job) -> tuple[int, int]:
        """Give the held Stars back: how many, 0 if nothing was ever held; how many of them paid a debt."""
        try:
            released = await self._ledger.release(
                job.user_id, job.id, actor=ACTOR, reason=job.failure or job.state.value
            )
        except UnknownHold:
            return 0, 0
        return released, await self._ledger.repaid(job.user_id, f"release:{job.user_id}:{job.id}")

    def _notice(self, job: Job, released: int, repaid: int) -> str:
        say = self._translators(job.language)
        reason = job.failure or job.state.value
        key = f"notice-{reason.replace('_', '-')}"
        if not say.has(key):
            key = f"notice-{_COMMON_REASON.replace('_', '-')}"
        title = self._registry.title(job.model_id, say.language)
        money = _money(say, job, released, repaid)
        return say(key, model=title, money=money, request=job.id, filter=job.safety or "unknown")

    def _gave_up(self, job: Job) -> bool:
        ended = job.since(job.state)
        return ended is not None and (self._clock.now() - ended).total_seconds() > self._patience.keep_result

    async def _later(self, job: Job, error: Exception) -> Step:
        _log.warning("notice not sent yet", request_id=job.id, error=str(error))
        again = await self._transitions.change(job, attempts=job.attempts + 1)
        if again is None:
            return await self._transitions.lost(job, wait=self._patience.retry_first)
        wait = float(error.seconds) if isinstance(error, FloodWaited) else 0.0
        return Step(again, max(wait, self._patience.retry_wait(again.attempts)))

    async def _stop_at_provider(self, job: Job) -> None:
        """Spare the provider work that nobody waits for. What cannot be stopped runs out by itself."""
        if job.state is JobState.FAILED or job.since(JobState.SUBMITTED) is None or job.results:
            return
        try:
            task_id = job.task_id or await self._calls.find(job)
        except ProviderError:
            return
        if task_id:
            await self._calls.cancel(replace(job, task_id=task_id))


def _money(say: Translator, job: Job, released: int, repaid: int) -> Html:
    """What the end means for the person's money."""
    if job.free:
        return say(f"money-free-{job.free}")
    if repaid:
        return say("money-returned-to-debt", stars=released, repaid=repaid)
    return say("money-returned", stars=released) if released else say("money-untouched")
