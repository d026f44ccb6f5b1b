"""Where another MTProto server than Telegram's own is, as a setting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core.validation import problems_of


def _number(value: object) -> object:
    """Numbers too long for JSON readers may stand as decimal or `0x` strings."""
    if not isinstance(value, str):
        return value
    try:
        return int(value, 0)
    except ValueError:
        raise ValueError("must be a whole number, decimal or beginning with 0x") from None


class EndpointSettings(BaseModel):
    """Address and public RSA key of an MTProto server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(min_length=1)
    port: int = Field(gt=0, le=65535)
    modulus: Annotated[int, BeforeValidator(_number)] = Field(gt=1)
    exponent: Annotated[int, BeforeValidator(_number)] = Field(default=65537, gt=1)


def read_endpoint(value: str) -> EndpointSettings:
    """The endpoint that `value` describes: JSON itself, or the path of a JSON file.

    Raises:
        ValueError: it cannot be read, or says something that is not allowed.

    """
    if not value.lstrip().startswith("{"):
        try:
            value = Path(value).read_text(encoding="utf-8")
        except OSError as error:
            raise ValueError(f"must be JSON or the path of a JSON file ({error.strerror})") from None
    try:
        return EndpointSettings.model_validate(json.loads(value))
    except json.JSONDecodeError:
        raise ValueError("is not valid JSON; needed: host, port, modulus, exponent") from None
    except ValidationError as error:
        raise ValueError("; ".join(problems_of(error, EndpointSettings))) from None
