"""The Containerfile and what a build of it may see, read as a container engine reads them."""

from __future__ import annotations

import asyncio
import fnmatch
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
NEVER = re.compile(r"(^|/)(\.env|\.git|\.starloom|tests|bench|docs)(/|$)|\.pyc$|\.pem$|\.key$")
"""What is not shipped."""


def _ignored(path: str, rules: list[str]) -> bool:
    """Whether a build leaves a file out: the last rule that fits it, or a folder above it, decides."""
    parts = path.split("/")
    above = ["/".join(parts[: place + 1]) for place in range(len(parts))]
    ignored = False
    for rule in rules:
        wanted = rule.removeprefix("!")
        if any(_fits(each, wanted) for each in above):
            ignored = not rule.startswith("!")
    return ignored


def _fits(path: str, rule: str) -> bool:
    anywhere = rule.removeprefix("**/")
    if anywhere != rule:
        return fnmatch.fnmatchcase(path.rpartition("/")[2], anywhere)
    return path.count("/") == rule.count("/") and fnmatch.fnmatchcase(path, rule)


async def run(*command: str, **options: Any) -> tuple[int, str]:
    """Run a command to its end: its exit status, and what it said on both channels."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, **options
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def context() -> list[str]:
    """The files of the repository, and what a working tree may have beside them, that a build may see."""
    rules = (ROOT / ".containerignore").read_text().splitlines()
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    named = {rule.removeprefix("!").partition("/")[0] for rule in rules if rule.startswith("!")}
    kept = [name for name in (path.name for path in ROOT.iterdir()) if name in named]
    below = [path for name in kept for path in (ROOT / name, *(ROOT / name).rglob("*")) if path.is_file()]
    there = [path.relative_to(ROOT).as_posix() for path in below]
    return [path for path in [*there, ".env", "core/.env", "tests/x.py"] if not _ignored(path, rules)]


def steps_of_build() -> list[tuple[str, str]]:
    """What the Containerfile does, line by line: the instruction, and the rest."""
    text = re.sub(r"\\\n\s*", " ", (DEPLOY / "Containerfile").read_text())
    cut = (line.partition(" ") for line in text.splitlines())
    return [(name, rest) for name, _, rest in cut if name.isupper()]


def copied() -> dict[str, str]:
    """The files that the Containerfile's COPY lines bring out of the context, and where to."""
    copied, seen = {}, context()
    for name, rest in steps_of_build():
        if name == "COPY" and "--from" not in rest:
            *sources, target = rest.split()
            for source in sources:
                brought = [path for path in seen if path == source or path.startswith(f"{source}/")]
                assert brought, f"{source} is not in the context"
                base = source.rpartition("/")[0] if target.endswith("/") else source
                copied |= {path: target + path.removeprefix(base) for path in brought}
    return copied
