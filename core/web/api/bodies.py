"""What is sent to the API and what it answers: the one source of the checks and of the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
)

from core.notifications.notification import (
    DETAIL_LENGTH,
    MESSAGE_LENGTH,
    MOST_CHATS,
    MOST_DETAILS,
    NAME_LENGTH,
    TITLE_LENGTH,
    NotificationType,
    Severity,
)

MOST_EVENTS = 1000
_CHAT_MAX = 2**52
_NUMBER_MAX = 2**53


def _integral(value: object) -> object:
    """In JSON 7.0 is a whole number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Text = Annotated[str, StringConstraints(max_length=DETAIL_LENGTH)]
_Whole = Annotated[StrictInt, Field(ge=-_NUMBER_MAX, le=_NUMBER_MAX)]
_Number = Annotated[StrictFloat, Field(ge=-_NUMBER_MAX, le=_NUMBER_MAX)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=NAME_LENGTH)]
_Details = Annotated[
    dict[_Name, _Text | StrictBool | _Whole | _Number | None], Field(max_length=MOST_DETAILS)
]
_ChatId = Annotated[StrictInt, Field(ge=-_CHAT_MAX, le=_CHAT_MAX), BeforeValidator(_integral)]
_Key = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class NotificationBody(_Body):
    """A notification for people, in its sender's own words."""

    type: NotificationType
    title: str = Field(default="", max_length=TITLE_LENGTH, description="Plain text; empty: the type's name.")
    message: str = Field(default="", max_length=MESSAGE_LENGTH, description="Plain text.")
    details: _Details = Field(default_factory=dict, description="Shown as lines below the message.")
    chat_ids: list[_ChatId] = Field(
        default_factory=list,
        max_length=MOST_CHATS,
        description="Chats it is for; empty: those the operator has chosen for the type.",
    )
    severity: Severity | None = Field(default=None, description="Null: that of the type.")
    key: _Key | None = Field(default=None, description="What comes again under the same key is taken once.")


class EventBody(_Body):
    """Something that happened at a system outside."""

    type: NotificationType
    id: _Key = Field(description="Names the event for good: the same id is taken once.")
    at: datetime | None = Field(default=None, description="When it happened, as RFC 3339 has it.")
    data: _Details = Field(default_factory=dict)


class EventsBody(_Body):
    """Events, many at a time."""

    events: list[EventBody] = Field(min_length=1, max_length=MOST_EVENTS)


class Accepted(BaseModel):
    """What became of it: how many are kept, and how many were known before."""

    accepted: int
    repeated: int


class Refused(BaseModel):
    """Why nothing was taken, and of a wrong body what is wrong with it."""

    error: str
    problems: list[str] = Field(default_factory=list)
