"""How fast an account may send: sliding windows, and how long to wait where one is full."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator

from core.clock import Clock
from sandbox.rpc import RpcError
from sandbox.world.rules import FloodRules
from sandbox.world.state import ChatKind, Peer, PeerKind


class Flood:
    """Counts what accounts send and refuses what is too much."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent: dict[tuple[int, Peer | None], deque[float]] = {}

    def count(
        self, rules: FloodRules, account_id: int, peer: Peer, kind: ChatKind | None, messages: int = 1
    ) -> None:
        """Count messages to a peer, `kind` being the sort of chat (None: a private one).

        Raises:
            RpcError: FLOOD_WAIT_n, n being the whole seconds until they may be sent; then nothing is counted.
        """
        now = self._clock.monotonic()
        windows = [
            (self._sent.setdefault((account_id, key), deque()), limit)
            for key, limit in _limits(rules, peer, kind)
        ]
        wait = max((_wait(sent, limit, now, messages) for sent, limit in windows), default=0.0)
        if wait > 0:
            raise RpcError(420, f"FLOOD_WAIT_{max(1, math.ceil(wait))}")
        for sent, _ in windows:
            sent.extend([now] * messages)


def _limits(
    rules: FloodRules, peer: Peer, kind: ChatKind | None
) -> Iterator[tuple[Peer | None, tuple[int, float]]]:
    if rules.overall is not None:
        yield None, rules.overall
    own = rules.per_chat if peer.kind is PeerKind.USER or kind is ChatKind.CHANNEL else rules.per_group
    if own is not None:
        yield peer, own


def _wait(sent: deque[float], limit: tuple[int, float], now: float, messages: int) -> float:
    """Seconds until `messages` more fit."""
    most, seconds = limit
    while sent and sent[0] <= now - seconds:
        sent.popleft()
    over = len(sent) + messages - most
    if over <= 0 or not sent:
        return 0.0
    return sent[min(over, len(sent)) - 1] + seconds - now
