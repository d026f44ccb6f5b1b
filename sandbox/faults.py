"""Faults on demand: a slow or broken line, refusals, replies that are lost, updates out of order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import count
from types import TracebackType
from typing import Any, Literal, Self

from pydantic import ConfigDict, TypeAdapter

from sandbox.rpc import RpcError


class FaultKind(StrEnum):
    """What goes wrong."""

    LATENCY = "latency"
    """`seconds` (and up to `jitter` more) of round trip, half each way; of every packet, or of one method."""
    BANDWIDTH = "bandwidth"
    """Each connection carries `bytes_per_second` each way."""
    DROP_BEFORE = "drop_before"
    """The connection breaks when the call arrives; the method does not run."""
    DROP_AFTER = "drop_after"
    """The method runs, the connection breaks; the reply waits until the session is connected again."""
    DROP_PACKET = "drop_packet"
    """The connection breaks when a packet arrives."""
    LOSE_REPLY = "lose_reply"
    """The method runs, the connection stays, no reply comes (asked again by the same msg_id, it does)."""
    REPEAT_REPLY = "repeat_reply"
    """The method runs, its reply comes twice, in two messages."""
    SAY_FALSE = "say_false"
    """The method does not run, the reply is `boolFalse`."""
    ERROR = "error"
    """The call is refused with `code` and `message`; the method does not run."""
    DUPLICATE_UPDATES = "duplicate_updates"
    """Updates are sent twice."""
    REORDER_UPDATES = "reorder_updates"
    """Updates are gathered until there are `count`, then sent in reverse order."""
    HOLD_UPDATES = "hold_updates"
    """Updates are held back until the fault is removed, then sent in order."""


_FATES = {
    FaultKind.DROP_BEFORE,
    FaultKind.DROP_AFTER,
    FaultKind.LOSE_REPLY,
    FaultKind.REPEAT_REPLY,
    FaultKind.SAY_FALSE,
}
_OF_CALLS = _FATES | {FaultKind.ERROR}
_OF_UPDATES = {FaultKind.DUPLICATE_UPDATES, FaultKind.REORDER_UPDATES, FaultKind.HOLD_UPDATES}
_OF_LINE = {FaultKind.LATENCY, FaultKind.BANDWIDTH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong, and when.

    It strikes what matches `method` (such as `messages.SendMedia`, in any case of letters; calls only),
    `where`, `user_id` and `connection`: not the first `skip` times, then `times` times (None: until it
    is removed), each time with `probability`. "media" is a session that has called nothing but
    `upload.*`; everything else is "main", a session that has only just connected too.

    Raises:
        ValueError: where the values make no sense together.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: FaultKind
    method: str | None = None
    where: Literal["main", "media", "any"] = "any"
    user_id: int | None = None
    connection: int | None = None
    skip: int = 0
    times: int | None = None
    probability: float = 1.0
    seconds: float = 0.0
    jitter: float = 0.0
    bytes_per_second: int | None = None
    code: int = 500
    message: str = "INTERNAL"
    count: int = 2

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", FaultKind(self.kind))
        if min(self.skip, self.seconds, self.jitter) < 0 or not 0 < self.probability <= 1:
            raise ValueError(
                "skip, seconds and jitter are not negative, probability is above 0 and at most 1"
            )
        if self.times is not None and self.times < 1:
            raise ValueError("times is at least 1, or None for no end")
        if self.kind is FaultKind.BANDWIDTH and (self.bytes_per_second or 0) < 1:
            raise ValueError("a bandwidth fault needs bytes_per_second")
        if self.kind is FaultKind.REORDER_UPDATES and self.count < 2:
            raise ValueError("reordering needs a count of at least 2")
        if self.method is not None and not self.of_calls:
            raise ValueError(f"a {self.kind} fault is not of a method")

    @property
    def of_calls(self) -> bool:
        """Whether it strikes calls (rather than packets or updates)."""
        return self.kind in _OF_CALLS or (self.kind is FaultKind.LATENCY and self.method is not None)

    def as_dict(self) -> dict[str, Any]:
        """The fault as values that JSON can hold."""
        return {**asdict(self), "kind": self.kind.value}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Fault:
        """Read what `as_dict` gave, or what a person wrote.

        Raises:
            ValueError: where a name is unknown or a value does not fit (pydantic's `ValidationError`).
        """
        return _FAULT.validate_python(values)


_FAULT: TypeAdapter[Fault] = TypeAdapter(Fault)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fault may strike: a call, a packet or a push, and where it happens."""

    connection: int | None = None
    media: bool = False
    user_id: int | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What the faults do to one call."""

    delay: float = 0.0
    """Seconds of extra round trip."""
    fate: FaultKind | None = None
    """One of `DROP_BEFORE`, `DROP_AFTER`, `LOSE_REPLY`, `REPEAT_REPLY`, `SAY_FALSE`."""
    error: RpcError | None = None


@dataclass(frozen=True, slots=True)
class LinePlan:
    """What the faults do to one packet on its way."""

    delay: float = 0.0
    bytes_per_second: int | None = None


class FaultHandle:
    """A fault in force; leaving it as a context manager, sync or async, removes it."""

    def __init__(self, faults: Faults, number: int, fault: Fault) -> None:
        self.id = number
        self.fault = fault
        self.hits = 0
        """How many times it has struck."""
        self._faults = faults
        self._seen = 0
        self._held: list[Callable[[], None]] = []

    @property
    def active(self) -> bool:
        """Whether it may still strike."""
        return self._faults.get(self.id) is self and not self._spent

    @property
    def _spent(self) -> bool:
        return self.fault.times is not None and self.hits >= self.fault.times

    def remove(self) -> None:
        """End the fault; updates that it held back go out. Harmless where it has ended already."""
        self._faults.remove(self.id)

    def strikes(self, subject: Subject, source: random.Random) -> bool:
        """Whether it strikes `subject` now; counts it."""
        fault = self.fault
        if self._spent or not _matches(fault, subject):
            return False
        if fault.probability < 1 and source.random() >= fault.probability:
            return False
        self._seen += 1
        if self._seen <= fault.skip:
            return False
        self.hits += 1
        return True

    def hold(self, deliver: Callable[[], None]) -> None:
        """Hold one delivery back; a full batch of reordered ones goes out."""
        self._held.append(deliver)
        if self.fault.kind is FaultKind.REORDER_UPDATES and (
            len(self._held) >= self.fault.count or self._spent
        ):
            self.release()

    def release(self) -> None:
        """Send what was held back."""
        held, self._held = self._held, []
        for deliver in reversed(held) if self.fault.kind is FaultKind.REORDER_UPDATES else held:
            deliver()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


class Faults:
    """The faults in force; `seed` fixes jitter and probabilities."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._numbers = count(1)
        self._handles: dict[int, FaultHandle] = {}
        self._calls: list[FaultHandle] = []
        self._line: list[FaultHandle] = []
        self._cuts: list[FaultHandle] = []
        self._updates: list[FaultHandle] = []

    def __iter__(self) -> Iterator[FaultHandle]:
        return iter(list(self._handles.values()))

    @property
    def of_calls(self) -> bool:
        """Whether any fault strikes calls; lets the server skip the question."""
        return bool(self._calls)

    @property
    def of_packets(self) -> bool:
        """Whether any fault strikes packets."""
        return bool(self._line or self._cuts)

    def add(self, fault: Fault) -> FaultHandle:
        """Put a fault in force."""
        handle = FaultHandle(self, next(self._numbers), fault)
        self._handles[handle.id] = handle
        self._sort()
        return handle

    def get(self, number: int) -> FaultHandle | None:
        """The fault in force with that id."""
        return self._handles.get(number)

    def remove(self, number: int) -> bool:
        """End a fault; False where there is none of that id."""
        handle = self._handles.pop(number, None)
        self._sort()
        if handle is None:
            return False
        handle.release()
        return True

    def clear(self) -> None:
        """End all faults."""
        for number in list(self._handles):
            self.remove(number)

    def plan_call(self, subject: Subject) -> CallPlan:
        """What happens to a call."""
        delay, fate, error = 0.0, None, None
        for handle in self._calls:
            if fate is not None or error is not None:
                break
            if not handle.strikes(subject, self._random):
                continue
            fault = handle.fault
            if fault.kind is FaultKind.LATENCY:
                delay += self._seconds(fault)
            elif fault.kind is FaultKind.ERROR:
                error = RpcError(fault.code, fault.message)
            else:
                fate = fault.kind
        return CallPlan(delay, fate, error)

    def plan_packet(self, subject: Subject) -> LinePlan | None:
        """What happens to a packet on its way, None for nothing."""
        struck = [handle.fault for handle in self._line if handle.strikes(subject, self._random)]
        if not struck:
            return None
        rates = [fault.bytes_per_second for fault in struck if fault.bytes_per_second]
        delay = sum(self._seconds(fault) for fault in struck if fault.kind is FaultKind.LATENCY)
        return LinePlan(delay / 2, min(rates, default=None))

    def cuts(self, subject: Subject) -> bool:
        """Whether the connection breaks at this packet."""
        return any(handle.strikes(subject, self._random) for handle in self._cuts)

    def route_update(self, subject: Subject, deliver: Callable[[], None]) -> None:
        """Deliver updates: at once, twice, later or in another order."""
        for handle in self._updates:
            if not handle.strikes(subject, self._random):
                continue
            if handle.fault.kind is FaultKind.DUPLICATE_UPDATES:
                deliver()
                break
            handle.hold(deliver)
            return
        deliver()

    def _seconds(self, fault: Fault) -> float:
        return fault.seconds + (self._random.uniform(0, fault.jitter) if fault.jitter else 0)

    def _sort(self) -> None:
        handles = list(self._handles.values())
        self._calls = [handle for handle in handles if handle.fault.of_calls]
        self._updates = [handle for handle in handles if handle.fault.kind in _OF_UPDATES]
        self._cuts = [handle for handle in handles if handle.fault.kind is FaultKind.DROP_PACKET]
        self._line = [h for h in handles if h.fault.kind in _OF_LINE and not h.fault.of_calls]


def _matches(fault: Fault, subject: Subject) -> bool:
    if fault.method is not None and (
        subject.method is None or fault.method.casefold() != subject.method.casefold()
    ):
        return False
    if fault.where != "any" and (fault.where == "media") != subject.media:
        return False
    if fault.user_id is not None and fault.user_id != subject.user_id:
        return False
    return fault.connection is None or fault.connection == subject.connection
