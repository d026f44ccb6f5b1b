"""Runs a series: plans its runs, has them made, publishes them. One run happens once, whatever crashes.

A run is a row under an id that is made of its moment, so two instances that plan the same write one. Its
generation is ordered under the run's id, and is one job however often it is ordered. What is paid for it is
put under the same id into an account of the series' own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from core.billing.ledger import Balance, Ledger
from core.billing.operations import ADJUSTMENT
from core.clock import Clock
from core.errors import DatabaseAway, InsufficientStars, TelegramError, UserFacingError
from core.generation.job import FINAL_STATES, JobState
from core.generation.model import Quote
from core.generation.refused import PriceChanged, TooManyActive
from core.generation.service import Generations
from core.notifications.notification import NotificationType
from core.notifications.queue import NotificationQueue
from core.production.account import PRODUCTION_ID
from core.production.publishing import Publisher
from core.production.run import OPEN_STATES, Run, RunState, UploadState
from core.production.series import Missed, VideoSeries, run_id
from core.storage.runs import RunStore, Switch
from core.users import User

_log = structlog.stdlib.get_logger(__name__)

_LOOK_SECONDS = 5.0
_LATE = timedelta(minutes=5)
"""A run that is later than this was missed."""
_LOOK_BACK = timedelta(days=7)
_AGAIN = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
_TRIES = 12
_REPORT_PATIENCE = timedelta(hours=24)
"""How long a webhook may take to report back."""
_WEBHOOK = "webhook_silent"
_BUDGET_REACHED = "budget-reached-"


class _BudgetReached(Exception):
    """A run would go beyond what the series may take."""


class Production:
    """The series that is declared, if one is. `leads` tells whether this instance does what is to be done."""

    def __init__(
        self,
        runs: RunStore,
        *,
        generations: Callable[[], Generations],
        ledger: Ledger,
        publisher: Publisher,
        queue: NotificationQueue,
        clock: Clock,
        zone: ZoneInfo,
        leads: bool,
    ) -> None:
        self.runs = runs
        self.zone = zone
        self.series: VideoSeries | None = None
        self._generations = generations
        self._ledger = ledger
        self._publisher = publisher
        self._queue = queue
        self._clock = clock
        self._leads = leads

    @property
    def today(self) -> date:
        """The day that it is where the operator is."""
        return self._clock.now().astimezone(self.zone).date()

    async def run(self, series: VideoSeries) -> None:
        """Do what a series has to do, until cancelled."""
        self.series = series
        try:
            while True:
                if self._leads:
                    await self._look_safely()
                await self._clock.sleep(_LOOK_SECONDS)
        finally:
            self.series = None

    async def look(self) -> None:
        """Plan what has become due, and take every open run a step further."""
        series = self.series
        if series is None:
            return
        switch = await self.runs.switched()
        if not switch.paused:
            await self._plan(series, switch)
        now = self._clock.now()
        for run in await self.runs.open():
            waits = run.retry_at is not None and run.retry_at > now
            if not waits and not (switch.paused and run.state is RunState.DUE):
                await self._step(series, run)

    async def switched(self) -> Switch:
        """Whether it is paused, and who said so."""
        return await self.runs.switched()

    async def pause(self, by: str) -> bool:
        """Begin nothing from now on; False when that is so already. What is being made is finished."""
        return await self.runs.switch(by, self._clock.now(), paused=True)

    async def resume(self, by: str) -> bool:
        """Go on; False when nothing is paused."""
        return await self.runs.switch(by, self._clock.now(), paused=False)

    async def upcoming(self, count: int) -> list[datetime]:
        """The next moments at which something is to be made: none on a day that has its target."""
        series, moment = self.series, self._clock.now()
        found: list[datetime] = []
        taken: dict[date, int] = {}
        while series is not None and len(found) < count:
            following = [at for each in series.times if (at := each.following(moment, self.zone))]
            if not following:
                break
            moment = min(following)
            day = moment.astimezone(self.zone).date()
            if day not in taken:
                taken[day] = await self._taken_on(day)
            if series.daily_target and taken[day] >= series.daily_target:
                tomorrow = datetime.combine(day + timedelta(days=1), time.min, self.zone)
                moment = max(moment, tomorrow.astimezone(UTC) - timedelta(seconds=1))
                continue
            taken[day] += 1
            found.append(moment)
        return found

    async def next_characters(self, count: int) -> list[str]:
        """Whose turns the next ones are, if all of them are made."""
        if self.series is None:
            return []
        number = await self.runs.peek_number()
        return [self.series.character_of(number + place)[0].name for place in range(count)]

    async def balance(self) -> Balance:
        """What stands in the account of the series, in Stars."""
        return await self._ledger.balance(PRODUCTION_ID)

    async def _look_safely(self) -> None:
        try:
            await self.look()
        except DatabaseAway as error:
            _log.warning("production waits: database away", error=str(error))
        except Exception:
            # A run that goes wrong in a way nobody thought of must not end the others.
            _log.exception("production: a look went wrong")

    async def _plan(self, series: VideoSeries, switch: Switch) -> None:
        now = self._clock.now()
        since = switch.planned_until or now
        since = max(since, now - _LOOK_BACK)
        moments = sorted({m for each in series.times for m in each.between(since, now, self.zone)})
        known = await self.runs.known([_id(moment) for moment in moments]) if moments else set()
        for moment in moments:
            if _id(moment) not in known:
                await self._begin(series, moment, now)
        if moments or switch.planned_until is None:
            await self.runs.planned(now)

    async def _begin(self, series: VideoSeries, moment: datetime, now: datetime) -> None:
        """Write a run down: to be made, or skipped."""
        day = moment.astimezone(self.zone).date()
        reason = ""
        if now - moment > _LATE and series.missed is Missed.SKIP:
            reason = "missed"
        elif series.daily_target and await self._taken_on(day) >= series.daily_target:
            reason = "target_reached"
        # Whose turn it is goes by what was made, so that what is skipped takes nobody's turn.
        number = -1 if reason else await self.runs.number_for(_id(moment))
        character = "" if reason else series.character_of(number)[0].name
        run = Run(_id(moment), moment, day.isoformat(), number, character)
        if reason:
            # Written as skipped at once: after a crash behind it, it would be made.
            run = replace(run, state=RunState.SKIPPED, reason=reason)
        if reason == "missed":
            # Without its time, so that many are told as one with a count.
            await self._tell(run, NotificationType.SCHEDULER_STATUS, {"state": "missed"})
        await self.runs.insert(run)

    async def _taken_on(self, day: date) -> int:
        """How many runs count for the target of a day."""
        return sum(map(_counts, await self.runs.between(day, day)))

    async def _step(self, series: VideoSeries, run: Run) -> None:
        try:
            if run.state is RunState.DUE:
                await self._order(series, run)
            elif run.state is RunState.MAKING:
                await self._watch(series, run)
            else:
                await self._publish(series, run)
        except (TelegramError, TooManyActive, PriceChanged):
            await self._later(run)

    async def _order(self, series: VideoSeries, run: Run) -> None:
        character, turn = series.character_of(run.number)
        generations = self._generations()
        try:
            quote = generations.quote(character.model, character.options)
            await self._check_budget(series, quote.usd)
            await self._fund(run, quote)
            job = await generations.create(
                request_id=f"run:{run.id}",
                user=User(PRODUCTION_ID, language=series.language or None),
                chat_id=series.preview_chat_id,
                quote=quote,
                prompt=character.prompt_of(turn),
            )
        except (TooManyActive, PriceChanged, InsufficientStars):
            raise TooManyActive(1) from None
        except _BudgetReached:
            await self._fail(run, "budget")
            return
        except UserFacingError as error:
            _log.warning("run refused", run=run.id, reason=error.key)
            used_up = error.key.startswith(_BUDGET_REACHED)
            await self._fail(run, "budget_reached" if used_up else "order_refused")
            return
        changes = {"job_id": job.id, "model_id": job.model_id, "provider": job.provider}
        changes["ordered_on"] = self.today.isoformat()
        await self._move(run, RunState.MAKING, cost_usd=job.cost_usd, tries=0, retry_at=None, **changes)

    async def _watch(self, series: VideoSeries, run: Run) -> None:
        job = await self._generations().get(run.job_id)
        if job is None or (job.state in FINAL_STATES and job.state is not JobState.DELIVERED):
            reason = (job.failure or "stopped") if job is not None else "gone"
            cost = job.cost_usd if job is not None and job.since(JobState.READY) else Decimal(0)
            await self._fail(run, reason, cost_usd=cost)
            return
        if job.state is not JobState.DELIVERED:
            return
        begun, ended = job.since(JobState.SUBMITTED), job.since(JobState.DELIVERED)
        seconds = (ended - begun).total_seconds() if begun and ended else 0.0
        uploads = {platform.name: UploadState.WAITING for platform in series.platforms}
        state = RunState.PUBLISHING if uploads else RunState.DONE
        await self._move(run, state, seconds=seconds, ended_at=ended, uploads=uploads)

    async def _publish(self, series: VideoSeries, run: Run) -> None:
        job = await self._generations().get(run.job_id)
        for name, state in run.uploads.items():
            platform = series.platform(name)
            if state is UploadState.SENT:
                await self._await_report(run, name)
            elif state is UploadState.WAITING and (job is None or platform is None):
                await self._uploaded(run, name, UploadState.WAITING, UploadState.FAILED, "platform_gone")
            elif state is UploadState.WAITING and job is not None and platform is not None:
                details = {"platform": name, "character": run.character, "run": run.id}
                await self._tell(run, NotificationType.UPLOAD_STARTED, details, about=name)
                outcome = await self._publisher.publish(run, job, platform)
                if outcome.state is not None:
                    await self._uploaded(run, name, UploadState.WAITING, outcome.state, outcome.reason)
        known = await self.runs.get(run.id)
        if known is None:
            return
        states = set(known.uploads.values())
        if UploadState.WAITING in states and run.tries + 1 >= _TRIES:
            for name, state in known.uploads.items():
                if state is UploadState.WAITING:
                    await self._uploaded(run, name, state, UploadState.FAILED, "not_reached")
        elif UploadState.WAITING in states:
            await self._later(run)
        elif UploadState.SENT not in states:
            await self._move(known, RunState.DONE)

    async def _await_report(self, run: Run, platform: str) -> None:
        if run.sent_at is not None and self._clock.now() - run.sent_at > _REPORT_PATIENCE:
            await self._uploaded(run, platform, UploadState.SENT, UploadState.FAILED, _WEBHOOK)

    async def _uploaded(
        self, run: Run, platform: str, was: UploadState, now: UploadState, reason: str
    ) -> None:
        """Note what became of an upload, and tell of it; what a platform reports is told as its own event."""
        if reason:
            _log.warning("upload", platform=platform, state=now.value, reason=reason)
        details: dict[str, object] = {"platform": platform, "character": run.character}
        if now is UploadState.UPLOADED:
            details["run"] = run.id
            await self._tell(run, NotificationType.UPLOAD_COMPLETED, details, about=platform)
        elif now is UploadState.FAILED:
            details["reason"] = reason
            await self._tell(run, NotificationType.UPLOAD_FAILED, details, about=platform)
        await self.runs.upload(run.id, platform, was, now)
        if now is UploadState.SENT and run.sent_at is None:
            await self.runs.change(run, run.state, {"sent_at": self._clock.now()})

    async def _fund(self, run: Run, quote: Quote) -> None:
        """Put the price into the account of the series, once for each run."""
        key = f"production:{run.id}"
        if await self._ledger.entry(PRODUCTION_ID, key) is None:
            await self._ledger.credit(
                PRODUCTION_ID,
                quote.stars,
                source=ADJUSTMENT,
                key=key,
                reference=run.id,
                actor="production",
                reason="a run of the series",
            )

    async def spent_since(self, first: date) -> Decimal:
        """What was ordered for the series on this day and since costs, in USD, whenever it was to be made."""
        return sum((run.cost_usd for run in await self.runs.ordered_since(first)), Decimal(0))

    async def _check_budget(self, series: VideoSeries, cost: Decimal) -> None:
        """Raise _BudgetReached where a run would go beyond what the series may take in a day or month."""
        today = self.today
        for limit, first, period in (
            (series.day_usd, today, "day"),
            (series.month_usd, today.replace(day=1), "month"),
        ):
            if limit is None:
                continue
            spent = await self.spent_since(first)
            if spent + cost > limit:
                details = {
                    "scope": "production",
                    "period": period,
                    "usd": float(spent),
                    "limit": float(limit),
                }
                made = self._queue.made(
                    NotificationType.BUDGET_WARNING,
                    details={**details, "state": "budget_stopped"},
                    source="production",
                    key=f"budget:{period}:{first}",
                )
                await self._queue.put([made])
                raise _BudgetReached

    async def _fail(self, run: Run, reason: str, **changes: Any) -> None:
        await self._move(run, RunState.FAILED, reason=reason, ended_at=self._clock.now(), **changes)
        if not run.job_id:
            # Of a generation that failed the generation itself is told.
            details = {"character": run.character, "reason": reason}
            await self._tell(run, NotificationType.VIDEO_FAILED, details)

    async def _later(self, run: Run) -> None:
        wait = _AGAIN[min(run.tries, len(_AGAIN) - 1)]
        await self.runs.change(run, run.state, {"tries": run.tries + 1, "retry_at": self._clock.now() + wait})

    async def _move(self, run: Run, state: RunState, **changes: Any) -> None:
        await self.runs.change(run, run.state, {**changes, "state": state})

    async def _tell(
        self, run: Run, kind: NotificationType, details: Mapping[str, object], *, about: str = ""
    ) -> None:
        key = f"run:{run.id}:{kind.value}:{about}"
        await self._queue.put([self._queue.made(kind, details=details, source="production", key=key)])


def _id(moment: datetime) -> str:
    return run_id(moment.astimezone(UTC).isoformat())


def _counts(run: Run) -> bool:
    """Whether a run counts for the day's target: it is made, or may still be."""
    return run.state in OPEN_STATES or run.state is RunState.DONE
