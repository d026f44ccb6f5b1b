"""Checks who sent a callback of A2E's, and says which task it is about.

A2E signs nothing. It sends back a token that it was given with the order; ours is made from the account's
key, the job and the kind of task, so no other job's fits. The body's form is not described: the id is looked
for where it may stand, and nothing else is read. A callback comes once, so tasks are polled all the same.

Source: https://video.a2e.ai/dev/openapi-spec
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from providers.a2e.tasks import KINDS, TaskId, is_id
from starloom.api import CallbackNews, CallbackRefused, CallbackRequest

HEADER = "x-a2e-webhook-token"
_LONGEST_BODY = 256 * 1024
_NAMES = ("_id", "task_id", "taskId", "id")


def token_of(key: str, job_id: str, kind: str) -> str:
    """What A2E is given to send back: 64 characters, of its 256."""
    signed = f"starloom-callback/{kind}/{job_id}".encode()
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def read_callback(request: CallbackRequest, *, key: str) -> CallbackNews:
    """Which task a callback is about.

    Raises:
        CallbackRefused: it is forged, or no callback.

    """
    kind = _kind(request, key)
    if len(request.body) > _LONGEST_BODY:
        raise CallbackRefused("the body is too large")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise CallbackRefused("the body is no JSON") from None
    task_id = next(_ids(body), None)
    if task_id is None:
        raise CallbackRefused("the body names no task")
    return CallbackNews(str(TaskId(kind, (task_id,))), hashlib.sha256(request.body).hexdigest())


def _kind(request: CallbackRequest, key: str) -> str:
    """The kind of task that the token was made for."""
    given = request.headers.get(HEADER, "").encode(errors="surrogatepass")
    if not (key and request.job_id):
        raise CallbackRefused("there is nothing to check it by")
    # All are compared, so that the time says nothing of which one fitted.
    fitting = {
        kind: hmac.compare_digest(token_of(key, request.job_id, kind).encode(), given) for kind in KINDS
    }
    for kind, fits in fitting.items():
        if fits:
            return kind
    raise CallbackRefused("the token is not the job's")


def _ids(body: Any) -> Iterator[str]:
    """Ids where a body may have them: at its top, in `data`, or in the first of a list there."""
    places = [body, body.get("data") if isinstance(body, dict) else None]
    places += [place[0] for place in places if isinstance(place, list) and place]
    for place in places:
        if isinstance(place, dict):
            yield from (place[name] for name in _NAMES if is_id(place.get(name)))
