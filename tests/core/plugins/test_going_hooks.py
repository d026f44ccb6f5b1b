"""Operators are told which plugin still uses what goes from a hook, before it is gone."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from support.plugin_house import Build
from support.studio_talk import write_plugin

from core.deprecation import deprecated, going_argument
from core.hooks import HookSpecifications
from core.plugin_manager import PluginState
from starloom.cli.options import Options
from starloom.cli.plugins_checking import check

YESTERDAY = """
    class Yesterday(Plugin):
        name = "yesterday"

        @hookimpl
        async def may_generate(self, options):
            return None

        @hookimpl
        async def may_redeem(self, code):
            return None
"""
SENTENCES = (
    "hook may_generate takes options, which is deprecated since API 1.1 and goes with 2.0: "
    "its author has to use model_id before that",
    "it implements hook may_redeem, which is deprecated since API 1.1 and goes with 2.0: "
    "its author has to use may_deliver before that",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A plugin that uses an argument that goes, and a hook that does."""
    mark = going_argument("options", instead="model_id", since="1.1", goes="2.0")
    monkeypatch.setattr(HookSpecifications, "may_generate", mark(HookSpecifications.may_generate))
    # Of a copy: `deprecated` marks what it is given, too.
    whole = functools.wraps(HookSpecifications.may_redeem)(lambda _self, code: None)
    words = "may_redeem is deprecated since API 1.1 and goes with 2.0: use may_deliver"
    monkeypatch.setattr(HookSpecifications, "may_redeem", deprecated(words)(whole))
    write_plugin(tmp_path, "yesterday", YESTERDAY)
    return str(tmp_path / "yesterday")


async def test_they_read_it_when_it_starts_and_it_works_on(
    build: Build, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    house = build({"yesterday": {"module": folder}})
    await house.manager.start()
    assert house.state("yesterday") is PluginState.ON
    assert house.status("yesterday").warnings == SENTENCES
    logged = capsys.readouterr().out
    for sentence in SENTENCES:
        assert logged.count(sentence) == 1
    asked = dict.fromkeys(("user", "model_id", "prompt", "options"))
    assert await house.manager.decide("may_generate", **asked) is None


def test_they_read_it_before_it_starts(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(f'[plugins.yesterday]\nmodule = "{folder}"\n', encoding="utf-8")
    assert check(Options(env_file=tmp_path / ".env", plugins_file=file), []) == 0
    told = capsys.readouterr().out
    assert "1 plugins: all can start" in told
    for sentence in SENTENCES:
        assert told.count(sentence) == 1
