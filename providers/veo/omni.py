"""Gemini Omni through the Interactions API: orders videos with an API key, follows and stops them.

Source: https://ai.google.dev/gemini-api/docs/interactions
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from providers.veo.availability import Availability, read_probe
from providers.veo.failures import asked_in_vain, named_failure, read_error, refusal
from providers.veo.spool import Receiving, Spool, video
from providers.veo.vertex import ORDERS
from starloom.api import (
    Failed,
    FailureReason,
    Model,
    ProviderError,
    ProviderHttp,
    ProviderTask,
    Reply,
    Result,
    Running,
    Status,
    SubmissionUnknown,
    Succeeded,
    Waiting,
)

TASK = "interactions/"
"""How the id of an interaction's task begins; Google's own id follows."""
_VERSION = "v1beta"
_ID = re.compile(r"[\w.-]{1,400}")
_WORD = re.compile(r"[a-z_]{1,40}")
_DOWNLOAD_SECONDS = 110.0
_DURATIONS = ("{}s", "{}")
"""How Google may want seconds to be written: its documentation does not say."""
_FILE = re.compile(r".+/files/[\w-]+")
"""The address of what is known of a file; the file itself is behind another."""


class Omni:
    """Gemini Omni for one API key; `base_url` is Google's own server, or one that stands in for it."""

    def __init__(self, key: str, *, base_url: str, http: ProviderHttp, spool: Spool) -> None:
        self._headers = {"x-goog-api-key": key}
        self._base_url = base_url
        self._http = http
        self._spool = spool
        self._durations = _DURATIONS

    async def probe(self, model: Model) -> Availability:
        """Whether the key can order a model.

        Raises:
            ProviderError: nobody knows just now.

        """
        reply = await self._request("GET", f"models/{model.upstream_id}", safe=True)
        return read_probe(
            reply,
            gone="retired by Google, or not offered for this API key",
            forbidden="GEMINI_API_KEY is not accepted by Google",
        )

    async def submit(self, task: ProviderTask, model: Model, options: Mapping[str, Any]) -> str:
        """Order a video once; the interaction's id.

        A refusal of how the seconds are written is safe to follow by another try: nothing runs.
        """
        files = [(file.mime_type, await file.read()) for given in task.inputs.values() for file in given]
        first, second = self._durations
        reply = await self._order(task, model, partial(_body, model, task, options, files, first))
        if _names_duration(reply):
            reply = await self._order(task, model, partial(_body, model, task, options, files, second))
            if reply.ok:
                self._durations = (second, first)
        if not reply.ok:
            raise refusal(reply)
        theirs = _table(reply).get("id")
        if not isinstance(theirs, str) or _ID.fullmatch(theirs) is None:
            raise SubmissionUnknown("no id of an interaction")
        return f"{TASK}{theirs}"

    async def poll(self, task_id: str) -> Status:
        """How an interaction stands. A video that comes with the reply goes to disk."""
        with self._spool.receive(task_id) as receiving:
            reply = await self._request(
                "GET", _path(task_id), safe=True, seconds=_DOWNLOAD_SECONDS, sieve=receiving.sieve
            )
            if reply.status == 404:
                return Failed(FailureReason.EXPIRED, "no such interaction")
            if not reply.ok:
                raise asked_in_vain(reply)
            return _status(reply.table(), receiving)

    async def cancel(self, task_id: str) -> bool:
        """Stop an interaction; True if it has not made a video."""
        reply = await self._request("POST", f"{_path(task_id)}/cancel", json={}, safe=True)
        return reply.ok and reply.table().get("status") == "cancelled"

    async def count_tokens(self, model: str, prompt: str, request_id: str) -> int:
        """How many tokens the text model `model` sees in a prompt.

        Raises:
            ProviderError: it cannot be asked just now.

        """
        contents = [{"role": "user", "parts": [{"text": prompt}]}]
        reply = await self._request(
            "POST",
            f"models/{model}:countTokens",
            json={"contents": contents},
            safe=True,
            request_id=request_id,
        )
        tokens = reply.table().get("totalTokens") if reply.ok else None
        if type(tokens) is not int:
            raise ProviderError(f"no number of tokens: HTTP {reply.status}")
        return tokens

    async def close(self) -> None:
        """Nothing is held."""

    def open(self, address: str) -> AsyncIterator[bytes]:
        """The bytes of a video; the key goes to Google's own server and to no other."""
        own = address.startswith(f"{self._base_url}/")
        if own and _FILE.fullmatch(address):
            address = f"{address}:download?alt=media"
        return self._http.fetch(address, headers=self._headers if own else None)

    async def _order(self, task: ProviderTask, model: Model, body: Callable[[], bytes]) -> Reply:
        # In a thread: a request with large pictures takes its time to be written.
        data = await asyncio.to_thread(body)
        return await self._request(
            "POST",
            "interactions",
            data=data,
            headers={"Content-Type": "application/json"},
            safe=False,
            limit=ORDERS,
            model=model.id,
            request_id=task.job_id,
        )

    async def _request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **rest: Any
    ) -> Reply:
        url = f"{self._base_url}/{_VERSION}/{path}"
        return await self._http.request(method, url, headers={**self._headers, **(headers or {})}, **rest)


def _path(task_id: str) -> str:
    theirs = task_id.removeprefix(TASK)
    if _ID.fullmatch(theirs) is None:
        raise ProviderError("no id of an interaction")
    return f"interactions/{theirs}"


def _body(
    model: Model,
    task: ProviderTask,
    options: Mapping[str, Any],
    files: Sequence[tuple[str, bytes]],
    duration: str,
) -> bytes:
    config: dict[str, Any] = {"video_config": {"task": _task_of(task)}}
    if "seed" in options:
        config["seed"] = options["seed"]
    images = [
        {"type": "image", "data": base64.b64encode(content).decode("ascii"), "mime_type": mime_type}
        for mime_type, content in files
    ]
    order = {
        "model": model.upstream_id,
        "input": [{"type": "text", "text": task.prompt}, *images],
        "background": True,
        "store": True,
        "response_format": {
            "type": "video",
            "aspect_ratio": options["aspect_ratio"],
            "resolution": model.fixed["resolution"],
            "duration": duration.format(options["duration"]),
            "delivery": "uri",
        },
        "generation_config": config,
    }
    return json.dumps(order).encode("ascii")


def _task_of(task: ProviderTask) -> str:
    if task.inputs.get("reference_images"):
        return "reference_to_video"
    return "image_to_video" if task.inputs.get("image") else "text_to_video"


def _names_duration(reply: Reply) -> bool:
    error = read_error(reply) if reply.status == 400 else None
    return error is not None and "duration" in error.text.lower()


def _table(reply: Reply) -> dict[str, Any]:
    try:
        return reply.table()
    except ProviderError as error:
        raise SubmissionUnknown(str(error)) from error


_STATUSES: Mapping[str, Status] = {
    "queued": Waiting(),
    "in_progress": Running(),
    "cancelled": Failed(FailureReason.PROVIDER_FAULT, "cancelled"),
    "budget_exceeded": Failed(FailureReason.PROVIDER_FAULT, "budget exceeded"),
}


def _status(body: Mapping[str, Any], receiving: Receiving) -> Status:
    told = body.get("status")
    status = told if isinstance(told, str) and _WORD.fullmatch(told) else "unreadable"
    if status in ("completed", "incomplete"):
        return _ended(body, status, receiving)
    if status == "failed":
        return named_failure(_words(body.get("errors")), status)
    return _STATUSES.get(status) or Waiting(f"status {status}")


def _ended(body: Mapping[str, Any], status: str, receiving: Receiving) -> Status:
    made = list(_output(body.get("steps")))
    given = (_result(each, receiving) for each in made if each.get("type") == "video")
    results = tuple(result for result in given if result is not None)
    if results:
        return Succeeded(results, _metadata(body.get("usage")))
    errors = _words(body.get("errors"))
    if errors:
        return named_failure(errors, status)
    if any(each.get("type") == "text" for each in made):
        # It says in words why it makes nothing of the prompt.
        return Failed(FailureReason.INPUT_REJECTED, f"{status} with words only")
    return Failed(FailureReason.PROVIDER_FAULT, f"{status} without a video")


def _output(steps: object) -> Iterator[Mapping[str, Any]]:
    """What the model has made, block by block."""
    for step in steps if isinstance(steps, list) else []:
        if isinstance(step, dict) and step.get("type") == "model_output":
            content = step.get("content")
            yield from (
                block for block in (content if isinstance(content, list) else []) if isinstance(block, dict)
            )


def _result(block: Mapping[str, Any], receiving: Receiving) -> Result | None:
    uri, mime_type = block.get("uri"), block.get("mime_type")
    if isinstance(uri, str) and uri.startswith(("https://", "http://")):
        return video(uri, mime_type)
    return receiving.result(block.get("data"), mime_type)


def _metadata(usage: object) -> dict[str, int]:
    """The tokens that were used, as far as they are told."""
    names = {"prompt_tokens": "total_input_tokens", "output_tokens": "total_output_tokens"}
    told = {ours: usage.get(theirs) for ours, theirs in names.items()} if isinstance(usage, dict) else {}
    return {name: tokens for name, tokens in told.items() if type(tokens) is int}


def _words(errors: object) -> list[str]:
    given = (error for error in (errors if isinstance(errors, list) else []) if isinstance(error, dict))
    return [str(error.get(name)) for error in given for name in ("code", "message") if error.get(name)]
