"""Checks who sent a callback, and says which task it is about.

Kie.ai signs the task id and the time, not the body, and only where a webhook key is set in its settings. So
nothing of a body is believed but the id, and that only to fetch the record sooner.

Source: https://docs.kie.ai/common-api/webhook-verification
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from providers.kie.families import family_of_callback, is_task_id
from starloom.api import CallbackNews, CallbackRefused, CallbackRequest

WINDOW_SECONDS = 300
"""How far the time of a callback may be from its arrival; Kie.ai names no tolerance."""

_TIMESTAMP = "x-webhook-timestamp"
_SIGNATURE = "x-webhook-signature"
_LONGEST_BODY = 256 * 1024
_LONGEST_TIMESTAMP = 12


def read_callback(request: CallbackRequest, *, key: str) -> CallbackNews:
    """Which task a callback is about.

    With `key` it must be signed with it. Without one Kie.ai signs nothing: then the address must carry our
    own signature of the job, and the record decides what became of the task.

    Raises:
        CallbackRefused: it is forged, stale, or no callback.

    """
    if not key and not request.job_id:
        raise CallbackRefused("neither Kie.ai's signature nor ours")
    data = _data(request.body)
    theirs = _task_id(data)
    delivery = _signed(request, theirs, key) if key else hashlib.sha256(request.body).hexdigest()
    return CallbackNews(family_of_callback(data).task_id(theirs), delivery)


def signature_of(key: str, task_id: str, timestamp: str) -> str:
    """Base64 of HMAC-SHA256 over the task id, a full stop, and the time in seconds."""
    signed = f"{task_id}.{timestamp}".encode(errors="surrogatepass")
    return base64.b64encode(hmac.new(key.encode(), signed, hashlib.sha256).digest()).decode()


def _signed(request: CallbackRequest, task_id: str, key: str) -> str:
    """Check the signature; what is the same for repetitions of this callback."""
    timestamp = request.headers.get(_TIMESTAMP, "")
    expected = signature_of(key, task_id, timestamp)
    given = request.headers.get(_SIGNATURE, "")
    if not hmac.compare_digest(expected.encode(), given.encode(errors="surrogatepass")):
        raise CallbackRefused("the signature is not Kie.ai's")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        raise CallbackRefused("the time is unreadable")
    if abs(request.received_at.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise CallbackRefused("the time is not that of its arrival")
    return f"{task_id}.{timestamp}"


def _data(body: bytes) -> Mapping[str, Any]:
    if len(body) > _LONGEST_BODY:
        raise CallbackRefused("the body is too large")
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CallbackRefused("the body is no JSON") from error
    data = read.get("data") if isinstance(read, Mapping) else None
    if not isinstance(data, Mapping):
        raise CallbackRefused("the body has no data")
    return data


def _task_id(data: Mapping[str, Any]) -> str:
    task_id: object = data.get("taskId", data.get("task_id"))
    if not is_task_id(task_id):
        raise CallbackRefused("the body names no task")
    return task_id
