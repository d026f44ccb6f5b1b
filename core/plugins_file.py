"""`plugins.toml`: which plugins and providers are allowed, which are on, and what each is set to."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from core.billing.pricing import PriceOverride
from core.billing.settings import BillingSettings
from core.budgets.settings import BudgetSettings
from core.errors import ConfigurationError
from core.limits import Limits
from core.statistics.settings import StatisticsSettings
from core.validation import problems_of

NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,31}")
"""What names of plugins and providers look like."""


class Entry(BaseModel):
    """The table of one plugin or provider; what is not listed here are its own settings.

    `module` is an importable name (`plugins.start`) or a folder (`./mine/joke`, from where `plugins.toml`
    stands). Without it the plugin is looked for among the installed distributions.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    module: str = ""
    enabled: bool = True
    grants: tuple[Literal["billing", "privacy", "panel", "operations", "preferences"], ...] = ()
    """What a plugin may do beyond the ordinary.

    `billing` lets it sell and move everybody's Stars, `privacy` read and erase all that is held about people,
    `panel` run the bot as its operators do, `operations` tell operators what happens, and run the production.
    `preferences` lets it change what the core and other plugins keep among a person's settings, as do
    `billing` and `privacy`.
    """

    @property
    def settings(self) -> Mapping[str, Any]:
        """The plugin's own settings, not checked yet."""
        return self.model_extra or {}


class TextSettings(BaseModel):
    """Where texts come from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fallback: str = "en"
    """The language of a text that another language lacks."""
    overrides: str = ""
    """A folder with the operator's own words, from where `plugins.toml` stands."""


_TWICE = re.compile(r"Cannot declare \((?P<parts>.+)\) twice \(at line (?P<line>\d+)")
"""What `tomllib` says of two tables of one name."""


def _not_toml(name: str, error: ValueError) -> str:
    """Why the file cannot be read, and what to do; nothing starts until then, as nothing of it is known."""
    twice = _TWICE.search(str(error))
    if twice is None:
        return f"{name} is not valid TOML: {error}; correct that place, nothing starts before"
    table = ".".join(part.strip(" '\"") for part in twice["parts"].split(",") if part.strip())
    return (
        f"{name} has the table [{table}] twice, the second time in line {twice['line']}: remove one of them; "
        "nothing starts before"
    )


def _check_name(name: str) -> str:
    if not NAME_PATTERN.fullmatch(name):
        raise ValueError("a name has at most 32 small letters, digits and underscores, a letter first")
    return name


_Name = Annotated[str, AfterValidator(_check_name)]


class _Contents(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    plugins: dict[_Name, Entry] = Field(default_factory=dict)
    providers: dict[_Name, Entry] = Field(default_factory=dict)
    limits: Limits = Field(default_factory=Limits)
    texts: TextSettings = Field(default_factory=TextSettings)
    billing: BillingSettings = Field(default_factory=BillingSettings)
    prices: dict[str, PriceOverride] = Field(default_factory=dict)
    statistics: StatisticsSettings = Field(default_factory=StatisticsSettings)
    budgets: BudgetSettings = Field(default_factory=BudgetSettings)


@dataclass(frozen=True, slots=True)
class PluginsFile:
    """What `plugins.toml` says, checked. `directory` is where it stands."""

    directory: Path
    plugins: Mapping[str, Entry] = field(default_factory=dict)
    providers: Mapping[str, Entry] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    texts: TextSettings = field(default_factory=TextSettings)
    billing: BillingSettings = field(default_factory=BillingSettings)
    prices: Mapping[str, PriceOverride] = field(default_factory=dict)
    """The operator's own prices, by model id."""
    statistics: StatisticsSettings = field(default_factory=StatisticsSettings)
    budgets: BudgetSettings = field(default_factory=BudgetSettings)

    @classmethod
    def load(cls, path: Path) -> PluginsFile:
        """Read and check the file.

        Raises:
            ConfigurationError: with a sentence for each thing that is wrong.

        """
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigurationError(f"{path.name} cannot be read at {path}: {reason}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(_not_toml(path.name, error)) from error
        return cls.of(data, directory=path.parent, name=path.name)

    @classmethod
    def of(cls, data: Mapping[str, Any], *, directory: Path, name: str = "plugins.toml") -> PluginsFile:
        """Check what a file says; `name` stands in the errors.

        Raises:
            ConfigurationError: with a sentence for each thing that is wrong.

        """
        try:
            contents = _Contents.model_validate(data)
        except ValidationError as error:
            problems = problems_of(error, _Contents, f"{name}: ")
            raise ConfigurationError("\n".join(problems)) from None
        return cls(
            directory,
            contents.plugins,
            contents.providers,
            contents.limits,
            contents.texts,
            contents.billing,
            contents.prices,
            contents.statistics,
            contents.budgets,
        )

    @property
    def overrides(self) -> Path | None:
        """The folder with the operator's own words, if there is one."""
        return self.directory / self.texts.overrides if self.texts.overrides else None
