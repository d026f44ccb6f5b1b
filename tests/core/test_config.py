"""Settings: every name is taken, every mistake is named, no secret is told."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from core.config import Mode, Settings
from core.errors import ConfigurationError
from core.plugins_file import PluginsFile

DOCUMENTED = [
    "BOT_TOKEN",
    "TELEGRAM_BOT_TOKEN",
    "API_ID",
    "API_HASH",
    "MONGODB_URI",
    "DATABASE_URL",
    "ADMIN_ID",
    "ADMIN_IDS",
    "KIE_API_KEY",
    "KIE_AI_API_KEY",
    "BRS_AI_API_KEY",
    "REPLICATE_API_TOKEN",
    "GOOGLE_CLOUD_PROJECT_ID",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GEMINI_API_KEY",
    "A2E_API_KEY",
    "CALLBACK_SECRET",
    "WEBHOOK_URL",
    "WEBHOOK_BASE_URL",
    "RENDER_EXTERNAL_URL",
    "PORT",
    "LOG_LEVEL",
    "INSTANCE_NAME",
    "PRICING_MARKUP",
    "CURRENCY",
    "WELCOME_BALANCE_RUB",
    "FREE_TIER_MODEL_IDS",
    "AMOUNT_OF_FREE_IMAGES",
    "COST_PER_REGULAR_GENERATION",
    "COST_PER_CUSTOM_GENERATION",
    "PAYMENT_BANK",
    "PAYMENT_CARD",
    "PAYMENT_CARD_HOLDER",
    "PAYMENT_PHONE",
    "SUPPORT_TELEGRAM",
    "SUPPORT_TEXT",
    "SUPPORT_EMAIL",
    "KIE_STUB",
    "TEST_MODE",
    "DRY_RUN",
    "KIE_BASE_URL",
    "USD_TO_RUB",
    "STAR_USD",
    "LOG_FILE",
    "TEST_DATABASE_URL",
    "KIE_MARKET_URL",
    "MAX_MODELS",
    "REQUEST_DELAY",
    "REQUEST_TIMEOUT",
    "EXPORT_BY_CATEGORY",
    "KIE_WEBHOOK_KEY",
    "VEO_OUTPUT_GCS_URI",
    "METRICS_TOKEN",
]

VALUES = {
    "BOT_TOKEN": "123456:token",
    "TELEGRAM_BOT_TOKEN": "123456:token",
    "API_ID": "17",
    "MONGODB_URI": "mongodb://localhost/x",
    "DATABASE_URL": "mongodb://localhost/x",
    "TEST_DATABASE_URL": "mongodb://localhost/x",
    "ADMIN_ID": "8589934592",
    "ADMIN_IDS": "8589934592, 8589934593",
    "CALLBACK_SECRET": "s" * 32,
    "WEBHOOK_URL": "https://example.org",
    "WEBHOOK_BASE_URL": "https://example.org",
    "RENDER_EXTERNAL_URL": "https://example.org",
    "KIE_BASE_URL": "https://example.org",
    "KIE_MARKET_URL": "https://example.org",
    "PORT": "8080",
    "LOG_LEVEL": "debug",
    "CURRENCY": "RUB",
    "VEO_OUTPUT_GCS_URI": "gs://bucket/videos",
}
NUMBERS = [
    "PRICING_MARKUP",
    "WELCOME_BALANCE_RUB",
    "AMOUNT_OF_FREE_IMAGES",
    "COST_PER_REGULAR_GENERATION",
    "COST_PER_CUSTOM_GENERATION",
    "KIE_STUB",
    "TEST_MODE",
    "DRY_RUN",
    "USD_TO_RUB",
    "STAR_USD",
    "MAX_MODELS",
    "REQUEST_DELAY",
    "REQUEST_TIMEOUT",
    "EXPORT_BY_CATEGORY",
]
VALUES.update(dict.fromkeys(NUMBERS, "1"))


def errors_of(env: dict[str, str], env_file: Path | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(env=env, env_file=env_file)
    return str(caught.value)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_documented_name_is_taken(name: str) -> None:
    settings = Settings.load(env={name: VALUES.get(name, "some text")})
    assert settings != Settings.load(env={}), "the name changes nothing"
    assert settings.notices == ()


def test_nothing_is_needed() -> None:
    settings = Settings.load(env={})
    assert settings.port == 10000
    assert settings.mode() is Mode.SANDBOX
    assert settings.database_uri is None
    assert settings.bot_id is None


def test_types_are_exact() -> None:
    settings = Settings.load(
        env={"ADMIN_IDS": "8589934592,7", "STAR_USD": "0.0130", "FREE_TIER_MODEL_IDS": "a, b,"}
    )
    assert settings.admin_ids == (8_589_934_592, 7)
    assert settings.star_usd == Decimal("0.013")
    assert settings.free_tier_model_ids == ("a", "b")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BOT_TOKEN", "hunter2", "BOT_TOKEN: must look like 123456:ABC, as @BotFather gives it"),
        ("API_ID", "hunter2", "API_ID: must be a valid integer"),
        ("ADMIN_IDS", "1,hunter2", "ADMIN_IDS: number 2 in it must be a valid integer"),
        ("CALLBACK_SECRET", "hunter2", "CALLBACK_SECRET: must have at least 32 characters"),
        ("STORAGE_MODE", "hunter2", "STORAGE_MODE: must be 'local' or 's3'"),
        ("LOG_LEVEL", "hunter2", "LOG_LEVEL: must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("PORT", "99999", "PORT: must be less than or equal to 65535"),
        ("STAR_USD", "0", "STAR_USD: must be greater than 0"),
        ("TEST_MODE", "hunter2", "TEST_MODE: must be a valid boolean"),
        ("MONGODB_URI", "hunter2://u:p@h", "MONGODB_URI: must begin with mongodb:// or mongodb+srv://"),
        (
            "DATABASE_URL",
            "postgresql://u:hunter2@h/d",
            "DATABASE_URL: is a PostgreSQL address, and Starloom keeps",
        ),
        ("DATABASE_URL", "postgres://u:hunter2@h/d", "DATABASE_URL: is a PostgreSQL address"),
        ("WEBHOOK_URL", "hunter2", "WEBHOOK_URL: must match pattern"),
        ("TELEGRAM_ENDPOINT", '{"host": "h"', "TELEGRAM_ENDPOINT: is not valid JSON"),
        ("TELEGRAM_ENDPOINT", "/no/such/file", "TELEGRAM_ENDPOINT: must be JSON or the path of a JSON file"),
    ],
)
def test_a_mistake_is_named_and_no_value_is_told(name: str, value: str, sentence: str) -> None:
    told = errors_of({name: value})
    assert sentence in told
    assert "hunter2" not in told


def test_all_mistakes_are_told_at_once() -> None:
    assert len(errors_of({"API_ID": "x", "PORT": "x", "CURRENCY": "x"}).splitlines()) == 3


def test_two_names_that_disagree_are_a_mistake() -> None:
    told = errors_of({"BOT_TOKEN": "1:a", "TELEGRAM_BOT_TOKEN": "1:b"})
    assert told == "BOT_TOKEN and TELEGRAM_BOT_TOKEN: say different things for one setting; keep one of them"
    assert Settings.load(env={"BOT_TOKEN": "1:a", "TELEGRAM_BOT_TOKEN": "1:a"}).bot_id == 1


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=1111\nLOG_LEVEL=debug\n# a comment\nCOMPOSE_PROJECT_NAME=x\nPROVIDER_ACME_KEY=k\n")
    settings = Settings.load(env={"PORT": "2222"}, env_file=file)
    assert (settings.port, settings.log_level) == (2222, "DEBUG")
    assert settings.provider_secret("PROVIDER_ACME_KEY") == "k"


def test_a_misspelt_name_in_the_file_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("BOT_TOKN=1:a\n")
    told = errors_of({}, file)
    assert told.startswith(".env: BOT_TOKN: unknown key, perhaps you meant BOT_TOKEN; allowed: A2E_API_KEY, ")


def test_names_of_the_environment_at_large_are_none_of_our_business() -> None:
    assert Settings.load(env={"PATH": "/bin", "HOST": "machine", "BOT_TOKN": "x"}) == Settings.load(env={})


@pytest.mark.parametrize(
    "name",
    [
        "BOT_MODE",
        "TELEGRAM_WEBHOOK_URL",
        "TELEGRAM_WEBHOOK_SECRET",
        "WEBHOOK_ALLOW_HEADER_FALLBACK",
        "PAYMENT_PROVIDER_TOKEN",
    ],
)
def test_names_of_other_ways_are_answered_with_a_line(name: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{name}=anything\n")
    (notice,) = Settings.load(env={}, env_file=file).notices
    assert notice.startswith(f"{name} is not needed: ")
    assert "anything" not in notice


def test_secrets_are_not_shown() -> None:
    env = {"BOT_TOKEN": "123456:hunter2", "KIE_API_KEY": "hunter2", "MONGODB_URI": "mongodb://u:hunter2@h"}
    settings = Settings.load(env=env)
    assert "hunter2" not in repr(settings) + str(settings)
    assert set(settings.secrets()) == {"123456:hunter2", "hunter2", "mongodb://u:hunter2@h"}


class TestMode:
    def test_a_token_means_real_telegram(self) -> None:
        assert Settings.load(env={"BOT_TOKEN": "1:a", "API_ID": "1", "API_HASH": "h"}).mode() is Mode.REAL

    def test_a_token_needs_an_application(self) -> None:
        with pytest.raises(ConfigurationError, match="API_ID and API_HASH: must be given beside BOT_TOKEN"):
            Settings.load(env={"BOT_TOKEN": "1:a"}).mode()

    def test_an_endpoint_of_our_own_needs_no_application(self) -> None:
        endpoint = json.dumps({"host": "127.0.0.1", "port": 1, "modulus": "0xff"})
        assert Settings.load(env={"BOT_TOKEN": "1:a", "TELEGRAM_ENDPOINT": endpoint}).mode() is Mode.REAL

    @pytest.mark.parametrize(
        "given",
        [
            {"MONGODB_URI": "mongodb://h"},
            {"KIE_AI_API_KEY": "k"},
            {"REPLICATE_API_TOKEN": "k"},
            {"GEMINI_API_KEY": "k"},
            {"A2E_API_KEY": "k"},
            {"GOOGLE_CLOUD_PROJECT_ID": "p"},
        ],
    )
    def test_settings_of_production_never_start_the_sandbox_silently(self, given: dict[str, str]) -> None:
        settings = Settings.load(env=given)
        with pytest.raises(ConfigurationError, match=r"BOT_TOKEN: must be given, because .* is set"):
            settings.mode()
        assert settings.mode(sandbox=True) is Mode.SANDBOX

    def test_test_mode_never_speaks_to_real_telegram(self) -> None:
        env = {"BOT_TOKEN": "1:a", "API_ID": "1", "API_HASH": "h", "TEST_MODE": "1"}
        env |= {"MONGODB_URI": "mongodb://real", "TEST_DATABASE_URL": "mongodb://test"}
        settings = Settings.load(env=env)
        assert settings.mode() is Mode.SANDBOX
        assert settings.database_uri is not None
        assert settings.database_uri.get_secret_value() == "mongodb://test"


class TestEndpoint:
    def test_it_may_stand_in_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "endpoint.json"
        file.write_text(
            json.dumps({"host": "127.0.0.1", "port": 4430, "modulus": 3 * 2**2047, "exponent": 3})
        )
        endpoint = Settings.load(env={"TELEGRAM_ENDPOINT": str(file)}).telegram_endpoint
        assert endpoint is not None
        assert (endpoint.port, endpoint.modulus, endpoint.exponent) == (4430, 3 * 2**2047, 3)

    def test_a_wrong_key_is_named(self) -> None:
        told = errors_of({"TELEGRAM_ENDPOINT": '{"host": "h", "prt": 1, "modulus": 5}'})
        assert "prt: unknown key, perhaps you meant port; allowed: exponent, host, modulus, port" in told


class TestProviderSecrets:
    def test_providers_read_their_own_names_only(self) -> None:
        env = {
            "KIE_AI_API_KEY": "kie",
            "BOT_TOKEN": "1:a",
            "METRICS_TOKEN": "m",
            "PROVIDER_X": "x",
            "HOME": "/",
        }
        settings = Settings.load(env=env)
        assert settings.provider_secret("KIE_API_KEY") == "kie"
        assert settings.provider_secret("PROVIDER_X") == "x"
        for name in ("BOT_TOKEN", "METRICS_TOKEN", "HOME", "A2E_API_KEY"):
            assert settings.provider_secret(name) is None


class TestPluginsFile:
    def load(self, text: str, tmp_path: Path) -> PluginsFile:
        path = tmp_path / "plugins.toml"
        path.write_text(text)
        return PluginsFile.load(path)

    def test_tables_are_read(self, tmp_path: Path) -> None:
        file = self.load(
            '[plugins.start]\nmodule = "plugins.start"\ngreeting = "hi"\n'
            '[providers.demo]\nmodule = "providers.demo"\nenabled = false\n'
            "[limits.sending]\nmessages_per_second = 5\n"
            '[texts]\noverrides = "mine"\n',
            tmp_path,
        )
        assert file.plugins["start"].settings == {"greeting": "hi"}
        assert file.plugins["start"].enabled
        assert not file.providers["demo"].enabled
        assert file.limits.sending.messages_per_second == 5
        assert file.limits.updates.burst == 30
        assert file.overrides == tmp_path / "mine"

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            (
                "[plugin.start]",
                "plugins.toml: plugin: unknown key, perhaps you meant plugins; allowed: billing, budgets, ",
            ),
            (
                "[limits.sendin]",
                "plugins.toml: limits.sendin: unknown key, perhaps you meant sending; allowed: ",
            ),
            (
                "[limits.web]\nbody = 1",
                "plugins.toml: limits.web.body: unknown key; allowed: body_bytes",
            ),
            ("[limits.updates]\nburst = 0", "plugins.toml: limits.updates.burst: must be greater than 0"),
            ("[plugins.start]\nmodule = 1", "plugins.toml: plugins.start.module: must be a valid string"),
            ("[plugins.Start]", "plugins.toml: plugins.Start: a name has at most 32 small letters"),
            ("[plugins.a", "plugins.toml is not valid TOML: "),
            (
                "[plugins.a]\n[plugins.b]\n[plugins.a]",
                "plugins.toml has the table [plugins.a] twice, the second time in line 3: "
                "remove one of them; nothing starts before",
            ),
        ],
    )
    def test_a_mistake_is_named(self, text: str, sentence: str, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError) as caught:
            self.load(text, tmp_path)
        assert sentence in str(caught.value)

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match=r"plugins\.toml cannot be read at .*: No such file"):
            PluginsFile.load(tmp_path / "plugins.toml")


def test_a_bucket_needs_a_name_and_keys() -> None:
    with pytest.raises(ConfigurationError, match="S3_BUCKET, S3_SECRET_ACCESS_KEY: must be given"):
        Settings.load(env={"STORAGE_MODE": "s3", "S3_ACCESS_KEY_ID": "k"})
    given = {"S3_BUCKET": "inputs", "S3_ACCESS_KEY_ID": "k", "S3_SECRET_ACCESS_KEY": "hunter2"}
    settings = Settings.load(env={"STORAGE_MODE": "s3", **given})
    assert settings.s3_region == "us-east-1"
    assert "hunter2" in settings.secrets()
    assert "hunter2" not in repr(settings)
    assert Settings.load(env={"S3_BUCKET": "inputs"}).storage_mode == "local"
