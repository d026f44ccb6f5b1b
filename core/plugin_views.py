"""What plugins see of the application: one narrow protocol for each part of their context."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from core.admin.roles import AdminRole

if TYPE_CHECKING:
    from core.billing.ledger import Balance, Entry
    from core.events import Event
    from core.generation.accounts import AccountReading
    from core.generation.model import Model
    from core.generation.options import MediaInput
    from core.i18n import Html, Translator
    from core.media.desk import Taken
    from core.media.given import GivenFile
    from core.notifications.notification import NotificationType, Severity
    from core.preferences import Preferences
    from core.telegram.types import IncomingMedia, Keyboard, MessageRef
    from core.users import User


class PluginOutbox(Protocol):
    """How a plugin speaks to people outside a handler.

    All of it goes through the send limits. Texts are HTML as the translator gives them.
    """

    async def send(
        self, chat_id: int, text: str, *, key: str, keyboard: Keyboard | None = None, durable: bool = False
    ) -> MessageRef:
        """Send a message. Sending again under the same `key` makes no second message.

        `durable` keeps that promise over a restart and costs a round trip to the database.

        Raises:
            PersonUnreachable: the person blocked the bot or is gone.

        """
        ...

    async def send_photo(
        self, chat_id: int, data: bytes, *, caption: str = "", key: str, keyboard: Keyboard | None = None
    ) -> MessageRef:
        """Send a picture (PNG or JPEG, at most 10 MiB), once for each `key`, over restarts too.

        A caption has at most 1024 characters.

        Raises:
            PersonUnreachable: the person blocked the bot or is gone.
            TelegramError: Telegram refuses the picture or its caption.

        """
        ...

    async def send_document(
        self,
        chat_id: int,
        data: bytes,
        *,
        file_name: str,
        mime_type: str,
        caption: str = "",
        key: str,
        keyboard: Keyboard | None = None,
    ) -> MessageRef:
        """Send a file to be opened in another program, once for each `key`, over restarts too.

        Raises:
            PersonUnreachable: the person blocked the bot or is gone.
            TelegramError: Telegram refuses the file (an empty one, say) or its caption.

        """
        ...

    async def edit(self, message: MessageRef, text: str, *, keyboard: Keyboard | None = None) -> None:
        """Change a message of the bot's; an equal text is no error."""
        ...

    async def progress(self, message: MessageRef, text: str, *, keyboard: Keyboard | None = None) -> None:
        """Edit soon: of several edits of one message only the newest is made, at most one in 3 seconds."""
        ...

    async def delete(self, message: MessageRef) -> None:
        """Delete a message of the bot's; one that is gone is no error."""
        ...


class PluginStore(Protocol):
    """A plugin's own settings, kept in the database under its name. Values are JSON-like."""

    async def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default`."""
        ...

    async def set(self, key: str, value: Any) -> None:
        """Store `value` under `key`.

        Raises:
            PluginError: all values together would be too large; rows belong into a collection.

        """
        ...

    async def update(self, key: str, change: Callable[[Any], Any], default: Any = None) -> Any:
        """Store what `change` makes of the value of `key` (or `default`), and answer it.

        No change is lost, whoever else makes one at the same time, in another instance too: `change` is
        called again with what is there then, so it only computes.

        Raises:
            PluginError: all values together would be too large; rows belong into a collection.

        """
        ...


class PluginNotes(Protocol):
    """What a plugin remembers of a person for a day: longer than a dialogue, shorter than a setting.

    Notes are gone 24 hours after they were kept, and at once when the person has their data erased.
    """

    async def keep(self, user_id: int, key: str, value: Any) -> None:
        """Remember `value`, JSON-like, in the place of what was kept under `key` before.

        Raises:
            PluginError: it is too large.

        """
        ...

    async def read(self, user_id: int, key: str) -> Any:
        """What was kept of this person under `key`, or None."""
        ...


class PluginMedia(Protocol):
    """Files that people give to models."""

    def takes(self, media: IncomingMedia, given: MediaInput) -> bool:
        """Whether a file may be of the kind that a model's input takes, as far as Telegram says."""
        ...

    async def in_message(self, message: MessageRef) -> IncomingMedia | None:
        """The file in a message, a result of the bot's own, say, as if a person had sent it just now.

        None where there is none, or none any more.
        """
        ...

    async def take(self, media: IncomingMedia, model: Model, field: str) -> Taken:
        """Fetch a file that a person sent, check it, make of it what the model takes, and keep it.

        What is taken belongs to the dialogue that has its `file.kept()` among `data["files"]`: it is deleted
        when the dialogue ends or goes on without it, and after some days in any case.

        Raises:
            UserFacingError: it cannot be taken, in words with numbers.

        """
        ...

    async def discard(self, files: Iterable[GivenFile]) -> None:
        """Forget files that were taken and stand in no dialogue."""
        ...


class PluginNotifications(Protocol):
    """How a plugin tells the people who operate the bot that something happened."""

    async def queue_notification(
        self,
        notification_type: NotificationType | str,
        title: str = "",
        message: str = "",
        details: Mapping[str, Any] | None = None,
        chat_ids: Iterable[int] = (),
        *,
        key: str = "",
        severity: Severity | None = None,
    ) -> bool:
        """Queue a notification; it is kept over restarts, and equal ones are told as one with a count.

        `title` and `message` are plain text, shown as they are; without a title the type's own name is shown
        in the reader's language, and so are the names of well-known details (`model`, `seconds`, `usd` …).
        Without `chat_ids` it goes where the operator sends its type. False when the same `key` was queued
        before. A type is one of the core's, or a name that the plugin has in its `notification_types`.

        Raises:
            PluginError: there is no such type.
            DatabaseAway: it is not certain that it is kept; queue it again, with the same `key`.

        """
        ...


class People(Protocol):
    """People's records, as plugins may use them."""

    async def set_language(self, user_id: int, language: str) -> None:
        """Store the language that a person chose."""
        ...

    async def set_setting(self, user_id: int, key: str, value: Any) -> None:
        """Store a setting of a person's; it comes back as `user.settings[key]`. None forgets it.

        A plugin's own settings begin with its name: `joke.told`. Of one person it may have as many bytes as
        one row (`limits.plugins.row_bytes`).

        Raises:
            PluginError: they are larger, or the setting is not its own and it has no grant.

        """
        ...

    async def set_settings(self, user_id: int, changes: Mapping[str, Any]) -> None:
        """Store several settings in one write; None forgets one."""
        ...

    async def preferences(self, user_id: int) -> Preferences:
        """What a person prefers as it is now, for what is written to them outside their own events."""
        ...

    async def balance(self, user_id: int) -> Balance:
        """What a person has, in Stars."""
        ...


class PluginLedger(Protocol):
    """The ledger, as plugins may use it: to look, and to move the Stars of the person who is acting.

    A `key` is the plugin's own and names one hold of one person; repeating a call changes nothing more.
    """

    async def balance(self, user_id: int) -> Balance:
        """A person's Stars."""
        ...

    async def statement(self, user_id: int, limit: int = 20) -> list[Entry]:
        """A person's last entries, newest first."""
        ...

    async def hold(self, event: Event, amount: int, *, key: str, reason: str) -> bool:
        """Set Stars of the person behind `event` aside; False when this was done before.

        Raises:
            InsufficientStars: the balance does not cover it.

        """
        ...

    async def settle(self, event: Event, *, key: str, reason: str) -> int:
        """Earn what is held; how many Stars.

        Raises:
            LedgerError: there is no such hold, or it was released.

        """
        ...

    async def release(self, event: Event, *, key: str, reason: str) -> int:
        """Give back what is held; how many Stars.

        Raises:
            LedgerError: there is no such hold, or it was settled.

        """
        ...


class Admins(Protocol):
    """The people who operate the bot."""

    async def tell(self, key: str, *, about: str, keyboard: Keyboard | None = None, **variables: Any) -> None:
        """Send the text of a bundle's `key` to every admin in their language, once for each `about`.

        An admin who cannot be reached is passed over.
        """
        ...

    async def show(self, draw: Callable[[Translator], tuple[Html, Keyboard]], *, about: str) -> None:
        """Send every admin the text and the keyboard that `draw` makes, once for each `about`."""
        ...

    async def forward(self, message: MessageRef, *, about: str, to: int | None = None) -> None:
        """Forward a person's message to every admin, or `to` one of them alone, once for each `about`."""
        ...


@dataclass(frozen=True, slots=True)
class EnabledCommand:
    """A command as `/help` and the menu show it. `description` is a message key."""

    plugin: str
    name: str
    description: str
    private: bool = False
    role: AdminRole | None = None
    """The role that it needs; None where it is for everybody."""


class MenuPlace(StrEnum):
    """Where plugins may put buttons of their own."""

    START = "start"
    """Below the welcome of `/start`, above its last row."""
    SETTINGS = "settings"
    """On the screen of `/settings`, below its own buttons."""


class Catalogue(Protocol):
    """What is enabled right now."""

    async def menu(self, place: MenuPlace, user: User) -> Keyboard:
        """The rows of buttons that plugins have for this person in a place: `menu_entries` of all of them."""
        ...

    def commands(self, *, role: AdminRole | None = None) -> tuple[EnabledCommand, ...]:
        """The commands with a description that somebody with this role may use."""
        ...

    def languages(self) -> Mapping[str, str]:
        """Language codes with the languages' own names."""
        ...

    def link(self, parameter: str = "", *, command: str = "") -> str:
        """The address of the private chat with the bot; `parameter` is handed to `/start` there.

        With `command` it is as if this command of the private chat were given there: `link(command="buy")`.
        """
        ...

    def translator(self, language: str | None, time_zone: timedelta = timedelta(0)) -> Translator:
        """A translator into `language`, or into the fallback language, for a clock so far ahead of UTC."""
        ...


class ProviderAccounts(Protocol):
    """What remains of the operator's credit at the providers."""

    def readings(self) -> tuple[AccountReading, ...]:
        """The last reading of each provider that tells; they are read every few minutes."""
        ...
