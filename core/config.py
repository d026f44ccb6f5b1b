"""Settings from the environment and `.env`, checked, with sentences for what is wrong."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BeforeValidator,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from core.billing.pricing import MAX_PRICE, PriceOverride, Pricing
from core.endpoint_settings import EndpointSettings, read_endpoint
from core.environment import AUTHORS_PREFIX, gather, named, names_of
from core.errors import ConfigurationError
from core.validation import problems_of

_ValueT = TypeVar("_ValueT")


class Mode(StrEnum):
    """Which Telegram the bot runs on."""

    SANDBOX = "sandbox"
    REAL = "real"


_SECRET_LENGTH = 32
"""The least length of a secret that signs, in characters."""
_LISTED = re.compile(r"^(\w+)\.(\d+): ")
"""How a problem begins with one value of a setting that takes several."""
_PROVIDER_FIELDS = (
    "kie_api_key",
    "kie_webhook_key",
    "kie_base_url",
    "kie_market_url",
    "replicate_api_token",
    "google_cloud_project_id",
    "google_application_credentials",
    "gemini_api_key",
    "a2e_api_key",
    "veo_output_gcs_uri",
)
"""Settings that providers may read."""
_EVERY_ADDRESS = IPv4Address(0)
"""What a server in a container listens on."""
_PRODUCTION_FIELDS = (
    "mongodb_uri",
    "kie_api_key",
    "replicate_api_token",
    "google_cloud_project_id",
    "google_application_credentials",
    "gemini_api_key",
    "a2e_api_key",
)
"""Settings that nobody gives who only wants to look around."""


def _split(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


_Listed = Annotated[tuple[_ValueT, ...], BeforeValidator(_split)]
_Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class Settings(BaseSettings):
    """Everything the environment says. Stars are whole numbers; other amounts are exact decimals."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    bot_token: SecretStr | None = named("BOT_TOKEN", "TELEGRAM_BOT_TOKEN")
    """The token that @BotFather gave. Without it the local Telegram starts."""
    api_id: int | None = named("API_ID", gt=0)
    """The application's number from https://my.telegram.org."""
    api_hash: SecretStr | None = named("API_HASH")
    """The application's hash from https://my.telegram.org."""
    telegram_endpoint: EndpointSettings | None = named("TELEGRAM_ENDPOINT")
    """Another MTProto server than Telegram's: JSON, or the path of a JSON file."""
    telegram_proxy: _Listed[SecretStr] = named("TELEGRAM_PROXY", default=())
    """Proxies to Telegram, separated by commas and tried in their order: `socks5://user:password@host:port`,
    `http://host:port`, `mtproxy://secret@host:port` or a `tg://proxy` link. Every half minute they are looked
    at, and the first that answers is used again."""
    provider_proxy: _Listed[SecretStr] = named("PROVIDER_PROXY", default=())
    """Proxies for what is asked of providers, separated by commas and tried in their order:
    `http://user:password@host:port` or `socks5://user:password@host:port`. They are looked at as those to
    Telegram are."""
    admin_ids: _Listed[int] = named("ADMIN_ID", "ADMIN_IDS", default=())
    """User ids of the admins, separated by commas."""

    mongodb_uri: SecretStr | None = named("MONGODB_URI", "DATABASE_URL")
    """The database; production wants a replica set. Without it the embedded engine starts, with its data in
    DATA_DIR."""
    test_database_url: SecretStr | None = named("TEST_DATABASE_URL")
    """The database for tests: with TEST_MODE it takes the place of MONGODB_URI."""
    data_dir: Path = named("DATA_DIR", default=Path(".starloom"))
    """Where this machine keeps its files: the embedded database, the local Telegram, what people give."""

    kie_api_key: SecretStr | None = named("KIE_API_KEY", "KIE_AI_API_KEY", "BRS_AI_API_KEY")
    """The key of Kie.ai, for most of the models."""
    kie_webhook_key: SecretStr | None = named("KIE_WEBHOOK_KEY")
    """Signs the callbacks that Kie.ai sends."""
    kie_base_url: str = named("KIE_BASE_URL", default="https://api.kie.ai", pattern=r"^https?://\S+$")
    """Where Kie.ai takes orders."""
    kie_market_url: str = named("KIE_MARKET_URL", default="https://kie.ai/market", pattern=r"^https?://\S+$")
    """Where Kie.ai lists its models."""
    kie_stub: bool = named("KIE_STUB", default=False)
    """Send Kie.ai's jobs to the demo provider; nothing is asked of Kie.ai and nothing is paid."""
    replicate_api_token: SecretStr | None = named("REPLICATE_API_TOKEN")
    """The token of Replicate."""
    google_cloud_project_id: str | None = named("GOOGLE_CLOUD_PROJECT_ID")
    """The project of the Google service account, where its key file does not say."""
    google_application_credentials: Path | None = named("GOOGLE_APPLICATION_CREDENTIALS")
    """The key file of a Google service account with the role `roles/aiplatform.user`: Veo on Vertex AI. Needs
    `pip install 'starloom[veo]'`."""
    gemini_api_key: SecretStr | None = named("GEMINI_API_KEY")
    """The key of the Gemini API, for Gemini Omni."""
    veo_output_gcs_uri: str | None = named("VEO_OUTPUT_GCS_URI", pattern=r"^gs://\S+$")
    """`gs://bucket/folder`: where Veo puts its videos; the account needs a role that writes and reads there.
    Without it they come inside Google's replies, which is slow for 4K."""
    a2e_api_key: SecretStr | None = named("A2E_API_KEY")
    """The key of A2E."""

    callback_secret: SecretStr | None = named("CALLBACK_SECRET")
    """Signs buttons, invoices and callback addresses; at least 32 characters. Without it one is derived from
    the token. What was signed before it was set goes on working."""
    callback_secrets_before: _Listed[SecretStr] = named("CALLBACK_SECRET_PREVIOUS", default=())
    """Secrets that CALLBACK_SECRET was before, separated by commas: what they signed is still accepted."""
    public_url: str | None = named(
        "WEBHOOK_URL", "WEBHOOK_BASE_URL", "RENDER_EXTERNAL_URL", pattern=r"^https?://[^\s/]+(/\S*)?$"
    )
    """How the internet reaches this server, for providers' callbacks and files. Without it providers are
    polled, those that fetch given files by address cannot have them from the local store, and results above
    2,000 MiB, which Telegram does not take, are refunded instead of linked."""
    host: str | None = named("LISTEN_HOST")
    """The address on which health, readiness and metrics are served. Without it every address, on the local
    Telegram this machine alone."""
    port: int = named("PORT", default=10000, ge=0, le=65535)
    """The port there; 0 takes a free one. On the local Telegram the next free one, unless it is set."""
    metrics_token: SecretStr | None = named("METRICS_TOKEN")
    """Where set, `/metrics` asks for it as a bearer token."""
    monitoring_token: SecretStr | None = named("MONITORING_TOKEN", min_length=16)
    """What outside systems that report to operators send as a bearer token. With neither, that API is off."""
    monitoring_hmac_key: SecretStr | None = named("MONITORING_HMAC_KEY", min_length=16)
    """What they sign their reports with, instead of a token."""
    instance_name: str = named("INSTANCE_NAME", default="", max_length=64)
    """What this instance calls itself in logs and leases; made of the machine's name unless given."""
    log_level: Annotated[_Level, BeforeValidator(lambda value: str(value).upper())] = named(
        "LOG_LEVEL", default="INFO"
    )
    """How much is logged: DEBUG, INFO, WARNING or ERROR. On the local Telegram WARNING, unless this or
    `LOG_FILE` is set."""
    log_file: Path | None = named("LOG_FILE")
    """A file that gets the log as well; rotated at 10 MB."""

    star_usd: Decimal = named("STAR_USD", default=Decimal("0.013"), gt=0)
    """What one Star brings, in USD. A price is `ceil(price_usd * PRICING_MARKUP / STAR_USD)` Stars."""
    usd_to_rub: Decimal = named("USD_TO_RUB", default=Decimal(80), gt=0)
    """Roubles for one USD, as long as no rate of the day is known."""
    rub_rate_url: str | None = named("RUB_RATE_URL", pattern=r"^https?://\S+$")
    """Where the rouble's rate of the day is asked for, in the Bank of Russia's format, if not at the bank."""
    pricing_markup: Decimal = named("PRICING_MARKUP", default=Decimal(2), gt=0)
    """What a provider's price is multiplied by."""
    currency: Literal["USD", "RUB"] = named("CURRENCY", default="USD")
    """The currency that amounts are shown in beside Stars."""
    welcome_balance_rub: Decimal = named("WELCOME_BALANCE_RUB", default=Decimal(0), ge=0)
    """What a newcomer is given, in roubles; turned into Stars and rounded down."""
    free_tier_model_ids: _Listed[str] = named("FREE_TIER_MODEL_IDS", default=())
    """Models that are free within a daily limit, separated by commas. Unset: the five cheapest."""
    amount_of_free_images: int = named("AMOUNT_OF_FREE_IMAGES", default=0, ge=0, le=1000)
    """Free images for a newcomer, counted from those delivered."""
    cost_per_regular_generation: int | None = named("COST_PER_REGULAR_GENERATION", gt=0, le=MAX_PRICE)
    """A fixed price, in Stars, of a generation with default options."""
    cost_per_custom_generation: int | None = named("COST_PER_CUSTOM_GENERATION", gt=0, le=MAX_PRICE)
    """A fixed price, in Stars, of a generation with other options."""

    payment_bank: str = named("PAYMENT_BANK", default="")
    """The bank that people see beside the card."""
    payment_card: SecretStr | None = named("PAYMENT_CARD")
    """The card that transfers go to; this or PAYMENT_PHONE switches them on. Read "Card transfers" for
    operators first."""
    payment_card_holder: str = named("PAYMENT_CARD_HOLDER", default="")
    """Whose card it is, as people see it."""
    payment_phone: SecretStr | None = named("PAYMENT_PHONE")
    """A phone number that transfers go to."""
    support_telegram: str = named("SUPPORT_TELEGRAM", default="")
    """Whom /support and /paysupport name in Telegram."""
    support_text: str = named("SUPPORT_TEXT", default="")
    """What /support says in your own words."""
    support_email: str = named("SUPPORT_EMAIL", default="")
    """The address that /support names."""

    storage_mode: Literal["local", "s3"] = named("STORAGE_MODE", default="local")
    """Where what people give, and results above 2,000 MiB, are kept: `local` below DATA_DIR, which all
    instances then share, or `s3`, in a bucket. 1 GiB of the disk is left free."""
    s3_bucket: str | None = named("S3_BUCKET", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$")
    """The bucket, with STORAGE_MODE=s3."""
    s3_endpoint_url: str | None = named("S3_ENDPOINT_URL", pattern=r"^https?://\S+$")
    """Where the bucket is, if not at Amazon; providers must be able to fetch from there."""
    s3_region: str = named("S3_REGION", default="us-east-1")
    """The bucket's region."""
    s3_access_key_id: SecretStr | None = named("S3_ACCESS_KEY_ID")
    """The key that may read, write and list the bucket."""
    s3_secret_access_key: SecretStr | None = named("S3_SECRET_ACCESS_KEY")
    """The secret of that key."""
    test_mode: bool = named("TEST_MODE", default=False)
    """Run on the local Telegram, or where TELEGRAM_ENDPOINT says, whatever else is set; every job goes to the
    demo provider."""
    dry_run: bool = named("DRY_RUN", default=False)
    """Stop before any provider is asked for anything that costs money, and say what would be charged."""
    max_models: int | None = named("MAX_MODELS", gt=0)
    """When models are fetched from Kie.ai's list: how many at most."""
    request_delay: float = named("REQUEST_DELAY", default=0.5, ge=0)
    """Seconds between two requests while models are fetched."""
    request_timeout: float = named("REQUEST_TIMEOUT", default=60.0, gt=0)
    """Seconds until a request to a provider is given up."""
    export_by_category: bool = named("EXPORT_BY_CATEGORY", default=False)
    """When models are fetched: write one file for each category."""

    _notices: tuple[str, ...] = PrivateAttr(default=())
    _provider_secrets: Mapping[str, SecretStr] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what `load` gathered and nothing else."""
        return (init_settings,)

    @classmethod
    def load(cls, *, env: Mapping[str, str] | None = None, env_file: Path | None = None) -> Settings:
        """Read the environment (`os.environ` unless given) and, behind it, `env_file`.

        Raises:
            ConfigurationError: with one sentence a line for everything that is wrong.

        """
        given = gather(cls, os.environ if env is None else env, env_file)
        problems = list(given.problems)
        chosen: dict[str, Any] = dict(given.chosen)
        try:
            settings = cls(**chosen)
        except ValidationError as error:
            problems.extend(_LISTED.sub(_place, problem) for problem in problems_of(error, cls))
            raise ConfigurationError("\n".join(problems)) from None
        problems.extend(_missing_for_s3(settings))
        if problems:
            raise ConfigurationError("\n".join(problems))
        settings._notices = given.notices
        settings._provider_secrets = {
            name: SecretStr(value) for name, value in given.values.items() if name.startswith(AUTHORS_PREFIX)
        }
        return settings

    @property
    def notices(self) -> tuple[str, ...]:
        """One line for each name that was given and is not needed, saying what takes its place."""
        return self._notices

    @property
    def bot_id(self) -> int | None:
        """The bot's user id, which its token begins with."""
        return int(self.bot_token.get_secret_value().partition(":")[0]) if self.bot_token else None

    @property
    def database_uri(self) -> SecretStr | None:
        """The database to connect to, or None for the embedded one."""
        if self.test_mode and self.test_database_url is not None:
            return self.test_database_url
        return self.mongodb_uri

    def pricing(self, overrides: Mapping[str, PriceOverride]) -> Pricing:
        """How prices come about; `overrides` are the operator's own, of `plugins.toml`."""
        return Pricing(
            self.pricing_markup,
            self.star_usd,
            overrides,
            regular=self.cost_per_regular_generation,
            custom=self.cost_per_custom_generation,
        )

    @property
    def sells_stars(self) -> bool:
        """Whether Stars are sold: not where nothing real is made, unless they are the sandbox's."""
        rehearsing = self.kie_stub or self.test_mode or self.dry_run
        return not rehearsing or self.telegram_endpoint is not None

    @property
    def listen_host(self) -> str:
        """The address to listen on; unless given all of them, on the local Telegram this machine alone."""
        return self.host or ("127.0.0.1" if self.telegram_endpoint else str(_EVERY_ADDRESS))

    @property
    def needs_roubles(self) -> bool:
        """Whether anything is shown, given or taken in roubles."""
        transfers = self.payment_card is not None or self.payment_phone is not None
        return self.currency == "RUB" or self.welcome_balance_rub > 0 or transfers

    def secrets(self) -> tuple[str, ...]:
        """The values of all secrets that are set, so that the log can be kept free of them."""
        own = [getattr(self, field) for field in type(self).model_fields]
        every = [*own, *self._provider_secrets.values()]
        flat = [each for value in every for each in (value if isinstance(value, tuple) else (value,))]
        return tuple(value.get_secret_value() for value in flat if isinstance(value, SecretStr))

    def mode(self, *, sandbox: bool = False) -> Mode:
        """Which Telegram to run on. `sandbox` is the operator's word on the command line.

        Raises:
            ConfigurationError: there is no token beside settings of production, or no application id.

        """
        told_where = self.telegram_endpoint is not None and self.bot_token is not None
        if sandbox or (self.test_mode and not told_where):
            return Mode.SANDBOX
        if self.bot_token is None:
            return self._sandbox_unless_production()
        if self.telegram_endpoint is None:
            missing = [name for name in ("api_id", "api_hash") if getattr(self, name) is None]
            if missing:
                names = " and ".join(_names(field)[0] for field in missing)
                raise ConfigurationError(
                    f"{names}: must be given beside BOT_TOKEN; https://my.telegram.org shows them"
                )
        return Mode.REAL

    def prepare_data_dir(self) -> None:
        """Make the folder for files where it is not there yet, and see that it can be written to.

        Raises:
            ConfigurationError: it cannot; the sentence says why.

        """
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.data_dir):
                pass
        except OSError as error:
            raise ConfigurationError(
                f"DATA_DIR: {self.data_dir} cannot be written to ({error.strerror}); "
                "name a folder that is this user's own"
            ) from error

    def provider_secret(self, name: str) -> str | None:
        """The value of a name that providers may read, or None where it is not set or not for them."""
        for field in _PROVIDER_FIELDS:
            if name in _names(field):
                return _plain(getattr(self, field))
        return _plain(self._provider_secrets.get(name))

    def _sandbox_unless_production(self) -> Mode:
        given = [_names(field)[0] for field in _PRODUCTION_FIELDS if getattr(self, field) is not None]
        if given:
            raise ConfigurationError(
                f"BOT_TOKEN: must be given, because {', '.join(given)} "
                f"{'is' if len(given) == 1 else 'are'} set; "
                "to try Starloom on the local Telegram all the same, start it with --sandbox"
            )
        return Mode.SANDBOX

    @field_validator("bot_token")
    @classmethod
    def _check_token(cls, token: SecretStr | None) -> SecretStr | None:
        number, _, secret = (token.get_secret_value() if token else "1:x").partition(":")
        if not (number.isascii() and number.isdigit() and secret):
            raise ValueError("must look like 123456:ABC, as @BotFather gives it")
        return token

    @field_validator("callback_secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        return None if secret is None else _long_enough(secret)

    @field_validator("callback_secrets_before")
    @classmethod
    def _check_secrets(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        return tuple(map(_long_enough, secrets))

    @field_validator("mongodb_uri", "test_database_url")
    @classmethod
    def _check_database(cls, uri: SecretStr | None) -> SecretStr | None:
        scheme = uri.get_secret_value().partition("://")[0] if uri else "mongodb"
        if scheme.startswith("postgres"):
            raise ValueError(
                "is a PostgreSQL address, and Starloom keeps its data in MongoDB; "
                "give a mongodb:// address, or remove it to use the embedded database"
            )
        if scheme not in ("mongodb", "mongodb+srv"):
            raise ValueError("must begin with mongodb:// or mongodb+srv://")
        return uri

    @field_validator("telegram_endpoint", mode="before")
    @classmethod
    def _read_endpoint(cls, value: object) -> object:
        return read_endpoint(value) if isinstance(value, str) else value


def _place(found: re.Match[str]) -> str:
    return f"{found[1]}: number {int(found[2]) + 1} in it "


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < _SECRET_LENGTH:
        raise ValueError(f"must have at least {_SECRET_LENGTH} characters")
    return secret


def _missing_for_s3(settings: Settings) -> list[str]:
    if settings.storage_mode != "s3":
        return []
    needed = ("s3_bucket", "s3_access_key_id", "s3_secret_access_key")
    missing = [_names(field)[0] for field in needed if getattr(settings, field) is None]
    return [f"{', '.join(missing)}: must be given beside STORAGE_MODE=s3"] if missing else []


def provider_names() -> tuple[str, ...]:
    """The names of the environment that providers may read."""
    return tuple(name for field in _PROVIDER_FIELDS for name in _names(field))


def _names(field: str) -> tuple[str, ...]:
    return names_of(Settings.model_fields[field])


def _plain(value: object) -> str | None:
    if value is None:
        return None
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
