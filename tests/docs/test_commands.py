"""The commands that the documents name are run on an empty database; they do what is said and end well."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.clock import SystemClock
from core.storage.database import Database
from starloom.cli import _cli

_ROOT = Path(__file__).parents[2]
_ELSEWHERE = {"chat", "demo", "doctor", "init", "locales", "monitoring", "new", "run", "set", "sync"}
"""They run until somebody ends them, ask, need others, or take long: tests of their own run those."""
_STAND_FOR = {"USER": "1", "ID": "demo-video", "NAME": "stats", "LANG": "de", "joke": "stats"}
_ENDS_WITH = {"approve": 1, "reject": 1}
"""No change waits for a word."""


def _named() -> list[str]:
    found = set()
    for path in (*_ROOT.glob("*.md"), *_ROOT.glob("docs/*.md")):
        text = path.read_text(encoding="utf-8")
        for line in re.findall(r"python run\.py((?: [^\s`#|;]+)+)", text):
            words = line.replace("“", "").rstrip(".,:)").split()
            plain = [word for word in words if not word.startswith("-")]
            first_is_command = len(plain) > 1 and words[0] == plain[0]
            if first_is_command and not _ELSEWHERE & set(plain) and "[" not in line:
                found.add(" ".join(words))
    return sorted(found)


@pytest.fixture(scope="module")
def environment(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A bot's settings; its database is dropped at the end."""
    uri = f"{database_uri}?retryWrites=false"
    given = {"BOT_TOKEN": "424242:x", "API_ID": "1", "API_HASH": "x", "ADMIN_ID": "1"}
    yield {
        **given,
        "MONGODB_URI": uri,
        "DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "LOG_LEVEL": "ERROR",
    }

    async def drop() -> None:
        for bot in ("424242", "0"):
            database = await Database.connect(uri, f"starloom_{bot}", embedded=True, clock=SystemClock())
            await database.erase()
            await database.close()

    asyncio.run(drop())


def test_there_are_commands() -> None:
    groups = {line.split()[0] for line in _named()}
    assert {"ledger", "maintenance", "models", "plugins"} <= groups


@pytest.mark.parametrize("line", _named())
def test_a_command_does_what_is_said(
    line: str, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [_STAND_FOR.get(word, word) for word in shlex.split(line)]
    words = [str(tmp_path / word) if word in ("out", "DIR") else word for word in words]
    before = ["--plugins-file", str(_ROOT / "plugins.toml"), "--env-file", str(tmp_path / ".env")]
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(_cli, [*before, *words], env={**environment, "COLUMNS": "200"})
    assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
    expected = next((status for part, status in _ENDS_WITH.items() if part in line), 0)
    assert said.exit_code == expected, said.output
