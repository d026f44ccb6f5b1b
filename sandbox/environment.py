"""The environment that points a bot's process at a sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterable

from core.telegram.endpoint import Endpoint
from sandbox.people.handles import Bot
from sandbox.people.person import Person

WELCOME_RUB = "200"
"""What newcomers get where the operator has set nothing, in roubles: enough for some generations."""


def environment_for(endpoint: Endpoint, bot: Bot, admins: Iterable[Person]) -> dict[str, str]:
    """The names a bot must be given to run as `bot` on the sandbox, operated by `admins`."""
    server = {
        "host": endpoint.host,
        "port": endpoint.port,
        "modulus": hex(endpoint.modulus),
        "exponent": endpoint.exponent,
    }
    return {
        "BOT_TOKEN": bot.token,
        "API_ID": "1",
        "API_HASH": "sandbox",
        "TELEGRAM_ENDPOINT": json.dumps(server),
        "ADMIN_IDS": ",".join(str(admin.id) for admin in admins),
    }
