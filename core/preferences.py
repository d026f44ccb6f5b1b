"""What a person prefers: their model and its options, how amounts and times are shown, what they are told.

All of it stands among the settings of the person's record. What is read here may be years old or written by
another version, so a value that makes no sense counts as not set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core.errors import UserFacingError
from core.generation.combinations import check_combinations
from core.generation.model import Model
from core.generation.options import OptionValue
from core.i18n import I18n, Translator
from core.users import User

_OPTIONS = "options:"
_FURTHEST = 14 * 60
"""Minutes; no clock on Earth is further from UTC."""


class Preference(StrEnum):
    """The settings of a person's record that are preferences, as `People.set_setting` takes them."""

    MODEL = "model"
    """The id of the model that plain words are for."""
    KEEP_PROMPTS = "keep_prompts"
    """True lets the history keep prompts."""
    UNITS = "units"
    """A value of `Units`: what is shown beside Stars."""
    TIME_ZONE = "time_zone"
    """How far the person's clock is ahead of UTC, in minutes."""
    REMINDERS = "reminders"
    """False keeps the bot from writing about a generation that takes long."""
    SOUND = "sound"
    """False lets results come without a sound."""
    NEWS = "news"
    """False keeps the operator's news away."""

    @staticmethod
    def options_of(model_id: str) -> str:
        """The setting with a person's own defaults of a model's options: values by field."""
        return f"{_OPTIONS}{model_id}"

    @staticmethod
    def set_by(user: User) -> tuple[str, ...]:
        """The preferences in a person's record; other settings, such as accepted terms, are left out."""
        return tuple(key for key in user.settings if Preference.is_one(key))

    @staticmethod
    def is_one(key: str) -> bool:
        """Whether a setting is a preference."""
        return key in set(Preference) or key.startswith(_OPTIONS)


class Units(StrEnum):
    """What an amount of Stars is told in, beside Stars."""

    ALL = "all"
    STARS = "stars"
    CREDITS = "credits"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Notify:
    """Which messages a person gets that they did not ask for. Messages about money come always."""

    reminders: bool = True
    """Whether the bot writes when a generation takes much longer than usual."""
    sound: bool = True
    """Whether results come with a sound."""
    news: bool = True
    """Whether the operator's news come."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody has set, and the defaults of what they have not."""

    model: str = ""
    """The id of the model that plain words are for; it may be off or gone by now. Empty: none was chosen."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    """Options by model id and field, as they were set: read them with `options_for`."""
    keep_prompts: bool = False
    """Whether the history may keep the person's prompts."""
    units: Units = Units.ALL
    time_zone: timedelta = timedelta(0)
    """How far the person's clock is ahead of UTC."""
    notify: Notify = Notify()

    @classmethod
    def of(cls, user: User) -> Preferences:
        """The preferences in a person's record."""
        settings = user.settings
        return cls(
            model=_text(settings.get(Preference.MODEL)),
            options={
                key.removeprefix(_OPTIONS): values
                for key, values in settings.items()
                if key.startswith(_OPTIONS) and isinstance(values, Mapping)
            },
            keep_prompts=settings.get(Preference.KEEP_PROMPTS) is True,
            units=_units(settings.get(Preference.UNITS)),
            time_zone=_offset(settings.get(Preference.TIME_ZONE)),
            notify=Notify(
                reminders=settings.get(Preference.REMINDERS) is not False,
                sound=settings.get(Preference.SOUND) is not False,
                news=settings.get(Preference.NEWS) is not False,
            ),
        )

    def options_for(self, model: Model) -> dict[str, OptionValue]:
        """What the person wants to be otherwise than the model's defaults, as far as the model allows it now.

        Of values that have come not to go together with the rest, the later ones in the schema are left out.
        """
        wanted = self.options.get(model.id, {})
        allowed = {
            option.field: wanted[option.field]
            for option in model.options
            if option.field in wanted
            and option.allows(wanted[option.field])
            and wanted[option.field] != option.default
        }
        if _go_together(model, allowed):
            return allowed
        kept: dict[str, OptionValue] = {}
        for name, value in allowed.items():
            if _go_together(model, {**kept, name: value}):
                kept[name] = value
        return kept


def translator_for(i18n: I18n, user: User | None) -> Translator:
    """The words of a person's language, with their own clock; the fallback's for somebody unknown."""
    if user is None:
        return i18n.translator(None)
    language = i18n.choose_language(user.language, user.telegram_language)
    return i18n.translator(language, Preferences.of(user).time_zone)


def _go_together(model: Model, options: Mapping[str, OptionValue]) -> bool:
    try:
        check_combinations(model.forbidden, {**model.defaults(), **options})
    except UserFacingError:
        return False
    return True


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _units(value: object) -> Units:
    return Units(value) if isinstance(value, str) and value in set(Units) else Units.ALL


def _offset(value: object) -> timedelta:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _FURTHEST:
        return timedelta(minutes=value)
    return timedelta(0)
