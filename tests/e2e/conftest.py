"""The whole bot on the local Telegram, for each test."""

from __future__ import annotations

import copy
import re
import subprocess
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from durability.processes import Nursery, StartStudio

from sandbox.studio import Studio

_ROOT = Path(__file__).parent.parent.parent
PLUGINS = tomllib.loads((_ROOT / "plugins.toml").read_text(encoding="utf-8"))

_ABOUT_MONITORING = re.compile("monitoring|production|budget|plugins|settings|admin_|broadcasts")
"""The tests in which operators are told things by monitoring."""


@pytest.fixture
def plugins(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the project's plugins.toml says, with a quick demo provider that can be told to go wrong."""
    data = copy.deepcopy(PLUGINS)
    data["providers"]["demo"] |= {"seconds": 0, "faults": True, "frames": 6}
    if not _ABOUT_MONITORING.search(request.module.__name__):
        # What it tells operators of its own accord would come between their questions and the answers.
        del data["plugins"]["monitoring"]
    return data


@pytest.fixture
async def start_studio(
    database_uri: str, tmp_path: Path, plugins: dict[str, Any]
) -> AsyncIterator[StartStudio]:
    """Start studios as a test wishes; all are stopped at the end."""
    async with AsyncExitStack() as stack:

        async def start(**options: Any) -> Studio:
            options = {"plugins": plugins, **options}
            studio = await Studio.start(database_uri=database_uri, directory=tmp_path, **options)
            return await stack.enter_async_context(studio)

        yield start


@pytest.fixture
async def studio(start_studio: StartStudio) -> Studio:
    """A running bot with the built-in plugins, limits lifted, and one admin."""
    return await start_studio(admins=1)


@pytest.fixture(scope="session")
def nursery_process() -> Iterator[subprocess.Popen[bytes]]:
    """The process from which bots are forked."""
    with Nursery.process() as process:
        yield process


@pytest.fixture
async def nursery(nursery_process: subprocess.Popen[bytes]) -> AsyncIterator[Nursery]:
    """Starts bots in processes of their own; whatever still runs ends with the test."""
    async with Nursery(nursery_process).open() as nursery:
        yield nursery
