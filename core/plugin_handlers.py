"""How a plugin declares what it answers: decorators that note on a handler what it is for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from core.admin.roles import AdminRole

if TYPE_CHECKING:
    from core.events import CallbackEvent, MessageEvent, PreCheckoutEvent
    from core.plugin_powers import WebReply, WebRequest

HandlerT = TypeVar("HandlerT", bound=Callable[..., Awaitable[Any]])

_DECLARED = "_starloom_declarations"


@dataclass(frozen=True, slots=True)
class Command:
    """A declared command. `description` is a message key; an empty one keeps it out of the menu.

    A `private` one is not answered in groups: whoever sends it there is shown the way to the private chat.
    Whoever lacks the `role` is told that there is no such command. An `unsigned` one is answered to what is
    written in the name of a channel or group, too.
    """

    name: str
    description: str = ""
    private: bool = False
    role: AdminRole | None = None
    unsigned: bool = False


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
    unsigned: bool = False,
) -> Callable[[HandlerT], HandlerT]:
    """Declare `async def handler(self, event: MessageEvent)` as the answer to `/name`.

    With `private` it is answered in the private chat only; in a group there is a button that leads there.
    With a `role` (`admin` is short for that of an admin) nobody without it learns that the command exists,
    and each use of it is in the audit log. With `unsigned` it is answered in channels, too, and to admins of
    a group who hide their names, where one of the admins there has the role: `event.message.sender` is None
    then, and `event.user` that admin, who need not be the one who wrote.
    """
    needed = AdminRole.ADMIN if admin and role is None else role
    declared = Command(name, description, private, needed, unsigned)
    return _declare(Declaration("command", name, declared, role=needed))


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

    What several plugins answer is shown as one list. The operator has to turn inline mode on in BotFather.
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


Handler = Callable[..., Awaitable[None]]


def declarations(plugin: object) -> tuple[tuple[Declaration, Handler], ...]:
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
