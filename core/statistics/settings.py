"""What operators set about statistics, in the `[statistics]` table of `plugins.toml`."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone is called like Europe/Moscow or UTC") from None
    return name


class StatisticsSettings(BaseModel):
    """How what happened is added up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: Annotated[str, AfterValidator(_check_zone)] = "UTC"
    """Where a day begins at midnight. Days that were counted before a change stay as they are."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.timezone)
