"""The bot's process is told by its environment where it is, whatever the file of settings says."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import Mode, Settings

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
