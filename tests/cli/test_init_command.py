"""`init`: asks, refuses what cannot be, writes `.env` for its owner's eyes, and says how it all looks."""

from __future__ import annotations

import shlex
import stat
from pathlib import Path

from support.command_line import CommandLine, CommandsHere
from support.kie_server import KEY, KieServer

from sandbox.environment import environment_for
from sandbox.server import Sandbox
from starloom.cli.env_file import EnvFile


def _answers(*first: str) -> str:
    """Answers to the questions in their order; what is not needed is left out."""
    return "\n".join([*first, *[""] * 12])


async def test_asks_until_the_answers_can_be_used_logs_in_and_asks_the_provider(
    cli: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "plugins.toml").write_text("[providers.kie]\nmodule = 'providers.kie'\n", encoding="utf-8")
    (tmp_path / "google.json").write_text("{}", encoding="utf-8")
    async with KieServer().running() as kie, await Sandbox.start(seed=1) as sandbox:
        bot = sandbox.add_bot()
        told = {"TELEGRAM_ENDPOINT": environment_for(sandbox.endpoint, bot, [])["TELEGRAM_ENDPOINT"]}
        typed = _answers(
            *("", "no-token", bot.token, "many", "1", "hash", "7", KEY, "r8-key"),
            *(str(tmp_path / "none.json"), str(tmp_path / "google.json"), "gemini key", "a2e-key"),
            *("localhost", "", "bot.example.com", "https://bot.example.com"),
        )
        options = ("--plugins-file", str(tmp_path / "plugins.toml"))
        said = await cli(*options, "init", stdin=typed, KIE_BASE_URL=kie.url, **told)
    assert said.status == 0, said.out + said.err
    for words in (
        *("BOT_TOKEN: is needed", "BOT_TOKEN: must look like 123456:ABC", "API_ID: must be a valid integer"),
        *("MONGODB_URI: must begin with mongodb://", "WEBHOOK_URL: must match"),
        f"GOOGLE_APPLICATION_CREDENTIALS: there is no file {tmp_path / 'none.json'}",
    ):
        assert words in said.err
    assert f"logged in as @{bot.username}" in said.out
    assert "kie: 1234.5 credits left" in said.out
    for secret in (bot.token, KEY, "r8-key", "gemini key", "a2e-key"):
        assert secret not in said.out + said.err
    assert cli.env_file.read_text(encoding="utf-8").splitlines() == [
        *(f"BOT_TOKEN={bot.token}", "API_ID=1", "API_HASH=hash", "ADMIN_ID=7", f"KIE_API_KEY={KEY}"),
        *("REPLICATE_API_TOKEN=r8-key", f"GOOGLE_APPLICATION_CREDENTIALS={tmp_path / 'google.json'}"),
        *("GEMINI_API_KEY='gemini key'", "A2E_API_KEY=a2e-key", "WEBHOOK_URL=https://bot.example.com"),
    ]
    assert stat.S_IMODE(cli.env_file.stat().st_mode) == 0o600


async def test_keeps_what_is_there_and_takes_away_what_is_crossed_out(cli: CommandLine) -> None:
    cli.env_file.write_text(
        "# mine\nLOG_LEVEL=DEBUG\nBOT_TOKEN='1:old'\nAPI_ID=1\nAPI_HASH=h\nADMIN_ID=7\nKIE_API_KEY=gone\n",
        encoding="utf-8",
    )
    said = await cli("init", stdin=_answers("", "", "", "8,9", "-"), TELEGRAM_ENDPOINT='{"host": "x"}')
    assert said.status == 1
    assert "FAIL  settings: TELEGRAM_ENDPOINT" in said.out
    assert cli.env_file.read_text(encoding="utf-8") == (
        "# mine\nLOG_LEVEL=DEBUG\nBOT_TOKEN='1:old'\nAPI_ID=1\nAPI_HASH=h\nADMIN_ID=8,9\n"
    )


async def test_whoever_stops_in_the_middle_changes_nothing(here: CommandsHere) -> None:
    here.env_file.write_text("BOT_TOKEN=1:old\n", encoding="utf-8")
    said = await here("init", stdin="2:new\n3")
    assert said.status == 1
    assert "Nothing was written" in said.err
    assert here.env_file.read_text(encoding="utf-8") == "BOT_TOKEN=1:old\n"


def test_odd_values_come_back_as_they_were_for_systemd_too(tmp_path: Path) -> None:
    for value in (
        "with space",
        "it's",
        'dou"ble',
        "back\\slash",
        "#hash",
        "mongodb://u:p%40@h/db?x=1&y=2",
        "$HOME",
        'it\'s "$HOME\\n"',
    ):
        file = EnvFile("A=1\n").with_values({"B": value})
        assert (file.get("A"), file.get("B")) == ("1", value)
        file.write(tmp_path / "env")
        # systemd takes quotes as a shell does.
        assert shlex.split((tmp_path / "env").read_text(encoding="utf-8")) == ["A=1", f"B={value}"]
