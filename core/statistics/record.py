"""One generation as it is kept for good: who, when, what, how it ended; never the prompt or the result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.generation.job import FINAL_STATES, Job, JobState
from core.production.account import is_production

_DURATION_OPTIONS = ("duration", "seconds", "video_length")
_RESOLUTION_OPTIONS = ("resolution", "size", "quality")


class Outcome(StrEnum):
    """How a generation ended."""

    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Its person stopped it."""
    EXPIRED = "expired"
    """It had no result in time, or nobody could be reached to take it."""
    REFUNDED = "refunded"
    """No end: Stars that were given back after a delivery, counted on the day when they were."""


_ENDINGS = {
    JobState.DELIVERED: Outcome.DELIVERED,
    JobState.FAILED: Outcome.FAILED,
    JobState.CANCELLED: Outcome.CANCELLED,
    JobState.EXPIRED: Outcome.EXPIRED,
}


ENDS = tuple(_ENDINGS.values())
"""The outcomes of which a generation has exactly one."""


@dataclass(frozen=True, slots=True)
class Correction:
    """Stars that were given back for a generation after it was delivered. `key` names it for good."""

    key: str
    at: datetime
    user_id: int
    category: str
    model_id: str
    provider: str
    stars: int


@dataclass(frozen=True, slots=True)
class GenerationRecord:
    """One generation that has ended.

    `price` and `stars` are Stars: what was asked, and what was earned. `cost_usd` is what its provider took:
    nothing, where there was no result. `duration` is the length of what was made or ordered, `produced` how
    long its provider was at it, `waited` how long its person waited for it, all in seconds; those that are
    not known are 0. `resolution` is width x height, or the option's own word.
    """

    id: str
    user_id: int
    username: str | None
    ordered_at: datetime
    ended_at: datetime
    category: str
    model_id: str
    provider: str
    outcome: Outcome
    price: int
    stars: int
    cost_usd: Decimal
    free: bool
    prompt_tokens: int
    enhanced_prompt_tokens: int
    duration: float
    resolution: str
    produced: float
    waited: float


def record_of(job: Job) -> GenerationRecord | None:
    """The record of a job that has ended; None of one that still runs, and of one that never began.

    An order whose price was never held, as its person could not pay, is no generation.
    """
    ended = [(moment, state) for state in _ENDINGS if (moment := job.since(state)) is not None]
    if job.state not in FINAL_STATES or not ended or job.created_at is None:
        return None
    if job.since(JobState.HELD) is None:
        return None
    ended_at, state = max(ended)
    delivered = state is JobState.DELIVERED
    return GenerationRecord(
        id=job.id,
        user_id=job.user_id,
        username=job.username,
        ordered_at=job.created_at,
        ended_at=ended_at,
        category=job.category,
        model_id=job.model_id,
        provider=job.provider,
        outcome=_ENDINGS[state],
        price=job.price,
        # What series take is the operator's own money, and no revenue.
        stars=job.price if delivered and not job.free and not is_production(job) else 0,
        cost_usd=job.cost_usd if job.since(JobState.READY) is not None else Decimal(0),
        free=bool(job.free),
        prompt_tokens=job.prompt_tokens,
        enhanced_prompt_tokens=job.enhanced_prompt_tokens,
        duration=_duration(job),
        resolution=_resolution(job),
        produced=_seconds(job.since(JobState.SUBMITTED), job.since(JobState.READY)),
        waited=_seconds(job.created_at, ended_at) if delivered else 0.0,
    )


def _duration(job: Job) -> float:
    made = sum(float(result.get("duration") or 0) for result in job.results)
    return made or _number(_first(job.options, _DURATION_OPTIONS))


def _resolution(job: Job) -> str:
    for result in job.results:
        if result.get("width") and result.get("height"):
            return f"{result['width']}x{result['height']}"
    return str(_first(job.options, _RESOLUTION_OPTIONS) or "")


def _first(options: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((options[name] for name in names if options.get(name)), None)


def _number(value: Any) -> float:
    """The number in an option such as 5, "8" or "10s"."""
    try:
        return max(0.0, float(str(value).rstrip("s ")))
    except ValueError:
        return 0.0


def _seconds(begin: datetime | None, end: datetime | None) -> float:
    return max(0.0, (end - begin).total_seconds()) if begin and end else 0.0
