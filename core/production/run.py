"""One run of a series: one video, from its time to the platforms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class RunState(StrEnum):
    """How far a run is."""

    DUE = "due"
    MAKING = "making"
    PUBLISHING = "publishing"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class UploadState(StrEnum):
    """How far a video is on its way to one platform."""

    WAITING = "waiting"
    SENT = "sent"
    """A webhook has taken it and will report back."""
    UPLOADED = "uploaded"
    FAILED = "failed"


OPEN_STATES = (RunState.DUE, RunState.MAKING, RunState.PUBLISHING)
"""States in which something is still to be done."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run. `at` is when it is to be, `day` its day by the operator's calendar, `number` counts them all."""

    id: str
    at: datetime
    day: str
    number: int
    character: str
    state: RunState = RunState.DUE
    job_id: str = ""
    reason: str = ""
    model_id: str = ""
    provider: str = ""
    cost_usd: Decimal = Decimal(0)
    ordered_on: str = ""
    """The day of its order by the operator's calendar: on this day its money is spent."""
    seconds: float = 0.0
    """How long it took to be made."""
    ended_at: datetime | None = None
    sent_at: datetime | None = None
    """When it was first published anywhere."""
    uploads: Mapping[str, UploadState] = field(default_factory=dict)
    tries: int = 0
    retry_at: datetime | None = None
