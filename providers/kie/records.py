"""Reads the records of tasks, as each API of Kie.ai writes them.

Source: https://docs.kie.ai/market/common/get-task-detail,
https://docs.kie.ai/old-model/veo3-api/get-veo-3-video-details
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from providers.kie.errors import failure
from providers.kie.families import FLUX_KONTEXT, JOBS, VEO, Family, is_task_id
from starloom.api import Category, Failed, FailureReason, Result, Running, Status, Succeeded, Waiting

CREDIT_USD = Decimal("0.005")
"""What one credit costs, in USD."""

_MOST_RESULTS = 32
_LONGEST_URL = 4096
_MOST = 10**12
"""Larger numbers are no counts."""
_TYPES: Mapping[str, str] = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
}
_USUAL: Mapping[Category, str] = {
    Category.VIDEO: "video/mp4",
    Category.IMAGE: "image/png",
    Category.AUDIO: "audio/mpeg",
}
_SOURCE_ID = re.compile(r'"(?:task|audio)_?[iI]d"')
_STEM = re.compile(r"[A-Za-z_]{1,60}(?:_url|Url)")
_WHOLE = re.compile(r"origin|image", re.IGNORECASE)
"""Begins the names of what is no part of a song."""
_STATE = re.compile(r"[A-Za-z0-9_ -]{1,40}")

CategoryOf = Callable[[str], Category | None]
"""The category of a model by the name that Kie.ai has for it."""


class BadRecord(ValueError):
    """A record that is none of the documented shapes: a fault of Kie.ai's."""


def read_record(family: Family, data: Any, category_of: CategoryOf) -> Status:
    """What the `data` of a record says of its task.

    Raises:
        BadRecord: it has none of the documented shapes.

    """
    if not isinstance(data, Mapping):
        raise BadRecord("the record is no object")
    return _READERS[family.name](data, category_of)


def _read_job(data: Mapping[str, Any], category_of: CategoryOf) -> Status:
    match data.get("state"):
        case "waiting" | "queuing":
            return Waiting()
        case "generating":
            return Running(_percent(data.get("progress")))
        case "success":
            category = category_of(_text(data, "model"))
            return _finished(_job_results(data, category), _metadata(data))
        case "fail":
            return failure(
                _text(data, "failCode"), _text(data, "failMsg"), goes_on=_goes_on(data.get("param"))
            )
        case str(state):
            return _unknown(state)
    raise BadRecord("state is no text")


def _read_veo(data: Mapping[str, Any], _: CategoryOf) -> Status:
    return _read_flagged(data, lambda made: _urls(made, "resultUrls", Category.VIDEO))


def _read_flux_kontext(data: Mapping[str, Any], _: CategoryOf) -> Status:
    return _read_flagged(data, lambda made: (_result(made.get("resultImageUrl"), Category.IMAGE),))


def _read_flagged(
    data: Mapping[str, Any], results_of: Callable[[Mapping[str, Any]], tuple[Result, ...]]
) -> Status:
    flag = data.get("successFlag")
    if type(flag) is not int:
        raise BadRecord("successFlag is no number")
    match flag:
        case 0:
            return Running()
        case 1:
            return _finished(results_of(_object(data.get("response"))), _metadata(data))
        case 2 | 3:
            return failure(
                _text(data, "errorCode"), _text(data, "errorMessage"), goes_on=_goes_on(data.get("paramJson"))
            )
    return _unknown(str(flag))


_READERS: Mapping[str, Callable[[Mapping[str, Any], CategoryOf], Status]] = {
    JOBS.name: _read_job,
    VEO.name: _read_veo,
    FLUX_KONTEXT.name: _read_flux_kontext,
}


def _goes_on(param: Any) -> bool:
    """Whether a task was to go on from an earlier one, as its request says, which the record quotes."""
    return isinstance(param, str) and _SOURCE_ID.search(param) is not None


def _unknown(state: str) -> Waiting:
    return Waiting(f"state {state if _STATE.fullmatch(state) else 'unreadable'}")


def _percent(progress: Any) -> int | None:
    """0 to 100; some models count to 1 instead."""
    progress = _number(progress)
    if progress is None or progress > 100:
        return None
    share = isinstance(progress, float) and progress < 1
    return int(progress * 100) if share else int(progress)


def _finished(results: tuple[Result, ...], metadata: Mapping[str, Any]) -> Status:
    if not results:
        return Failed(FailureReason.PROVIDER_FAULT, "finished without a file")
    return Succeeded(results, metadata)


def _job_results(data: Mapping[str, Any], category: Category | None) -> tuple[Result, ...]:
    """The files of `resultJson`, a JSON text: addresses, the tracks of Suno, or the parts of one."""
    try:
        written = json.loads(_text(data, "resultJson"))
    except (ValueError, RecursionError) as error:
        raise BadRecord("resultJson is no JSON") from error
    result = _object(written)
    if "resultUrls" in result:
        last = _urls(result, "lastFrameUrl", Category.IMAGE) if "lastFrameUrl" in result else ()
        return _urls(result, "resultUrls", category) + last
    if "data" in result:
        return _tracks(result["data"])
    inner = result.get("resultObject")
    return _stems(inner if isinstance(inner, Mapping) else result)


def _urls(result: Mapping[str, Any], field: str, category: Category | None) -> tuple[Result, ...]:
    return tuple(_result(url, category) for url in _list(result.get(field), field))


def _tracks(tracks: Any) -> tuple[Result, ...]:
    found = []
    for track in map(_object, _list(tracks, "data")):
        url = track.get("audio_url") or track.get("audioUrl")
        result = _result(url, Category.AUDIO, float(_number(track.get("duration")) or 0))
        known_as = track.get("id")
        found.append(replace(result, id=known_as) if is_task_id(known_as) else result)
    return tuple(found)


def _stems(result: Mapping[str, Any]) -> tuple[Result, ...]:
    """The sounds that a song was taken apart into, each by a name of its own; the song itself is no news."""
    parts = (url for name, url in result.items() if _STEM.fullmatch(str(name)) and not _WHOLE.match(name))
    return tuple(_result(url, Category.AUDIO) for url in parts if url)


def _result(url: Any, category: Category | None, duration: float = 0.0) -> Result:
    if not isinstance(url, str) or not url.startswith(("https://", "http://")) or len(url) > _LONGEST_URL:
        raise BadRecord("a result has no address")
    return Result(url=url, mime_type=_type_of(url, category), duration=duration)


def _type_of(url: str, category: Category | None) -> str:
    try:
        extension = urlsplit(url).path.rpartition(".")[2].lower()
    except ValueError as error:
        raise BadRecord("a result has no address") from error
    return _TYPES.get(extension) or (_USUAL[category] if category else "")


def _metadata(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the task has cost, and how long it took, in milliseconds, where the record says it."""
    found: dict[str, Any] = {}
    spent = _number(data.get("creditsConsumed"))
    if spent is not None:
        found |= {"credits": spent, "usd": str(Decimal(str(spent)) * CREDIT_USD)}
    if (taken := _number(data.get("costTime"))) is not None:
        found["milliseconds"] = taken
    return found


def _number(value: Any) -> int | float | None:
    """A number that counts something; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value < _MOST else None


def _text(data: Mapping[str, Any], field: str) -> str:
    """A text that may be missing; codes come as numbers as well."""
    value = data.get(field)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    raise BadRecord(f"{field} is no text")


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadRecord("the result is no object")
    return value


def _list(value: Any, field: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > _MOST_RESULTS:
        raise BadRecord(f"{field} is no list of files")
    return value
