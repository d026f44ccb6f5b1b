"""The bot's process is told by its environment where it is, whatever the file of settings says."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from core.config import Mode, Settings
from starloom.cli.local import unless_set

ENDPOINT = '{"host": "127.0.0.1", "port": 4430, "modulus": "0xc0ffee"}'


def load(path: Path, file: str, **environment: str) -> Settings:
    path.joinpath(".env").write_text(file, encoding="utf-8")
    return Settings.load(env=environment, env_file=path / ".env")


def test_the_environment_overrules_the_file_by_any_name_of_a_setting(tmp_path: Path) -> None:
    file = "ADMIN_ID=1\nTELEGRAM_BOT_TOKEN=1:file\n"
    settings = load(tmp_path, file, ADMIN_IDS="2,3", BOT_TOKEN="2:environment")
    assert settings.admin_ids == (2, 3)
    assert settings.bot_id == 2
    assert load(tmp_path, file, ADMIN_IDS="").admin_ids == (1,)


@pytest.mark.parametrize(
    ("environment", "mode"),
    [
        ({}, Mode.SANDBOX),
        ({"BOT_TOKEN": "1:a", "API_ID": "1", "API_HASH": "h"}, Mode.SANDBOX),
        ({"TELEGRAM_ENDPOINT": ENDPOINT}, Mode.SANDBOX),
        ({"BOT_TOKEN": "1:a", "TELEGRAM_ENDPOINT": ENDPOINT}, Mode.REAL),
    ],
)
def test_in_test_mode_a_local_telegram_is_started_unless_there_is_one(
    tmp_path: Path, environment: dict[str, str], mode: Mode
) -> None:
    settings = load(tmp_path, "TEST_MODE=1\nKIE_API_KEY=key\n", **environment)
    assert settings.test_mode
    assert settings.mode() is mode


def test_only_what_nobody_has_set_is_made_to_fit_a_local_bot(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        usual = Settings.model_fields["port"].default
        assert set(unless_set(load(tmp_path, ""))) == {"PORT", "LOG_LEVEL"}
        assert int(unless_set(load(tmp_path, ""))["PORT"]) in (0, *range(usual, usual + 20))
        assert unless_set(load(tmp_path, f"PORT={port}\n", LOG_LEVEL="info")) == {}
        # Who keeps a log of everything in a file gets everything in it.
        assert "LOG_LEVEL" not in unless_set(load(tmp_path, f"LOG_FILE={tmp_path / 'log'}\n"))
