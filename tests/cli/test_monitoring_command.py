"""`monitoring import`: a former bot's settings go into plugins.toml, its secrets do not."""

from __future__ import annotations

import json
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.plugins_file import PluginsFile
from plugins.monitoring import MonitoringConfig
from starloom.cli import _cli

FORMER = {
    "enabled": True,
    "bot_token": "123:secret",
    "admin_chat_ids": [8589934592],
    "monitoring_chat_ids": [-1001234567890],
    "notify_on_start": False,
    "notify_on_credits_low": True,
    "notify_on_errors": True,
    "daily_summary_enabled": True,
    "daily_summary_time": "21:30",
    "weekly_time": "10:00",
    "command_prefix": "/",
    "colour": "blue",
    "proxy_url": None,
}
FILE = """# Mine
[plugins.monitoring]
module = "plugins.monitoring"
daily_summary_time = "08:00"
quiet_from = "23:00"
quiet_until = "07:00"

# Figures
[plugins.stats]
module = "plugins.stats"
"""


def run(tmp_path: Path, former: Any, plugins: str) -> Result:
    (tmp_path / "former.json").write_text(former if isinstance(former, str) else json.dumps(former))
    (tmp_path / "plugins.toml").write_text(plugins)
    file = str(tmp_path / "plugins.toml")
    return CliRunner().invoke(
        _cli, ["--plugins-file", file, "monitoring", "import", str(tmp_path / "former.json")]
    )


@pytest.mark.parametrize("plugins", [FILE, '[plugins.stats]\nmodule = "plugins.stats"\n'])
def test_settings_go_over(tmp_path: Path, plugins: str) -> None:
    result = run(tmp_path, FORMER, plugins)
    assert result.exit_code == 0, result.output
    assert "bot_token: it belongs to BOT_TOKEN in .env" in result.output
    assert "colour: not known, left out" in result.output
    text = (tmp_path / "plugins.toml").read_text()
    assert "secret" not in text + result.output
    file = PluginsFile.load(tmp_path / "plugins.toml")
    entry = file.plugins["monitoring"]
    config = MonitoringConfig.model_validate(dict(entry.settings))
    assert entry.enabled
    assert entry.grants == ("operations",)
    assert config.admin_chat_ids == (8589934592,)
    assert config.monitoring_chat_ids == (-1001234567890,)
    assert (config.daily_summary_time, config.weekly_report_time) == (time(21, 30), time(10))
    assert not config.notify_on_video_started
    assert config.notify_on_system_error
    assert set(file.plugins) == {"stats", "monitoring"}
    if plugins is FILE:
        assert config.quiet_from == time(23)
        assert "# Figures" in text


@pytest.mark.parametrize(
    ("former", "told"),
    [
        ("{", "former.json"),
        ([], "it has to be a JSON object"),
        ({"daily_summary_time": "25:00"}, "daily_summary_time"),
        ({"admin_chat_ids": "me"}, "admin_chat_ids"),
        ({"command_prefix": "!"}, "command_prefix"),
    ],
)
def test_what_is_wrong_changes_nothing(tmp_path: Path, former: Any, told: str) -> None:
    result = run(tmp_path, former, FILE)
    assert result.exit_code == 1
    assert told in result.output
    assert (tmp_path / "plugins.toml").read_text() == FILE
