"""Everything of core.telegram put together as the application does, with a small plugin."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from core.admin.roles import AdminRole
from core.clock import SystemClock
from core.errors import DatabaseAway, UserFacingError
from core.events import CallbackEvent, Event, MessageEvent, PreCheckoutEvent
from core.i18n import CORE, I18n
from core.limits import SendingLimits, UpdateLimits
from core.plugin import Plugin
from core.plugin_handlers import callback, command, on_pre_checkout, on_text, step
from core.plugins.status import CallOutcome, CallResult
from core.routes import Route, Routes
from core.storage.audit import AuditLog
from core.storage.database import Database
from core.storage.inbox import Inbox
from core.storage.sent import SentStore
from core.storage.sessions import SessionStore
from core.storage.users import UserStore
from core.telegram.checkout import CheckoutDesk
from core.telegram.client import ClientTiming, TelegramClient
from core.telegram.files import FileOutbox
from core.telegram.handling import Handling
from core.telegram.keyboards import CallbackSigner
from core.telegram.middleware import Correlation, Gate, RateLimit, SameButton
from core.telegram.outbox import Outbox
from core.telegram.people import People
from core.telegram.replies import OwnMessages
from core.telegram.router import Router
from core.telegram.types import Button, Invoice, Message
from core.telegram.updates import PumpLimits, UpdatePump
from core.telegram.uploader import Uploader
from core.users import User
from sandbox.mtproto import WireEvent
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox

LOCALES = Path(__file__).parents[3] / "locales"
FAST = ClientTiming(call=1.0, attempts=6, pause=0.02, connect=10.0, own=2.0)
PUMP = PumpLimits(patience=0.05, retry=0.05, stop=5.0)
LIFTED = SendingLimits(
    messages_per_second=1e6,
    chat_messages_per_second=1e6,
    chat_burst=1_000_000,
    group_messages_per_minute=1e6,
    progress_seconds=0.05,
)
SECRET = b"a secret for signing buttons"


class Echo(Plugin[Any]):
    """Answers in every way there is, and remembers what it was given."""

    name = "echo"

    def __init__(self) -> None:
        self.seen: list[Event] = []
        self.hang = asyncio.Event()
        self.payments: list[str] = []
        self.fail_payments = False
        self.away = 0
        """How many times the database is not there when somebody said their name or pressed."""

    @command("start", description="d")
    async def start_command(self, event: MessageEvent) -> None:
        self.seen.append(event)
        await event.reply(f"hello {event.argument}".strip())

    @command("secret", admin=True)
    async def secret(self, event: MessageEvent) -> None:
        await event.reply("the secret")

    @command("button")
    async def button(self, event: MessageEvent) -> None:
        row = (Button("Press", action="press", arguments=("7",)), Button("Gone", action="gone"))
        await event.reply("press it", keyboard=(row,))

    @callback("press")
    async def press(self, event: CallbackEvent) -> None:
        self.seen.append(event)
        await event.answer("pressed")
        await event.reply(f"pressed {event.arguments[0]}")
        self._lose_answer()

    @command("ask")
    async def ask(self, event: MessageEvent) -> None:
        await event.begin("name", {"asked": 1})
        await event.reply("your name?")

    @step("name")
    async def take_name(self, event: MessageEvent) -> None:
        assert event.dialogue is not None
        await event.leave()
        await event.reply(f"hi {event.message.text}")
        self._lose_answer()

    def _lose_answer(self) -> None:
        if self.away:
            self.away -= 1
            raise DatabaseAway("the answer was lost")

    @command("hang")
    async def hang_command(self, event: MessageEvent) -> None:
        await self.hang.wait()
        await event.reply("late")

    @command("fail")
    async def fail(self, event: MessageEvent) -> None:
        raise RuntimeError("broken")

    @command("refuse")
    async def refuse(self, event: MessageEvent) -> None:
        raise UserFacingError("maintenance")

    @on_text
    async def text(self, event: MessageEvent) -> None:
        self.seen.append(event)
        await event.reply(f"echo {event.message.text}")

    @on_pre_checkout("ok")
    async def approve(self, event: PreCheckoutEvent) -> None:
        await event.approve()

    @on_pre_checkout("slow")
    async def approve_late(self, event: PreCheckoutEvent) -> None:
        await self.hang.wait()
        await event.approve()

    @on_pre_checkout("broken")
    async def approve_never(self, event: PreCheckoutEvent) -> None:
        raise RuntimeError("broken")

    async def take_money(self, user: User, message: Message) -> bool:
        """Take what an update tells of a payment or a refund, as the application's money desk does."""
        if self.fail_payments:
            return False
        money = message.payment or message.refund
        assert money is not None
        self.payments.append(("paid " if message.payment else "refunded ") + str(money.amount))
        return True


class Caller:
    """Calls handlers as the plugin manager does."""

    async def call(self, route: Route, event: Event) -> CallOutcome:
        try:
            await route.handler(event)
        except UserFacingError as error:
            return CallOutcome(CallResult.REFUSED, error)
        except Exception as error:
            return CallOutcome(CallResult.FAILED, error)
        return CallOutcome(CallResult.DONE)


class House:
    """One life of the bot's process."""

    def __init__(self, sandbox: Sandbox, bot: Bot, database: Database, **options: Any) -> None:
        clock = SystemClock()
        self.clock = clock
        self.database = database
        self.maintenance = False
        self.arrived: list[int] = []
        self.plugin = Echo()
        self.i18n = I18n()
        self.i18n.add(CORE, LOCALES)
        self.routes = Routes()
        self.routes.know(("echo", "sleeper"))
        self.routes.add(self.plugin)
        self.users = UserStore(database, clock)
        self.inbox = Inbox(database, clock)
        self.audit = AuditLog(database, clock)
        self.sent = SentStore(database, clock)
        self.signer = CallbackSigner(SECRET)
        self.client = TelegramClient(
            name="test",
            api_id=1,
            api_hash="-",
            bot_token=bot.token,
            endpoint=sandbox.endpoint,
            session=SessionStore(database, "bot"),
            clock=clock,
            timing=options.get("timing", FAST),
        )
        self.outbox = Outbox(
            self.client,
            clock,
            options.get("sending", LIFTED),
            sent=self.sent,
            signer=self.signer,
            unreachable=self._unreachable,
        )
        self.uploader = Uploader(self.client)
        self.files = FileOutbox(self.outbox, self.uploader, self.sent)
        self.people = People(
            self.users,
            self.i18n,
            lambda user_id: AdminRole.OWNER if user_id in options.get("admins", ()) else None,
        )
        limits = options.get("updates", UpdateLimits(burst=1_000))
        self.router = Router(
            routes=self.routes,
            plugins=Caller(),
            people=self.people,
            signer=self.signer,
            audit=self.audit,
            bot_username=lambda: self.client.me.username,
            is_own=OwnMessages(self.client),
            person_arrived=self._arrived,
            money=self.plugin.take_money,
        )
        self.handling = Handling(
            stages=(
                Correlation(),
                Gate(self.people, clock, lambda: self.maintenance),
                RateLimit(self.people, limits, clock),
                SameButton(limits, clock),
            ),
            router=self.router,
            people=self.people,
            users=self.users,
            outbox=self.outbox,
            files=self.files,
        )
        desk = CheckoutDesk(
            routes=self.routes,
            plugins=Caller(),
            people=self.people,
            answers=self.handling.answers,
            clock=clock,
            check_order=self._check_order,
            sells=options.get("sells", True),
            seconds=options.get("checkout_seconds", 8.0),
        )
        self.pump = UpdatePump(
            self.client,
            self.inbox,
            handle=options.get("handle", self.handling),
            check_out=desk,
            clock=clock,
            limits=options.get("pump", PUMP),
        )

    async def start(self) -> None:
        await self.client.start()
        await self.pump.start()

    async def stop(self) -> None:
        self.plugin.hang.set()
        await self.pump.stop()
        await self.outbox.stop()
        await self.uploader.stop()
        await self.client.stop()

    async def die(self) -> None:
        """End as kill -9 does: nothing more is handled, answered or written."""

        async def nothing(*_: Any, **__: Any) -> None:
            return None

        for writes in (self.client.storage, self.pump._done):
            patch.object(writes, "flush", nothing).start()
        for task in (self.pump._reader, self.pump._writer):
            assert task is not None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self.pump._reader = None
        await self.pump._lanes.cancel()
        await self.outbox.stop()
        await self.uploader.stop()
        await self.client.stop()

    async def invoice(self, person: Person, payload: bytes, amount: int = 5) -> None:
        invoice = Invoice("Stars", "Some Stars", payload, amount)
        await self.outbox.send_invoice(person.id, invoice, random_id=hash(payload) or 1)

    async def _unreachable(self, user_id: int) -> None:
        await self.users.set_blocked(user_id, True)

    async def _check_order(self, user: User, payload: bytes, currency: str, amount: int) -> None:
        raise UserFacingError("order-unknown")

    async def _arrived(self, user: User) -> None:
        self.arrived.append(user.id)
        await self.users.set_arrived(user.id)


Build = Callable[..., Awaitable[House]]


class Calls(Counter[str]):
    """How often each method was called."""

    def __init__(self) -> None:
        super().__init__()
        self._noted = asyncio.Event()

    def note(self, event: WireEvent) -> None:
        """Count what passed, if it is a call."""
        if event.kind == "request":
            self[event.name] += 1
            self._noted.set()

    async def reach(self, method: str, times: int) -> None:
        """Wait until a method was called at least so often."""
        while self[method] < times:
            self._noted.clear()
            await self._noted.wait()


@contextmanager
def counted(sandbox: Sandbox) -> Iterator[Calls]:
    """How often each method is called."""
    calls = Calls()
    remove = sandbox.server.on_event(calls.note)
    yield calls
    remove()
