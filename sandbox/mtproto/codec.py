"""Between bytes and TL objects: messages, containers, gzip, wrapped queries, answers."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, NamedTuple

from pyrogram import raw
from pyrogram.raw.core import Bool, Bytes, GzipPacked, Int, Long, MsgContainer, TLObject, Vector

from sandbox.rpc import RpcError

ENVELOPE = struct.Struct("<q8sqii")
"""Salt, session id, message id, sequence number, length: what stands before a message's body."""

_MESSAGE = struct.Struct("<qii")
_CONTAINER_ID: bytes = MsgContainer.ID.to_bytes(4, "little")
_GZIP_ID: bytes = GzipPacked.ID.to_bytes(4, "little")
_RPC_RESULT = struct.Struct("<Iq")
_MAX_CONTAINED = 1020
_MAX_INFLATED = 16 * 1024 * 1024
_GZIP_FROM = 1024
_GZIP_UP_TO = 256 * 1024

_WRAPPERS = (
    raw.functions.InvokeAfterMsgs,
    raw.functions.InvokeWithMessagesRange,
    raw.functions.InvokeWithTakeout,
    raw.functions.InvokeWithBusinessConnection,
    raw.functions.InvokeWithReCaptcha,
    raw.functions.InvokeWithGooglePlayIntegrity,
    raw.functions.InvokeWithApnsSecret,
)


class Malformed(Exception):
    """Bytes that are no message, no container or no known TL object."""


class Message(NamedTuple):
    """One message on the wire; the body is still (or already) bytes."""

    msg_id: int
    seqno: int
    body: bytes


@dataclass(slots=True)
class Invocation:
    """A query without the wrappers that it came in, and what the wrappers said."""

    query: TLObject
    layer: int | None = None
    details: dict[str, Any] | None = None
    without_updates: bool = False
    after: list[int] = field(default_factory=list)


def is_container(body: bytes) -> bool:
    """Whether a message's body is a container of messages."""
    return body.startswith(_CONTAINER_ID)


def contained(body: bytes) -> Iterator[Message]:
    """The messages of a container's body.

    Raises:
        Malformed: where lengths do not fit, or a container holds a container.
    """
    count = int.from_bytes(body[4:8], "little")
    if count > _MAX_CONTAINED:
        raise Malformed("too many messages in a container")
    place = 8
    for _ in range(count):
        if place + _MESSAGE.size > len(body):
            raise Malformed("a container is cut short")
        msg_id, seqno, length = _MESSAGE.unpack_from(body, place)
        place += _MESSAGE.size
        inner = body[place : place + length]
        if length < 4 or length % 4 or len(inner) != length or is_container(inner):
            raise Malformed("a message in a container has an impossible length or is a container")
        place += length
        yield Message(msg_id, seqno, inner)


def pack_container(messages: Iterable[Message]) -> bytes:
    """The body of a container of `messages`."""
    parts = [b"".join((_MESSAGE.pack(m.msg_id, m.seqno, len(m.body)), m.body)) for m in messages]
    return b"".join((_CONTAINER_ID, len(parts).to_bytes(4, "little"), *parts))


def parse(body: bytes) -> TLObject:
    """Read the TL object in a message's body, unpacking gzip.

    Raises:
        Malformed: where it cannot be read.
    """
    if body[:4] == _GZIP_ID:
        body = _inflate(Bytes.read(BytesIO(body[4:])))
    try:
        parsed: TLObject = TLObject.read(BytesIO(body))
    except Exception as error:  # the generated readers raise whatever a bad byte leads them to
        raise Malformed("not a TL object of this layer") from error
    return parsed


def unwrap(query: TLObject) -> Invocation:
    """Take a query out of `invokeWithLayer`, `initConnection`, `invokeWithoutUpdates` and the like."""
    call = Invocation(query)
    while True:
        outer = call.query
        if isinstance(outer, raw.functions.InvokeWithLayer):
            call.layer = outer.layer
        elif isinstance(outer, raw.functions.InitConnection):
            call.details = {
                name: getattr(outer, name)
                for name in ("api_id", "device_model", "system_version", "app_version", "lang_code")
            }
        elif isinstance(outer, raw.functions.InvokeWithoutUpdates):
            call.without_updates = True
        elif isinstance(outer, raw.functions.InvokeAfterMsg):
            call.after.append(outer.msg_id)
        elif not isinstance(outer, _WRAPPERS):
            return call
        if isinstance(outer, raw.functions.InvokeAfterMsgs):
            call.after.extend(outer.msg_ids)
        call.query = outer.query


def name_of(thing: TLObject) -> str:
    """A method's or constructor's name without its kind: `messages.SendMessage`, `UpdatesTooLong`."""
    return str(thing.QUALNAME).partition(".")[2]


def rpc_result(msg_id: int, answer: Any) -> bytes:
    """The body that answers message `msg_id` with what a method returned, packed where that is smaller."""
    result = _serialise(answer)
    if _GZIP_FROM <= len(result) <= _GZIP_UP_TO and not isinstance(answer, raw.types.upload.File):
        packed = gzip.compress(result, compresslevel=1, mtime=0)
        if len(packed) < len(result) * 0.9:
            result = _GZIP_ID + Bytes(packed)
    return _RPC_RESULT.pack(raw.types.RpcResult.ID, msg_id) + result


def rpc_error(msg_id: int, error: RpcError) -> bytes:
    """The body that answers message `msg_id` with a refusal."""
    return rpc_result(msg_id, raw.types.RpcError(error_code=error.code, error_message=error.message))


def _serialise(answer: Any) -> bytes:
    if isinstance(answer, bool):
        return bytes(Bool(answer))
    if isinstance(answer, int):
        return bytes(Int(answer))
    if isinstance(answer, list):
        # A bare vector of numbers is read by its item size, so 64 bits serve both kinds.
        numbers = bool(answer) and isinstance(answer[0], int) and not isinstance(answer[0], bool)
        return bytes(Vector(answer, Long if numbers else None))
    return bytes(answer.write())


def _inflate(packed: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        unpacked = inflater.decompress(packed, _MAX_INFLATED)
    except zlib.error as error:
        raise Malformed("broken gzip") from error
    if inflater.unconsumed_tail or not inflater.eof:
        raise Malformed("gzip is cut short or unpacks to too much")
    return unpacked
