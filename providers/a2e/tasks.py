"""Reads tasks, as A2E's API writes them.

Ids of ours name the kind of task, as each kind is asked for at an address of its own, and hold every id of
A2E's that one order was answered with: `userText2Image/66f0…,66f1…`.

Source: https://video.a2e.ai/dev/openapi-spec
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from providers.a2e.errors import failure
from starloom.api import Failed, ProviderError, Result, Running, Status, Succeeded, Waiting

IMAGE_TO_VIDEO = "userImage2Video"
TEXT_TO_IMAGE = "userText2Image"
KINDS = (IMAGE_TO_VIDEO, TEXT_TO_IMAGE)
"""The kinds of tasks, as they are called in addresses; a model's `endpoint` is its kind."""

INITIALIZED = "initialized"
_RESULT_FIELDS: Mapping[str, tuple[str, ...]] = {
    IMAGE_TO_VIDEO: ("result_url", "video_url"),
    TEXT_TO_IMAGE: ("image_urls", "result_url"),
}
_LISTS = ("list", "records", "rows", "data", "items")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WORD = re.compile(r"[A-Za-z0-9_ -]{1,40}")
_MOST = 8
_MILLISECONDS = 10**11
_TYPES: Mapping[str, str] = {
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".webp": "image/webp",
}
_USUAL: Mapping[str, str] = {IMAGE_TO_VIDEO: "video/mp4"}


@dataclass(frozen=True, slots=True)
class TaskId:
    """A task: its kind, and what A2E calls its parts."""

    kind: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind}/{','.join(self.parts)}"

    @classmethod
    def read(cls, written: str) -> TaskId:
        """The task that one of our ids means.

        Raises:
            ProviderError: it is none.

        """
        kind, _, parts = written.partition("/")
        ids = tuple(parts.split(","))
        if kind not in KINDS or not all(map(is_id, ids)):
            raise ProviderError("this is no id of a task")
        return cls(kind, ids)


def is_id(value: object) -> bool:
    """Whether A2E can call a task so; it becomes part of an address."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def ids_in(data: object) -> tuple[str, ...]:
    """Every id in the answer to an order: a task, or a list of them."""
    tasks: Sequence[object] = data if isinstance(data, list) else [data]
    found = (task.get("_id") for task in tasks if isinstance(task, Mapping))
    return tuple(dict.fromkeys(each for each in found if isinstance(each, str) and is_id(each)))[:_MOST]


def records_in(data: object) -> list[Any] | None:
    """The tasks of a list, bare or inside an object; None if there is no list to be seen."""
    if isinstance(data, Mapping):
        return next((data[name] for name in _LISTS if isinstance(data.get(name), list)), None)
    return data if isinstance(data, list) else None


def record_in(data: object, task_id: str) -> Mapping[str, Any] | None:
    """The record of one task in an answer that holds it, alone or among others."""
    if isinstance(data, Mapping) and "current_status" in data and data.get("_id", task_id) == task_id:
        return data
    for record in records_in(data) or ():
        if isinstance(record, Mapping) and record.get("_id") == task_id:
            return record
    return None


def status_of(kind: str, records: Iterable[Mapping[str, Any]]) -> Status:
    """How a task stands, whose parts have these records: finished when all are, failed when one is."""
    statuses = [_status_of_one(kind, record) for record in records]
    for kept in (Failed, Running, Waiting):
        first = next((status for status in statuses if isinstance(status, kept)), None)
        if first is not None:
            return first
    results = [result for status in statuses if isinstance(status, Succeeded) for result in status.results]
    return Succeeded(tuple(results[:_MOST]))


def is_untouched(record: Mapping[str, Any]) -> bool:
    """Whether nothing has been done for a task yet: deleting it then gives the coins back."""
    return record.get("current_status") == INITIALIZED


def created_at(record: Mapping[str, Any]) -> datetime | None:
    """When it was made; None where that cannot be read."""
    written = record.get("createdAt", record.get("created_at"))
    try:
        if isinstance(written, int | float) and not isinstance(written, bool):
            return datetime.fromtimestamp(written / (1000 if written > _MILLISECONDS else 1), UTC)
        moment = datetime.fromisoformat(written) if isinstance(written, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _status_of_one(kind: str, record: Mapping[str, Any]) -> Status:
    status = record.get("current_status")
    if status == INITIALIZED:
        return Waiting()
    if status == "processing":
        return Running()
    if status == "failed":
        return failure(record.get("failed_code"), record.get("failed_message"))
    if status == "completed":
        found = tuple(_result(kind, address) for address in _results(kind, record))
        return Succeeded(found) if found else Waiting("completed, and no result to be seen")
    shown = status if isinstance(status, str) and _WORD.fullmatch(status) else "unreadable"
    return Waiting(f"status {shown}")


def _results(kind: str, record: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses in the first field that has any."""
    for name in _RESULT_FIELDS[kind]:
        found = tuple(dict.fromkeys(_addresses(record.get(name))))
        if found:
            return found
    return ()


def _addresses(value: object) -> Iterator[str]:
    for address in value if isinstance(value, list) else [value]:
        if isinstance(address, str) and address.startswith(("https://", "http://")):
            yield address


def _result(kind: str, address: str) -> Result:
    path = PurePosixPath(unquote(urlsplit(address).path))
    known = _TYPES.get(path.suffix.lower())
    return Result(url=address, mime_type=known or _USUAL.get(kind, ""), file_name=path.name if known else "")
