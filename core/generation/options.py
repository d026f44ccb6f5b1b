"""The inputs of a model beside its prompt: options to choose from, and media that a person gives."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

OptionValue = str | int | float | bool
"""A value of an option, as JSON has it."""

MediaRole = Literal[
    "image", "first_frame", "last_frame", "reference", "mask", "video", "reference_video", "audio"
]
"""What a given file is for; people are told by the message `media-role-<role>`, with `-` for `_`."""

_MEGABYTE = 1024 * 1024


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Data):
    """One input of a model beside the prompt, offered as buttons or typed in.

    `type` is the JSON type of the field. `choices` is an enum; `minimum`/`maximum` a range; `longest` the
    most characters of a text that is typed in.
    """

    field: str = Field(min_length=1)
    type: Literal["string", "integer", "number", "boolean"]
    choices: tuple[OptionValue, ...] | None = None
    labels: tuple[str, ...] = ()
    """What people read instead of the choices, where those are codes: names of voices, say."""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    longest: int | None = Field(default=None, gt=0)
    default: OptionValue | None = None
    required: bool = False
    advanced: bool = False
    """Whether only those are asked who want to set everything."""
    title: str = ""
    """A message key; empty: the field's own common key `option-<field>`."""
    within: str = ""
    """Of what the value is a moment, in seconds: a media input, or `source` for the model's own source."""
    to_end: bool = False
    """Whether that moment can be the very end; it is then where nothing else is chosen, unless `after` says
    that it has to be."""
    after: str = ""
    """The option whose moment comes before this one, by `apart` seconds at least."""
    apart: int = Field(default=0, ge=0)

    @property
    def title_key(self) -> str:
        """The message key of the option's name."""
        return self.title or f"option-{self.field.replace('_', '-')}"

    @property
    def takes_words(self) -> bool:
        """Whether what is chosen is what the person writes, as what is not to be seen."""
        return self.type == "string" and not self.choices

    def label(self, value: OptionValue) -> str:
        """What people read instead of a choice; empty where it speaks for itself."""
        if not self.labels or self.choices is None or value not in self.choices:
            return ""
        return self.labels[self.choices.index(value)]

    def allows(self, value: object) -> bool:
        """Whether `value` has the option's type and is among its choices or within its range."""
        if not self._has_type(value):
            return False
        if self.choices is not None and value not in self.choices:
            return False
        if isinstance(value, str):
            return self.longest is None or len(value) <= self.longest
        return isinstance(value, bool) or self._in_range(value)

    def _in_range(self, value: object) -> bool:
        number = Decimal(str(value))
        above = self.minimum is None or number >= self.minimum
        return above and (self.maximum is None or number <= self.maximum)

    def _has_type(self, value: object) -> bool:
        match self.type:
            case "string":
                return isinstance(value, str)
            case "boolean":
                return isinstance(value, bool)
            case "integer":
                return isinstance(value, int) and not isinstance(value, bool)
            case "number":
                return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.choices is not None and not self.choices:
            raise ValueError(f"option {self.field}: the list of choices is empty")
        if self.labels and len(self.labels) != len(self.choices or ()):
            raise ValueError(f"option {self.field}: there are not as many labels as choices")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"option {self.field}: minimum is above maximum")
        if self.longest is not None and self.type != "string":
            raise ValueError(f"option {self.field}: longest is for texts")
        for choice in self.choices or ():
            if not self._has_type(choice):
                raise ValueError(f"option {self.field}: choice {choice!r} is no {self.type}")
        if self.default is not None and not self.allows(self.default):
            raise ValueError(f"option {self.field}: default {self.default!r} is not allowed")
        return self


class MediaInput(_Data):
    """Files that a model takes in one of its fields.

    `many` tells whether the field is a JSON list; `least` and `most` are how many files it takes. `formats`
    are short names such as `jpeg`, `png`, `webp`, `mp4`, `mov`, `mp3`, `wav`. Where the API wants objects
    instead of bare addresses, `item` names the key of the address in each, and `item_fixed` what else stands
    in it.
    """

    field: str = Field(min_length=1)
    kind: Literal["image", "video", "audio"]
    role: MediaRole
    many: bool = False
    least: int = Field(default=0, ge=0)
    most: int = Field(default=1, ge=1)
    max_megabytes: int = Field(default=10, gt=0)
    """The largest file, in units of 1,048,576 bytes."""
    formats: tuple[str, ...] = Field(min_length=1)
    seconds_min: int | None = Field(default=None, ge=0)
    seconds_max: int | None = Field(default=None, gt=0)
    """How long a video or an audio may be, in seconds."""
    item: str = ""
    item_fixed: dict[str, OptionValue] = {}

    @property
    def title_key(self) -> str:
        """The message key of what the files are for."""
        return f"media-role-{self.role.replace('_', '-')}"

    @property
    def required(self) -> bool:
        """Whether nothing is made without it."""
        return self.least > 0

    @property
    def max_bytes(self) -> int:
        """The largest file, in bytes."""
        return self.max_megabytes * _MEGABYTE

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.least > self.most:
            raise ValueError(f"media input {self.field}: least is above most")
        if not self.many and self.most > 1:
            raise ValueError(
                f"media input {self.field}: a single address cannot be {self.most} files; "
                "say many = true where the field is a list"
            )
        if self.kind == "image" and (self.seconds_min is not None or self.seconds_max is not None):
            raise ValueError(f"media input {self.field}: an image has no length")
        return self


class SourceInput(_Data):
    """An earlier result of the person's own that a model goes on from, at the provider that made it.

    `models` are those whose results it takes, made with one of these values of `options`. Its buttons below
    them are called by the message `source-<action>`.
    """

    action: str = Field(pattern=r"^[a-z0-9-]+$")
    models: tuple[str, ...] = Field(min_length=1)
    options: dict[str, tuple[OptionValue, ...]] = {}
    days: int = Field(gt=0)
    """For how many days after it was made the provider still knows it."""
    task_field: str = ""
    """The field that takes the provider's id of the task."""
    file_field: str = ""
    """The field that takes what the provider calls the file."""
    index_field: str = ""
    """The field that takes which of the result's files it is, counted from 0."""
    index_type: Literal["integer", "string"] = "integer"
    same: dict[str, OptionValue] = {}
    """Options of the source that are sent again with the values that they had there; here with some value."""

    @property
    def title_key(self) -> str:
        """The message key of what the button says."""
        return f"source-{self.action}"

    @property
    def question_key(self) -> str:
        """The message key of what is asked of the person's words."""
        return f"{self.title_key}-question"

    @property
    def fields(self) -> tuple[str, ...]:
        """All that is sent of the source."""
        named = (self.task_field, self.file_field, self.index_field, *self.same)
        return tuple(field for field in named if field)

    @property
    def chooses_file(self) -> bool:
        """Whether it goes on from one file of a result that may have several."""
        return bool(self.file_field or self.index_field)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not (self.task_field or self.file_field):
            raise ValueError("source: neither task_field nor file_field says what is gone on from")
        return self
