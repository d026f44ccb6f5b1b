"""What comes of an HTTP request: a reply, or one of few kinds of failure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn

from core.errors import ProviderError


class NotSent(ProviderError):
    """The request surely did not reach the provider: nothing was asked of it, and nothing runs there.

    `again` says whether trying at once may help; it does not where we ourselves held the request back.
    """

    def __init__(self, detail: str, *, again: bool = True) -> None:
        super().__init__(f"not sent: {detail}")
        self.again = again


class ReplyLost(ProviderError):
    """The request may have reached the provider, and there is no telling what it answered."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"reply lost: {detail}")


class BadReply(ReplyLost):
    """The provider answered what cannot be read: no JSON, or more than was allowed.

    After a submission that is a lost reply: the task may have been taken.
    """


class NotResumed(ReplyLost):
    """A file broke off, and its server does not go on where it ended, or has another file by now."""


class FetchRefused(ProviderError):
    """A file is not to be had: `status` is the HTTP status, 0 where the address itself is not fetched."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(f"fetch: {detail or f'HTTP {status}'}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply. The names in `headers` match in any case where it came over the network."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is one of success (2xx)."""
        return 200 <= self.status < 300

    def json(self, *, exact: bool = False) -> Any:
        """The body, read as JSON; with `exact`, fractions are `Decimal`, as money wants them.

        Raises:
            BadReply: it is no JSON, as a truncated body or a page of HTML.

        """
        try:
            return json.loads(self.body, parse_float=Decimal if exact else None, parse_constant=_refuse)
        except (ValueError, RecursionError):
            # What came may quote a prompt: the status and the length must do.
            raise BadReply(f"HTTP {self.status} with {len(self.body)} bytes that are no JSON") from None

    def table(self, *, exact: bool = False) -> dict[str, Any]:
        """The body, read as a JSON object.

        Raises:
            BadReply: it is no JSON, or another kind of it.

        """
        value = self.json(exact=exact)
        if not isinstance(value, dict):
            raise BadReply(f"HTTP {self.status} with a JSON {type(value).__name__} in place of an object")
        return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
