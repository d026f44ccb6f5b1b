"""`plugins info`, `check` and what `list` says of each: nothing is started, and wrongs are sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from starloom.cli.options import Options
from starloom.cli.plugins_checking import check, show
from starloom.cli.switching import origin_of

ROOT = Path(__file__).parents[2]
BAD = ROOT / "tests" / "core" / "plugins"


@pytest.fixture
def options(tmp_path: Path) -> Options:
    tables = {
        "start": "plugins.start",
        "good": f"{BAD}/good_plugins/good",
        "raises_at_import": f"{BAD}/bad_plugins/raises_at_import",
        "from_the_future": f"{BAD}/bad_plugins/from_the_future",
        "circle_a": f"{BAD}/bad_plugins/circle_a",
        "circle_b": f"{BAD}/bad_plugins/circle_b",
    }
    text = "".join(f'[plugins.{name}]\nmodule = "{module}"\n' for name, module in tables.items())
    path = tmp_path / "plugins.toml"
    path.write_text(text + '[plugins.nowhere]\n[plugins.buy]\nmodule = "plugins.buy"\ngrants = ["billing"]\n')
    return Options(env_file=tmp_path / ".env", plugins_file=path)


def test_check_tells_what_is_wrong_with_each_and_how_long_imports_take(
    options: Options, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(options, []) == 1
    told = capsys.readouterr()
    assert "8 plugins: 5 cannot start" in told.out
    fine = {line.split()[1] for line in told.out.splitlines() if line.startswith("ok")}
    assert fine == {"start", "good", "buy"}
    assert "ms to import" in told.out
    wrong = {line.split()[1].rstrip(":"): line for line in told.err.splitlines()}
    assert "RuntimeError: no licence found" in wrong["raises_at_import"]
    assert "it is made for API >=9" in wrong["from_the_future"]
    assert "in a circle: circle_a -> circle_b -> circle_a" in wrong["circle_b"]
    assert "no installed distribution offers it" in wrong["nowhere"]
    assert check(options, ["good"]) == 0
    assert check(options, ["nobody"]) == 1
    assert "There is no plugin nobody in plugins.toml" in capsys.readouterr().err


def test_info_runs_nothing(options: Options, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(options, "raises_at_import") == 0
    assert show(options, "from_the_future") == 1
    assert show(options, "buy") == 0
    told = capsys.readouterr()
    assert "granted       billing" in told.out
    assert "it is made for API >=9" in told.err


def test_the_list_tells_of_grants_and_of_what_cannot_work(options: Options) -> None:
    file = options.plugins()
    assert origin_of(file, "buy").endswith("granted: billing")
    assert origin_of(file, "good").endswith("good_plugins/good  1.2")
    assert "(it is made for API >=9" in origin_of(file, "from_the_future")
    assert "no installed distribution offers it" in origin_of(file, "nowhere")
