"""A bulletin in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starloom.api import (
    ALERTS,
    AnyType,
    Bulletin,
    Html,
    Notification,
    NotificationType,
    OwnType,
    Severity,
    Translator,
    alert_words,
)

_ICONS: dict[AnyType, str] = {
    NotificationType.VIDEO_STARTED: "🎬",
    NotificationType.VIDEO_COMPLETED: "✅",
    NotificationType.VIDEO_FAILED: "❌",
    NotificationType.UPLOAD_STARTED: "📤",
    NotificationType.UPLOAD_COMPLETED: "📬",
    NotificationType.UPLOAD_FAILED: "📛",
    NotificationType.CREDITS_LOW: "🪫",
    NotificationType.CREDITS_CRITICAL: "🆘",
    NotificationType.BUDGET_WARNING: "💸",
    NotificationType.SYSTEM_ERROR: "🚨",
    NotificationType.DAILY_SUMMARY: "📅",
    NotificationType.WEEKLY_REPORT: "🗓",
    NotificationType.SCHEDULER_STATUS: "⏰",
    NotificationType.PROXY_STATUS: "🛰",
}
_SHORT = 20
"""Characters of a type's name on a button."""
_SEVERE = (Severity.ERROR, Severity.CRITICAL)
TitleOf = Callable[[str], str]
"""What a model is called, by its id; the id itself where it is none of ours."""
_WORDS = frozenset({"reason", "state", "purpose", "scope", "period"})
"""Details whose values are words of ours, where there is a text for them."""
_LONGEST = 3500
"""Characters of what others wrote; Telegram takes 4096, and some come as markup on top."""


def words_of(bulletin: Bulletin, t: Translator, title_of: TitleOf) -> Html:
    """What the chats read. The words of outside sources are shown as they are, and never as markup."""
    newest = bulletin.newest
    lines = [_alert(newest, t)] if newest.source == ALERTS else _lines(newest, t, title_of)
    text = _cut(lines)
    if bulletin.overflow:
        text.append(t("monitoring-more", count=bulletin.count, at=bulletin.last_at))
    elif bulletin.count > 1:
        text.append(
            t("monitoring-count", count=bulletin.count, first=bulletin.first_at, last=bulletin.last_at)
        )
    if bulletin.taken_by:
        text.append(t("monitoring-taken", name=bulletin.taken_by))
    return Html("\n".join(text))


def _alert(notification: Notification, t: Translator) -> Html:
    """What admins are told by the core, in the core's own words."""
    variables = {name: value for name, value in notification.details.items() if name != "alert"}
    return alert_words(t, str(notification.details["alert"]), variables)


def _lines(newest: Notification, t: Translator, title_of: TitleOf) -> list[Html]:
    title = newest.title or type_name(newest.type, t)
    lines = [t("monitoring-head", icon=icon_of(newest.type), title=title)]
    if newest.title and newest.severity in _SEVERE:
        lines.append(t(f"monitoring-severity-{newest.severity.value}", type=type_name(newest.type, t)))
    if newest.message:
        lines.append(t("monitoring-message", text=newest.message))
    return lines + [detail(name, value, t, title_of) for name, value in newest.details.items()]


def icon_of(kind: AnyType) -> str:
    """What stands before a type."""
    return _ICONS.get(kind, "🧩")


def type_name(kind: AnyType, t: Translator) -> str:
    """What a type is called; one of a plugin by the plugin's own text, as long as that is there."""
    if isinstance(kind, OwnType):
        return t.plain(kind.text_key) if t.has(kind.text_key) else kind.value
    return t.plain(f"monitoring-type-{kind.value}")


def short_name(kind: AnyType, t: Translator) -> str:
    """The same in few words, for a button."""
    if isinstance(kind, OwnType):
        name = type_name(kind, t)
        return name if len(name) <= _SHORT else f"{name[: _SHORT - 1]}…"
    return t.plain(f"monitoring-short-{kind.value}")


def detail(name: str, value: object, t: Translator, title_of: TitleOf) -> Html:
    """One line: what it is called, and what it is."""
    key = f"monitoring-detail-{name.replace('_', '-')}"
    label = t.plain(key) if t.has(key) else name
    shown = title_of(value) if name == "model" and isinstance(value, str) else _value(name, value, t)
    return t("monitoring-detail", label=label, value=shown)


def _value(name: str, value: object, t: Translator) -> object:
    word = f"monitoring-word-{value}".replace("_", "-")
    if isinstance(value, bool):
        return t("monitoring-yes" if value else "monitoring-no")
    if isinstance(value, str) and name in _WORDS and t.has(word):
        return t(word)
    if isinstance(value, str) and name == "at" and (moment := _moment(value)) is not None:
        return t("monitoring-moment", at=moment)
    return t("monitoring-number", number=value) if isinstance(value, int | float) else value or "—"


def _moment(text: str) -> datetime | None:
    """A moment that a source named; what it wrote may be anything."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _cut(lines: list[Html]) -> list[str]:
    """As many of the lines as go into a message."""
    kept: list[str] = []
    room = _LONGEST
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept
