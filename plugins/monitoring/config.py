"""The settings of the plugin: who is told of what, and when reports come."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from starloom.api import AnyType, NotificationType, PluginConfig

Audience = Literal["all", "admins", "monitoring", "nobody"]
"""Who is told: the chats of admins, the monitoring chats, both, or nobody."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


def _zone(name: str) -> str:
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone is called like Europe/Moscow or UTC") from None
    return name


class Plan(BaseModel):
    """A plan at a provider, in the provider's own credits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    monthly: Annotated[Decimal, Field(gt=0)]
    daily_bonus: Annotated[Decimal, Field(ge=0)] = Decimal(0)


class MonitoringConfig(PluginConfig):
    """Chats are named by their ids, which `/id` tells in each of them."""

    admin_chat_ids: tuple[int, ...] = ()
    """Chats of the people in charge; without any, the admins' own chats."""
    monitoring_chat_ids: tuple[int, ...] = ()
    """Groups and channels that are told as well."""

    notify_on_video_started: bool = True
    notify_on_video_completed: bool = True
    notify_on_video_failed: bool = True
    notify_on_upload_started: bool = True
    notify_on_upload_completed: bool = True
    notify_on_upload_failed: bool = True
    notify_on_credits_low: bool = True
    notify_on_credits_critical: bool = True
    notify_on_budget_warning: bool = True
    notify_on_system_error: bool = True
    notify_on_daily_summary: bool = True
    notify_on_weekly_report: bool = True
    notify_on_scheduler_status: bool = True
    notify_on_proxy_status: bool = True
    routes: dict[NotificationType, Audience] = Field(default_factory=dict)
    """Who is told of a type, where it is not everybody."""
    everything_made: bool = False
    """Tell of every generation of every person, and not of those of the production alone."""

    daily_summary_enabled: bool = True
    daily_summary_time: time = time(9)
    """Before noon it is about the day before, later about the day itself."""
    weekly_report_enabled: bool = True
    weekly_report_time: time = time(9)
    weekly_report_day: Weekday = "monday"
    """The report is about the seven days before it."""
    weekly_test: bool = True
    """Send a test notification each week, with the report's day and time."""
    timezone: Annotated[str, AfterValidator(_zone)] = ""
    """Where these times are told; that of the statistics where it is empty."""

    plans: dict[str, Plan] = Field(default_factory=dict)
    """What operators have bought at providers, by their names: not every API tells."""

    quiet_from: time | None = None
    quiet_until: time | None = None
    """Between these what is not critical waits."""
    group_minutes: Annotated[float, Field(gt=0, le=1440)] = 10
    """Equal things within so many minutes are one message with a count."""
    mute_hours: Annotated[float, Field(gt=0, le=720)] = 8
    """How long the mute button keeps something quiet."""
    language: str = ""
    """What groups and channels read; the fallback language where it is empty."""
    command_prefix: Literal["/"] = "/"
    """What commands begin with. Telegram knows no other."""

    @model_validator(mode="after")
    def _check_quiet_hours(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("quiet_from and quiet_until belong together: give both or none")
        return self

    def audience(self, kind: AnyType) -> Audience:
        """Who is told of a type, as far as this file says; of those of plugins everybody is."""
        if not isinstance(kind, NotificationType):
            return "all"
        on: bool = getattr(self, f"notify_on_{kind.value}")
        return self.routes.get(kind, "all") if on else "nobody"
