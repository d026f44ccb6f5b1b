"""A notification: what happened, how bad it is, and whom it is for."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeGuard

Detail = str | int | float | bool | None
"""What may stand beside a name in a notification's details."""

TITLE_LENGTH, MESSAGE_LENGTH, DETAIL_LENGTH, NAME_LENGTH = 200, 2000, 300, 64
"""Characters; what is longer is cut."""
MOST_DETAILS = 20
ALERTS = "core:alerts"
"""The source of what admins are told by the core itself: `alert` in the details is a text's key."""
MOST_CHATS = 50
_LARGEST = 2**53


class NotificationType(StrEnum):
    """What operators can be told of, each to be switched and routed by itself."""

    VIDEO_STARTED = "video_started"
    VIDEO_COMPLETED = "video_completed"
    VIDEO_FAILED = "video_failed"
    UPLOAD_STARTED = "upload_started"
    UPLOAD_COMPLETED = "upload_completed"
    UPLOAD_FAILED = "upload_failed"
    CREDITS_LOW = "credits_low"
    CREDITS_CRITICAL = "credits_critical"
    BUDGET_WARNING = "budget_warning"
    SYSTEM_ERROR = "system_error"
    DAILY_SUMMARY = "daily_summary"
    WEEKLY_REPORT = "weekly_report"
    SCHEDULER_STATUS = "scheduler_status"
    PROXY_STATUS = "proxy_status"


class OwnType(str):
    """A type of a plugin's own, `PLUGIN.NAME`, to be switched by itself as well."""

    __slots__ = ()

    @property
    def value(self) -> str:
        """The same as plain text."""
        return str(self)

    @property
    def text_key(self) -> str:
        """The key of the text that says what it is called, in the plugin's own bundles."""
        plugin, _, name = self.partition(".")
        return f"{plugin}-notification-{name.replace('_', '-')}"


AnyType = NotificationType | OwnType
"""A type of ours, or one that a plugin declares."""


def type_of(name: str) -> AnyType:
    """The type of this name."""
    return OwnType(name) if "." in name else NotificationType(name)


class Severity(StrEnum):
    """How bad it is. What is critical does not wait for the morning."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


_SEVERITIES: dict[AnyType, Severity] = {
    NotificationType.VIDEO_FAILED: Severity.ERROR,
    NotificationType.UPLOAD_FAILED: Severity.ERROR,
    NotificationType.CREDITS_LOW: Severity.WARNING,
    NotificationType.CREDITS_CRITICAL: Severity.CRITICAL,
    NotificationType.BUDGET_WARNING: Severity.WARNING,
    NotificationType.SYSTEM_ERROR: Severity.ERROR,
    NotificationType.PROXY_STATUS: Severity.WARNING,
}


def severity_of(kind: AnyType) -> Severity:
    """How bad a notification of this type is where nobody says."""
    return _SEVERITIES.get(kind, Severity.INFO)


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing that happened.

    `id` names it for good: what comes again under it is the same. `title` and `message` are plain text as its
    source wrote them; without a title the type's own name is shown. `chat_ids` are the chats it is for, none
    for those of its type. What has the same `group` is told as one message with a count.
    """

    id: str
    type: AnyType
    severity: Severity
    title: str
    message: str
    details: Mapping[str, Detail]
    chat_ids: tuple[int, ...]
    source: str
    at: datetime
    group: str


@dataclass(frozen=True, slots=True)
class Bulletin:
    """Notifications of one group as one message: the newest of them, and how many there are.

    `told` is how many the chats know of. `taken_by` is who said that they look after it.
    """

    id: str
    newest: Notification
    count: int
    first_at: datetime
    last_at: datetime
    told: int = 0
    taken_by: str = ""
    overflow: bool = field(default=False)
    """Whether different ones are in it, since too many came at once to tell each."""


def group_of(
    kind: AnyType, title: str, message: str, details: Mapping[str, Detail], chat_ids: tuple[int, ...]
) -> str:
    """What equal notifications have in common: their words, or without any their details."""
    content: object = [title, message] if title or message else sorted(details.items())
    text = json.dumps([kind.value, content, sorted(chat_ids)], ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def trimmed(details: Mapping[str, object]) -> dict[str, Detail]:
    """Details as they are kept: a bounded number of short values."""
    kept: dict[str, Detail] = {}
    for name, value in list(details.items())[:MOST_DETAILS]:
        plain = value if value is None or _is_number(value) else str(value)
        kept[str(name)[:NAME_LENGTH]] = plain[:DETAIL_LENGTH] if isinstance(plain, str) else plain
    return kept


def _is_number(value: object) -> TypeGuard[float]:
    """Whether it is a number that every database and every language can write."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and abs(value) <= _LARGEST
