"""Runs tests as an author of plugins would: in processes of their own, with the installed kit alone."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
_RUN = """
import importlib, os, sys

# What every project needs is loaded once; each then runs in a fork, with arguments and a folder of its own.
house = "core.app sandbox.studio plugins.generate plugins.buy plugins.stats providers.demo"
for module in house.split():
    importlib.import_module(module)
import pytest

options = ["-q", "-p", "no:cacheprovider", "-p", "starloom.pytest_plugin"]
failed = 0
for project in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        os.chdir(project)
        sys.path.insert(0, project)
        output = os.open("pytest.out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        # In the folder that all runs share, one may meet what another is just taking away.
        folders = [f"--rootdir={project}", f"--basetemp={project}.tmp"]
        status = pytest.main([*options, *folders, "-c", "pyproject.toml"])
        sys.stdout.flush()
        os._exit(int(status))
    failed |= os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(failed)
"""


async def run_tests(projects: Sequence[Path], database_uri: str) -> list[str]:
    """Run each distribution's own tests, as its author would; what each of them prints.

    It is written to a file `pytest.out` in the distribution.
    """
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "TEST_DATABASE_URL": database_uri,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "error", "-c", _RUN),
        *map(str, projects),
        cwd=projects[0],
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    told = [(project / "pytest.out").read_text(encoding="utf-8") for project in projects]
    assert process.returncode == 0, "\n".join([output.decode(), *told])
    return told
