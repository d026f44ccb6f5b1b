"""What is shipped: the wheel of the filtered build context runs, and holds no more than it must."""

from __future__ import annotations

import asyncio
import configparser
import fnmatch
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

_ROOT = Path(__file__).parents[2]
_DEPLOY = _ROOT / "deploy"
_NEVER = re.compile(r"(^|/)(\.env|\.git|\.starloom|tests|bench|docs)(/|$)|\.pyc$|\.pem$|\.key$")


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


async def _run(*command: str, **options: Any) -> tuple[int, str]:
    """Run a command to its end: its exit status, and what it said on both channels."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, **options
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def _context() -> list[str]:
    """The files of the repository, and what a working tree may have beside them, that a build may see."""
    rules = (_ROOT / ".containerignore").read_text().splitlines()
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    named = {rule.removeprefix("!").partition("/")[0] for rule in rules if rule.startswith("!")}
    kept = [name for name in (path.name for path in _ROOT.iterdir()) if name in named]
    below = [path for name in kept for path in (_ROOT / name, *(_ROOT / name).rglob("*")) if path.is_file()]
    there = [path.relative_to(_ROOT).as_posix() for path in below]
    return [path for path in [*there, ".env", "core/.env", "tests/x.py"] if not _ignored(path, rules)]


def _steps() -> list[tuple[str, str]]:
    """What the Containerfile does, line by line: the instruction, and the rest."""
    text = re.sub(r"\\\n\s*", " ", (_DEPLOY / "Containerfile").read_text())
    cut = (line.partition(" ") for line in text.splitlines())
    return [(name, rest) for name, _, rest in cut if name.isupper()]


def _copied() -> dict[str, str]:
    """The files that the Containerfile's COPY lines bring out of the context, and where to."""
    copied, context = {}, _context()
    for name, rest in _steps():
        if name == "COPY" and "--from" not in rest:
            *sources, target = rest.split()
            for source in sources:
                brought = [path for path in context if path == source or path.startswith(f"{source}/")]
                assert brought, f"{source} is not in the context"
                base = source.rpartition("/")[0] if target.endswith("/") else source
                copied |= {path: target + path.removeprefix(base) for path in brought}
    return copied


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as the container builds it: of what is copied from the filtered context alone."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path, target in _copied().items():
        (source / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_ROOT / path, source / target)
    building = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    status, said = await _run(sys.executable, *building, "--wheel-dir", str(out), str(source))
    assert status == 0, said
    (built,) = out.glob("*.whl")
    return built


def test_the_context_holds_what_runs_and_nothing_else() -> None:
    context = _context()
    # The guide for authors comes along: `plugin new` takes its plugin from there.
    assert [path for path in context if _NEVER.search(path)] == ["docs/plugins.md"]
    assert {"core/app.py", "plugins.toml", "sandbox/web/static/index.html", "locales/ru/core.ftl"} <= set(
        context
    )
    assert (_ROOT / ".dockerignore").read_text() == (_ROOT / ".containerignore").read_text()


async def test_the_wheel_runs_in_an_empty_place(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "installed")
    assert [name for name in names if _NEVER.search(name)] == []
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tmp_path / "installed"),
        "DATA_DIR": str(empty / "data"),
        "COLUMNS": "200",
    }
    status, said = await _run(*(sys.executable, "-P", "-m", "starloom", "doctor"), cwd=empty, env=environment)
    assert status == 0, said
    assert "languages: en, ru" in said


def test_the_container_runs_as_nobody_in_particular() -> None:
    steps = _steps()
    names = [name for name, _ in steps]
    environment = dict(each.split("=", 1) for each in dict(steps)["ENV"].split())
    assert {"ADD", "MAINTAINER"} & set(names) == set()
    assert all(re.search(r":\d+\.\d+", rest) for name, rest in steps if name == "FROM")
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert dict(steps)["USER"] not in ("root", "0")
    for name in ("ENTRYPOINT", "HEALTHCHECK"):
        assert "[" in dict(steps)[name], f"{name} must not go through a shell"
    for _, rest in steps:
        if "apt-get install" in rest:
            assert "--no-install-recommends" in rest
            assert "rm -rf /var/lib/apt/lists" in rest
    # What lasts is in a volume that the user of the container owns, and compose keeps it by a name.
    assert f'"{environment["DATA_DIR"]}"' in dict(steps)["VOLUME"]
    compose = yaml.safe_load((_DEPLOY / "compose.yaml").read_text())
    kept = compose["services"]["starloom"]["volumes"]
    assert [each.partition(":")[2] for each in kept] == [environment["DATA_DIR"]]
    assert {each.partition(":")[0] for each in kept} <= set(compose["volumes"])


def test_compose_waits_for_the_database_and_shows_nothing_to_the_world() -> None:
    services = yaml.safe_load((_DEPLOY / "compose.yaml").read_text())["services"]
    bot, mongo = services["starloom"], services["mongo"]
    assert bot["depends_on"]["mongo"]["condition"] == "service_healthy"
    assert all(port.startswith("127.0.0.1:") for port in bot["ports"])
    assert "ports" not in mongo
    assert "replicaSet=starloom" in bot["environment"]["MONGODB_URI"]
    assert mongo["command"][:2] == ["--replSet", "starloom"]


def test_the_unit_starts_what_there_is_and_gives_it_time_to_end() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(_DEPLOY / "starloom.service")
    service = unit["Service"]
    assert service["ExecStart"].split()[0].endswith("/bin/starloom")
    assert service["User"] != "root"
    assert int(service["TimeoutStopSec"]) >= 60
    assert service["Restart"] == "always"
