"""Inside a bot's process: counts its steps, and kills it with the one that was ordered.

A step is a write to the database or a call to Telegram that changes something. Orders and the list of steps
are files, so that a step is on the list even if the process died with it. `steps` is the other end of this.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

ORDERS = "STARLOOM_TEST_STRIKES"
"""The variable of the environment with the directory of the orders; without it nothing is counted."""
COPIER = "ledger copier"
_HOUSEKEEPING = "billing: "
"""The beginning of the names of tasks that look now and then for what was left undone."""

_READS = frozenset({"find", "find_one", "count", "ensure_indexes"})
_OF_THE_HOUSE = frozenset({"leases", "meta", "sessions", "session_peers"})
"""Collections that are written to whether anybody does anything or not."""
_PASSIVE = ("updates.", "users.", "upload.", "contacts.", "bots.SetBotCommands", "messages.SetTyping")
_DRAWING = "messages.EditMessage"
"""Shows again what is written elsewhere, now and then and as often as it likes."""


class _Strikes:
    """Counts the steps since the newest order; their names are `NAME#NUMBER`."""

    def __init__(self, directory: Path) -> None:
        self._order = directory / "order"
        self._directory = directory
        self._id = ""
        self._counts: Counter[str] = Counter()
        self._begun = False

    async def step(self, name: str, make: Callable[[], Awaitable[Any]]) -> Any:
        """Make a step, and die before or after it if that is the order."""
        try:
            order = json.loads(self._order.read_text())
        except FileNotFoundError:
            return await make()
        if order["id"] != self._id:
            self._id, self._counts, self._begun = order["id"], Counter(), False
        task = asyncio.current_task()
        doer = "" if task is None else task.get_name()
        if doer.startswith(_HOUSEKEEPING):
            return await make()
        if doer == COPIER:
            name = f"copier: {name}"
        self._begun = self._begun or order["since"] in ("", name)
        if not self._begun:
            return await make()
        self._counts[name] += 1
        full = f"{name}#{self._counts[name]}"
        self._note(full)
        if full != order["step"]:
            return await make()
        try:
            if not order["before"]:
                # What is refused is a step as well.
                await make()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)

    def _note(self, step: str) -> None:
        log = os.open(self._directory / self._id, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(log, f"{step}\n".encode())
        os.close(log)


def arm(directory: Path) -> None:
    """Count the steps of this process from now on."""
    from core.storage.collection import Collection
    from core.telegram.client import TelegramClient

    strikes = _Strikes(directory)
    for name, method in list(vars(Collection).items()):
        if inspect.iscoroutinefunction(method) and name not in _READS and not name.startswith("_"):
            setattr(Collection, name, _counted_write(strikes, method))
    TelegramClient.invoke = _counted_call(strikes, TelegramClient.invoke)


def _counted_write(strikes: _Strikes, write: Any) -> Any:
    @functools.wraps(write)
    async def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        collection = self._rows.name
        if collection in _OF_THE_HOUSE:
            return await write(self, *args, **kwargs)
        name = f"{collection}.{write.__name__}{_meaning(args)}"
        return await strikes.step(name, lambda: write(self, *args, **kwargs))

    return counted


def _counted_call(strikes: _Strikes, invoke: Any) -> Any:
    @functools.wraps(invoke)
    async def counted(self: Any, query: Any) -> Any:
        name = ".".join(query.QUALNAME.split(".")[1:])
        if name.startswith((*_PASSIVE, _DRAWING)) or ".Get" in name:
            return await invoke(self, query)
        return await strikes.step(name, lambda: invoke(self, query))

    return counted


def _meaning(args: tuple[Any, ...]) -> str:
    """What a write is about: the state that it enters, the entry that it makes, or else what it changes."""
    update = args[1] if len(args) > 1 and isinstance(args[1], dict) else args[0]
    if not isinstance(update, dict):
        return ""
    changed = update.get("$set", update)
    pushed = update.get("$push", {}).get("pending", {}).get("$each", ())
    said = [str(changed["state"])] if "state" in changed else []
    said += sorted({entry["_id"].partition(":")[0] for entry in pushed})
    if not said and "$set" in update:
        said = sorted({key.partition(".")[0] for key in changed})
    return f"({' '.join(said)})" if said else ""
