"""`run`: the bot on Telegram, or the local Telegram with the bot on it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator

import structlog

from core import heap
from core.app import Application
from core.config import Mode, Settings
from core.errors import ConfigurationError, StarloomError
from core.i18n import core_locales
from core.observability.logging import configure_logging
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, complain, say

RESTART = 75
"""How a run ends that an operator wants to begin anew."""

_log = structlog.stdlib.get_logger(__name__)


def run(options: Options) -> int:
    """Run until told to stop; the exit status."""
    try:
        settings = options.settings()
        mode = settings.mode(sandbox=options.sandbox)
        settings.prepare_data_dir()
        configure_logging(level=settings.log_level, file=settings.log_file, secrets=settings.secrets())
        for notice in settings.notices:
            _log.warning(notice)
        if mode is Mode.SANDBOX:
            return asyncio.run(_run_local(options, settings))
        status = asyncio.run(_run_bot(options, settings))
        if status == RESTART:
            _begin_anew()
        return status
    except ConfigurationError as error:
        complain(str(error))
    except StarloomError as error:
        complain(f"Starloom cannot start: {error}")
    return FAILED


def _begin_anew() -> None:
    """Put a new process into the place of this one: same number, same arguments, code read anew."""
    logging.shutdown()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


async def _run_bot(options: Options, settings: Settings) -> int:
    application = Application(settings, options.plugins(), locales=core_locales(), role=options.role)
    async with _told_to_stop(options) as stop:
        starting = asyncio.create_task(application.start())
        stopping = asyncio.create_task(stop.wait())
        restarting = asyncio.create_task(application.restart_wanted.wait())
        settling = asyncio.create_task(_settle(application))
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        try:
            if starting.done():
                starting.result()
                await asyncio.wait({stopping, restarting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            tasks = (starting, stopping, restarting, settling)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await application.stop()
    return RESTART if application.restart_wanted.is_set() and not stop.is_set() else 0


async def _settle(application: Application) -> None:
    """Once everything is loaded, plugins too, leave it out of the searches for garbage."""
    await application.on_duty()
    _log.info("heap_settled", objects=heap.settle())


async def _run_local(options: Options, settings: Settings) -> int:
    # The sandbox is for development: a bot on the real Telegram never loads it.
    from starloom.cli.books import BotBooks
    from starloom.cli.browsing import open_page
    from starloom.cli.data import open_database
    from starloom.cli.local import BotProcess, LocalTelegram, bot_environment, unless_set

    books = BotBooks(lambda: open_database(options))
    if options.fresh:
        # The new world's bot gets another database; that of the old one would lie there for ever.
        with contextlib.suppress(ConfigurationError):
            async with open_database(options) as database:
                await database.erase()
    async with _told_to_stop(options) as stop:
        local = await LocalTelegram.start(
            settings.data_dir, port=options.sandbox_port, fresh=options.fresh, books=books
        )
        try:
            bot = await BotProcess.start(
                bot_environment(local, {**os.environ, **unless_set(settings)}),
                plugins_file=options.plugins_path(),
                env_file=options.env_file,
                role=options.role,
            )
            ended = asyncio.create_task(bot.wait())
            stopping = asyncio.create_task(stop.wait())
            ready = asyncio.create_task(local.ready.wait())
            await asyncio.wait({ended, stopping, ready}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                say(f"Starloom runs. Chat with it in your browser: {local.http.url}  (Ctrl-C ends it)")
                await books.open()
                if options.browser:
                    open_page(local.http.url)
                await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for waiting in (stopping, ready):
                waiting.cancel()
            await books.close()
            status = await bot.stop()
        finally:
            await books.close()
            await local.stop()
    return status


@contextlib.asynccontextmanager
async def _told_to_stop(options: Options) -> AsyncIterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set, and the end of standard input where that is asked for."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    watching = asyncio.create_task(_end_of_input(stop)) if options.end_with_input else None
    try:
        yield stop
    finally:
        if watching is not None:
            watching.cancel()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)


async def _end_of_input(stop: asyncio.Event) -> None:
    """Set `stop` when whoever started this process is gone: the pipe to it is closed then."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        await reader.read()
        stop.set()
    finally:
        transport.close()
