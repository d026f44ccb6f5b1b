"""When a request is tried again, and after which wait."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

Random = Callable[[], float]
"""Numbers from 0 up to 1."""

TOO_MANY = 429
_SERVER_FAULT = 500


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """`attempts` in all. A wait is random, up to `first_wait` seconds, then up to twice as long each time.

    A provider that asks for more than `longest_wait` seconds is not waited for.
    """

    attempts: int = 3
    first_wait: float = 0.5
    longest_wait: float = 20.0


def wait_before(attempt: int, settings: RetrySettings, random: Random) -> float:
    """How long to wait after so many attempts, in seconds: all of it chance, so that nobody comes in step."""
    return random() * min(settings.longest_wait, settings.first_wait * 2.0 ** (attempt - 1))


def passes(status: int) -> bool:
    """Whether a status is of the kind that goes away by itself."""
    return status == TOO_MANY or status >= _SERVER_FAULT


def is_fault(status: int) -> bool:
    """Whether a status says that the provider itself is out of order."""
    return status >= _SERVER_FAULT


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds of a `Retry-After` header, be it a number or a date; None without a sensible one."""
    text = headers.get("Retry-After", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, now)
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _until(text: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return math.nan
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
