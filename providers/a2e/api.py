"""Speaks to A2E: one request, one envelope.

Source: https://video.a2e.ai/dev/openapi-spec
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.a2e.errors import http_status
from starloom.api import BadReply, ProviderError, ProviderHttp, Reply

KEY = "A2E_API_KEY"
_SUCCESS = (0, 200)
_CLIENT_ERRORS = range(400, 500)


@dataclass(frozen=True, slots=True)
class Answer:
    """A2E's envelope. `message` may quote a prompt: it is read, never kept or logged."""

    code: int
    message: str = field(default="", repr=False)
    data: Any = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """Whether it is no error."""
        return self.code in _SUCCESS


class A2eApi:
    """A2E's API at `base`, with the account's `key`; at most `per_second` requests a second."""

    def __init__(self, http: ProviderHttp, *, base: str, key: str, per_second: int) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._key = key
        http.limits("default", calls=per_second, seconds=1)

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for something that can be asked again without harm.

        Raises:
            ProviderError: there is no readable answer.

        """
        return await self._request(method, path, json=body, params=params, safe=True)

    async def order(self, path: str, body: Mapping[str, Any], *, model: str, request_id: str) -> Answer:
        """Post what costs coins if it arrives, once.

        Raises:
            NotSent: it surely did not arrive.
            ProviderError: nobody knows whether it did.

        """
        return await self._request("POST", path, json=body, safe=False, model=model, request_id=request_id)

    async def _request(self, method: str, path: str, **rest: Any) -> Answer:
        reply = await self._http.request(
            method, f"{self._base}{path}", headers=self._headers, status_of=status_of, **rest
        )
        return answer_of(reply)

    @property
    def _headers(self) -> Mapping[str, str]:
        if not self._key:
            raise ProviderError(f"{KEY} is not set")
        return {"Authorization": f"Bearer {self._key}", "x-lang": "en-US"}


def answer_of(reply: Reply) -> Answer:
    """The envelope of a reply; an HTTP error has its status as code, whatever is inside.

    Raises:
        BadReply: it is no envelope, and nobody knows what became of the request.

    """
    if not reply.ok and reply.status not in _CLIENT_ERRORS:
        return Answer(reply.status)
    try:
        body = reply.table()
    except BadReply:
        if reply.ok:
            raise
        return Answer(reply.status)
    message = body.get("msg") or body.get("message")
    text = message if isinstance(message, str) else ""
    code = body.get("code")
    if not reply.ok:
        return Answer(reply.status, text)
    if type(code) is not int:
        raise BadReply(f"HTTP {reply.status} without A2E's envelope")
    return Answer(code, text, body.get("data"))


def status_of(reply: Reply) -> int:
    """The code of a reply's envelope as a status of HTTP, for retries and breakers.

    Raises:
        BadReply: it is no envelope.

    """
    answer = answer_of(reply)
    return 200 if answer.ok else http_status(answer.code)
