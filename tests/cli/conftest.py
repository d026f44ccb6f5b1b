"""A command line on an empty directory."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.command_line import CommandLine, CommandsHere


@pytest.fixture
async def cli(tmp_path: Path) -> AsyncIterator[CommandLine]:
    """Commands on an empty directory; whatever of them still runs at the end is ended."""
    cli = CommandLine(tmp_path)
    yield cli
    for pid in cli.processes():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    await cli.until_gone()


@pytest.fixture
def here(tmp_path: Path) -> CommandsHere:
    """Commands on an empty directory, in this process."""
    return CommandsHere(tmp_path)
