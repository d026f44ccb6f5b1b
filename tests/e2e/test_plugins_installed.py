"""A plugin's wheel beside Starloom's in a fresh environment: found, checked, run, and switched off."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from starloom.cli.scaffold import new_plugin

ROOT = Path(__file__).parents[2]
TABLE = """
[plugins.start]
module = "plugins.start"

[plugins.weather]
most = 5
"""
TALK = """
import asyncio, sys, tomllib
from pathlib import Path
from sandbox.studio import Studio

async def main(uri, directory):
    tables = tomllib.loads(Path("plugins.toml").read_text())
    async with await Studio.start(database_uri=uri, directory=Path(directory), plugins=tables) as studio:
        alice = studio.person("Alice")
        await alice.send("/weather")
        await alice.expect("Hello, Alice!")
        await studio.service.plugins.disable("weather")
        await alice.send("/weather")
        await alice.expect("This feature is off")
        print("as it should be")

asyncio.run(main(*sys.argv[1:]))
"""


async def run(*command: str, cwd: Path, **environment: str) -> str:
    """Run a command to its end; what it prints."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


@pytest.mark.soak
async def test_a_wheel_is_found_allowed_run_and_disabled(tmp_path: Path, database_uri: str) -> None:
    assert new_plugin("weather", tmp_path, provider=False) == 0
    wheels = tmp_path / "wheels"
    for project in (ROOT, tmp_path / "starloom-weather"):
        await run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels), cwd=project)
    # The libraries are those that run this test; Starloom and the plugin are what was built.
    venv.create(tmp_path / "venv", with_pip=True, system_site_packages=False)
    python = str(tmp_path / "venv" / "bin" / "python")
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    (installed,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    built = [str(path) for path in wheels.glob("*.whl")]
    await run(python, "-m", "pip", "install", "-q", "--no-deps", *built, cwd=tmp_path)
    (installed / "libraries.pth").write_text(f"{libraries}\n", encoding="utf-8")
    (tmp_path / "plugins.toml").write_text(TABLE, encoding="utf-8")
    starloom = str(tmp_path / "venv" / "bin" / "starloom")
    told = await run(starloom, "plugins", "info", "weather", cwd=tmp_path)
    assert "installed with starloom-weather 0.1.0" in told
    assert "extra" not in told
    assert "weather 0.1.0" in await run(starloom, "plugins", "check", cwd=tmp_path)
    (tmp_path / "talk.py").write_text(TALK, encoding="utf-8")
    told = await run(python, "talk.py", database_uri, str(tmp_path / "data"), cwd=tmp_path)
    assert "as it should be" in told
