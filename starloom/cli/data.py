"""The database of a bot, for commands that work beside a running one."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator

from core.clock import SystemClock
from core.config import Mode, Settings
from core.errors import ConfigurationError
from core.storage.database import Database
from core.storage.embedded import EmbeddedServer
from starloom.cli.options import Options


@contextlib.asynccontextmanager
async def open_database(options: Options) -> AsyncIterator[Database]:
    """The bot's database: the one that is set, or the embedded one, joined where it runs already.

    Raises:
        ConfigurationError: something is set wrong, or there is no bot yet.
        DatabaseAway: it does not answer.

    """
    settings = options.settings()
    local = settings.mode(sandbox=options.sandbox) is Mode.SANDBOX
    bot_id = _local_bot(settings) if local else settings.bot_id
    uri = settings.database_uri
    async with contextlib.AsyncExitStack() as stack:
        if uri is None:
            server = EmbeddedServer(settings.data_dir / "database")
            address = await server.start()
            stack.push_async_callback(server.stop)
        else:
            address = uri.get_secret_value()
        database = await Database.connect(
            address, f"starloom_{bot_id}", embedded=uri is None, clock=SystemClock()
        )
        stack.push_async_callback(database.close)
        yield database


def _local_bot(settings: Settings) -> int:
    """The id of the bot on the local Telegram, as it was written down when that was started."""
    try:
        written = (settings.data_dir / "sandbox" / "address.json").read_text(encoding="utf-8")
        return int(json.loads(written)["bot_id"])
    except (OSError, ValueError, KeyError):
        raise ConfigurationError(
            "There is no bot yet: set BOT_TOKEN, or start the local Telegram with `python run.py`."
        ) from None
