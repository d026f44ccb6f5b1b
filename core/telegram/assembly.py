"""Puts together the two ends of Telegram: the client, and the way of an update to its handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from core.billing.assembly import Billing
from core.billing.order_gate import TERMS_ACCEPTED, OrderGate
from core.clock import Clock
from core.config import Settings
from core.errors import ConfigurationError
from core.limits import Limits
from core.maintenance import Maintenance
from core.observability.metrics import Metrics
from core.plugin_manager import PluginManager
from core.plugins.pace import Paces
from core.routes import Routes
from core.storage.sessions import SessionStore
from core.storage.stores import Stores
from core.telegram.answers import Discard
from core.telegram.checkout import CheckoutDesk
from core.telegram.client import ClientTiming, TelegramClient
from core.telegram.endpoint import Endpoint
from core.telegram.files import FileOutbox
from core.telegram.handling import Handling
from core.telegram.inline import InlineDesk
from core.telegram.keyboards import CallbackSigner
from core.telegram.middleware import Correlation, Gate, RateLimit, SameButton
from core.telegram.money import MoneyDesk, SalesCounter
from core.telegram.outbox import Outbox
from core.telegram.parse import Incoming, IncomingCallback, IncomingInline, IncomingMessage
from core.telegram.people import People
from core.telegram.proxies import Proxies, parsed
from core.telegram.replies import OwnMessages
from core.telegram.router import Router
from core.telegram.signatories import Signatories
from core.telegram.updates import Handle, PumpLimits, UpdatePump
from core.users import User

_KINDS = {IncomingMessage: "message", IncomingCallback: "callback", IncomingInline: "inline"}


def build_proxies(settings: Settings, clock: Clock, metrics: Metrics) -> Proxies | None:
    """The proxies to Telegram; None where the way is open."""
    addresses = [parsed(each.get_secret_value()) for each in settings.telegram_proxy]
    if not addresses:
        return None
    return Proxies(addresses, clock, endpoint=_endpoint(settings), show=metrics.show_proxy)


def _endpoint(settings: Settings) -> Endpoint | None:
    endpoint = settings.telegram_endpoint
    if endpoint is None:
        return None
    return Endpoint(endpoint.host, endpoint.port, endpoint.modulus, endpoint.exponent)


def build_client(
    settings: Settings,
    session: SessionStore,
    clock: Clock,
    metrics: Metrics,
    *,
    reads_updates: bool,
    directory: Path,
    timing: ClientTiming,
    proxies: Proxies | None,
) -> TelegramClient:
    """The client of the bot, not started.

    Raises:
        ConfigurationError: there is no token.

    """
    if settings.bot_token is None:
        raise ConfigurationError("BOT_TOKEN: must be given to run a bot")
    return TelegramClient(
        name="starloom",
        api_id=settings.api_id or 1,
        api_hash=settings.api_hash.get_secret_value() if settings.api_hash else "-",
        bot_token=settings.bot_token.get_secret_value(),
        endpoint=_endpoint(settings),
        session=session,
        clock=clock,
        no_updates=not reads_updates,
        workdir=directory,
        timing=timing,
        proxies=proxies,
        observe=lambda method, result: metrics.telegram_calls.labels(method, result).inc(),
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the way of an update needs of the rest of the house.

    `person_arrived`, `person_seen` and `person_returned` are told of people who come for the first time, who
    write or press in private, and who end a block of the bot. `discard` deletes files that people gave in a
    dialogue that is over.
    """

    settings: Settings
    stores: Stores
    client: TelegramClient
    outbox: Outbox
    files: FileOutbox
    signer: CallbackSigner
    routes: Routes
    plugins: PluginManager
    people: People
    counter: SalesCounter
    billing: Billing
    maintenance: Maintenance
    person_arrived: Callable[[User], Awaitable[None]]
    person_seen: Callable[[User], None]
    person_returned: Callable[[int], Awaitable[None]]
    discard: Discard
    metrics: Metrics
    clock: Clock


def build_pump(around: Surroundings, limits: Limits, pump: PumpLimits) -> UpdatePump:
    """The pump and all that it hands updates to."""
    handling = _handling(around, limits)
    answer_inline = InlineDesk(
        routes=around.routes,
        plugins=around.plugins,
        people=around.people,
        known=around.stores.users,
        answers=handling.answers,
        limits=limits.updates,
        maintenance=lambda: around.maintenance.on,
        clock=around.clock,
    )

    async def handle(incoming: Incoming) -> bool:
        if isinstance(incoming, IncomingInline):
            await answer_inline(incoming)
            return True
        return await handling(incoming)

    return UpdatePump(
        around.client,
        around.stores.inbox,
        handle=_measured(handle, around.metrics),
        check_out=_checkout(around, handling),
        clock=around.clock,
        limits=pump,
    )


def _handling(around: Surroundings, limits: Limits) -> Handling:
    maintenance, people, clock = around.maintenance, around.people, around.clock
    router = Router(
        routes=around.routes,
        plugins=around.plugins,
        people=people,
        signer=around.signer,
        audit=around.stores.audit,
        bot_username=lambda: around.client.me.username,
        is_own=OwnMessages(around.client),
        person_arrived=around.person_arrived,
        money=MoneyDesk(
            payments=around.billing.payments, refunds=around.billing.refunds, counter=around.counter
        ),
    )
    return Handling(
        stages=(
            Correlation(),
            Gate(people, clock, lambda: maintenance.on, maintenance.notice),
            RateLimit(people, limits.updates, clock),
            SameButton(limits.updates, clock),
        ),
        router=router,
        people=people,
        person_seen=around.person_seen,
        users=around.stores.users,
        outbox=around.outbox,
        files=around.files,
        person_returned=around.person_returned,
        discard=around.discard,
        slow_down=Paces(clock, limits.plugins).take,
        behind=Signatories(around.client, people, clock),
        subscription_changed=around.billing.subscriptions.changed,
    )


def _checkout(around: Surroundings, handling: Handling) -> CheckoutDesk:
    return CheckoutDesk(
        routes=around.routes,
        plugins=around.plugins,
        people=around.people,
        answers=handling.answers,
        clock=around.clock,
        check_order=OrderGate(
            orders=around.billing.orders,
            plugin_is_on=around.plugins.is_on,
            terms_accepted=lambda user: TERMS_ACCEPTED in user.settings,
        ),
        sells=around.settings.sells_stars,
    )


def _measured(handle: Handle, metrics: Metrics) -> Handle:
    async def measure(incoming: Incoming) -> bool:
        kind = _KINDS.get(type(incoming), "other")
        metrics.updates.labels(kind).inc()
        with metrics.update_seconds.labels(kind).time():
            return await handle(incoming)

    return measure
