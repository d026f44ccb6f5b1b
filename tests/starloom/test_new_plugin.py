"""What authors begin from passes its own tests: `plugin new`, the examples, the guide's plugins."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from support.author import run_tests
from support.guide import guide_files

from starloom.api import API_VERSION
from starloom.cli.scaffold import new_plugin

ROOT = Path(__file__).parents[2]
PROJECT = """
[project.entry-points."starloom.plugins"]
{name} = "{name}"
[tool.pytest.ini_options]
asyncio_mode = "auto"
asyncio_default_fixture_loop_scope = "function"
pythonpath = ["."]
"""
DIALOGUE = """→ /joke
• Почему плагины не ссорятся? У них один интерфейс.
    [Ещё одну]

→ [Ещё одну]
✎ Заходит обработчик в бар, а через 30 секунд его отменяют.
    [Ещё одну]
"""


def example(name: str, directory: Path) -> Path:
    """A copy of an example, as somebody has it who took it out of the house."""
    return shutil.copytree(
        ROOT / "examples" / name, directory / name, ignore=shutil.ignore_patterns("__pycache__")
    )


def of_the_guide(name: str, directory: Path) -> Path:
    """A plugin of the guide with its test, written down as its reader would."""
    for path, text in guide_files(f"{name}/", f"test_{name}"):
        (directory / name / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / name / path).write_text(text, encoding="utf-8")
    (directory / name / "pyproject.toml").write_text(PROJECT.format(name=name), encoding="utf-8")
    return directory / name


@pytest.mark.timeout(400)
async def test_everything_that_an_author_begins_from_passes_its_own_tests(
    tmp_path: Path, database_uri: str
) -> None:
    assert new_plugin("weather_man", tmp_path, provider=False) == 0
    assert new_plugin("sunny", tmp_path, provider=True) == 0
    passing = {
        tmp_path / "starloom-weather-man": 3,
        tmp_path / "starloom-sunny": 36,
        example("daily-prompt", tmp_path): 4,
        example("gatekeeper", tmp_path): 3,
        example("pixel-art", tmp_path): None,
        of_the_guide("joke", tmp_path): 2,
        of_the_guide("garden", tmp_path): 1,
        of_the_guide("gate", tmp_path): 1,
    }
    (tmp_path / "joke" / "golden").mkdir()
    (tmp_path / "joke" / "golden" / "joke.ru.txt").write_text(DIALOGUE, encoding="utf-8")
    told = await run_tests(list(passing), database_uri)
    for (project, count), words in zip(passing.items(), told, strict=True):
        assert re.search(rf"\b{count or '[1-9][0-9]*'} passed", words), f"{project.name}: {words}"


@pytest.mark.parametrize("provider", [False, True])
def test_a_new_distribution_is_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, provider: bool
) -> None:
    assert new_plugin("rain_man", tmp_path, provider=provider) == 0
    assert f"pip install --editable '{ROOT}[testing]' --editable ." in capsys.readouterr().out
    project = tmp_path / "starloom-rain-man"
    code = project / "src" / "starloom_rain_man"
    said = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    kind = "providers" if provider else "plugins"
    assert said["project"]["entry-points"] == {f"starloom.{kind}": {"rain_man": "starloom_rain_man"}}
    assert said["project"]["name"] == "starloom-rain-man"
    (needed,) = map(Requirement, said["project"]["dependencies"])
    assert needed.name == "starloom"
    assert (project / "tests" / "test_rain_man.py").is_file()
    assert (project / ".gitignore").is_file()
    readme = (project / "README.md").read_text(encoding="utf-8")
    assert f"[{kind}.rain_man]" in readme
    steps = yaml.safe_load((project / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    runs = " ".join(step.get("run", "") for job in steps["jobs"].values() for step in job["steps"])
    home = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"][
        "Documentation"
    ]
    assert f'"starloom[testing] @ git+{home.partition("/tree/")[0]}" --editable .' in runs
    assert "pytest" in runs
    assert ("models list --provider rain_man" in readme) is provider, "plugins list names no providers"
    if provider:
        offered = tomllib.loads((code / "models.toml").read_text(encoding="utf-8"))["models"]
        assert all(set(model["title"]) == {"en", "ru"} for model in offered)
    else:
        source = (code / "__init__.py").read_text(encoding="utf-8")
        (allowed,) = re.findall(r'api = "(.+)"', source)
        assert SpecifierSet(allowed).contains(API_VERSION)
        keys = [
            set(re.findall(r"^([\w-]+) =", path.read_text(encoding="utf-8"), re.MULTILINE))
            for path in (code / "locales" / "en.ftl", code / "locales" / "ru.ftl")
        ]
        assert keys[0] == keys[1]
        assert all(key.startswith(("rain-man-", "help-of-rain_man")) for key in keys[0])
    left = [path for path in project.rglob("*") if path.is_file() and "$" in path.name]
    assert not left
    texts = [path.read_text(encoding="utf-8") for path in project.rglob("*") if path.is_file()]
    assert not [text for text in texts if "${" in text.replace("${{", "") or "acme" in text.lower()]


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "starloom-joke").mkdir()
    assert new_plugin("joke", tmp_path, provider=False) == 1
    assert "is there already" in capsys.readouterr().err
    assert new_plugin("Joke!", tmp_path, provider=False) == 1
    assert "at most 32 small letters" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["starloom-joke"]


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
