"""Results and uploaded files as a job keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from core.generation.provider import Result
from core.telegram.types import MediaKind, OutgoingMedia


def result_fields(result: Result) -> dict[str, Any]:
    """A result as the job keeps it."""
    return asdict(result)


def result_from(fields: Mapping[str, Any]) -> Result:
    """A result as the job kept it."""
    return Result(**fields)


def without_sources(results: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """What is kept of results that nobody fetches any more: their form, not where and what they were."""
    return tuple(result_fields(replace(result_from(fields), url="", id="")) for fields in results)


def media_fields(media: OutgoingMedia) -> dict[str, Any]:
    """An uploaded file as the job keeps it."""
    return {"kind": media.kind.value, "file": media.file}


def media_from(fields: Mapping[str, Any]) -> OutgoingMedia:
    """An uploaded file as the job kept it."""
    return OutgoingMedia(kind=MediaKind(fields["kind"]), file=dict(fields["file"]))


def original_from(fields: Mapping[str, Any]) -> OutgoingMedia:
    """The uncompressed file of a photo as the job kept it."""
    return OutgoingMedia(kind=MediaKind.DOCUMENT, file=dict(fields["original"]))
