"""`doctor` as a command: its lines, its exit status, and that it leaves nothing running or told."""

from __future__ import annotations

from support.command_line import CommandLine, CommandsHere


async def test_all_is_well_in_an_empty_directory(cli: CommandLine) -> None:
    said = await cli("doctor")
    assert (said.status, said.failures, said.err) == (0, [], "")
    for what in ("encryption", "settings", "plugins.toml", "texts", "providers", "database", "Telegram"):
        assert f"ok    {what}: " in said.out
    assert cli.processes() == []


async def test_each_wrong_thing_has_a_line_and_no_secret_is_told(cli: CommandLine) -> None:
    address = "postgresql://u:hunter2@localhost/db"
    said = await cli("doctor", BOT_TOKEN="no-token", MONGODB_URI=address, CALLBACK_SECRET="hunter2")
    assert said.status == 1
    assert [line.split(":")[1].strip() for line in said.failures] == [
        "BOT_TOKEN",
        "MONGODB_URI",
        "CALLBACK_SECRET",
    ]
    assert said.err == ""
    assert "hunter2" not in said.out


async def test_the_help_names_every_command(here: CommandsHere) -> None:
    said = await here("--help")
    assert said.status == 0
    for command in ("run", "chat", "demo", "doctor", "plugins", "maintenance"):
        assert command in said.out
