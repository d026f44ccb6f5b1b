"""What `/restart` comes to: the run ends as after a stop, and a new process takes its place."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from core.app import Application
from starloom.cli import running
from starloom.cli.options import Options

ENVIRONMENT = {"BOT_TOKEN": "123456:token", "API_ID": "17", "API_HASH": "hash", "LOG_LEVEL": "ERROR"}


@pytest.mark.parametrize("wanted", [True, False])
def test_a_new_process_takes_the_place(wanted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**ENVIRONMENT, "DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    done: list[object] = []

    async def start(self: Application) -> None:
        done.append("started")
        if wanted:
            self.restart_wanted.set()
        else:
            os.kill(os.getpid(), 15)

    async def stop(self: Application) -> None:
        await asyncio.sleep(0)
        done.append("stopped")

    monkeypatch.setattr(Application, "start", start)
    monkeypatch.setattr(Application, "stop", stop)
    monkeypatch.setattr(os, "execv", lambda path, arguments: done.append((path, arguments)))
    options = Options(env_file=tmp_path / ".env", plugins_file=Path("plugins.toml"))
    status = running.run(options)
    anew = (sys.executable, [sys.executable, *sys.orig_argv[1:]])
    assert done == (["started", "stopped", anew] if wanted else ["started", "stopped"])
    assert status == (running.RESTART if wanted else 0)
