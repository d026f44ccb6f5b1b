"""Tells a Starloom what happens elsewhere: for programs outside of it, with nothing but the standard library.

    client = MonitoringClient("https://bot.example.com", token="…")
    client.queue_notification("video_completed", "Trailer is ready", details={"seconds": 31})
    client.event("upload_failed", "run-17", platform="youtube", reason="quota")

A request that got no answer, or a passing one, is sent again under the same key, so it counts once.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Answer", "MonitoringClient", "MonitoringError"]

_NOTIFICATIONS, _EVENTS = "/api/v1/notifications", "/api/v1/events"
_AT_ONCE = 500
_ACCEPTED = 202
_PASSING = frozenset({408, 429, 500, 502, 503, 504})

Detail = str | int | float | bool | None


class MonitoringError(Exception):
    """It was not taken. `status` is that of the answer, 0 where none came; `problems` say what is wrong."""

    def __init__(self, status: int, error: str, problems: Sequence[str] = ()) -> None:
        super().__init__("\n".join((f"{status or 'no answer'}: {error}", *problems)))
        self.status = status
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Answer:
    """How many were kept, and how many were known before."""

    accepted: int
    repeated: int


class MonitoringClient:
    """Speaks to one Starloom, with its `MONITORING_TOKEN` or its `MONITORING_HMAC_KEY`.

    `timeout` is the seconds that one attempt may take, `attempts` how many there are, `wait` sleeps between.

    Raises:
        MonitoringError: by every method, when it was refused or nobody answered.
        ValueError: without a token and a key, or with an address that is not HTTP.

    """

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        hmac_key: str = "",
        timeout: float = 10.0,
        attempts: int = 4,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError("the address begins with https:// or http://")
        if not token and not hmac_key:
            raise ValueError("give a token or an HMAC key")
        self._address = urllib.parse.urlsplit(url.rstrip("/"))
        self._token = token
        self._hmac_key = hmac_key
        self._timeout = timeout
        self._attempts = attempts
        self._wait = wait

    def queue_notification(
        self,
        notification_type: str,
        title: str = "",
        message: str = "",
        details: Mapping[str, Detail] | None = None,
        chat_ids: Iterable[int] = (),
        *,
        severity: str | None = None,
        key: str = "",
    ) -> Answer:
        """Tell people something, in plain text; once for each `key`."""
        body: dict[str, Any] = {
            "type": notification_type,
            "title": title,
            "message": message,
            "details": dict(details or {}),
            "chat_ids": list(chat_ids),
            "severity": severity,
            "key": key or uuid.uuid4().hex,
        }
        return self._post(_NOTIFICATIONS, body)

    def alert(self, severity: str, title: str, message: str = "", **details: Detail) -> Answer:
        """Tell people that something is wrong; `severity` is info, warning, error or critical."""
        return self.queue_notification("system_error", title, message, details, severity=severity)

    def event(self, event_type: str, event_id: str = "", **data: Detail) -> Answer:
        """Report that something happened; once for each `event_id`."""
        return self.events([{"type": event_type, "id": event_id or uuid.uuid4().hex, "data": data}])

    def events(self, events: Sequence[Mapping[str, Any]]) -> Answer:
        """Report many things: mappings with `type`, `id`, and if wanted `at` and `data`."""
        accepted = repeated = 0
        for start in range(0, len(events), _AT_ONCE):
            answer = self._post(
                _EVENTS, {"events": [dict(each) for each in events[start : start + _AT_ONCE]]}
            )
            accepted += answer.accepted
            repeated += answer.repeated
        return Answer(accepted, repeated)

    def _post(self, path: str, body: Mapping[str, Any]) -> Answer:
        data = json.dumps(body).encode()
        for attempt in range(1, self._attempts + 1):
            try:
                return self._once(path, data)
            except MonitoringError as error:
                if attempt == self._attempts or (error.status and error.status not in _PASSING):
                    raise
                self._wait(min(2.0**attempt / 2, 8.0))
        raise MonitoringError(0, "no attempt was allowed")

    def _once(self, path: str, data: bytes) -> Answer:
        secure = self._address.scheme == "https"
        connecting = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connecting(self._address.netloc, timeout=self._timeout)
        try:
            connection.request("POST", self._address.path + path, data, self._headers(path, data))
            reply = connection.getresponse()
            body = reply.read()
        except (OSError, http.client.HTTPException) as error:
            raise MonitoringError(0, str(error) or type(error).__name__) from error
        finally:
            connection.close()
        if reply.status != _ACCEPTED:
            raise _refused(reply.status, body)
        answer = json.loads(body)
        return Answer(int(answer["accepted"]), int(answer["repeated"]))

    def _headers(self, path: str, data: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if self._hmac_key:
            timestamp = str(int(time.time()))
            signed = b"\n".join((timestamp.encode(), b"POST", path.encode(), data))
            signature = hmac.new(self._hmac_key.encode(), signed, hashlib.sha256).hexdigest()
            headers |= {"X-Starloom-Timestamp": timestamp, "X-Starloom-Signature": f"sha256={signature}"}
        return headers


def _refused(status: int, body: bytes) -> MonitoringError:
    try:
        told = json.loads(body)
        return MonitoringError(status, str(told["error"]), tuple(map(str, told.get("problems", ()))))
    except (ValueError, TypeError, KeyError):
        return MonitoringError(status, "the answer is not Starloom's")
