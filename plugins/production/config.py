"""The settings of the plugin: characters, times, platforms."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from starloom.api import Character, Cron, Missed, Platform, PluginConfig, Rotation, VideoSeries

_NAME = r"[\w-]+( [\w-]+)*"
_Usd = Annotated[Decimal, Field(gt=0)]


def _check_cron(text: str) -> str:
    Cron.parse(text)
    return text


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class CharacterConfig(_Table):
    """Somebody, or something, that videos are about."""

    name: Annotated[str, Field(pattern=f"^{_NAME}$", max_length=40)]
    model: str
    prompt: Annotated[str, Field(min_length=1)]
    """A template: `{name}` is the next of the values in `variables`, `{number}` counts the videos."""
    variables: dict[str, Annotated[list[str], Field(min_length=1)]] = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)
    weight: Annotated[int, Field(ge=1, le=100)] = 1


class PlatformConfig(_Table):
    """Where videos are published: a Telegram chat by `chat_id`, or anything else by a webhook."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=32)]
    chat_id: int = 0
    url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    secret: SecretStr = SecretStr("")
    """What the webhook's requests are signed with."""

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        if bool(self.chat_id) == bool(self.url):
            raise ValueError("a platform has either a chat_id or a url")
        if self.url and len(self.secret.get_secret_value()) < 16:
            raise ValueError("a webhook needs a secret of at least 16 characters")
        return self


class ProductionConfig(PluginConfig):
    """A series. Without characters and times nothing is made."""

    characters: tuple[CharacterConfig, ...] = ()
    times: tuple[Annotated[str, AfterValidator(_check_cron)], ...] = ()
    """Local times, one video each: `09:30`, or the five fields of cron."""
    platforms: tuple[PlatformConfig, ...] = ()
    rotation: Rotation = Rotation.ROUND_ROBIN
    daily_target: Annotated[int, Field(ge=0, le=1000)] = 0
    """The most videos a day; 0: as many as there are times."""
    missed: Missed = Missed.SKIP
    """What becomes of a run whose time passed while nothing ran, or during a pause."""
    preview_chat_id: int = 0
    """Where videos are seen first; 0: the first admin's own chat."""
    day_usd: _Usd | None = None
    month_usd: _Usd | None = None
    language: Literal["", "en", "ru"] = ""

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        for names in ([each.name for each in self.characters], [each.name for each in self.platforms]):
            doubled = {name for name in names if names.count(name) > 1}
            if doubled:
                raise ValueError(f"two have the name {', '.join(sorted(doubled))}")
        return self

    def series(self, admins: tuple[int, ...]) -> VideoSeries | None:
        """The series that this declares, if it declares one that can be made."""
        preview = self.preview_chat_id or next(iter(admins), 0)
        if not self.characters or not self.times or not preview:
            return None
        return VideoSeries(
            characters=tuple(Character(**each.model_dump()) for each in self.characters),
            times=tuple(map(Cron.parse, self.times)),
            platforms=tuple(
                Platform(each.name, each.chat_id, each.url, each.secret.get_secret_value())
                for each in self.platforms
            ),
            rotation=self.rotation,
            daily_target=self.daily_target,
            missed=self.missed,
            preview_chat_id=preview,
            day_usd=self.day_usd,
            month_usd=self.month_usd,
            language=self.language,
        )
