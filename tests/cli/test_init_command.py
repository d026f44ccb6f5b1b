"""`init`: asks, refuses what cannot be, writes `.env` for its owner's eyes, and says how it all looks."""

from __future__ import annotations

import stat

from support.command_line import CommandLine

from sandbox.environment import environment_for
from sandbox.server import Sandbox
from starloom.cli.env_file import EnvFile


def _answers(*first: str) -> str:
    """Answers to the questions in their order; what is not needed is left out."""
    return "\n".join([*first, *[""] * 12])


async def test_asks_until_the_answers_can_be_used_and_logs_in(cli: CommandLine) -> None:
    async with await Sandbox.start(seed=1) as sandbox:
        bot = sandbox.add_bot()
        told = {"TELEGRAM_ENDPOINT": environment_for(sandbox.endpoint, bot, [])["TELEGRAM_ENDPOINT"]}
        typed = _answers("", "no-token", bot.token, "many", "1", "hash", "7")
        said = await cli("init", stdin=typed, **told)
    assert said.status == 0, said.out + said.err
    assert "BOT_TOKEN: is needed" in said.err
    assert "BOT_TOKEN: must look like 123456:ABC" in said.err
    assert "API_ID: must be a valid integer" in said.err
    assert f"logged in as @{bot.username}" in said.out
    assert bot.token not in said.out + said.err
    text = cli.env_file.read_text(encoding="utf-8")
    assert text == f"BOT_TOKEN={bot.token}\nAPI_ID=1\nAPI_HASH=hash\nADMIN_ID=7\n"
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


async def test_whoever_stops_in_the_middle_changes_nothing(cli: CommandLine) -> None:
    cli.env_file.write_text("BOT_TOKEN=1:old\n", encoding="utf-8")
    said = await cli("init", stdin="2:new\n3")
    assert said.status == 1
    assert "Nothing was written" in said.err
    assert cli.env_file.read_text(encoding="utf-8") == "BOT_TOKEN=1:old\n"


def test_odd_values_come_back_as_they_were() -> None:
    for value in (
        "with space",
        "it's",
        'dou"ble',
        "back\\slash",
        "#hash",
        "mongodb://u:p%40@h/db?x=1&y=2",
        "$HOME",
    ):
        text = EnvFile("A=1\n").with_values({"B": value})
        assert text.get("B") == value
        assert text.get("A") == "1"
