"""Takes notifications and events in over HTTP: checked whole, then kept whole, or not at all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError

from core.clock import Clock
from core.errors import DatabaseAway
from core.notifications.notification import Notification
from core.notifications.queue import NotificationQueue
from core.web.api.bodies import Accepted, EventsBody, NotificationBody, Refused
from core.web.api.document import openapi_document
from core.web.api.keys import SIGNATURE, ApiKeys

_log = structlog.stdlib.get_logger(__name__)

LONGEST_BODY = 512 * 1024
"""Bytes of a body."""
_READ_SECONDS = 20.0
_PROBLEMS = 10
_BodyT = TypeVar("_BodyT", bound=BaseModel)


class _Refusal(Exception):
    def __init__(self, status: int, error: str, problems: Sequence[str] = ()) -> None:
        super().__init__(error)
        self.status = status
        self.refused = Refused(error=error, problems=list(problems))


class Intake:
    """The API. Every instance takes in, whether it is on duty or stands by.

    `heard` is given what was kept, also when it comes again: a sender repeats what it got no answer to.
    """

    def __init__(
        self,
        queue: NotificationQueue,
        keys: ApiKeys,
        clock: Clock,
        *,
        heard: Callable[[Sequence[Notification]], Awaitable[None]],
    ) -> None:
        self._queue = queue
        self._heard = heard
        self._keys = keys
        self._clock = clock
        self._document = openapi_document()

    async def document(self, _request: web.Request) -> web.Response:
        """The OpenAPI document."""
        if not self._keys.any:
            return _refusal(_off())
        return web.json_response(self._document)

    async def notifications(self, request: web.Request) -> web.Response:
        """Take one notification."""
        try:
            raw = await self._body(request)
            body = _checked(NotificationBody, raw)
            # What was signed and comes again, by whoever it was heard, is what came before.
            key = body.key or _replay_key(request)
            made = self._queue.made(
                body.type,
                body.title,
                body.message,
                body.details,
                body.chat_ids,
                source="api",
                key=key,
                severity=body.severity,
            )
            return await self._kept([made])
        except _Refusal as refusal:
            return _refusal(refusal)

    async def events(self, request: web.Request) -> web.Response:
        """Take events, all of them or none."""
        try:
            body = _checked(EventsBody, await self._body(request))
            made = []
            for event in body.events:
                when = {"at": event.at.isoformat()} if event.at else {}
                details = {**when, **event.data}
                made.append(self._queue.made(event.type, details=details, source="api:event", key=event.id))
            return await self._kept(list({each.id: each for each in made}.values()), sent=len(made))
        except _Refusal as refusal:
            return _refusal(refusal)

    async def _kept(self, notifications: list[Notification], *, sent: int = 1) -> web.Response:
        try:
            accepted = await self._queue.put(notifications)
            await self._heard(notifications)
        except DatabaseAway as error:
            raise _Refusal(503, "It cannot be kept just now; send the same again.") from error
        answer = Accepted(accepted=accepted, repeated=sent - accepted)
        return web.json_response(answer.model_dump(), status=202)

    async def _body(self, request: web.Request) -> bytes:
        """The body of a request that may be made; nothing is read of one that cannot be."""
        if not self._keys.any:
            raise _off()
        trusted = self._keys.bears_token(request)
        if not trusted and not self._keys.may_be_signed(request):
            raise _Refusal(401, "Send the token as `Authorization: Bearer …`, or sign the body.")
        body = await _read(request)
        if not trusted and not self._keys.signed(request, body, self._clock):
            raise _Refusal(401, "The signature is wrong, or too old.")
        if request.content_type != "application/json":
            raise _Refusal(415, "The body has to be application/json.")
        return body


async def _read(request: web.Request) -> bytes:
    too_large = _Refusal(413, f"A body has at most {LONGEST_BODY} bytes.")
    if (request.content_length or 0) > LONGEST_BODY:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(_READ_SECONDS):
            async for chunk in request.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > LONGEST_BODY:
                    raise too_large
    except TimeoutError as error:
        raise _Refusal(408, "The body did not come in time.") from error
    return bytes(body)


def _checked(model: type[_BodyT], body: bytes) -> _BodyT:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['msg']}"[:300]
            for each in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise _Refusal(400, "The body does not fit; nothing was taken.", problems[:_PROBLEMS]) from None


def _replay_key(request: web.Request) -> str:
    signature = request.headers.get(SIGNATURE, "")
    return f"signed:{hashlib.sha256(signature.encode()).hexdigest()}" if signature else ""


def _off() -> _Refusal:
    return _Refusal(404, "The API is off. It is on once MONITORING_TOKEN or MONITORING_HMAC_KEY is set.")


def _refusal(refusal: _Refusal) -> web.Response:
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else None
    return web.json_response(refusal.refused.model_dump(), status=refusal.status, headers=headers)
