"""Runs the clients' calls: unwraps them, asks the API, answers, and lets faults strike."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from pyrogram.raw.core import TLObject

from core.clock import Clock
from sandbox.faults import CallPlan, FaultKind, Faults, Subject
from sandbox.mtproto.codec import Invocation, Message, name_of, rpc_error, rpc_result, unwrap
from sandbox.mtproto.connection import Connection
from sandbox.mtproto.keyring import KeyEntry
from sandbox.mtproto.observers import Observers
from sandbox.mtproto.session import Role, Session
from sandbox.rpc import Api, Caller, RpcError

_log = logging.getLogger(__name__)

_NO_PLAN = CallPlan()


@dataclass(frozen=True, slots=True)
class _Call:
    connection: Connection
    entry: KeyEntry
    session: Session
    msg_id: int
    invocation: Invocation
    name: str


class Calls:
    """The calls of all sessions; those of one session run side by side, as on Telegram."""

    def __init__(self, api: Api, faults: Faults, line_clock: Clock, observers: Observers) -> None:
        self._api = api
        self._faults = faults
        self._line_clock = line_clock
        self._observers = observers
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self, connection: Connection, entry: KeyEntry, session: Session, message: Message, query: TLObject
    ) -> None:
        """Begin to answer a call."""
        invocation = unwrap(query)
        name = name_of(invocation.query)
        session.layer = invocation.layer or session.layer
        session.details = invocation.details or session.details
        session.role = max(session.role, Role.shown_by(name, without_updates=invocation.without_updates))
        call = _Call(connection, entry, session, message.msg_id, invocation, name)
        if self._observers:
            self._observers.tell(session, message, "request", name)
        task = asyncio.get_running_loop().create_task(self._run(call))
        session.running[message.msg_id] = task
        session.owed_acks.add(message.msg_id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def refuse(self, session: Session, message: Message, error: RpcError) -> None:
        """Answer a message that could not be read."""
        sent = session.send(rpc_error(message.msg_id, error), content=True, response=True)
        if self._observers:
            self._observers.tell(session, sent, "answer", "?", str(error))

    def stop(self) -> list[asyncio.Task[None]]:
        """Cancel what is running; return what has to be waited for."""
        for task in self._tasks:
            task.cancel()
        return list(self._tasks)

    async def _run(self, call: _Call) -> None:
        try:
            await self._answer(call)
        finally:
            call.session.running.pop(call.msg_id, None)
            call.session.owed_acks.discard(call.msg_id)
            call.session.dropped.discard(call.msg_id)

    async def _answer(self, call: _Call) -> None:
        plan = self._faults.plan_call(_subject(call)) if self._faults.of_calls else _NO_PLAN
        if plan.delay:
            await self._line_clock.sleep(plan.delay / 2)
        if plan.fate is FaultKind.DROP_BEFORE:
            call.session.received.forget(call.msg_id)
            call.connection.abort()
            return
        await self._wait_for_earlier(call)
        if plan.fate is FaultKind.SAY_FALSE:
            body, error = rpc_result(call.msg_id, False), None
        else:
            body, error = await self._result(call, plan.error)
        if plan.delay:
            await self._line_clock.sleep(plan.delay / 2)
        if plan.fate is FaultKind.LOSE_REPLY or call.msg_id in call.session.dropped:
            call.session.answers.put(call.msg_id, Message(0, 0, body))
            return
        if plan.fate is FaultKind.DROP_AFTER:
            call.connection.abort()
        if plan.fate is FaultKind.REPEAT_REPLY:
            call.session.send(body, content=True, response=True)
        sent = call.session.send(body, content=True, response=True)
        call.session.answers.put(call.msg_id, sent)
        if self._observers:
            self._observers.tell(call.session, sent, "answer", call.name, error)

    async def _wait_for_earlier(self, call: _Call) -> None:
        running = call.session.running
        earlier = [running[asked] for asked in call.invocation.after if asked in running]
        if earlier and running[call.msg_id] not in earlier:
            await asyncio.wait(earlier)

    async def _result(self, call: _Call, error: RpcError | None) -> tuple[bytes, str | None]:
        try:
            if error is not None:
                raise error
            answer = await self._api.call(_caller(call), call.invocation.query)
            return rpc_result(call.msg_id, answer), None
        except RpcError as refusal:
            return rpc_error(call.msg_id, refusal), str(refusal)
        except Exception:
            # A fault of the sandbox itself: the client hears of it as it would of one of Telegram's.
            _log.exception("%s failed", call.name)
            internal = RpcError(500, "INTERNAL")
            return rpc_error(call.msg_id, internal), str(internal)


def _caller(call: _Call) -> Caller:
    return Caller(
        auth_key_id=call.entry.key.id,
        session_id=call.session.id,
        user_id=call.entry.user_id,
        layer=call.session.layer,
        without_updates=call.invocation.without_updates,
        details=call.session.details,
    )


def _subject(call: _Call) -> Subject:
    return Subject(call.connection.id, call.session.role is Role.MEDIA, call.entry.user_id, method=call.name)
