"""`plugin new` writes distributions that pass their own tests at once, with the installed test kit alone."""

from __future__ import annotations

import asyncio
import sys
import tomllib
from pathlib import Path

import pytest
from support.author import run_tests

from starloom.cli.scaffold import new_plugin

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


async def test_a_new_plugin_passes_its_own_tests(tmp_path: Path, database_uri: str) -> None:
    assert new_plugin("weather_man", tmp_path, provider=False) == 0
    project = tmp_path / "starloom-weather-man"
    said = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    assert said["project"]["entry-points"]["starloom.plugins"] == {"weather_man": "starloom_weather_man"}
    assert "3 passed" in await run_tests(project, database_uri)


async def test_a_new_provider_passes_its_own_tests(tmp_path: Path, database_uri: str) -> None:
    assert new_plugin("sunny", tmp_path, provider=True) == 0
    assert "34 passed" in await run_tests(tmp_path / "starloom-sunny", database_uri)


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "starloom-joke").mkdir()
    assert new_plugin("joke", tmp_path, provider=False) == 1
    assert "is there already" in capsys.readouterr().err
    assert new_plugin("Joke!", tmp_path, provider=False) == 1
    assert "at most 32 small letters" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["starloom-joke"]


@pytest.mark.parametrize(
    ("name", "passed"), [("daily-prompt", "3 passed"), ("pixel-art", "passed"), ("gatekeeper", "3 passed")]
)
async def test_the_examples_pass_their_own_tests(name: str, passed: str, database_uri: str) -> None:
    assert passed in await run_tests(EXAMPLES / name, database_uri)


async def test_other_projects_tests_start_without_loading_the_house() -> None:
    code = (
        "import sys, starloom.pytest_plugin as _; "
        "print([name for name in sys.modules if name.partition('.')[0] in ('core', 'sandbox', 'pyrogram')])"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    assert (process.returncode, told.strip()) == (0, b"[]")
