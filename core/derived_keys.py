"""Keys that are made of the bot's token, and so need no storing."""

from __future__ import annotations

import hashlib
import hmac

from core.config import Settings
from core.errors import ConfigurationError


def people_key(settings: Settings) -> bytes:
    """What people who were erased are remembered with: made of the bot's token, so it lies in no database."""
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    return hmac.new(token.encode(), b"starloom people who were here", hashlib.sha256).digest()


def callback_secrets(settings: Settings) -> tuple[bytes, ...]:
    """What buttons, invoices and addresses are signed with, and behind it what is still accepted.

    The operator's secret signs, or one made of the token where there is none. The latter needs no storing, is
    the same for all instances, and stays accepted, so that what was signed before an operator set a secret
    goes on working; so do the secrets that the operator names as those from before.

    Raises:
        ConfigurationError: there is no token.

    """
    if settings.bot_token is None:
        raise ConfigurationError("BOT_TOKEN: must be given to run a bot")
    token = settings.bot_token.get_secret_value().encode()
    derived = hmac.new(token, b"starloom callback data", hashlib.sha256).digest()
    own = [settings.callback_secret] if settings.callback_secret else []
    given = [secret.get_secret_value().encode() for secret in (*own, *settings.callback_secrets_before)]
    return (*given, derived) if own else (derived, *given)
