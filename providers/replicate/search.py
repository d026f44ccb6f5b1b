"""Knows a prediction again whose submission nobody saw the reply to.

Replicate takes no idempotency key, and a prediction shows neither our job nor our callback address. What it
shows is its input. So a job whose person chose no seed is given one made from the job's id: a prediction with
this seed is that job's. With a seed of the person's own, all of the input must be the same, which only a job
that orders the same picture once more has as well.

A prediction's input is deleted after an hour. One whose input cannot be read, or two that both fit, leave
open which it is: then nobody knows, and nothing is submitted a second time.

Source: https://replicate.com/docs/reference/http, https://replicate.com/docs/topics/predictions/data-retention
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from providers.replicate.predictions import created_at, is_prediction_id
from starloom.api import SubmissionUnknown

SEED = "seed"
_SEEDS = 2**31


def seed_of(job_id: str) -> int:
    """The seed of a job whose person chose none: the same every time, and hardly another job's."""
    digest = hashlib.blake2b(job_id.encode(), digest_size=8, person=b"replicate").digest()
    return int.from_bytes(digest) % _SEEDS


class Likeness(Enum):
    """Whether a prediction is the one that is looked for."""

    NO = "no"
    YES = "yes"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of a prediction that is looked for.

    `model` is Replicate's name of it, empty if unknown. `given` is the input as far as it can be compared.
    """

    model: str
    given: Mapping[str, Any] = field(repr=False)
    since: datetime

    def likeness(self, prediction: Mapping[str, Any]) -> Likeness:
        """Whether it is this one."""
        model, created = prediction.get("model"), created_at(prediction)
        if self.model and isinstance(model, str) and model != self.model:
            return Likeness.NO
        if created is not None and created < self.since:
            return Likeness.NO
        shown = prediction.get("input")
        if not isinstance(shown, Mapping) or not shown or prediction.get("data_removed") is True:
            return Likeness.UNCLEAR
        same = all(_same(shown.get(name), value) for name, value in self.given.items())
        return Likeness.YES if same else Likeness.NO


class Search:
    """Looks through predictions. `known` are those of other jobs."""

    def __init__(self, wanted: Wanted, known: frozenset[str]) -> None:
        self._wanted = wanted
        self._known = known
        self._found: set[str] = set()
        self._unclear = False

    def look_at(self, predictions: Iterable[object]) -> bool:
        """Look at one page of the list, newest first; whether older ones may still be wanted."""
        oldest: datetime | None = None
        for prediction in predictions:
            if not isinstance(prediction, Mapping):
                self._unclear = True
                continue
            oldest = created_at(prediction) or oldest
            self._look_at_one(prediction)
        return oldest is None or oldest >= self._wanted.since

    def _look_at_one(self, prediction: Mapping[str, Any]) -> None:
        task_id = prediction.get("id")
        if task_id in self._known:
            return
        likeness = self._wanted.likeness(prediction)
        if likeness is Likeness.YES and isinstance(task_id, str) and is_prediction_id(task_id):
            self._found.add(task_id)
        elif likeness is not Likeness.NO:
            self._unclear = True

    def found(self) -> str | None:
        """The one that was looked for, or None if there surely is none.

        Raises:
            SubmissionUnknown: there are several, or some could not be told apart from it.

        """
        if len(self._found) == 1:
            return next(iter(self._found))
        if self._found:
            raise SubmissionUnknown(f"{len(self._found)} predictions have this input")
        if self._unclear:
            raise SubmissionUnknown("there are predictions whose input is not shown")
        return None


def _same(shown: object, sent: object) -> bool:
    """Whether a value is what was sent; true is not 1, and 1.0 is."""
    return shown == sent and isinstance(shown, bool) == isinstance(sent, bool)
