"""Earlier results of a person's own that a model goes on from: which fit, and what is sent of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from core.clock import Clock
from core.errors import UserFacingError
from core.generation.job import Job, JobState
from core.generation.model import Model
from core.generation.options import SourceInput
from core.generation.registry import Registry
from core.storage.history import HistoryStore

_IN_THE_CHAT = (JobState.DELIVERING, JobState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a job's result, counted from 0, that an order goes on from."""

    job_id: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class GivenSource:
    """A source that fits a model.

    `maker` is the model that made it, `seconds` how long it is, 0 where that is not known. `options` are what
    an order begins with that says nothing else. `fields` are what the provider is sent of it.
    """

    source: Source
    maker: str
    seconds: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def kept(self) -> dict[str, Any]:
        """What a job keeps of it."""
        return {"job_id": self.source.job_id, "number": self.source.number, "fields": dict(self.fields)}


class Sources:
    """Answers for one person's results alone, as long as those are in the person's view."""

    def __init__(self, registry: Registry, history: HistoryStore, clock: Clock) -> None:
        self._registry = registry
        self._history = history
        self._clock = clock

    def follow_ups(self, job: Job) -> tuple[Model, ...]:
        """The models on offer that go on from what a job has made."""
        if not job.task_id:
            return ()
        return tuple(model for model in self._registry.models() if self._fits(model, job))

    async def take(self, user_id: int, model: Model, source: Source | None) -> GivenSource | None:
        """What a model is given of a source; None for a model that goes on from nothing.

        Raises:
            UserFacingError: there is none, it is not this person's, not in their view any more, too old, or
                not what the model goes on from.

        """
        wanted = model.source
        if wanted is None:
            return None
        if source is None:
            raise UserFacingError("source-missing")
        row = await self._history.of_job(user_id, source.job_id)
        if row is None or row.job.state not in _IN_THE_CHAT:
            raise UserFacingError("source-gone")
        if not 0 <= source.number < len(row.job.uploaded):
            raise UserFacingError("source-gone")
        if not row.job.task_id or not self._fits(model, row.job):
            raise UserFacingError("source-unfit")
        if self._is_too_old(row.job, wanted):
            raise UserFacingError("source-too-old", days=wanted.days)
        return self._given(model, wanted, row.job, source)

    def _fits(self, model: Model, job: Job) -> bool:
        """Whether a job's task is at the provider that takes this model, and was made as the model wants."""
        wanted, maker = model.source, self._registry.known(job.made_by or job.model_id)
        if wanted is None or maker is None or maker.id not in wanted.models:
            return False
        if job.provider != self._registry.taker_of(model):
            return False
        if self._registry.account_of(maker) != self._registry.account_of(model):
            return False
        options = _options_of(job)
        alike = all(options.get(name) in values for name, values in wanted.options.items())
        return alike and all(name in options for name in wanted.same) and _is_named(wanted, job)

    def _is_too_old(self, job: Job, wanted: SourceInput) -> bool:
        made = job.since(JobState.READY) or job.created_at
        return made is None or self._clock.now() - made > timedelta(days=wanted.days)

    def _given(self, model: Model, wanted: SourceInput, job: Job, source: Source) -> GivenSource:
        file, options = job.uploaded[source.number], _options_of(job)
        fields: dict[str, Any] = {name: options[name] for name in wanted.same}
        if wanted.task_field:
            fields[wanted.task_field] = job.task_id
        if wanted.file_field:
            fields[wanted.file_field] = file["id"]
        if wanted.index_field:
            number = source.number
            fields[wanted.index_field] = number if wanted.index_type == "integer" else str(number)
        seconds = _seconds_of(job, source.number)
        end = int(seconds)
        ends = [each.field for each in model.options if each.to_end and not each.after and each.allows(end)]
        return GivenSource(
            source,
            job.model_id,
            seconds,
            options=dict.fromkeys(ends, end) if end else {},
            fields=fields,
        )


def _options_of(job: Job) -> dict[str, Any]:
    """The options that a job was made with, and those that it was sent again of what it went on from."""
    made_with: Mapping[str, Any] = job.made_with.get("options", job.options)
    return {**job.source.get("fields", {}), **made_with}


def _is_named(wanted: SourceInput, job: Job) -> bool:
    """Whether the provider has told what it calls each file, where the model is to be told it."""
    if not wanted.file_field:
        return True
    files = job.uploaded or job.results
    return bool(files) and all(file.get("id") for file in files)


def _seconds_of(job: Job, number: int) -> float:
    """How long a file of a result is, as it was found on its way, or as its provider has told it."""
    told = job.results[number].get("duration", 0.0) if number < len(job.results) else 0.0
    return float(job.uploaded[number].get("seconds") or told)
