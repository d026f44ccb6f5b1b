"""What requests may say, checked."""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sandbox.http.errors import ApiError
from sandbox.world.state import ChatKind


class Body(BaseModel):
    """A request's JSON; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Registration(Body):
    """A person to register, or to come back as."""

    name: str = Field(min_length=1, max_length=64)
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}(-[a-z]+)?$")
    username: str | None = Field(default=None, pattern=r"^[A-Za-z]\w{3,31}$")
    stars: int = Field(default=0, ge=0)


class Purchase(Body):
    """Stars to buy."""

    amount: int = Field(ge=1)


class Text(Body):
    """A text to write."""

    text: str = Field(min_length=1)
    reply_to: int | None = None


class Start(Body):
    """What a deep link carries."""

    payload: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9_-]*$")


class Press(Body):
    """A button: by its place or by its whole label."""

    message: int
    row: int | None = Field(default=None, ge=0)
    column: int | None = Field(default=None, ge=0)
    label: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Press:
        if (self.row is None) is not (self.column is None) or (self.row is None) is (self.label is None):
            raise ValueError("give row and column, or label")
        return self


class Payment(Body):
    """What to pay: a message of the chat, or a link."""

    message: int | None = None
    link: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Payment:
        if (self.message is None) is (self.link is None):
            raise ValueError("give message or link")
        return self


class Edit(Body):
    """A new text for one's own message."""

    message: int
    text: str = Field(min_length=1)


class Founding(Body):
    """A group or channel to found, with all bots in it and the people who are named by id."""

    title: str = Field(min_length=1, max_length=128)
    kind: ChatKind = ChatKind.GROUP
    members: list[int] = Field(default_factory=list, max_length=200)


class Deletion(Body):
    """Messages to delete."""

    messages: list[int] = Field(min_length=1, max_length=100)


class Asking(Body):
    """What is typed behind a bot's name, and how far down the list of its results is read."""

    bot: str = Field(min_length=1)
    query: str = Field(default="", max_length=256)
    offset: str = Field(default="", max_length=64)


class Choice(Body):
    """A result of an inline query to send."""

    result: str = Field(min_length=1)


class Page(Body):
    """Which messages of a chat."""

    after: int = Field(default=0, ge=0)
    before: int = Field(default=0, ge=0)
    limit: int = Field(default=100, ge=1, le=1000)


B = TypeVar("B", bound=Body)


async def read_body(request: web.Request, kind: type[B]) -> B:
    """The request's JSON as `kind`; no body at all is an empty one.

    Raises:
        ApiError: 400, naming what is wrong.
    """
    text = await request.text()
    if text and request.content_type != "application/json":
        raise ApiError(400, "invalid_request", "the body has to be application/json")
    try:
        return kind.model_validate_json(text or "{}")
    except ValidationError as error:
        raise invalid(error) from None


def read_query(request: web.Request, kind: type[B]) -> B:
    """The request's query string as `kind`.

    Raises:
        ApiError: 400, naming what is wrong.
    """
    try:
        return kind.model_validate(dict(request.query))
    except ValidationError as error:
        raise invalid(error) from None


def invalid(error: ValidationError) -> ApiError:
    """What pydantic found wrong, in one line."""
    faults = (
        f"{'.'.join(str(part) for part in fault['loc']) or 'body'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return ApiError(400, "invalid_request", "; ".join(faults))
