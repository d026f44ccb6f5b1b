"""A program with everything imported that forks a bot whenever it is told to: a start without the imports.

Orders come as lines of JSON on standard input, news go out the same way. A bot is a process of its own, which
ends by itself when this one is gone.
"""

from __future__ import annotations

import importlib
import json
import os
import selectors
import signal
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import strikes

from core import heap
from core.billing import copying
from core.config import Settings
from core.duties import Tuning
from core.fluent_texts import find_resources, read_texts
from core.i18n import core_locales
from core.limits import Limits
from sandbox.studio import QUICK
from starloom.cli import main

_ROOT = Path(__file__).parents[3]
# What a bot imports and the texts it reads, so that those forked from here need not.
_TABLES = tomllib.loads((_ROOT / "plugins.toml").read_text(encoding="utf-8"))
for _table in (*_TABLES["plugins"].values(), *_TABLES["providers"].values()):
    importlib.import_module(_table["module"])
importlib.import_module("starloom.cli.running")
for _locales in (core_locales(), *_ROOT.glob("plugins/*/locales")):
    for _, _path in find_resources(_locales):
        read_texts(_path.read_text(encoding="utf-8"))
# A child shares what is never looked through, and looks through little when it has started.
heap.settle()

_COPY_EVERY = 0.05
"""Seconds; a bot that is killed step by step copies its entries this often."""


class _Nursery:
    def __init__(self) -> None:
        self._children: dict[int, int] = {}
        """The end of its standard input that is kept open for each child."""
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> Mapping[str, Any] | None:
        """Serve; an order in each new child, None here when nobody is left to give orders."""
        rest = b""
        with selectors.DefaultSelector() as selector:
            selector.register(0, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    read = os.read(key.fd, 65536)
                    if key.fd == self._woken:
                        self._reap()
                        continue
                    if not read:
                        return None
                    *lines, rest = (rest + read).split(b"\n")
                    for line in lines:
                        order = json.loads(line)
                        if self._fork():
                            return dict(order)

    def _fork(self) -> bool:
        """Fork; whether this is the child."""
        taking, giving = os.pipe()
        pid = os.fork()
        if pid:
            os.close(taking)
            self._children[pid] = giving
            _say({"started": pid})
            return False
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(taking, 0)
        for kept in (*self._children.values(), taking, giving, self._woken, self._wake):
            os.close(kept)
        return True

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            os.close(self._children.pop(pid))
            _say({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def _say(news: Mapping[str, Any]) -> None:
    os.write(1, json.dumps(news).encode() + b"\n")


def _become_bot(order: Mapping[str, Any]) -> None:
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.environ.clear()
    os.environ.update(order["environment"])
    if orders := os.environ.pop(strikes.ORDERS, ""):
        strikes.arm(Path(orders))
        _hurry()
    sys.argv = ["starloom", *order["arguments"]]
    main()


def _hurry() -> None:
    """Spare the waits: the order of things stays."""

    def quick(settings: Settings, limits: Limits) -> Tuning:
        return replace(QUICK, generation=replace(QUICK.generation, dry_run=settings.dry_run))

    Tuning.of = quick
    copying._COPY_EVERY = _COPY_EVERY


if __name__ == "__main__":
    given = _Nursery().run()
    if given is not None:
        _become_bot(given)
