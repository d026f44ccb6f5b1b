"""One tree of exceptions.

StarloomError
├── ConfigurationError     a setting is wrong; the sentence names the key and what is allowed
├── UserFacingError        something a person should read, as a message key with variables
│   └── InsufficientStars  the balance does not cover an amount
├── LedgerError            a rule of the ledger was broken
│   ├── AccountBusy        others changed an account again and again
│   ├── KeyConflict        one idempotency key, two different entries
│   └── UnknownHold        settling or releasing what is not held
├── DatabaseAway           the database does not answer, or does not take a write
├── LeaseLost              a write came with an old epoch
├── ProviderError          an AI provider refused or failed
├── PluginError            a plugin cannot be loaded, switched or called
└── TelegramError          Telegram refused; its subclasses say how
    ├── PersonUnreachable  the person blocked the bot or is gone
    ├── MessageGone        the message to edit or delete is not there
    └── FloodWaited        a wait longer than the caller allows
"""

from __future__ import annotations


class StarloomError(Exception):
    """The root of everything that Starloom raises on purpose."""


class ConfigurationError(StarloomError):
    """A setting is wrong. The message is a sentence for the operator that names the key."""


class UserFacingError(StarloomError):
    """Something that a person should read, in words from a locale bundle.

    `key` is a message key and `variables` what the message needs.
    """

    def __init__(self, key: str, **variables: object) -> None:
        super().__init__(key)
        self.key = key
        self.variables = variables


class InsufficientStars(UserFacingError):
    """The balance does not cover an amount. `needed` and `available` are Stars."""

    def __init__(self, *, needed: int, available: int) -> None:
        super().__init__("balance-short", needed=needed, available=available, missing=needed - available)
        self.needed = needed
        self.available = available


class LedgerError(StarloomError):
    """A rule of the ledger was broken."""


class KeyConflict(LedgerError):
    """An idempotency key came again with another content."""


class UnknownHold(LedgerError):
    """There is no such hold: it never was, or it has ended another way."""


class AccountBusy(LedgerError):
    """Others changed the account again and again; nothing was changed here, and it may be tried again."""


class DatabaseAway(StarloomError):
    """The database does not answer just now. A write that raised this may or may not have happened."""


class LeaseLost(StarloomError):
    """Somebody else holds the lease now; the write with the old epoch was refused."""


class ProviderError(StarloomError):
    """An AI provider refused or failed; `core.generation.provider` says how."""


class PluginError(StarloomError):
    """A plugin cannot be loaded, switched or called. The message is a sentence for the operator."""


class TelegramError(StarloomError):
    """Telegram refused. `code` and `name` are those of its `rpc_error`."""

    def __init__(self, code: int, name: str) -> None:
        super().__init__(f"{code} {name}")
        self.code = code
        self.name = name


class PersonUnreachable(TelegramError):
    """The person blocked the bot, deleted the account, or never started the bot."""


class MessageGone(TelegramError):
    """The message to edit, delete or answer is not there any more."""


class FileReferenceExpired(TelegramError):
    """A stored file cannot be sent by this reference any more; a fresh one is in a message that shows it.

    `index` is the file's place in an album, None where Telegram does not say which it is.
    """

    def __init__(self, code: int, name: str, index: int | None = None) -> None:
        super().__init__(code, name)
        self.index = index


class FloodWaited(TelegramError):
    """Telegram asked for a wait longer than the caller allows. `seconds` is the wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(420, f"FLOOD_WAIT_{seconds}")
        self.seconds = seconds
