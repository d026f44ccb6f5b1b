"""Reads predictions, as Replicate's API writes them.

Source: https://replicate.com/docs/reference/http
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from providers.replicate.errors import failure
from starloom.api import Failed, FailureReason, Result, Running, Status, Succeeded, Waiting

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_WORD = re.compile(r"[A-Za-z0-9_ -]{1,40}")
_MOST_RESULTS = 10
_DEEPEST = 4
_MIME_TYPES: Mapping[str, str] = {
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
}

_PLAIN: Mapping[str, Status] = {
    "starting": Waiting(),
    "processing": Running(),
    "canceled": Failed(FailureReason.PROVIDER_FAULT, "canceled at Replicate"),
    "aborted": Failed(FailureReason.PROVIDER_FAULT, "its deadline passed before it began"),
}


def is_prediction_id(value: object) -> bool:
    """Whether this can be the id of a prediction; it becomes part of an address."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def status_of(prediction: Mapping[str, Any]) -> Status:
    """How a prediction stands. A status that nobody knows is one of waiting."""
    status = prediction.get("status")
    if status == "succeeded":
        return _success(prediction)
    if status == "failed":
        return failure(prediction.get("error"))
    known = _PLAIN.get(status) if isinstance(status, str) else None
    return known or Waiting(f"status {_shown(status)}")


def cost_nothing(prediction: Mapping[str, Any]) -> bool:
    """Whether a stopped prediction makes nothing and is not billed: it had not begun to run."""
    status = prediction.get("status")
    never_began = "started_at" in prediction and prediction["started_at"] is None
    return status == "aborted" or (status == "canceled" and never_began)


def created_at(prediction: Mapping[str, Any]) -> datetime | None:
    """When it was created; None where that cannot be read."""
    written = prediction.get("created_at")
    try:
        moment = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _success(prediction: Mapping[str, Any]) -> Succeeded | Failed:
    if prediction.get("data_removed") is True:
        return Failed(FailureReason.EXPIRED, "Replicate has deleted the output")
    addresses = list(dict.fromkeys(_addresses(prediction.get("output"))))[:_MOST_RESULTS]
    if not addresses:
        return Failed(FailureReason.PROVIDER_FAULT, "it succeeded without an output")
    return Succeeded(tuple(_result(address) for address in addresses), _metadata(prediction))


def _addresses(output: object, depth: int = 0) -> Iterator[str]:
    """The addresses of files in an output: one, a list of them, or an object with some."""
    if isinstance(output, str):
        if output.startswith(("https://", "http://")):
            yield output
    elif isinstance(output, list | dict) and depth < _DEEPEST:
        for value in output.values() if isinstance(output, dict) else output:
            yield from _addresses(value, depth + 1)


def _result(address: str) -> Result:
    path = PurePosixPath(unquote(urlsplit(address).path))
    mime_type = _MIME_TYPES.get(path.suffix.lower(), "")
    return Result(url=address, mime_type=mime_type, file_name=path.name if mime_type else "")


def _metadata(prediction: Mapping[str, Any]) -> dict[str, Any]:
    metrics = prediction.get("metrics")
    seconds = metrics.get("predict_time") if isinstance(metrics, Mapping) else None
    known = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return {"predict_time": seconds} if known else {}


def _shown(word: object) -> str:
    return word if isinstance(word, str) and _WORD.fullmatch(word) else "unreadable"
