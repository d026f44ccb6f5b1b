"""What a plugin is: a class with metadata, declared handlers and hook implementations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

import pluggy
from pydantic import BaseModel, ConfigDict

from core.admin.roles import AdminRole
from core.errors import PluginError

if TYPE_CHECKING:
    import structlog

    from core.admin.panel import Panel
    from core.admin.support import SupportLine
    from core.billing.amounts import Amounts
    from core.billing.assembly import Billing
    from core.billing.ledger import Balance, Entry
    from core.charts.easel import Easel
    from core.clock import Clock
    from core.events import CallbackEvent, Event, MessageEvent, PreCheckoutEvent
    from core.generation.accounts import AccountReading
    from core.generation.model import Model
    from core.generation.options import MediaInput
    from core.generation.service import Generations
    from core.generation.sync_changes import ModelChanges
    from core.http.provider_http import ProviderHttp
    from core.i18n import Html, Translator
    from core.media.desk import Taken
    from core.media.given import GivenFile
    from core.notifications.notification import NotificationType, Severity
    from core.operations import Operations
    from core.plugin_powers import OpenCollection, PluginSchedule, WebReply, WebRequest
    from core.preferences import Preferences
    from core.privacy import Privacy
    from core.statistics.statistics import Statistics
    from core.telegram.types import IncomingMedia, Keyboard, MessageRef

API_VERSION = "1.0"
"""The version of what `starloom.api` shows; a plugin's `api` range is checked against it."""

Spawn = Callable[[Coroutine[Any, Any, None]], None]
"""Runs a coroutine as a task that belongs to somebody."""

hookimpl = pluggy.HookimplMarker("starloom")
hookspec = pluggy.HookspecMarker("starloom")


class PluginConfig(BaseModel):
    """The settings of a plugin; an unknown key is an error that names it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ConfigT = TypeVar("ConfigT", bound=PluginConfig)
HandlerT = TypeVar("HandlerT", bound=Callable[..., Awaitable[Any]])

_DECLARED = "_starloom_declarations"


@dataclass(frozen=True, slots=True)
class Command:
    """A declared command. `description` is a message key; an empty one keeps it out of the menu.

    A `private` one is not answered in groups: whoever sends it there is shown the way to the private chat.
    Whoever lacks the `role` is told that there is no such command.
    """

    name: str
    description: str = ""
    private: bool = False
    role: AdminRole | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a decorator noted on a handler.

    `kind` is command, callback, step, text, inline, edit, start, pre_checkout, payment or web; `name` the
    command's name, the action, the step, the beginning of the link's parameter or of the payload, or the
    method and the path.
    """

    kind: str
    name: str = ""
    command: Command | None = None
    instead: bool = False
    role: AdminRole | None = None


def command(
    name: str,
    *,
    description: str = "",
    admin: bool = False,
    private: bool = False,
    role: AdminRole | None = None,
) -> Callable[[HandlerT], HandlerT]:
    """Declare `async def handler(self, event: MessageEvent)` as the answer to `/name`.

    With `private` it is answered in the private chat only; in a group there is a button that leads there.
    With a `role` (`admin` is short for that of an admin) nobody without it learns that the command exists,
    and each use of it is in the audit log.
    """
    needed = AdminRole.ADMIN if admin and role is None else role
    return _declare(Declaration("command", name, Command(name, description, private, needed), role=needed))


def callback(action: str, *, role: AdminRole | None = None) -> Callable[[HandlerT], HandlerT]:
    """Declare `async def handler(self, event: CallbackEvent)` for buttons with this `action`.

    With a `role`, a press by anybody without it is answered as one of a button that is no more, and each
    other press is in the audit log.
    """
    return _declare(Declaration("callback", action, role=role))


def step(name: str, *, role: AdminRole | None = None) -> Callable[[HandlerT], HandlerT]:
    """Declare `async def handler(self, event: MessageEvent)` for messages in this step of a dialogue.

    With a `role`, whoever has lost it meanwhile is out of the dialogue.
    """
    return _declare(Declaration("step", name, role=role))


def on_text(handler: HandlerT) -> HandlerT:
    """Declare a handler of private messages that are neither commands nor part of a dialogue."""
    return _declare(Declaration("text"))(handler)


def on_inline(handler: HandlerT) -> HandlerT:
    """Declare `async def handler(self, event: InlineEvent)` for what people type behind the bot's name.

    One plugin may have it. The operator has to turn inline mode on in BotFather.
    """
    return _declare(Declaration("inline"))(handler)


def on_edit(handler: HandlerT) -> HandlerT:
    """Declare a handler of private messages that a person changed while in a dialogue with this plugin.

    It is for all steps, and for all messages: `event.message.id` tells which one was changed. Where nobody
    declares one, and outside of dialogues, changed messages are passed over.
    """
    return _declare(Declaration("edit"))(handler)


def on_start(prefix: str, *, instead: bool = False) -> Callable[[HandlerT], HandlerT]:
    """Declare `async def handler(self, event: MessageEvent)` for links whose `/start` parameter begins so.

    `event.argument` is the whole parameter. The command `/start` answers afterwards, as without one. With
    `instead` the handler's own answer is all there is, but that newcomers are welcomed before it.
    """
    return _declare(Declaration("start", prefix, instead=instead))


def on_pre_checkout(prefix: str) -> Callable[[HandlerT], HandlerT]:
    """Declare `async def handler(self, event: PreCheckoutEvent)` for invoices whose payload begins so."""
    return _declare(Declaration("pre_checkout", prefix))


def on_payment(prefix: str) -> Callable[[HandlerT], HandlerT]:
    """Declare `async def handler(self, event: MessageEvent)` for payments whose payload begins so."""
    return _declare(Declaration("payment", prefix))


def web_route(method: str, path: str) -> Callable[[HandlerT], HandlerT]:
    """Declare `async def handler(self, request: WebRequest) -> WebReply` for `/plugins/NAME/<path>`.

    It is open to the whole internet: check what comes before believing it. It has the time of a handler.
    """
    return _declare(Declaration("web", f"{method.upper()} {path.strip('/')}"))


def _declare(declaration: Declaration) -> Callable[[HandlerT], HandlerT]:
    def note(handler: HandlerT) -> HandlerT:
        declared = vars(handler).get(_DECLARED, ())
        vars(handler)[_DECLARED] = (*declared, declaration)
        return handler

    return note


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
        """Store `value` under `key`."""
        ...


class PluginNotes(Protocol):
    """What a plugin remembers of a person for a day: longer than a dialogue, shorter than a setting.

    Notes are gone 24 hours after they were kept, and at once when the person has their data erased.
    """

    async def keep(self, user_id: int, key: str, value: Any) -> None:
        """Remember `value`, JSON-like, in the place of what was kept under `key` before."""
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
        before.

        Raises:
            ValueError: there is no such type.
            DatabaseAway: it is not certain that it is kept; queue it again, with the same `key`.

        """
        ...


class People(Protocol):
    """People's records, as plugins may use them."""

    async def set_language(self, user_id: int, language: str) -> None:
        """Store the language that a person chose."""
        ...

    async def set_setting(self, user_id: int, key: str, value: Any) -> None:
        """Store a setting of a person's; it comes back as `user.settings[key]`. None forgets it."""
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


class Catalogue(Protocol):
    """What is enabled right now."""

    def commands(self, *, role: AdminRole | None = None) -> tuple[EnabledCommand, ...]:
        """The commands with a description that somebody with this role may use."""
        ...

    def languages(self) -> Mapping[str, str]:
        """Language codes with the languages' own names."""
        ...

    def link(self, parameter: str = "") -> str:
        """The address of the private chat with the bot; `parameter` is handed to `/start` there."""
        ...

    def translator(self, language: str | None, time_zone: timedelta = timedelta(0)) -> Translator:
        """A translator into `language`, or into the fallback language, for a clock so far ahead of UTC."""
        ...


class ProviderAccounts(Protocol):
    """What remains of the operator's credit at the providers."""

    def readings(self) -> tuple[AccountReading, ...]:
        """The last reading of each provider that tells; they are read every few minutes."""
        ...


@dataclass(slots=True)
class PluginContext(Generic[ConfigT]):
    """Everything a plugin may use of the application; the only thing it is given."""

    name: str
    config: ConfigT
    outbox: PluginOutbox
    people: People
    ledger: PluginLedger
    generations: Generations
    amounts: Amounts
    """Amounts of Stars in words, in credits and in money."""
    accounts: ProviderAccounts
    """What remains of the operator's credit at the providers."""
    media: PluginMedia
    statistics: Statistics
    """What happened, added up by day."""
    charts: Easel
    """Draws charts as pictures."""
    store: PluginStore
    notes: PluginNotes
    """What it remembers of a person for a day."""
    collection: OpenCollection
    """Opens a collection of rows of its own, by name: `collection("members", indexes=("day",), days=30)`."""
    schedule: PluginSchedule
    """Work by the clock."""
    catalogue: Catalogue
    admins: Admins
    notifications: PluginNotifications
    support: SupportLine
    """The way from people to the team."""
    clock: Clock
    log: structlog.stdlib.BoundLogger
    spawn: Spawn = field(repr=False)
    """Run a task of the plugin's own; it is cancelled when the plugin goes."""
    granted_billing: Billing | None = field(default=None, repr=False)
    granted_model_changes: ModelChanges | None = field(default=None, repr=False)
    granted_privacy: Privacy | None = field(default=None, repr=False)
    granted_panel: Panel | None = field(default=None, repr=False)
    granted_operations: Operations | None = field(default=None, repr=False)

    @property
    def billing(self) -> Billing:
        """Orders, payments, refunds and all that moves people's Stars.

        Raises:
            PluginError: `plugins.toml` does not grant it: `grants = ["billing"]` in the plugin's table.

        """
        if self.granted_billing is None:
            raise PluginError(f'plugin {self.name} needs grants = ["billing"] in its table of plugins.toml')
        return self.granted_billing

    @property
    def model_changes(self) -> ModelChanges:
        """What waits for a word about models' prices.

        Raises:
            PluginError: `plugins.toml` does not grant it: `grants = ["billing"]` in the plugin's table.

        """
        if self.granted_model_changes is None:
            raise PluginError(f'plugin {self.name} needs grants = ["billing"] in its table of plugins.toml')
        return self.granted_model_changes

    @property
    def privacy(self) -> Privacy:
        """All that is held about people: told to them, and erased.

        Raises:
            PluginError: `plugins.toml` does not grant it: `grants = ["privacy"]` in the plugin's table.

        """
        if self.granted_privacy is None:
            raise PluginError(f'plugin {self.name} needs grants = ["privacy"] in its table of plugins.toml')
        return self.granted_privacy

    @property
    def panel(self) -> Panel:
        """What runs, and the ways to change it for everybody: for those who operate the bot.

        Raises:
            PluginError: `plugins.toml` does not grant it: `grants = ["panel"]` in the plugin's table.

        """
        if self.granted_panel is None:
            raise PluginError(f'plugin {self.name} needs grants = ["panel"] in its table of plugins.toml')
        return self.granted_panel

    @property
    def operations(self) -> Operations:
        """What is told to operators, and what they decide about the bot as a whole.

        Raises:
            PluginError: `plugins.toml` does not grant it: `grants = ["operations"]` in the plugin's table.

        """
        if self.granted_operations is None:
            raise PluginError(
                f'plugin {self.name} needs grants = ["operations"] in its table of plugins.toml'
            )
        return self.granted_operations


@dataclass(slots=True)
class ProviderContext(Generic[ConfigT]):
    """Everything a provider is given. A provider never sees people, money or Telegram."""

    name: str
    config: ConfigT
    clock: Clock
    log: structlog.stdlib.BoundLogger
    secret: Callable[[str], str | None] = field(repr=False)
    """The value of an environment name that holds a provider's key, such as `KIE_API_KEY`, or None.

    Names of others' making begin with `PROVIDER_`; no other name is shown to a provider.
    """
    http: ProviderHttp = field(repr=False)
    """HTTP with timeouts, retries, rate limits and breakers; no other way out is needed."""
    directory: Path
    """A folder for files of the provider's own; the provider makes it when it needs it."""
    sandbox: bool = False
    """Whether this is the local Telegram: no real money, no real people."""
    stood_in: bool = False
    """Whether another provider takes its jobs, as with `KIE_STUB`: its models need no key then."""


class Plugin(Generic[ConfigT]):
    """The base of every plugin.

    Class attributes are the metadata: `name` (equal to its table in `plugins.toml`), `version`, `api`
    (the range of API versions it works with, as in `>=1,<2`), `requires` (names of plugins it needs),
    `libraries` (what it imports beside Starloom, as in `pillow>=11`; an installed distribution says that in
    its own metadata), and `Config`, a pydantic model of its settings. Write them as plain values: they are
    read before any of the code runs. Texts stand in `locales/<language>.ftl` beside the module.
    """

    name: ClassVar[str] = ""
    version: ClassVar[str] = "0"
    api: ClassVar[str] = ">=1,<2"
    requires: ClassVar[tuple[str, ...]] = ()
    libraries: ClassVar[tuple[str, ...]] = ()
    Config: ClassVar[type[PluginConfig]] = PluginConfig

    def __init__(self, context: PluginContext[ConfigT]) -> None:
        self.context = context

    @property
    def config(self) -> ConfigT:
        """The plugin's checked settings."""
        return self.context.config

    async def start(self) -> None:
        """Called once the plugin is enabled, before its first handler or hook."""

    async def stop(self) -> None:
        """Called when the plugin is disabled or the application stops."""


Handler = Callable[..., Awaitable[None]]


def declarations(plugin: Plugin[Any]) -> tuple[tuple[Declaration, Handler], ...]:
    """All handlers that a plugin declares, bound to it, in the order in which they stand in its class."""
    found: list[tuple[Declaration, Handler]] = []
    names = dict.fromkeys(name for each in reversed(type(plugin).__mro__) for name in vars(each))
    for name in names:
        declared = getattr(getattr(type(plugin), name, None), _DECLARED, ())
        found.extend((declaration, getattr(plugin, name)) for declaration in declared)
    return tuple(found)


if TYPE_CHECKING:
    MessageHandler = Callable[[MessageEvent], Awaitable[None]]
    CallbackHandler = Callable[[CallbackEvent], Awaitable[None]]
    PreCheckoutHandler = Callable[[PreCheckoutEvent], Awaitable[None]]
    WebHandler = Callable[[WebRequest], Awaitable[WebReply]]
