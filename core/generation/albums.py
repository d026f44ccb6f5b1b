"""Results in messages: what goes together as an album, and under which random ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from core.generation.job import Job
from core.telegram.random_ids import random_id
from core.telegram.types import MediaKind

MOST = 10
"""Files in one album. Source: https://core.telegram.org/bots/api#sendmediagroup"""
_TOGETHER = {
    MediaKind.PHOTO.value: "pictures",
    MediaKind.VIDEO.value: "pictures",
    MediaKind.AUDIO.value: "songs",
    MediaKind.DOCUMENT.value: "documents",
}
"""Which kinds may stand in one album; all others go alone."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message, or an album of several: the places of its files among the job's, a random id for each.

    `message_ids` are empty until it was sent; an id is 0 where Telegram did not say it. With `original` it
    has the uncompressed file of a photo. One that is `given_up` is not sent: it was an extra.
    """

    files: tuple[int, ...]
    random_ids: tuple[int, ...]
    message_ids: tuple[int, ...] = ()
    original: bool = False
    given_up: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is still to be sent."""
        return not self.message_ids and not self.given_up

    def apart(self) -> tuple[Envelope, ...]:
        """The same files in a message each, under the same random ids."""
        pairs = zip(self.files, self.random_ids, strict=True)
        return tuple(Envelope((file,), (each,), original=self.original) for file, each in pairs)

    def fields(self) -> dict[str, Any]:
        """The envelope as the job keeps it."""
        return asdict(self)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Envelope:
        """An envelope as the job kept it."""
        return cls(
            files=tuple(fields["files"]),
            random_ids=tuple(fields["random_ids"]),
            message_ids=tuple(fields["message_ids"]),
            original=fields["original"],
            given_up=fields["given_up"],
        )


def envelopes_of(job: Job, *, originals: bool = False) -> tuple[Envelope, ...]:
    """The messages of a job whose files are all uploaded: those it keeps, or as they are to be.

    With `originals` the uncompressed files of photos are sent as well, behind everything else.
    """
    if job.messages:
        return tuple(Envelope.from_fields(fields) for fields in job.messages)
    kinds = [fields["kind"] for fields in job.uploaded]
    planned = [_envelope(job, files) for files in _albums(kinds)]
    if originals:
        planned += [
            original_envelope(job, number)
            for number, fields in enumerate(job.uploaded)
            if fields.get("original")
        ]
    return tuple(planned)


def original_envelope(job: Job, number: int, *, key: str = "") -> Envelope:
    """The uncompressed file of a photo in a message of its own."""
    name = f"{job.delivery_random_id}:original:{number}:{key}"
    return Envelope((number,), (random_id(name),), original=True)


def anew(envelope: Envelope, key: str) -> Envelope:
    """The same files in messages that were not sent before; the same `key` makes the same messages."""
    ids = tuple(random_id(f"{each}:{key}") for each in envelope.random_ids)
    return replace(envelope, random_ids=ids, message_ids=())


def _envelope(job: Job, files: Sequence[int]) -> Envelope:
    # The first message has the id that was in the job from its first moment.
    first = job.delivery_random_id
    ids = tuple(first if number == 0 else random_id(f"{first}:{number}") for number in files)
    return Envelope(tuple(files), ids)


def _albums(kinds: Sequence[str]) -> Iterator[list[int]]:
    """The places of files that go together, in the order of their first ones; albums of about equal size."""
    families = [_TOGETHER.get(kind, f"alone {number}") for number, kind in enumerate(kinds)]
    order = {family: place for place, family in reversed(list(enumerate(families)))}
    places = sorted(range(len(kinds)), key=lambda number: (order[families[number]], number))
    for _, group in groupby(places, key=lambda number: families[number]):
        files = list(group)
        count = -(-len(files) // MOST)
        for part in range(count):
            yield files[part * len(files) // count : (part + 1) * len(files) // count]
