"""Pyrogram's client and session, bent where a bot that must lose nothing needs it.

Refusals never touch the disk; calls in flight end with their connection; an auth key that the server
has forgotten is noticed; every raw updates object goes, in order, to one place.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from pyrogram import Client, raw
from pyrogram.crypto import mtproto
from pyrogram.session import Auth, Session
from pyrogram.session.session import AuthKeyNotFound

from core.telegram.refusals import raise_refusal
from core.telegram.upload.transport import PartTransport
from core.telegram.upload.wire import FilePart, SealedPart, crypto_threads, seal_part

_IMPORT_ATTEMPTS = 3


class Line(Session):
    """One MTProto session."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.salt: int = 0
        self.stored_msg_ids: list[int] = _SortedIds()
        self.key_lost = asyncio.Event()
        """Set when the server says that it does not know the auth key."""
        self._packing = asyncio.Lock()

    def send(
        self, data: Any, wait_response: bool = True, timeout: float | None = Session.WAIT_TIMEOUT
    ) -> Coroutine[Any, Any, Any]:
        """Send one call and wait for its answer.

        Pyrogram's own, but for three things: a refusal that it does not list is raised without a file being
        written, a rejected message is an `OSError` (and so made again) instead of an answer, and a call that
        was abandoned leaves nothing behind. Without a `timeout` the caller sets a limit of its own.
        """
        return self._send(data, wait_response, timeout)

    async def _send(self, data: Any, wait_response: bool, seconds: float | None) -> Any:
        message = await self.msg_factory.create(data)
        if wait_response:
            self.results[message.msg_id] = _Answer()
        try:
            await self.connection.send(await self._packed(message))
            if not wait_response:
                return None
            answer = self.results[message.msg_id]
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await answer.event.wait()
            result = answer.value
        finally:
            self.results.pop(message.msg_id, None)
        if isinstance(result, raw.types.BadServerSalt):
            self.salt = result.new_server_salt
            return await self._send(data, wait_response, seconds)
        return _checked(result, data)

    async def _packed(self, message: Any) -> bytes | SealedPart:
        """The encrypted message. Parts of files are packed in a thread; for the rest that would cost more."""
        if not isinstance(message.body, FilePart):
            packed: bytes = mtproto.pack(message, self.salt, self.session_id, self.auth_key, self.auth_key_id)
            return packed
        # One at a time, so that a connection's messages leave in the order of their ids.
        async with self._packing:
            keys = (self.salt, self.session_id, self.auth_key, self.auth_key_id)
            loop = asyncio.get_running_loop()
            sealed = await loop.run_in_executor(crypto_threads(), seal_part, message, *keys)
        return sealed if isinstance(self.connection.protocol, PartTransport) else sealed.joined()

    async def recv_worker(self) -> None:
        """Read packets until the connection ends."""
        try:
            await super().recv_worker()
        except AuthKeyNotFound:
            self.key_lost.set()

    def release(self) -> None:
        """End the calls in flight: nobody will answer them on this connection any more."""
        for answer in list(self.results.values()):
            answer.event.set()


class _SortedIds(list[int]):
    """Ids that Pyrogram keeps sorted and looks up for each message: found by bisection, not one by one."""

    __slots__ = ()

    def __contains__(self, message_id: object) -> bool:
        if not isinstance(message_id, int):
            return False
        place = bisect.bisect_left(self, message_id)
        return place < len(self) and self[place] == message_id


class _Answer:
    """What a call waits for; filled in by the session."""

    __slots__ = ("event", "value")

    def __init__(self) -> None:
        self.value: Any = None
        self.event = asyncio.Event()


class RawClient(Client):
    """A Pyrogram client without dispatcher, handlers and gap recovery of its own.

    `on_updates` gets every raw updates object, at once and in the order of arrival; `on_connected` is told
    when the main session is connected, the first time and again.
    """

    def __init__(
        self,
        *args: Any,
        on_updates: Callable[[Any], None],
        on_connected: Callable[[], None],
        call: Callable[[Line, Any], Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._on_updates = on_updates
        self._on_connected = on_connected
        self._call = call
        self.connect_handler = self._connected
        self.disconnect_handler = self._disconnected

    async def handle_updates(self, updates: Any) -> None:
        """Hand a raw updates object on."""
        self._on_updates(updates)

    async def recover_gaps(self, ids: Any = None) -> tuple[int, int]:
        """Recover nothing: the update pump does."""
        return 0, 0

    async def invoke(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """Make a call; Pyrogram's own methods come through here too.

        Raises:
            RPCError: Telegram refused.

        """
        answer = await self._call(self.session, query)
        await self.note_peers(answer)
        return answer

    async def note_peers(self, answer: Any) -> None:
        """Remember the people and chats that an answer or an update names."""
        await self.fetch_peers([*getattr(answer, "users", ()), *getattr(answer, "chats", ())])

    async def get_session(
        self,
        dc_id: int | None = None,
        *,
        is_media: bool = False,
        is_cdn: bool = False,
        business_connection_id: str | None = None,
        export_authorization: bool = True,
        server_address: str | None = None,
        port: int | None = None,
        temporary: bool = False,
    ) -> Line:
        """The session to a data centre, made if there is none; a temporary one is always made."""
        own_dc = await self.storage.dc_id()
        dc_id = dc_id or own_dc
        if not temporary and dc_id == own_dc and not is_media:
            session: Line = self.session
            return session
        sessions = self.media_sessions if is_media else self.sessions
        if not temporary and dc_id in sessions:
            known: Line = sessions[dc_id]
            return known
        if not server_address or not port:
            option = await self.get_dc_option(dc_id, is_media=is_media, ipv6=self.ipv6, is_cdn=is_cdn)
            server_address, port = option.ip_address, option.port
        test_mode = await self.storage.test_mode()
        if dc_id == own_dc:
            auth_key = await self.storage.auth_key()
        elif is_media:
            auth_key = (await self.get_session(dc_id)).auth_key
        else:
            auth_key = await Auth(self, dc_id, server_address, port, test_mode).create()
        line = Line(self, dc_id, server_address, port, auth_key, test_mode, is_media=is_media)
        if not temporary:
            sessions[dc_id] = line
        await line.start()
        if dc_id != own_dc and export_authorization and not is_media:
            await self._import_authorization(line, dc_id)
        return line

    async def _import_authorization(self, line: Line, dc_id: int) -> None:
        """Log the account in at another data centre."""
        exported = await self.invoke(raw.functions.auth.ExportAuthorization(dc_id=dc_id))
        query = raw.functions.auth.ImportAuthorization(id=exported.id, bytes=exported.bytes)
        await line.invoke(query, retries=_IMPORT_ATTEMPTS)

    async def _connected(self, client: Any, session: Line) -> None:
        if not session.is_media:
            self._on_connected()

    async def _disconnected(self, client: Any, session: Line) -> None:
        session.release()


def _checked(result: Any, query: Any) -> Any:
    if result is None:
        raise TimeoutError("no answer")
    if isinstance(result, raw.types.RpcError):
        raise_refusal(result, type(getattr(query, "query", query)))
    if isinstance(result, raw.types.BadMsgNotification):
        raise OSError(f"the server rejected the message: {result.error_code}")
    return result
