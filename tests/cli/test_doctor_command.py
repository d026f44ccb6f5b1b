"""`doctor`: names each thing that is wrong, in one line that says how to mend it."""

from __future__ import annotations

import pytest
from support.command_line import CommandLine


async def test_all_is_well_in_an_empty_directory(cli: CommandLine) -> None:
    said = await cli("doctor")
    assert (said.status, said.failures, said.err) == (0, [], "")
    for what in ("encryption", "settings", "plugins.toml", "texts", "providers", "database", "Telegram"):
        assert f"ok    {what}: " in said.out
    assert cli.processes() == []


async def test_each_wrong_setting_is_named_in_a_line_and_no_secret_told(cli: CommandLine) -> None:
    said = await cli(
        "doctor",
        BOT_TOKEN="no-token",
        MONGODB_URI="postgresql://u:hunter2@localhost/db",
        PORT="many",
        CALLBACK_SECRET="hunter2",
    )
    assert said.status == 1
    assert len(said.failures) == 4
    for words in (
        "settings: BOT_TOKEN: must look like 123456:ABC, as @BotFather gives it",
        "settings: MONGODB_URI: is a PostgreSQL address, and Starloom keeps its data in MongoDB; give a "
        "mongodb:// address, or remove it to use the embedded database",
        "settings: PORT: must be a valid integer",
        "settings: CALLBACK_SECRET: must have at least 32 characters",
    ):
        assert any(words in failure for failure in said.failures), said.out
    assert said.err == ""
    assert "hunter2" not in said.out


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"KIE_API_KEY": "key"}, "settings: BOT_TOKEN: must be given, because KIE_API_KEY is set;"),
        ({"BOT_TOKEN": "123456:ABC"}, "settings: API_ID and API_HASH: must be given beside BOT_TOKEN;"),
    ],
)
async def test_what_is_missing_is_named(cli: CommandLine, environment: dict[str, str], words: str) -> None:
    said = await cli("doctor", **environment)
    assert said.status == 1
    (failure,) = said.failures
    assert words in failure


async def test_what_is_wrong_in_the_files_is_named(cli: CommandLine) -> None:
    cli.env_file.write_text("BOT_TOKN=123456:ABC\n", encoding="utf-8")
    path = cli.directory / "plugins.toml"
    path.write_text(
        "[plugins.Start]\nmodule = 'plugins.start'\n[limits.updates]\nbrust = 3\n", encoding="utf-8"
    )
    said = await cli("--plugins-file", str(path), "doctor")
    assert said.status == 1
    setting, *keys = said.failures
    assert "BOT_TOKN" in setting
    assert "BOT_TOKEN" in setting
    assert all(key.startswith("FAIL  plugins.toml: plugins.toml: ") for key in keys)
    assert [("plugins.Start" in key, "limits.updates.brust" in key) for key in keys] == [
        (True, False),
        (False, True),
    ]


async def test_a_file_that_cannot_be_read_is_named(cli: CommandLine) -> None:
    path = cli.directory / "plugins.toml"
    path.write_text("[plugins.start\n", encoding="utf-8")
    said = await cli("--plugins-file", str(path), "doctor", PORT="many")
    assert said.status == 1
    assert "plugins.toml is not valid TOML" in said.failures[1]


async def test_a_wrong_setting_of_a_provider_and_a_database_that_is_away_are_named(cli: CommandLine) -> None:
    path = cli.directory / "plugins.toml"
    path.write_text("[providers.demo]\nmodule = 'providers.demo'\nsecond = 3\n", encoding="utf-8")
    address = "mongodb://u:hunter2@127.0.0.1:1/?authSource=admin"
    said = await cli("--plugins-file", str(path), "--sandbox", "doctor", MONGODB_URI=address)
    assert said.status == 1
    assert any("providers.demo.second" in failure and "seconds" in failure for failure in said.failures)
    assert "no model can be offered; switch a provider on in plugins.toml" in said.failures[1]
    assert said.failures[2].startswith("FAIL  database: no database answers at 127.0.0.1:1 ")
    assert "hunter2" not in said.out + said.err


async def test_the_help_names_every_command(cli: CommandLine) -> None:
    said = await cli("--help")
    assert said.status == 0
    for command in ("run", "chat", "demo", "doctor", "plugins", "maintenance"):
        assert command in said.out
