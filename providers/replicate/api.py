"""Speaks to Replicate: predictions, files, and the secret of its webhooks.

Source: https://replicate.com/docs/reference/http
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from providers.replicate.errors import (
    GONE,
    NOT_FOUND,
    THROTTLED,
    asked_in_vain,
    order_error,
    submission_error,
    throttled_seconds,
)
from providers.replicate.files import upload_body
from providers.replicate.predictions import is_prediction_id
from starloom.api import (
    FailureReason,
    InputFile,
    ProviderError,
    ProviderHttp,
    Reply,
    SubmissionRefused,
    SubmissionUnknown,
    submitting,
)

KEY = "REPLICATE_API_TOKEN"
CREATE = "create"
"""The name of the rate limit for new predictions."""
CREATES_PER_MINUTE = 600
OTHERS_PER_MINUTE = 3000
"""Source: https://replicate.com/docs/topics/predictions/rate-limits"""

_LONGEST_HOLD = 60.0
_LONGEST_PAGE = 16 * 1024 * 1024
"""Bytes of a page of the list: a hundred predictions, some with small files inside."""


class ReplicateApi:
    """Replicate's API at `base`, with the account's `token`."""

    def __init__(self, http: ProviderHttp, *, base: str, token: str) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._token = token
        http.limits("default", calls=OTHERS_PER_MINUTE, seconds=60)
        http.limits(CREATE, calls=CREATES_PER_MINUTE, seconds=60)

    async def create(
        self, name: str, body: Mapping[str, Any], *, cancel_after: str, model: str, request_id: str
    ) -> str:
        """Order a prediction of the official model `name`, once; answers its id.

        Raises:
            SubmissionRefused: nothing runs.
            SubmissionUnknown: nobody knows whether it runs.

        """
        with submitting(self._http, model):
            reply = await self._http.request(
                "POST",
                f"{self._base}/models/{name}/predictions",
                json=body,
                headers={**self._headers, "Cancel-After": cancel_after},
                safe=False,
                limit=CREATE,
                model=model,
                request_id=request_id,
            )
        if not reply.ok:
            self._slow_down(reply)
            raise order_error(reply.status)
        return _id_in(reply)

    async def has_model(self, name: str) -> bool:
        """Whether Replicate has a model `name` that this account can see.

        Raises:
            ProviderError: it cannot be asked just now.

        """
        reply = await self._ask("GET", f"/models/{name}")
        if reply.status in GONE:
            return False
        found = _table(reply)
        if f"{found.get('owner')}/{found.get('name')}" != name:
            raise ProviderError("the page of a model is another one's")
        return True

    async def prediction(self, task_id: str) -> Mapping[str, Any] | None:
        """A prediction as it is now; None if there is none of this id.

        Raises:
            ProviderError: it cannot be asked just now.

        """
        reply = await self._ask("GET", f"/predictions/{task_id}")
        return None if reply.status == NOT_FOUND else _table(reply)

    async def cancel(self, task_id: str) -> Mapping[str, Any]:
        """Stop a prediction; answers what it is then.

        Raises:
            ProviderError: it cannot be asked just now.

        """
        return _table(await self._ask("POST", f"/predictions/{task_id}/cancel"))

    async def pages(self, since: datetime) -> AsyncIterator[list[Any]]:
        """The account's predictions since then, newest first, a hundred at a time.

        Raises:
            ProviderError: it cannot be asked just now.

        """
        params: dict[str, str] | None = {"created_after": since.astimezone(UTC).isoformat()}
        path = "/predictions"
        while True:
            page = _table(await self._ask("GET", path, params=params))
            results, following = page.get("results"), page.get("next")
            if not isinstance(results, list):
                raise ProviderError("a page of predictions without results")
            yield results
            if not following:
                return
            path, params = self._path_of(following), None

    async def webhook_secret(self) -> str:
        """What the account's webhooks are signed with.

        Raises:
            ProviderError: it cannot be asked just now.

        """
        secret = _table(await self._ask("GET", "/webhooks/default/secret")).get("key")
        if not isinstance(secret, str):
            raise ProviderError("no webhook secret in the reply")
        return secret

    async def upload(self, file: InputFile, content: bytes, *, request_id: str) -> str:
        """Bring a file to Replicate; answers the address to give to a model.

        Raises:
            SubmissionRefused: it is not there.

        """
        body, content_type = upload_body(file, content)
        try:
            # A file that came twice costs nothing and is deleted after a day.
            reply = await self._http.request(
                "POST",
                f"{self._base}/files",
                data=body,
                headers={**self._headers, "Content-Type": content_type},
                safe=True,
                seconds=file.upload_seconds,
                request_id=request_id,
            )
            if not reply.ok:
                raise submission_error(reply.status)
            return _address_in(reply.table())
        except SubmissionRefused:
            raise
        except ProviderError as error:
            raise SubmissionRefused(FailureReason.UNAVAILABLE, f"upload: {error}") from error

    @property
    def _headers(self) -> Mapping[str, str]:
        if not self._token:
            raise ProviderError(f"{KEY} is not set")
        return {"Authorization": f"Bearer {self._token}"}

    async def _ask(self, method: str, path: str, *, params: Mapping[str, str] | None = None) -> Reply:
        return await self._http.request(
            method,
            f"{self._base}{path}",
            params=params,
            headers=self._headers,
            safe=True,
            longest=_LONGEST_PAGE,
        )

    def _path_of(self, following: object) -> str:
        """Where the next page is: at Replicate's own address only, as the token goes there."""
        if not isinstance(following, str) or not following.startswith(f"{self._base}/"):
            raise ProviderError("the next page of predictions is not at Replicate")
        return following.removeprefix(self._base)

    def _slow_down(self, reply: Reply) -> None:
        """Create nothing more for as long as a throttled reply asks for."""
        seconds = throttled_seconds(reply) if reply.status == THROTTLED else None
        limit = self._http.limit(CREATE)
        if seconds is not None and limit is not None:
            limit.hold(min(seconds, _LONGEST_HOLD))


def _id_in(reply: Reply) -> str:
    """The id of a prediction that was accepted. Without one it runs, and nobody knows where."""
    try:
        task_id = reply.table().get("id")
    except ProviderError as error:
        raise SubmissionUnknown(str(error)) from error
    if not isinstance(task_id, str) or not is_prediction_id(task_id):
        raise SubmissionUnknown("accepted without an id")
    return task_id


def _table(reply: Reply) -> dict[str, Any]:
    if not reply.ok:
        raise asked_in_vain(reply.status)
    return reply.table()


def _address_in(uploaded: Mapping[str, Any]) -> str:
    urls = uploaded.get("urls")
    address = urls.get("get") if isinstance(urls, Mapping) else None
    if not isinstance(address, str) or not address.startswith(("https://", "http://")):
        raise ProviderError("no address in the reply")
    return address
