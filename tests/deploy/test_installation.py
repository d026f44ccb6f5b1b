"""A server set up as the guide says: the unit's command runs the wheel, and its next version takes over."""

from __future__ import annotations

import asyncio
import configparser
import contextlib
import importlib
import json
import os
import re
import shlex
import shutil
import socket
import sys
import tomllib
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from container_file import DEPLOY, NEVER, ROOT, copied, run, steps_of_build
from dotenv import dotenv_values

from sandbox.environment import environment_for
from sandbox.server import Sandbox
from starloom.cli.env_file import EnvFile

_GUIDE = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
_UNIT = (DEPLOY / "starloom.service").read_text(encoding="utf-8")


def the_unit(text: str = _UNIT) -> configparser.SectionProxy:
    """What the unit says of its service."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string(text)
    return unit["Service"]


def the_steps() -> list[str]:
    """The commands of "From BotFather to a server"."""
    section = _GUIDE.partition("## From BotFather to a server")[2].partition("\n4. ")[0]
    return [line.partition("#")[0].strip() for line in re.findall(r"^ {8}(\S.*)$", section, re.MULTILINE)]


def the_health_check() -> list[str]:
    """What a container asks itself, with this machine's Python."""
    _, _, command = dict(steps_of_build())["HEALTHCHECK"].partition("CMD ")
    return [sys.executable, *json.loads(command)[1:]]


@dataclass(frozen=True, slots=True)
class Instance:
    """A bot that runs on a machine."""

    process: asyncio.subprocess.Process
    port: int

    async def becomes(self, mode: str) -> None:
        """Wait until it says of itself that it is ready, and how."""
        async with asyncio.timeout(60), aiohttp.ClientSession() as http:
            while True:
                assert self.process.returncode is None, await self.process.communicate()
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    async with http.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                        if (answer.status, await answer.json()) == (200, {"mode": mode, "ready": True}):
                            return
                await asyncio.sleep(0.1)

    async def end(self) -> None:
        """Stop it as systemd does."""
        self.process.terminate()
        async with asyncio.timeout(60):
            _, said = await self.process.communicate()
        assert (self.process.returncode, said.decode()) == (0, "")


class Machine:
    """A server whose folders of the system are below `root`."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.environment = {"PATH": os.environ["PATH"], "COLUMNS": "200", **environment}

    def at(self, text: str) -> str:
        """A line of the guide or the unit as it is to be read here."""
        return re.sub(r"(?<!\S)/(?=(?:opt|etc|var)/)|(?<==)/(?=var/)", f"{self.root}/", text)

    def install(self, wheel: Path) -> None:
        """What pip does, on a server as it comes: the packages, and the command that they declare."""
        (self.root / "etc/systemd/system").mkdir(parents=True)
        packages = self.root / "opt/starloom/packages"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(packages)
            (declared,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
            scripts = configparser.ConfigParser()
            scripts.read_string(archive.read(declared).decode())
        module, _, function = scripts["console_scripts"]["starloom"].partition(":")
        command = self.root / "opt/starloom/.venv/bin/starloom"
        command.parent.mkdir(parents=True)
        lines = (
            f"#!{sys.executable} -P",
            f"import sys; sys.path.insert(0, {str(packages)!r})",
            f"from {module} import {function}; {function}()",
        )
        command.write_text("\n".join(lines), encoding="utf-8")
        command.chmod(0o755)

    async def follow(self, line: str) -> None:
        """Do what a line of the guide says."""
        status, said = await run(*shlex.split(self.at(line)), env=self.environment, cwd=ROOT)
        assert status == 0, f"{line}: {said}"

    @contextlib.asynccontextmanager
    async def started(self, **environment: str) -> AsyncIterator[Instance]:
        """The process that the unit starts, with its environment and `environment` beside it."""
        service = the_unit()
        given = {
            name: value or "" for name, value in dotenv_values(self.at(service["EnvironmentFile"])).items()
        }
        told = dict([self.at(service["Environment"]).split("=", 1)])
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *shlex.split(self.at(service["ExecStart"])),
            cwd=self.at(service["WorkingDirectory"]),
            env={**self.environment, **given, **told, "PORT": str(port), "LOG_LEVEL": "ERROR", **environment},
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield Instance(process, port)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def built(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wheel, made as the container makes it: of what is copied from the filtered context alone."""
    for path, target in copied().items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / target)
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    backend = importlib.import_module(project["build-system"]["build-backend"])
    with monkeypatch.context() as there:
        there.chdir(folder)
        return folder / str(backend.build_wheel(str(folder)))


@pytest.mark.timeout(240)
async def test_the_guide_leads_to_a_bot_that_runs_and_to_its_next_version(
    database_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = built(tmp_path / "source", monkeypatch)
    with zipfile.ZipFile(wheel) as archive:
        assert [name for name in archive.namelist() if NEVER.search(name)] == []
    async with await Sandbox.start(seed=1) as sandbox:
        bot, person = sandbox.add_bot(), sandbox.add_person("Alex")
        endpoint = environment_for(sandbox.endpoint, bot, [])["TELEGRAM_ENDPOINT"]
        machine = Machine(tmp_path / "server", {"TELEGRAM_ENDPOINT": endpoint, "INSTANCE_NAME": "blue"})
        machine.install(wheel)
        for line in the_steps():
            # The user, the packages and systemd itself are the system's; `init` has tests of its own.
            if line.startswith("install "):
                await machine.follow(line)
            assert line.startswith(
                ("install ", "useradd ", "python3 -m venv ", "systemctl ", "/opt/starloom/.venv/bin/")
            )
        secrets = {"BOT_TOKEN": bot.token, "API_ID": "1", "API_HASH": "hash", "ADMIN_ID": "7"}
        answers = {**secrets, "MONGODB_URI": f"{database_uri}?retryWrites=false"}
        EnvFile("").with_values(answers).write(machine.root / "etc/starloom/env")
        # The next version, and a host that gives an address, get the same and a few names of their own.
        hosted = {"RENDER_EXTERNAL_URL": "https://bot.example.com", "INSTANCE_NAME": "green"}
        async with contextlib.AsyncExitStack() as stack:
            blue = await stack.enter_async_context(machine.started())
            await blue.becomes("active")
            green = await stack.enter_async_context(machine.started(**hosted))
            await green.becomes("passive")
            asked = {**machine.environment, "PORT": str(blue.port)}
            assert (await run(*the_health_check(), env=asked))[0] == 0
            await person.start(bot=bot)
            await person.expect("Alex", kind="new", within=30)
            await blue.end()
            await person.send("/help")
            await green.becomes("active")
            await person.expect("/balance", kind="new", within=30)
            assert (await run(*the_health_check(), env=asked))[0] == 1
            await green.end()
        # Neither of them answered what the other had answered.
        assert person.unexpected == ()


def test_the_guide_makes_what_the_unit_names() -> None:
    service, steps = the_unit(), " ".join(the_steps()).split()
    command, *arguments = service["ExecStart"].split()
    data = service["Environment"].removeprefix("DATA_DIR=")
    assert {command, service["EnvironmentFile"], data, arguments[-1], service["User"]} <= set(steps)
    assert data == f"/var/lib/{service['StateDirectory']}"
    assert command.startswith(f"{service['WorkingDirectory']}/")
    assert service["User"] != "root"
    assert service["Restart"] == "always"
    assert int(service["TimeoutStopSec"]) >= 60


async def test_systemd_takes_the_unit_and_the_copy_for_a_second_bot(tmp_path: Path) -> None:
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        if os.environ.get("CI"):
            pytest.fail("systemd-analyze is missing; .ci/run installs it")
        pytest.skip("NOT TESTED: the systemd unit; install systemd (Debian: apt-get install systemd)")
    (named,) = re.findall(r"copy the unit as `(\S+)` and change ((?:`[^`]+`[^`]*)+) in it", _GUIDE)
    changed = re.findall(r"`([^`]+)`", named[1])
    second = _UNIT
    for setting in changed:
        second = re.sub(
            rf"^({re.escape(setting)}=.*)starloom", r"\1starloom-film", second, flags=re.MULTILINE
        )
    # Whatever one bot alone may use is another's there.
    before, after = the_unit(), the_unit(second)
    own = {"EnvironmentFile", "Environment", "StateDirectory"}
    assert {name for name in before if before[name] != after[name]} == own
    # What it starts has to be there; the rest of the system's units are this machine's.
    command = the_unit()["ExecStart"].split()[0]
    for name, text in (("starloom.service", _UNIT), (named[0].replace("NAME", "film"), second)):
        (tmp_path / name).write_text(text.replace(command, sys.executable), encoding="utf-8")
        status, said = await run(verifier, "verify", "--man=no", str(tmp_path / name))
        wrong = [line for line in said.splitlines() if name in line]
        assert (status, wrong) == (0, []), said
