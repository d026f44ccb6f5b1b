"""Veo on Vertex AI: orders videos, follows their operations, reads its buckets.

Source: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/veo-video-generation
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from providers.veo.availability import Availability, read_probe
from providers.veo.credentials import AccessTokens, TokenRefused
from providers.veo.failures import asked_in_vain, filtered, operation_failure, refusal
from providers.veo.sdk import Answered, Libraries, Library, Order, Picture, Sending
from providers.veo.spool import Receiving, Spool, video
from starloom.api import (
    Failed,
    FailureReason,
    InputFile,
    Model,
    NotSent,
    ProviderError,
    ProviderHttp,
    ProviderTask,
    Reply,
    Result,
    Running,
    Status,
    SubmissionRefused,
    SubmissionUnknown,
    Succeeded,
)

ORDERS = "orders"
"""The rate limit of submissions."""
BUCKET = "gs://"
_OPERATION = re.compile(
    r"(?P<resource>projects/[\w.:-]+/locations/(?P<location>[\w-]+)/publishers/google/models/[\w.-]+)"
    r"/operations/[\w.-]+"
)
_DOWNLOAD_SECONDS = 110.0
"""The longest that a reply may take which carries a video."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a project's models are. `base_url` and `storage_url` are Google's own unless set."""

    project: str
    location: str
    base_url: str = ""
    storage_url: str = "https://storage.googleapis.com"
    output: str = ""
    """The bucket and folder that videos are put in (`gs://bucket/folder`); empty: they come in replies."""

    def server(self, location: str = "") -> str:
        """The address of the server for a location, the own one unless another is named."""
        where = location or self.location
        prefix = "" if where == "global" else f"{where}-"
        return self.base_url or f"https://{prefix}aiplatform.googleapis.com"


class Vertex:
    """One project's Veo."""

    def __init__(
        self,
        place: Place,
        tokens: AccessTokens,
        libraries: Libraries,
        *,
        http: ProviderHttp,
        spool: Spool,
    ) -> None:
        self._place = place
        self._tokens = tokens
        self._http = http
        self._spool = spool
        self._library = Library(
            libraries, self._send, project=place.project, location=place.location, base_url=place.server()
        )

    async def close(self) -> None:
        """Give up what the library holds."""
        await self._library.close()

    async def probe(self, model: Model) -> Availability:
        """Whether a model can be ordered here: an order with nothing in it is refused, and so costs nothing.

        Raises:
            ProviderError: nobody knows just now.

        """
        url = (
            f"{self._place.server()}/v1/projects/{self._place.project}/locations/{self._place.location}"
            f"/publishers/google/models/{model.upstream_id}:predictLongRunning"
        )
        try:
            reply = await self._authorized("POST", url, json={"instances": []}, safe=True)
        except TokenRefused as error:
            return Availability(f"GOOGLE_APPLICATION_CREDENTIALS: {error}")
        return read_probe(
            reply,
            gone=f"retired by Google, or not offered in {self._place.location}",
            forbidden="the service account lacks the role roles/aiplatform.user, or the Vertex AI API is off",
        )

    async def submit(self, task: ProviderTask, model: Model, options: Mapping[str, Any]) -> str:
        """Order a video once; the name of its operation."""
        order = await _order_of(task, model, options, output=self._place.output)
        sending = Sending(safe=False, model=model.id, request_id=task.job_id)
        try:
            name = await self._library.generate_video(order, sending)
        except Answered as answered:
            raise refusal(answered.reply) from answered
        except TokenRefused as error:
            raise SubmissionRefused(FailureReason.UNAUTHORIZED, str(error)) from error
        except NotSent:
            raise
        except (ProviderError, ValueError) as error:
            if sending.begun:
                raise SubmissionUnknown(
                    str(error) if isinstance(error, ProviderError) else "no operation"
                ) from error
            raise SubmissionRefused(FailureReason.PROVIDER_FAULT, type(error).__name__) from error
        if _OPERATION.fullmatch(name) is None:
            raise SubmissionUnknown("the operation has a strange name")
        return name

    async def poll(self, task_id: str) -> Status:
        """How an operation stands. A video that comes with the reply goes to disk."""
        named = _OPERATION.fullmatch(task_id)
        if named is None:
            return Failed(FailureReason.EXPIRED, "no name of an operation")
        url = f"{self._place.server(named['location'])}/v1/{named['resource']}:fetchPredictOperation"
        with self._spool.receive(task_id) as receiving:
            reply = await self._authorized(
                "POST",
                url,
                json={"operationName": task_id},
                safe=True,
                seconds=_DOWNLOAD_SECONDS,
                sieve=receiving.sieve,
            )
            if reply.status == 404:
                return Failed(FailureReason.EXPIRED, "no such operation")
            if not reply.ok:
                raise asked_in_vain(reply)
            return _status(reply.table(), receiving)

    async def cancel(self, task_id: str) -> bool:
        """Veo's operations cannot be stopped."""
        return False

    async def count_tokens(self, model: str, prompt: str, request_id: str) -> int:
        """How many tokens the text model `model` sees in a prompt.

        Raises:
            ProviderError: it cannot be asked just now.

        """
        try:
            return await self._library.count_tokens(model, prompt, Sending(safe=True, request_id=request_id))
        except ValueError as error:
            raise ProviderError("no number of tokens") from error

    async def open(self, address: str) -> AsyncIterator[bytes]:
        """The bytes of an object in a bucket, `gs://bucket/path`."""
        bucket, _, path = address.removeprefix(BUCKET).partition("/")
        place = f"b/{quote(bucket, safe='')}/o/{quote(path, safe='')}"
        url = f"{self._place.storage_url}/storage/v1/{place}?alt=media"
        headers = {"Authorization": f"Bearer {await self._tokens.get()}"}
        async for chunk in self._http.fetch(url, headers=headers):
            yield chunk

    async def _send(self, what: Sending, method: str, url: str, body: bytes) -> Reply:
        """Send what the library wants to be sent."""
        return await self._authorized(
            method,
            url,
            data=body,
            headers={"Content-Type": "application/json"},
            safe=what.safe,
            limit="default" if what.safe else ORDERS,
            model=what.model,
            request_id=what.request_id,
        )

    async def _authorized(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **rest: Any
    ) -> Reply:
        """Make a request with an access token; with a new one if the first is not accepted."""
        reply = await self._once(method, url, headers or {}, rest)
        if reply.status != 401:
            return reply
        self._tokens.forget()
        return await self._once(method, url, headers or {}, rest)

    async def _once(
        self, method: str, url: str, headers: Mapping[str, str], rest: Mapping[str, Any]
    ) -> Reply:
        token = await self._tokens.get()
        return await self._http.request(
            method, url, headers={**headers, "Authorization": f"Bearer {token}"}, **rest
        )


async def _order_of(task: ProviderTask, model: Model, options: Mapping[str, Any], *, output: str) -> Order:
    config = {**model.fixed, **options, "output_gcs_uri": output or None}
    config["duration_seconds"] = config.pop("duration")
    pictures = {name: [await _picture(file) for file in files] for name, files in task.inputs.items()}
    first, last = pictures.get("image"), pictures.get("last_frame")
    return Order(
        model=model.upstream_id,
        prompt=task.prompt,
        config=config,
        image=first[0] if first else None,
        last_frame=last[0] if last else None,
        references=pictures.get("reference_images", ()),
    )


async def _picture(file: InputFile) -> Picture:
    return Picture(await file.read(), file.mime_type)


def _status(body: Mapping[str, Any], receiving: Receiving) -> Status:
    if body.get("done") is not True:
        return Running()
    error = body.get("error")
    if isinstance(error, dict):
        return operation_failure(error)
    response = body.get("response")
    if not isinstance(response, dict):
        raise ProviderError("an operation is done, and says nothing of its video")
    videos = response.get("videos")
    given = (_result(told, receiving) for told in (videos if isinstance(videos, list) else []))
    results = tuple(result for result in given if result is not None)
    if results:
        return Succeeded(results)
    if response.get("raiMediaFilteredCount") or response.get("raiMediaFilteredReasons"):
        return filtered(response.get("raiMediaFilteredReasons"))
    return Failed(FailureReason.PROVIDER_FAULT, "done without a video")


def _result(told: object, receiving: Receiving) -> Result | None:
    if not isinstance(told, dict):
        return None
    uri, mime_type = told.get("gcsUri"), told.get("mimeType")
    if isinstance(uri, str) and uri.startswith(BUCKET):
        return video(uri, mime_type)
    return receiving.result(told.get("bytesBase64Encoded"), mime_type)
