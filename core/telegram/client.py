"""The bot's connection to Telegram: the only place that constructs a Pyrogram client."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import structlog
from pyrogram import raw
from pyrogram.errors import RPCError

from core.clock import Clock
from core.errors import ConfigurationError, FloodWaited, PersonUnreachable, StarloomError, TelegramError
from core.storage.sessions import SessionStore
from core.telegram.endpoint import Endpoint
from core.telegram.incoming import Answered, RawUpdates, Reconnected
from core.telegram.line import Line, RawClient
from core.telegram.own_messages import OwnMessages
from core.telegram.parse import profile_of
from core.telegram.proxies import Proxies
from core.telegram.refusals import NO_ANSWER, telegram_error
from core.telegram.session_storage import SessionStorage
from core.telegram.types import Profile
from core.telegram.upload.transport import PartTransport
from core.waiting import finishes

_log = structlog.stdlib.get_logger(__name__)

_UNAUTHORIZED = 401
_PASSING_CODES = frozenset({500, 502, 503})
_LONGEST_PAUSE = 8.0
_DUPLICATE = "RANDOM_ID_DUPLICATE"
_KEY_REFUSALS = frozenset({"AUTH_KEY_UNREGISTERED", "AUTH_KEY_INVALID", "SESSION_REVOKED", "SESSION_EXPIRED"})
_TOKEN_REFUSALS = frozenset({"ACCESS_TOKEN_INVALID", "ACCESS_TOKEN_EXPIRED", "BOT_METHOD_INVALID"})
_API_REFUSALS = frozenset({"API_ID_INVALID", "API_ID_PUBLISHED_FLOOD"})
_COUNTED_ANSWERS = (
    raw.types.Updates,
    raw.types.UpdatesCombined,
    raw.types.UpdateShort,
    raw.types.UpdateShortSentMessage,
    raw.types.messages.AffectedMessages,
    raw.types.messages.AffectedHistory,
)


@dataclass(frozen=True, slots=True)
class ClientTiming:
    """How long the client waits, in seconds of its clock unless said otherwise.

    `call` (real time) is how long one attempt at a call waits for its answer, `attempts` how often a call
    is made before it is given up, with pauses of `pause`, twice that, and so on between. `connect` (real
    time) is how long the start waits for a connection. `flush` is how often peers and update state are
    written, `idle` how long silence lasts before the connection is tried, `own` how long a message of our
    own is looked for whose id no answer brought.
    """

    call: float = 15.0
    attempts: int = 5
    pause: float = 0.5
    connect: float = 30.0
    flush: float = 30.0
    idle: float = 60.0
    own: float = 3.0


class _KeyRefused(Exception):
    """Telegram does not know the auth key, or knows it no longer."""


class TelegramClient:
    """A bot account, logged in.

    `name` stands in Pyrogram's logs. `endpoint` is another MTProto server than Telegram. With `no_updates`
    the account is used for calls only and is sent no updates. `workdir` is where Pyrogram may write.
    `observe` is told the name of each call and how it ended: ok, flood_wait, refused or no_answer.
    """

    def __init__(
        self,
        *,
        name: str,
        api_id: int,
        api_hash: str,
        bot_token: str,
        endpoint: Endpoint | None,
        session: SessionStore,
        clock: Clock,
        no_updates: bool = False,
        workdir: Path | None = None,
        timing: ClientTiming | None = None,
        proxies: Proxies | None = None,
        observe: Callable[[str, str], None] = lambda method, result: None,
    ) -> None:
        self.timing = timing or ClientTiming()
        self._observe = observe
        self.storage = SessionStorage(session)
        self.updates = RawUpdates()
        self.own_messages = OwnMessages()
        self.me = Profile(0, is_bot=True)
        self.clock = clock
        self._endpoint = endpoint
        self._token = bot_token
        self._no_updates = no_updates
        self._options: dict[str, Any] = {
            "name": name,
            "api_id": api_id,
            "api_hash": api_hash,
            "bot_token": bot_token,
            "storage_engine": self.storage,
            "no_updates": no_updates,
            "skip_updates": True,
            "sleep_threshold": 0,
            "max_concurrent_transmissions": 64,
            "protocol_factory": PartTransport,
            "workdir": workdir or Path(),
        }
        if proxies is not None:
            self._options["connection_factory"] = proxies.connection_factory()
        elif endpoint is not None:
            self._options["connection_factory"] = endpoint.connection_factory()
        self._raw: RawClient | None = None
        self._calls: set[asyncio.Task[Any]] = set()
        self._keepers: list[asyncio.Task[None]] = []
        self._heard = 0.0

    @property
    def raw(self) -> RawClient:
        """The Pyrogram client, for `core.telegram` only. Raises ConnectionError before the start."""
        if self._raw is None:
            raise ConnectionError("the client is not started")
        return self._raw

    @property
    def connected(self) -> bool:
        """Whether the main session is up."""
        session = None if self._raw is None else self._raw.session
        return session is not None and session.is_started.is_set() and not session.key_lost.is_set()

    async def start(self) -> None:
        """Connect and log in; an auth key that Telegram has forgotten is replaced.

        Raises:
            ConfigurationError: tgcrypto is missing, or Telegram refuses the token or the API id.
            TelegramError: Telegram cannot be reached or refuses for another reason.

        """
        require_fast_crypto()
        if self._endpoint is not None:
            self._endpoint.trust()
        try:
            await self._begin_session()
        except BaseException:
            # Also where the start is broken off: a connection that nobody ends would go on taking updates.
            await self._disconnect()
            raise
        self._heard = self.clock.monotonic()
        self._keepers = [
            asyncio.create_task(self._keep_flushed(), name="telegram session flush"),
            asyncio.create_task(self._keep_awake(), name="telegram watch"),
        ]

    async def stop(self) -> None:
        """End the calls in flight, write the session, disconnect."""
        for task in [*self._keepers, *self._calls]:
            task.cancel()
        await asyncio.gather(*self._keepers, *self._calls, return_exceptions=True)
        self._keepers = []
        await self._disconnect()

    async def invoke(self, query: Any) -> Any:
        """Make a call and answer its result.

        A call that fails for a passing reason (5xx, no answer, a broken connection) is made again with the
        same content, so its effect must not depend on how often it arrives: sends carry a `random_id`. Once
        made, a call is waited for even if the caller is cancelled, as its answer moves the counters.

        Raises:
            TelegramError: Telegram refused; code 503 and `NO_ANSWER` if it could not be reached.
            FloodWaited: it asks to wait; nobody waited.

        """
        try:
            answer = await self._apart(self._answered(query))
        except RPCError as error:
            refusal = telegram_error(error)
            self._observe(_method(query), "flood_wait" if isinstance(refusal, FloodWaited) else "refused")
            raise refusal from error
        except OSError as error:
            self._observe(_method(query), "no_answer")
            raise TelegramError(503, NO_ANSWER) from error
        self._observe(_method(query), "ok")
        return answer

    async def resolve(self, chat_id: int) -> Any:
        """The input peer of a chat.

        Raises:
            PersonUnreachable: Telegram knows no such chat, or not from us.

        """
        try:
            return await self._apart(self.raw.resolve_peer(chat_id))
        except RPCError as error:
            raise telegram_error(error) from error
        except ValueError as error:
            # Beyond all ids of Telegram's: the number of somebody whose data was erased.
            raise PersonUnreachable(400, "PEER_ID_INVALID") from error
        except OSError as error:
            raise TelegramError(503, NO_ANSWER) from error

    async def call(self, session: Line, query: Any) -> Any:
        """Make a call on a session, again and again as long as the reason to fail is a passing one.

        Raises:
            RPCError: Telegram refused. `RANDOM_ID_DUPLICATE` is never repeated, whatever its code.
            OSError: nobody answered.

        """
        if self._no_updates or session.is_media:
            query = raw.functions.InvokeWithoutUpdates(query=query)
        pause = self.timing.pause
        for attempt in range(1, self.timing.attempts + 1):
            try:
                if not session.is_started.is_set():
                    await asyncio.wait_for(session.is_started.wait(), self.timing.call)
                answer = await session.send(query, timeout=self.timing.call)
            except RPCError as error:
                if abs(int(error.CODE or 0)) not in _PASSING_CODES or error.ID == _DUPLICATE:
                    raise
                if attempt == self.timing.attempts:
                    raise
            except OSError:
                if attempt == self.timing.attempts or session.key_lost.is_set():
                    raise
            else:
                self._heard = self.clock.monotonic()
                return answer
            await self.clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        raise ConnectionError("no attempt was allowed")

    async def find_own(self, chat_id: int, text: str) -> int | None:
        """The id of a message of our own with that text that no answer named, or None.

        For a send that Telegram calls a duplicate without saying of what. The difference shows it, where
        updates are read at all; it is waited for `timing.own` seconds.
        """
        if self._no_updates:
            return None
        self.updates.put(Reconnected())
        await finishes(self.own_messages.await_one(chat_id, text), self.clock, self.timing.own)
        return self.own_messages.claim(chat_id, text)

    async def reconnect(self) -> None:
        """Make the main connection anew, through the proxy that is to be used now."""
        await self._restart()

    async def media_session(self) -> Line:
        """A new connection for files, to be stopped by the caller.

        Raises:
            TelegramError: it cannot be made.

        """
        try:
            line: Line = await self.raw.get_session(is_media=True, temporary=True)
        except RPCError as error:
            raise telegram_error(error) from error
        except OSError as error:
            raise TelegramError(503, NO_ANSWER) from error
        return line

    async def _begin_session(self) -> None:
        try:
            self.me = await self._log_in()
        except _KeyRefused:
            _log.warning("telegram_key_forgotten")
            await self._disconnect()
            await self.storage.delete()
            self.me = await self._log_in()
        await self.storage.flush()

    async def _log_in(self) -> Profile:
        client = self._raw = RawClient(
            **self._options, on_updates=self._pushed, on_connected=self._connected, call=self.call
        )
        try:
            await client.connect()
            await self._await_session(client.session)
            if await self.storage.user_id() != int(self._token.partition(":")[0]):
                await client.sign_in_bot(self._token)
            found = await client.invoke(raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()]))
        except RPCError as error:
            raise _explained(telegram_error(error)) from error
        except OSError as error:
            if client.session is not None and client.session.key_lost.is_set():
                raise _KeyRefused from error
            raise TelegramError(503, NO_ANSWER) from error
        return profile_of(found[0])

    async def _await_session(self, session: Line) -> None:
        """Wait until the session is up, or raise OSError."""
        waiting = [
            asyncio.ensure_future(session.is_started.wait()),
            asyncio.ensure_future(session.key_lost.wait()),
        ]
        await asyncio.wait(waiting, timeout=self.timing.connect, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        if not session.is_started.is_set() or session.key_lost.is_set():
            raise ConnectionError("the session did not start")

    async def _disconnect(self) -> None:
        client, self._raw = self._raw, None
        if client is None or not client.is_connected:
            return
        for session in [*client.media_sessions.values(), *client.sessions.values()]:
            await session.stop()
        with contextlib.suppress(OSError):
            await client.disconnect()
        client.executor.shutdown(wait=False)

    async def _apart(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something in a task of its own, which goes on when whoever waits for it is cancelled.

        Pyrogram waits for its connection with `asyncio.wait_for`, where a cancellation can get lost.
        """
        task = asyncio.ensure_future(work)
        self._calls.add(task)
        task.add_done_callback(self._call_ended)
        return await asyncio.shield(task)

    async def _answered(self, query: Any) -> Any:
        answer = await self.raw.invoke(query)
        if not self._no_updates and isinstance(answer, _COUNTED_ANSWERS):
            channel = getattr(query, "channel", None)
            self.updates.put(Answered(answer, getattr(channel, "channel_id", None)))
        return answer

    def _call_ended(self, task: asyncio.Task[Any]) -> None:
        self._calls.discard(task)
        if not task.cancelled():
            task.exception()

    def _pushed(self, updates: Any) -> None:
        self._heard = self.clock.monotonic()
        if not self._no_updates:
            self.updates.put(updates)

    def _connected(self) -> None:
        if not self._no_updates:
            self.updates.put(Reconnected())

    async def _keep_flushed(self) -> None:
        while True:
            await self.clock.sleep(self.timing.flush)
            try:
                await self.storage.flush()
            except StarloomError as error:
                _log.warning("telegram_session_not_written", error=str(error))

    async def _restart(self) -> None:
        try:
            await self.raw.session.restart()
        except RPCError as error:
            _log.error("telegram_refuses_session", error=telegram_error(error).name)

    async def _keep_awake(self) -> None:
        """Notice a connection that is dead without a sign, and a server that stopped sending updates."""
        while True:
            await self.clock.sleep(self.timing.idle)
            if self.clock.monotonic() - self._heard < self.timing.idle:
                continue
            try:
                state = await self.invoke(raw.functions.updates.GetState())
            except TelegramError as error:
                _log.warning("telegram_silent", error=error.name)
                await self._restart()
                continue
            if not self._no_updates:
                self.updates.put(Answered(state))


def require_fast_crypto() -> None:
    """Refuse to run on Pyrogram's fallback encryption, which is some hundred times slower.

    Raises:
        ConfigurationError: tgcrypto is not installed.

    """
    if find_spec("tgcrypto") is None:
        raise ConfigurationError(
            "tgcrypto is not installed. Without it encryption is hundreds of times slower; "
            "install it with `pip install tgcrypto`."
        )


def _explained(error: TelegramError) -> Exception:
    if error.name in _TOKEN_REFUSALS:
        return ConfigurationError(f"BOT_TOKEN: Telegram refuses this token ({error.name}).")
    if error.name in _API_REFUSALS:
        return ConfigurationError(f"API_ID, API_HASH: Telegram refuses them ({error.name}).")
    if error.code == _UNAUTHORIZED and error.name in _KEY_REFUSALS:
        return _KeyRefused()
    return error


def _method(query: Any) -> str:
    """Telegram's name of a call: `messages.SendMessage`."""
    name: str = query.QUALNAME
    return name.removeprefix("functions.")
