"""What a container is built of and how it runs: the filtered context, the Containerfile, the compose file."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml
from container_file import DEPLOY, NEVER, ROOT, context, run, steps_of_build


def test_the_context_holds_what_runs_and_nothing_else() -> None:
    seen = context()
    # The guide for authors comes along: `plugin new` takes its plugin from there.
    assert [path for path in seen if NEVER.search(path)] == ["docs/plugins.md"]
    assert {"core/app.py", "plugins.toml", "sandbox/web/static/index.html", "locales/ru/core.ftl"} <= set(
        seen
    )
    assert (ROOT / ".dockerignore").read_text() == (ROOT / ".containerignore").read_text()


async def test_a_linter_has_nothing_against_the_build() -> None:
    linter = str(Path(sys.executable).with_name("hadolint"))
    status, said = await run(linter, "--no-color", str(DEPLOY / "Containerfile"))
    assert (status, said) == (0, "")


def test_the_container_runs_as_nobody_in_particular() -> None:
    steps = steps_of_build()
    names = [name for name, _ in steps]
    environment = dict(each.split("=", 1) for each in dict(steps)["ENV"].split())
    assert {"ADD", "MAINTAINER"} & set(names) == set()
    assert all(re.search(r":\d+\.\d+", rest) for name, rest in steps if name == "FROM")
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert dict(steps)["USER"] not in ("root", "0")
    for name in ("ENTRYPOINT", "HEALTHCHECK"):
        assert "[" in dict(steps)[name], f"{name} must not go through a shell"
    # What lasts is in a volume that the user of the container owns, and compose keeps it by a name.
    assert f'"{environment["DATA_DIR"]}"' in dict(steps)["VOLUME"]
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    kept = compose["services"]["starloom"]["volumes"]
    assert [each.partition(":")[2] for each in kept] == [environment["DATA_DIR"]]
    assert {each.partition(":")[0] for each in kept} <= set(compose["volumes"])


def test_compose_waits_for_the_database_and_shows_nothing_to_the_world() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    bot, mongo = services["starloom"], services["mongo"]
    assert bot["depends_on"]["mongo"]["condition"] == "service_healthy"
    assert all(port.startswith("127.0.0.1:") for port in bot["ports"])
    assert "ports" not in mongo
    assert "replicaSet=starloom" in bot["environment"]["MONGODB_URI"]
    assert mongo["command"][:2] == ["--replSet", "starloom"]
