"""`doctor`: looks at everything the bot needs and says in one line each how it is and how to mend it."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from core.clock import SystemClock
from core.config import Mode, Settings
from core.errors import ConfigurationError, ProviderError, StarloomError
from core.generation.provider import Provider
from core.generation.registry import Registry
from core.http.proxies import ProviderProxies
from core.i18n import CORE, I18n, core_locales
from core.observability.logging import configure_logging
from core.observability.metrics import Metrics
from core.plugins.providers import ProviderManager
from core.plugins.status import PluginState
from core.plugins_file import PluginsFile
from core.storage.database import Database
from core.storage.embedded import EmbeddedServer
from core.storage.sessions import SessionStore
from core.telegram.assembly import build_client, build_proxies
from core.telegram.client import ClientTiming, require_fast_crypto
from starloom.cli import machine
from starloom.cli.options import Options
from starloom.cli.plugins_checking import look_at
from starloom.cli.speaking import verdict

_SESSION = "doctor"
_CONNECT_SECONDS = 20.0
_ACCOUNT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is. `detail` says what is there, or what is wrong and how to mend it."""

    good: bool
    detail: str


def doctor(options: Options) -> int:
    """Print the findings; the exit status is 1 if anything is wrong."""
    # What is wrong is said in the findings; the log would say it again.
    configure_logging(level="ERROR", stream=io.StringIO())
    return 0 if asyncio.run(_told(options)) else 1


async def _told(options: Options) -> bool:
    good = True
    async for what, finding in examine(options):
        verdict(finding.good, what, finding.detail)
        good = good and finding.good
    return good


async def examine(options: Options) -> AsyncIterator[tuple[str, Finding]]:
    """Look at one thing after another; each with what is found of it."""
    yield "encryption", await _found(_encryption)
    settings, findings = _settings(options)
    for finding in findings:
        yield "settings", finding
    if settings is not None:
        finding = _files(settings)
        yield "files", finding
        local = settings.mode(sandbox=options.sandbox) is Mode.SANDBOX
        for what, look in machine.looks(settings, local=local):
            yield what, await _found(look)
        # Providers and the embedded database would say of the same folder that it cannot be used.
        settings = settings if finding.good else None
    file, findings = _plugins_file(options)
    for finding in findings:
        yield "plugins.toml", finding
    if file is not None:
        for finding in await _plugins(file):
            yield "plugins", finding
    yield "texts", _texts(file)
    if file is not None and settings is not None:
        for finding in await _providers(settings, file):
            yield "providers", finding
    if settings is not None:
        async with _database(settings) as (database, finding):
            yield "database", finding
            if database is not None:
                yield "Telegram", await _found(lambda: _telegram(options, settings, database))


async def _found(look: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(True, await look())
    except (StarloomError, OSError) as error:
        return Finding(False, str(error) or type(error).__name__)


async def _encryption() -> str:
    require_fast_crypto()
    return "tgcrypto is installed"


def _settings(options: Options) -> tuple[Settings | None, list[Finding]]:
    try:
        settings = options.settings()
        mode = settings.mode(sandbox=options.sandbox)
    except StarloomError as error:
        return None, [Finding(False, line) for line in str(error).splitlines()]
    where = "a local Telegram" if mode is Mode.SANDBOX else "Telegram"
    findings = [Finding(True, f"the bot runs on {where}")]
    findings += [Finding(True, notice) for notice in settings.notices]
    if mode is Mode.REAL and not settings.admin_ids:
        findings.append(Finding(False, "ADMIN_ID: is not set, so nobody can switch plugins or gets alarms"))
    return settings, findings


def _files(settings: Settings) -> Finding:
    try:
        settings.prepare_data_dir()
    except StarloomError as error:
        return Finding(False, str(error))
    return Finding(True, f"{settings.data_dir} takes files")


def _plugins_file(options: Options) -> tuple[PluginsFile | None, list[Finding]]:
    try:
        file = options.plugins()
    except StarloomError as error:
        return None, [Finding(False, line) for line in str(error).splitlines()]
    return file, [Finding(True, f"plugins that are on: {', '.join(_on(file)) or 'none'}")]


def _on(file: PluginsFile) -> list[str]:
    return [name for name, entry in file.plugins.items() if entry.enabled]


async def _plugins(file: PluginsFile) -> list[Finding]:
    looks = await look_at(file, _on(file))
    wrong = [Finding(False, f"{name}: {look.problem}") for name, look in looks.items() if look.problem]
    return wrong or [Finding(True, "all that are on can start")]


def _texts(file: PluginsFile | None) -> Finding:
    i18n = I18n()
    problems = i18n.add(CORE, core_locales())
    if file is not None and file.overrides is not None and not file.overrides.is_dir():
        return Finding(
            False, f"texts.overrides: there is no folder {file.overrides}; make it, or take the line out"
        )
    if problems:
        return Finding(False, "; ".join(map(str, problems)))
    return Finding(True, f"languages: {', '.join(i18n.languages())}")


async def _providers(settings: Settings, file: PluginsFile) -> list[Finding]:
    clock = SystemClock()
    try:
        proxies = ProviderProxies.of([each.get_secret_value() for each in settings.provider_proxy], clock)
    except ConfigurationError as error:
        return [Finding(False, str(error))]
    manager = ProviderManager(
        file,
        clock=clock,
        secret=settings.provider_secret,
        directory=settings.data_dir / "providers",
        sandbox=settings.bot_token is None,
        proxies=proxies,
    )
    registry = Registry(settings.pricing(file.prices))
    try:
        started = await manager.start()
        for provider in started.values():
            registry.add(provider)
        findings = [
            Finding(False, f"{status.name}: {status.reason}")
            for status in manager.states()
            if status.state is PluginState.FAILED
        ]
        findings += [Finding(True, line) for line in registry.report()]
        findings += [
            finding for name, provider in started.items() if (finding := await _account(name, provider))
        ]
        if not registry.models():
            findings.append(Finding(False, "no model can be offered; switch a provider on in plugins.toml"))
        return findings
    finally:
        await manager.stop()


async def _account(name: str, provider: Provider) -> Finding | None:
    """Whether a provider lets us in, where it has an account to ask about."""
    try:
        async with asyncio.timeout(_ACCOUNT_SECONDS):
            account = await provider.account()
    except (ProviderError, TimeoutError) as error:
        words = str(error) or "no answer"
        return Finding(
            False, f"{name}: its account cannot be read ({words}); look at its key and the network"
        )
    return Finding(True, f"{name}: {account.remaining} {account.unit} left") if account is not None else None


@contextlib.asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[tuple[Database | None, Finding]]:
    async with contextlib.AsyncExitStack() as stack:
        try:
            database, what = await _open(settings, stack)
            await database.prove_write()
        except StarloomError as error:
            yield None, Finding(False, str(error))
            return
        yield database, Finding(True, f"{what} takes writes")


async def _open(settings: Settings, stack: contextlib.AsyncExitStack) -> tuple[Database, str]:
    uri = settings.database_uri
    if uri is None:
        server = EmbeddedServer(settings.data_dir / "database")
        address, what = await server.start(), "the embedded engine"
        stack.push_async_callback(server.stop)
    else:
        address, what = uri.get_secret_value(), "MONGODB_URI"
    database = await Database.connect(
        address, f"starloom_{settings.bot_id or 0}", embedded=uri is None, clock=SystemClock()
    )
    stack.push_async_callback(database.close)
    return database, what


async def _telegram(options: Options, settings: Settings, database: Database) -> str:
    if settings.mode(sandbox=options.sandbox) is Mode.SANDBOX or settings.bot_token is None:
        return "the local one comes with `python run.py`; nothing to log in to before that"
    clock, metrics = SystemClock(), Metrics()
    client = build_client(
        settings,
        SessionStore(database, _SESSION),
        clock,
        metrics,
        reads_updates=False,
        directory=settings.data_dir,
        timing=ClientTiming(connect=_CONNECT_SECONDS, attempts=1),
        proxies=build_proxies(settings, clock, metrics),
    )
    try:
        await client.start()
        return f"logged in as @{client.me.username}"
    finally:
        await client.stop()
