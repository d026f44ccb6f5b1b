"""Brings the files that a person gave to where A2E can fetch them: it takes public addresses alone.

Source: https://video.a2e.ai/dev/openapi-spec
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from providers.a2e.api import A2eApi, Answer
from providers.a2e.errors import NOT_FOUND, submission_error
from starloom.api import FailureReason, InputFile, ProviderError, ProviderHttp, SubmissionRefused

PATHS = ("/r2/get_upload_presigned_url", "/r2/upload-presigned-url")
"""Both are described; which of them is the current one is not."""
_VALID_SECONDS = 3600
_PUBLIC = "https"


class Uploads:
    """Uploads to A2E's storage. `schemes` are those of addresses that may be sent to."""

    def __init__(self, http: ProviderHttp, api: A2eApi, *, schemes: tuple[str, ...]) -> None:
        self._http = http
        self._api = api
        self._schemes = schemes
        self._path = PATHS[0]

    async def address(self, file: InputFile, *, job_id: str, number: int) -> str:
        """Where A2E finds a file: on our own server if that is public, or in its storage.

        Raises:
            SubmissionRefused: it could not be brought there.

        """
        if urlsplit(file.url).scheme == _PUBLIC:
            return file.url
        try:
            return await self._upload(file, job_id, number)
        except SubmissionRefused:
            raise
        except ProviderError as error:
            raise SubmissionRefused(FailureReason.UNAVAILABLE, f"upload: {error}") from error

    async def _upload(self, file: InputFile, job_id: str, number: int) -> str:
        content = await file.read()
        given = {
            "key": _key(file, job_id, number),
            "contentType": file.mime_type,
            "contentLength": len(content),
            "expiresIn": _VALID_SECONDS,
        }
        answer = await self._place(given)
        if not answer.ok:
            raise submission_error(answer.code, answer.message)
        target, address = self._addresses(answer.data)
        # The address is signed by itself: the key is none of its business. A2E named it: it must be public.
        reply = await self._http.request(
            "PUT",
            target,
            data=content,
            headers={"Content-Type": file.mime_type},
            safe=True,
            seconds=file.upload_seconds,
            request_id=job_id,
            named_by_others=True,
        )
        if not reply.ok:
            raise ProviderError(f"storage: HTTP {reply.status}")
        return address

    async def _place(self, given: Mapping[str, Any]) -> Answer:
        """Ask for a place at the address that answered last, then at the other."""
        answer = Answer(NOT_FOUND)
        for path in sorted(PATHS, key=lambda each: each != self._path):
            answer = await self._api.ask("POST", path, given)
            if answer.code != NOT_FOUND:
                self._path = path
                break
        return answer

    def _addresses(self, data: object) -> tuple[str, str]:
        """Where to send a file, and where it is found then."""
        places = data if isinstance(data, Mapping) else {}
        target, address = places.get("uploadUrl"), places.get("cdnUrl")
        for each in (target, address):
            if not isinstance(each, str) or urlsplit(each).scheme not in self._schemes:
                raise ProviderError("no address to upload to")
        return str(target), str(address)


def _key(file: InputFile, job_id: str, number: int) -> str:
    """What a file is called in the storage: nothing that a person wrote, and not to be guessed."""
    suffix = PurePosixPath(file.name).suffix.lower()
    ending = suffix if suffix[1:].isalnum() and suffix.isascii() else ""
    name = hashlib.blake2b(f"{job_id}/{number}/{file.name}".encode(), digest_size=16).hexdigest()
    return f"starloom/{name}{ending}"
