"""`doctor` with each thing wrong in turn: what it names, and how it says to mend it."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from support.kie_server import KEY, KieServer
from support.proxy_servers import Socks

from core.config import Settings
from core.environment import names_of
from core.errors import ConfigurationError
from core.i18n import core_locales
from core.limits import WebLimits
from core.observability.metrics import Metrics
from core.telegram import client as telegram_client
from core.web.server import Readiness, WebServer
from sandbox.environment import environment_for
from sandbox.server import Sandbox
from starloom.cli import doctor
from starloom.cli.doctor import examine
from starloom.cli.options import Options

ROOT = Path(__file__).parents[2]
SICK = """
from providers.demo.provider import DemoConfig as Config, DemoProvider
from starloom.api import ProviderError

class create(DemoProvider):
    async def account(self):
        raise ProviderError("401 Unauthorized")
"""
Examine = Callable[..., Any]


@pytest.fixture
def look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_uri: str) -> Examine:
    """What is wrong, as `(what, words)`, with this environment and this plugins.toml."""
    for info in Settings.model_fields.values():
        for name in getattr(info.validation_alias, "choices", ()):
            monkeypatch.delenv(name, raising=False)

    async def wrong(
        environment: dict[str, str] | None = None,
        *,
        plugins: str | None = None,
        env_file: str = "",
        sandbox: bool = True,
    ) -> list[tuple[str, str]]:
        usual = {"DATA_DIR": str(tmp_path / "data"), "PORT": "0"}
        usual["MONGODB_URI"] = f"{database_uri}?retryWrites=false"
        for name, value in {**usual, **(environment or {})}.items():
            monkeypatch.setenv(name, value)
        (tmp_path / ".env").write_text(env_file, encoding="utf-8")
        file = ROOT / "plugins.toml"
        if plugins is not None:
            file = tmp_path / "plugins.toml"
            file.write_text(plugins, encoding="utf-8")
        options = Options(env_file=tmp_path / ".env", plugins_file=file, sandbox=sandbox)
        return [(what, each.detail) async for what, each in examine(options) if not each.good]

    return wrong


async def test_nothing_is_wrong(look: Examine) -> None:
    assert await look() == []


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"BOT_TOKEN": "no-token"}, "BOT_TOKEN: must look like 123456:ABC, as @BotFather gives it"),
        (
            {"BOT_TOKEN": "1:x"},
            "API_ID and API_HASH: must be given beside BOT_TOKEN; https://my.telegram.org",
        ),
        ({"KIE_API_KEY": "k"}, "BOT_TOKEN: must be given, because MONGODB_URI, KIE_API_KEY are set"),
        (
            {"MONGODB_URI": "postgresql://u:hunter2@h/db"},
            "MONGODB_URI: is a PostgreSQL address, and Starloom",
        ),
        ({"MONGODB_URI": "localhost"}, "MONGODB_URI: must begin with mongodb:// or mongodb+srv://"),
        ({"PORT": "many"}, "PORT: must be a valid integer"),
        ({"CALLBACK_SECRET": "hunter2"}, "CALLBACK_SECRET: must have at least 32 characters"),
        (
            {"CALLBACK_SECRET_PREVIOUS": "hunter2"},
            "CALLBACK_SECRET_PREVIOUS: must have at least 32 characters",
        ),
        ({"WEBHOOK_URL": "example.org"}, "WEBHOOK_URL: must"),
        ({"CURRENCY": "EUR"}, "CURRENCY: must be 'USD' or 'RUB'"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL: must be"),
        ({"STORAGE_MODE": "s3"}, "S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: must be given beside"),
        ({"ADMIN_ID": "1", "ADMIN_IDS": "2"}, "ADMIN_ID and ADMIN_IDS: say different things for one setting"),
        ({"TELEGRAM_ENDPOINT": "{}"}, "TELEGRAM_ENDPOINT"),
    ],
)
async def test_a_wrong_setting(look: Examine, environment: dict[str, str], words: str) -> None:
    ((what, said),) = await look(environment, sandbox=False)
    assert (what, words in said) == ("settings", True), said
    assert "hunter2" not in said


def problem_of(name: str, value: str) -> str:
    """What is said of a setting, or nothing."""
    try:
        Settings.load(env={name: value})
    except ConfigurationError as error:
        return str(error)
    return ""


def test_every_setting_that_can_be_wrong_is_named() -> None:
    anything = set()
    for field in Settings.model_fields.values():
        name, *_ = names_of(field)
        if not (said := problem_of(name, "no such value")):
            anything.add(name)
        assert said.startswith(f"{name}: " if said else "")
    # Words, folders, and what only those who are asked with it can judge.
    assert anything == {
        *("API_HASH", "DATA_DIR", "LOG_FILE", "INSTANCE_NAME", "METRICS_TOKEN", "FREE_TIER_MODEL_IDS"),
        *("KIE_API_KEY", "KIE_WEBHOOK_KEY", "REPLICATE_API_TOKEN", "GEMINI_API_KEY", "A2E_API_KEY"),
        *("GOOGLE_CLOUD_PROJECT_ID", "GOOGLE_APPLICATION_CREDENTIALS", "TELEGRAM_PROXY", "PROVIDER_PROXY"),
        *("S3_REGION", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "LISTEN_HOST"),
        *("PAYMENT_BANK", "PAYMENT_CARD", "PAYMENT_CARD_HOLDER", "PAYMENT_PHONE"),
        *("SUPPORT_TELEGRAM", "SUPPORT_TEXT", "SUPPORT_EMAIL"),
    }


async def test_a_log_a_port_and_a_bucket_that_cannot_be_used(look: Examine) -> None:
    ((what, said),) = await look({"LOG_FILE": "/proc/none/log"})
    assert (what, "LOG_FILE: /proc/none/log cannot be written" in said) == ("log", True)

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=403)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", refuse)
    async with TestServer(app) as other:
        bucket = {"STORAGE_MODE": "s3", "S3_BUCKET": "photos", "S3_ENDPOINT_URL": str(other.make_url("/"))}
        keys = {"S3_ACCESS_KEY_ID": "key", "S3_SECRET_ACCESS_KEY": "hunter2"}
        found = await look({"LOG_FILE": "", **bucket, **keys, "PORT": str(other.port)})
        assert [what for what, _ in found] == ["bucket", "port"]
        assert found[0][1].startswith("S3_BUCKET: photos cannot be written to (")
        assert "hunter2" not in found[0][1]
        assert found[1][1].startswith(f"PORT: 0.0.0.0:{other.port} cannot be listened on: ")
    running = WebServer(
        host="127.0.0.1", port=0, metrics=Metrics(), metrics_token=None, readiness=ready, limits=WebLimits()
    )
    await running.start()
    # The bot itself may have it: doctor is asked beside a running one as well.
    assert await look({"STORAGE_MODE": "", "PORT": str(running.port)}) == []
    await running.stop()


async def ready() -> Readiness:
    return Readiness(active=True, ready=True)


async def test_a_folder_that_takes_no_files(look: Examine, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    for folder in (taken, taken / "below", Path("/proc/none")):
        # The embedded database would be in it: it is not asked as well.
        ((what, said),) = await look({"DATA_DIR": str(folder), "MONGODB_URI": ""})
        assert (what, said.startswith(f"DATA_DIR: {folder} cannot be written to (")) == ("files", True), said


async def test_an_unknown_name_in_the_env_file(look: Examine) -> None:
    ((what, said),) = await look(env_file="BOT_TOKN=123456:ABC\n")
    assert what == "settings"
    assert "BOT_TOKN" in said
    assert "BOT_TOKEN" in said.removeprefix(".env: BOT_TOKN")


@pytest.mark.parametrize(
    ("plugins", "what", "words"),
    [
        ("[plugins.start\n", "plugins.toml", "plugins.toml is not valid TOML"),
        ("[plugins.Start]\nmodule = 'plugins.start'\n", "plugins.toml", "plugins.Start"),
        ("[limits.updates]\nbrust = 3\n", "plugins.toml", "limits.updates.brust"),
        ("[plugins.strat]\nmodule = 'plugins.strat'\n", "plugins", "strat: plugins.strat is not there"),
        (
            "[plugins.start]\nmodule = 'plugins.start'\n"
            "[plugins.generate]\nmodule = 'plugins.generate'\nmodels_per_pag = 5\n",
            "plugins",
            "generate: plugins.generate.models_per_pag",
        ),
        (
            "[statistics]\ntimezone = 'Mars'\n",
            "plugins.toml",
            "a time zone is called like Europe/Moscow or UTC",
        ),
        ("[providers.demo]\nmodule = 'providers.demo'\nsecond = 3\n", "providers", "providers.demo.second"),
        ("[providers.demo]\nmodule = 'providers.dmo'\n", "providers", "demo: "),
        (
            "[providers.demo]\nmodule = './sick'\n",
            "providers",
            "its account cannot be read (401 Unauthorized)",
        ),
        ("", "providers", "no model can be offered; switch a provider on in plugins.toml"),
        ("[texts]\noverrides = 'words'\n", "texts", "texts.overrides: there is no folder "),
    ],
)
async def test_a_wrong_plugins_file(
    look: Examine, tmp_path: Path, plugins: str, what: str, words: str
) -> None:
    (tmp_path / "sick").mkdir()
    (tmp_path / "sick" / "__init__.py").write_text(SICK, encoding="utf-8")
    # A file that cannot be used at all leaves no provider to look at; one wrong provider leaves no model.
    found = await look(plugins=plugins)
    assert found[0][0] == what
    assert words in found[0][1], found


async def test_a_provider_that_lets_nobody_in_is_asked_as_the_bot_asks(look: Examine) -> None:
    plugins = "[providers.demo]\nmodule = 'providers.demo'\n[providers.kie]\nmodule = 'providers.kie'\n"
    socks = Socks()
    await socks.start()
    async with KieServer().running() as server:
        environment = {"KIE_BASE_URL": server.url, "PROVIDER_PROXY": socks.address}
        assert await look({**environment, "KIE_API_KEY": KEY}, plugins=plugins) == []
        assert socks.carried >= 1
        ((what, said),) = await look({"KIE_API_KEY": "hunter2"}, plugins=plugins)
        assert (what, said.startswith("kie: its account cannot be read (")) == ("providers", True), said
        assert "hunter2" not in said
    await socks.stop()
    ((what, said),) = await look({"PROVIDER_PROXY": "somewhere"}, plugins=plugins)
    assert (what, said.startswith("PROVIDER_PROXY: each proxy is http://")) == ("providers", True)


async def test_a_plugins_file_that_is_not_there(look: Examine, tmp_path: Path) -> None:
    options = Options(env_file=tmp_path / ".env", plugins_file=tmp_path / "mine.toml", sandbox=True)
    found = [(what, each.detail) async for what, each in examine(options) if not each.good]
    assert ("plugins.toml", True) in {(what, "mine.toml cannot be read at" in said) for what, said in found}


async def test_a_database_that_is_away(look: Examine) -> None:
    ((what, said),) = await look({"MONGODB_URI": "mongodb://u:hunter2@127.0.0.1:1/?authSource=admin"})
    assert what == "database"
    assert said.startswith("no database answers at 127.0.0.1:1 ")
    assert "hunter2" not in said


async def test_encryption_that_is_missing(look: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        telegram_client, "find_spec", lambda name: None if name == "tgcrypto" else found(name)
    )
    ((what, said),) = await look()
    assert what == "encryption"
    assert "install it with `pip install tgcrypto`" in said


async def test_texts_that_cannot_be_read(
    look: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "locales"
    shutil.copytree(core_locales(), broken)
    (broken / "ru" / "core.ftl").write_text("start = { $name\n", encoding="utf-8")
    monkeypatch.setattr(doctor, "core_locales", lambda: broken)
    ((what, said),) = await look()
    assert what == "texts"
    assert "core.ftl" in said


async def test_telegram_that_refuses_or_is_away(look: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_CONNECT_SECONDS", 3.0)
    async with await Sandbox.start(seed=1) as sandbox:
        bot = sandbox.add_bot()
        environment = environment_for(sandbox.endpoint, bot, [sandbox.add_person("Admin")])
        forged = {**environment, "BOT_TOKEN": f"{bot.id}:{'x' * 35}"}
        ((what, said),) = await look(forged, sandbox=False)
        assert what == "Telegram"
        assert "BOT_TOKEN" in said
        assert "x" * 35 not in said
        assert await look(environment, sandbox=False) == []
        nobody = json.loads(environment["TELEGRAM_ENDPOINT"]) | {"port": 1}
        away = {**environment, "TELEGRAM_ENDPOINT": json.dumps(nobody)}
        ((what, said),) = await look(away, sandbox=False)
        assert what == "Telegram"
        socks = Socks()
        await socks.start()
        behind = {**environment, "TELEGRAM_PROXY": socks.address}
        assert await look(behind, sandbox=False) == []
        assert socks.carried >= 1, "it goes the way that the bot will go"
        await socks.stop()
        ((what, said),) = await look(behind, sandbox=False)
        assert what == "Telegram"
        monkeypatch.delenv("TELEGRAM_PROXY")
        nameless = {**environment, "ADMIN_IDS": ""}
        ((what, said),) = await look(nameless, sandbox=False)
        assert said == "ADMIN_ID: is not set, so nobody can switch plugins or gets alarms"
