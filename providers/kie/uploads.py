"""Brings the files that a person gave to where Kie.ai can fetch them.

Source: https://docs.kie.ai/file-upload-api/quickstart
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from aiohttp import FormData
from aiohttp.payload import AsyncIterablePayload

from providers.kie.api import Answer, KieApi, answer_of
from providers.kie.errors import refusal
from starloom.api import (
    FailureReason,
    InputFile,
    ProviderError,
    ProviderHttp,
    ProviderTask,
    SubmissionRefused,
)

UPLOAD = "upload"
"""The name of a rate limit."""

_PATH = "/api/file-stream-upload"
_FOLDER = "starloom"
_LONGEST_URL = 4096
_HOME = ("localhost", "local", "internal", "lan", "home", "test", "invalid")


class Uploads:
    """Uploads to Kie.ai's file server at `base`; they live there for about a day."""

    def __init__(self, http: ProviderHttp, api: KieApi, *, base: str) -> None:
        self._http = http
        self._api = api
        self._address = base.rstrip("/") + _PATH

    async def addresses(self, task: ProviderTask) -> dict[str, tuple[str, ...]]:
        """Where Kie.ai finds the files of a task, by media field.

        Raises:
            SubmissionRefused: a file could not be brought there.

        """
        found: dict[str, tuple[str, ...]] = {}
        for field, files in task.inputs.items():
            each = [
                await self._address_of(file, f"{task.job_id}/{field}/{number}", task)
                for number, file in enumerate(files)
            ]
            found[field] = tuple(each)
        return found

    async def _address_of(self, file: InputFile, place: str, task: ProviderTask) -> str:
        """Where one file is found: at Kie.ai, or on our own server if that is public."""
        try:
            answer = await self._upload(file, _name(file, place), task)
        except ProviderError as error:
            if is_public(file.url):
                return file.url
            raise SubmissionRefused(FailureReason.UNAVAILABLE, f"upload: {error}") from error
        address = _download_url(answer)
        if address:
            return address
        if is_public(file.url):
            return file.url
        if answer.ok:
            raise SubmissionRefused(FailureReason.PROVIDER_FAULT, "upload: no address")
        raise refusal(answer.code, answer.message)

    async def _upload(self, file: InputFile, name: str, task: ProviderTask) -> Answer:
        """Upload under one and the same name, however often: a repetition replaces what came of the last."""
        reply = await self._http.request(
            "POST",
            self._address,
            data=lambda: _form(file, name),
            headers=self._api.headers,
            safe=True,
            limit=UPLOAD,
            request_id=task.job_id,
            seconds=file.upload_seconds,
        )
        return answer_of(reply)


class _FileBody(AsyncIterablePayload):
    """A file that streams, of a known size: not every server takes a body without a length."""

    def __init__(self, file: InputFile) -> None:
        super().__init__(file.open(), content_type=file.mime_type)
        self._size = file.size


def _form(file: InputFile, name: str) -> FormData:
    form = FormData()
    form.add_field("uploadPath", _FOLDER)
    form.add_field("fileName", name)
    form.add_field("file", _FileBody(file), filename=name, content_type=file.mime_type)
    return form


def is_public(url: str) -> bool:
    """Whether Kie.ai can fetch this, and may know of it: never an address of our own network."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    if parts.scheme not in ("https", "http"):
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        end = host.rpartition(".")[2]
        return "." in host and end[:1].isalpha() and end not in _HOME


def _name(file: InputFile, place: str) -> str:
    """A name that nobody can guess, and that is the same for the same file of the same job."""
    _, dot, extension = file.name.rpartition(".")
    known = dot and extension.isascii() and extension.isalnum() and len(extension) <= 5
    stem = hashlib.sha256(place.encode()).hexdigest()[:32]
    return f"{stem}.{extension.lower()}" if known else stem


def _download_url(answer: Answer) -> str:
    data: Any = answer.data
    url = data.get("downloadUrl") if answer.ok and isinstance(data, Mapping) else None
    fits = isinstance(url, str) and url.startswith(("https://", "http://")) and len(url) <= _LONGEST_URL
    return str(url) if fits else ""
