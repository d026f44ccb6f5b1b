"""`monitoring import FILE`: the settings of a former monitoring bot, from its JSON into plugins.toml."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.errors import ConfigurationError
from core.plugins_file import PluginsFile
from plugins.monitoring.config import MonitoringConfig
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, complain, say

_TABLE = "plugins.monitoring"
_ELSEWHERE = {
    "bot_token": "BOT_TOKEN in .env",
    "telegram_bot_token": "BOT_TOKEN in .env",
    "api_id": "API_ID in .env",
    "api_hash": "API_HASH in .env",
    "proxy": "TELEGRAM_PROXY in .env",
    "proxy_url": "TELEGRAM_PROXY in .env",
}
"""What is a secret, or no business of this plugin's: never written into plugins.toml."""
_RENAMED = {"weekly_time": "weekly_report_time", "weekly_day": "weekly_report_day"}
_SWITCHES = {
    "start": ("video_started",),
    "complete": ("video_completed",),
    "success": ("video_completed",),
    "fail": ("video_failed",),
    "error": ("video_failed", "system_error"),
    "upload": ("upload_started", "upload_completed", "upload_failed"),
    "credit": ("credits_low", "credits_critical"),
    "budget": ("budget_warning",),
    "daily": ("daily_summary",),
    "weekly": ("weekly_report",),
    "schedule": ("scheduler_status",),
    "proxy": ("proxy_status",),
}
"""What a switch `notify_on_…` means whose name begins so, where it is not a type's own."""


def import_settings(options: Options, file: Path) -> int:
    """Write the settings of a JSON file into plugins.toml; the exit status."""
    path = options.plugins_path()
    try:
        values, notices = read_settings(file)
        text = path.read_text(encoding="utf-8")
        changed = with_table(
            text, _TABLE, {"module": "plugins.monitoring", "grants": ["operations"], **values}
        )
        PluginsFile.of(tomllib.loads(changed), directory=path.parent, name=path.name)
        path.write_text(changed, encoding="utf-8")
    except (ConfigurationError, OSError) as error:
        complain(str(error))
        return FAILED
    for notice in notices:
        say(notice)
    count = len(values)
    say(f"{count} settings stand in [{_TABLE}] of {path.name} now. A restart takes them up.")
    return 0


def read_settings(file: Path) -> tuple[dict[str, Any], list[str]]:
    """What a former bot's JSON says, as settings of the plugin; and a sentence for what is left out.

    Raises:
        ConfigurationError: it is no such file, or one of its values is not allowed.

    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    if not isinstance(data, dict):
        raise ConfigurationError(f"{file}: it has to be a JSON object")
    values: dict[str, Any] = {}
    notices: list[str] = []
    for name, value in data.items():
        if value is None:
            continue
        taken = _taken(name, value)
        if taken is None:
            where = _ELSEWHERE.get(name)
            notices.append(f"{name}: it belongs to {where}" if where else f"{name}: not known, left out")
        else:
            values |= taken
    settings = {name: value for name, value in values.items() if name != "enabled"}
    try:
        MonitoringConfig.model_validate(settings)
    except ValidationError as error:
        problems = [f"{file}: {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise ConfigurationError("\n".join(problems)) from None
    return values, notices


def with_table(text: str, table: str, values: Mapping[str, Any]) -> str:
    """A TOML text with these values in a table; the rest of it, comments too, stays as it is."""
    lines = text.splitlines()
    header = f"[{table}]"
    if header not in (line.strip() for line in lines):
        lines += ["", header]
    begin = next(number for number, line in enumerate(lines) if line.strip() == header) + 1
    end = next((n for n in range(begin, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
    kept = [line for line in lines[begin:end] if line.partition("=")[0].strip() not in values]
    # Comments that lead to the next table stay with it.
    body = [f"{name} = {_toml(value)}" for name, value in values.items()]
    return "\n".join([*lines[:begin], *body, *kept, *lines[end:]]) + "\n"


def _taken(name: str, value: Any) -> dict[str, Any] | None:
    """The settings that an entry of the former file becomes; None where it has no place here."""
    name = _RENAMED.get(name, name)
    if name == "enabled" or (name in MonitoringConfig.model_fields and name not in _ELSEWHERE):
        return {name: value}
    switch = name.removeprefix("notify_on_")
    if switch == name or not isinstance(value, bool):
        return None
    kinds = next((kinds for word, kinds in _SWITCHES.items() if switch.startswith(word)), ())
    return {f"notify_on_{kind}": value for kind in kinds} or None


def _toml(value: Any) -> str:
    """A JSON value as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_toml(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
