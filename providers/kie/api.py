"""Speaks to Kie.ai: one request, one envelope.

Its HTTP status is nearly always 200; what became of a request stands in the field `code` of the body.

Source: https://docs.kie.ai
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.kie.errors import OK, http_status
from starloom.api import BadReply, ProviderError, ProviderHttp, Reply

CREATE = "create"
QUERY = "query"
"""Names of rate limits."""

_CLIENT_ERRORS = range(400, 500)


@dataclass(frozen=True, slots=True)
class Answer:
    """Kie.ai's envelope. `message` may quote a prompt: it is read, never kept or logged."""

    code: int
    message: str = field(default="", repr=False)
    data: Any = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """Whether it is no error."""
        return self.code == OK


class KieApi:
    """Kie.ai's API at `base`, with the account's `key`."""

    def __init__(self, http: ProviderHttp, *, base: str, key: str) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._key = key

    @property
    def headers(self) -> Mapping[str, str]:
        """What every request carries.

        Raises:
            ProviderError: there is no key.

        """
        if not self._key:
            raise ProviderError("KIE_API_KEY is not set")
        return {"Authorization": f"Bearer {self._key}"}

    async def get(self, path: str, **query: str) -> Answer:
        """Ask for something.

        Raises:
            ProviderError: there is no readable answer.

        """
        return await self._request("GET", path, params=query, safe=True, limit=QUERY)

    async def ask(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Post a question, which can be asked again without harm.

        Raises:
            ProviderError: there is no readable answer.

        """
        return await self._request("POST", path, json=body, safe=True, limit=QUERY)

    async def order(self, path: str, body: Mapping[str, Any], *, model: str, request_id: str) -> Answer:
        """Post what costs money if it arrives, once.

        Raises:
            NotSent: it surely did not arrive.
            ProviderError: nobody knows whether it did.

        """
        return await self._request(
            "POST", path, json=body, safe=False, limit=CREATE, model=model, request_id=request_id
        )

    async def _request(self, method: str, path: str, **rest: Any) -> Answer:
        reply = await self._http.request(
            method, f"{self._base}{path}", headers=self.headers, status_of=status_of, **rest
        )
        return answer_of(reply)


def answer_of(reply: Reply) -> Answer:
    """The envelope of a reply; a refusal without one, such as the network's, has its status as code.

    Raises:
        BadReply: it is no envelope, and nobody knows what became of the request.

    """
    try:
        body = reply.json()
    except BadReply:
        if reply.status in _CLIENT_ERRORS:
            return Answer(reply.status)
        raise
    code = body.get("code") if isinstance(body, Mapping) else None
    if type(code) is not int or (code == OK and not reply.ok):
        if reply.status in _CLIENT_ERRORS:
            return Answer(reply.status)
        raise BadReply(f"HTTP {reply.status} without Kie.ai's envelope")
    message = body.get("msg")
    return Answer(code, message if isinstance(message, str) else "", body.get("data"))


def status_of(reply: Reply) -> int:
    """The code of a reply's envelope as a status of HTTP, for retries and breakers.

    Raises:
        BadReply: it is no envelope.

    """
    answer = answer_of(reply)
    return http_status(answer.code, answer.message)
