"""Runs tests as an author of plugins would: in a process of their own, with the installed kit alone."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


async def run_tests(project: Path, database_uri: str, *more: str) -> str:
    """Run a distribution's own tests, as its author would; what they print."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "TEST_DATABASE_URL": database_uri,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "starloom.pytest_plugin"),
        *more,
        cwd=project,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()
